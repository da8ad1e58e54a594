"""How much slower this machine is than it would be if it had nothing else to do.

A process of its own computes for a tenth of a second every two seconds, and says how much longer that took
than its processor's time. What waits for an answer waits that much longer, through no fault of who is asked.
"""

import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

COMPUTES_SECONDS, PAUSE_SECONDS = 0.1, 2.0
# As many as an answer may be waited for.
KEPT = 10


class Strain:
    """`now` is 1 on a machine that has time, 3 where three want what there is."""

    def __init__(self) -> None:
        self.lately: deque[float] = deque([1.0], maxlen=KEPT)
        self.all: list[float] = []

    @property
    def now(self) -> float:
        """The worst of the last twenty seconds: whoever has waited has waited through that."""
        return max(1.0, *self.lately)

    @property
    def middle(self) -> float:
        return sorted(self.all)[len(self.all) // 2] if self.all else 1.0

    def note(self, factor: float) -> None:
        self.lately.append(factor)
        self.all.append(factor)

    def read(self, lines: Iterator[bytes]) -> None:
        for line in lines:
            self.note(float(line))


@contextmanager
def measuring() -> Iterator[Strain]:
    process = subprocess.Popen([sys.executable, "-m", "soak.strain"], stdout=subprocess.PIPE)
    strain = Strain()
    reader = threading.Thread(target=strain.read, args=[iter(process.stdout or ())], daemon=True)
    reader.start()
    try:
        yield strain
    finally:
        process.kill()
        process.wait()
        reader.join()
        if process.stdout is not None:
            process.stdout.close()


def compute() -> float:
    begun, until = time.monotonic(), time.thread_time() + COMPUTES_SECONDS
    while time.thread_time() < until:
        pass
    return (time.monotonic() - begun) / COMPUTES_SECONDS


def main() -> None:
    while True:
        print(f"{compute():.2f}", flush=True)
        time.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    main()
