"""The clock of a process of the stage, which the soak sets forward and back: a declared hook.

`soak/settings.py` installs it in every process of the product. SIGUSR2 has the process read from its file by
how many seconds its clock is off from now on; time.monotonic() goes on as it does where a real clock jumps.
"""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import time_machine

FOLDER_VARIABLE = "SOAK_CLOCKS"
AHEAD_VARIABLE = "SOAK_CLOCK_AHEAD"
_travelled: list[Any] = []


def install() -> None:
    if FOLDER_VARIABLE in os.environ:
        with suppress(ValueError):
            # Not in a thread: then nobody sets this process's clock.
            signal.signal(signal.SIGUSR2, lambda number, frame: read())
    if AHEAD_VARIABLE in os.environ:
        put_off(float(os.environ[AHEAD_VARIABLE]))


def read() -> None:
    with suppress(OSError, ValueError):
        put_off(float(name_file(os.getpid()).read_text()))


def put_off(seconds: float) -> None:
    while _travelled:
        _travelled.pop().stop()
    if seconds:
        travel = time_machine.travel(time.time() + seconds, tick=True)
        travel.start()
        _travelled.append(travel)


def name_file(pid: int, folder: str = "") -> Path:
    return Path(folder or os.environ[FOLDER_VARIABLE]) / str(pid)


def jump(pid: int, seconds: float, folder: str) -> None:
    """Sets the clock of another process off by so much; 0 puts it right."""
    name_file(pid, folder).write_text(str(seconds))
    os.kill(pid, signal.SIGUSR2)
