"""What must not happen while an input is taken: an exception, a line at ERROR, too much work or memory."""

import gc
import io
import json
import logging
import random
import resource
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import requests
import urllib3
from django.db.backends.utils import CursorWrapper
from requests.adapters import BaseAdapter

from accounts.twilio.rest import get_http_client
from fuzz.values import make_json

ROOT = str(Path(__file__).resolve().parent.parent)
ROOMS = tuple(f"{ROOT}/{room}/" for room in ("accounts", "phone", "dognbone"))
# Of one input. What takes most of what is right takes a third of it.
MOST_QUERIES = 400
MOST_CPU_SECONDS = 10.0
MOST_MEGABYTES = 192
# What may be added to the process from the time when it has seen each kind to the end.
MOST_GROWTH_MEGABYTES = 96
PAGE_BYTES = resource.getpagesize()
MEGABYTE = 1024 * 1024


@dataclass
class Fault:
    """`what` is the same for the same fault in other inputs; `details` is for whoever mends it."""

    what: str
    details: str = ""


@dataclass
class Watch(logging.Handler):
    """From `begin()` on, faults that show themselves anywhere in the process are in `faults`."""

    faults: list[Fault] = field(default_factory=list)
    queries: int = 0

    def __post_init__(self) -> None:
        super().__init__(logging.ERROR)

    def __hash__(self) -> int:
        return id(self)

    def begin(self) -> None:
        self.faults, self.queries = [], 0
        self.cpu, self.peak = time.process_time(), read_peak()

    def end(self) -> list[Fault]:
        """What was seen since `begin()`."""
        if self.queries > MOST_QUERIES:
            self.faults.append(Fault("too many queries", f"{self.queries}; {MOST_QUERIES} at most"))
        if (seconds := time.process_time() - self.cpu) > MOST_CPU_SECONDS:
            self.faults.append(Fault("too much computing", f"{seconds:.1f} s of a processor"))
        if (added := read_peak() - self.peak) > MOST_MEGABYTES:
            self.faults.append(Fault("too much memory", f"{added:.0f} MB more for one input"))
        return self.faults

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        # What Django refuses (`SuspiciousOperation`), a status without an exception: judged by the answer.
        if record.name.startswith("django.security") or (error is None and record.name == "django.request"):
            return
        if error is None:
            self.faults.append(
                Fault(f"logged by {record.name}: {str(record.msg)[:80]}", record.getMessage()[:500])
            )
        else:
            self.note(error)

    def note(self, error: BaseException) -> None:
        self.faults.append(Fault(f"{type(error).__name__} in {find_place(error)}", "".join(tell(error))))

    def note_in_thread(self, told: Any) -> None:
        if told.exc_value is not None:
            self.note(told.exc_value)

    @contextmanager
    def watching(self) -> Iterator["Watch"]:
        """Within the block; nothing outside of this machine is reached meanwhile."""
        logging.getLogger().addHandler(self)
        ask = CursorWrapper._execute  # type: ignore[attr-defined]

        def counted(cursor: Any, *arguments: Any) -> Any:
            self.queries += 1
            return ask(cursor, *arguments)

        with ExitStack() as stack:
            stack.callback(logging.getLogger().removeHandler, self)
            stack.enter_context(patch.object(CursorWrapper, "_execute", counted))
            stack.enter_context(patch.object(threading, "excepthook", self.note_in_thread))
            stack.enter_context(patch.object(sys, "unraisablehook", self.note_in_thread))
            stack.enter_context(patch.object(socket, "getaddrinfo", refuse_others(socket.getaddrinfo)))
            stack.enter_context(at_made_up_twilio())
            yield self


def find_place(error: BaseException) -> str:
    """The last of our own functions on the way to what it came of first, else the last of all."""
    if error.__context__ is not None:
        return find_place(error.__context__)
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if frame.filename.startswith(ROOMS)] or frames[-1:]
    return " ".join(f"{frame.filename.removeprefix(ROOT + '/')}:{frame.name}" for frame in ours[-1:])


def tell(error: BaseException) -> Iterator[str]:
    """The ends of its traceback and of what it came of, without a novel in their messages."""
    if error.__context__ is not None:
        yield from tell(error.__context__)
    yield from (line[:600] for line in traceback.format_exception(error, chain=False)[-7:])


def read_peak() -> float:
    """The most memory that this process has ever had, in MB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / MEGABYTE


def read_memory() -> float:
    """What this process has now, in MB; its peak where the system does not tell."""
    gc.collect()
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES / MEGABYTE
    except OSError:
        return read_peak()


def refuse_others(ask: Callable[..., Any]) -> Callable[..., Any]:
    def refuse(host: Any, *arguments: Any, **options: Any) -> Any:
        if host in ("localhost", "127.0.0.1", "::1"):
            return ask(host, *arguments, **options)
        raise socket.gaierror(socket.EAI_NONAME, "There is no network here.")

    return refuse


@contextmanager
def at_made_up_twilio() -> Iterator[None]:
    session = get_http_client().session
    kept = dict(session.adapters)
    session.mount("https://", MadeUpTwilio())
    try:
        yield
    finally:
        session.adapters.clear()
        session.adapters.update(kept)


class MadeUpTwilio(BaseAdapter):
    """Answers at once: as Twilio might, with nonsense, or not at all; to the same request the same."""

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        dice = random.Random(f"{request.method} {request.url} {request.body!r}")
        roll = dice.random()
        if roll < 0.1:
            raise requests.ConnectionError("made up")
        if roll < 0.75:
            status, body = dice.choice((200, 201)), json.dumps(self.make_resource(dice)).encode()
        elif roll < 0.9:
            code = dice.choice((20003, 20404, 21211, 20429, 70051, 2**40, None, "x"))
            status, body = (
                dice.choice((400, 401, 403, 404, 429, 500)),
                json.dumps({"code": code, "message": "No"}).encode(),
            )
        else:
            status, body = dice.choice((200, 204, 302, 503)), json.dumps(make_json(dice)).encode()[:100_000]
        return self.build(request, status, body)

    def make_resource(self, dice: random.Random) -> dict[str, Any]:
        resource: dict[str, Any] = {
            "sid": "CA" + f"{dice.getrandbits(128):032x}",
            "status": dice.choice(("active", "suspended", "completed", "in-progress", "queued", "busy")),
            "type": "Full",
            "friendly_name": "Made up",
            "secret": "s" * 32,
            "phone_number": "+12025550123",
            "voice_url": "http://localhost:8000/",
            "error_code": dice.choice((None, 31005, "x")),
            "duration": dice.choice(("12", None, "x")),
        }
        if dice.random() < 0.4:
            resource[dice.choice(list(resource))] = make_json(dice)
        lists = (
            "calls",
            "participants",
            "incoming_phone_numbers",
            "outgoing_caller_ids",
            "recordings",
            "content",
        )
        return {**resource, **{name: [resource] * dice.randrange(3) for name in lists}}

    def build(self, request: requests.PreparedRequest, status: int, body: bytes) -> requests.Response:
        answer = requests.Response()
        answer.status_code, answer.request, answer.url = status, request, request.url or ""
        answer.headers["Content-Type"] = "application/json"
        answer.raw = urllib3.HTTPResponse(
            body=io.BytesIO(body),
            status=status,
            headers={"Content-Type": "application/json"},
            preload_content=False,
        )
        return answer

    def close(self) -> None:
        pass
