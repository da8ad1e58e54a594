"""Recordings that are there from the start: rows of ours, and sounds at a small Twilio of the test's own."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from django.utils import timezone

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from phone.calls.call import Call
from phone.calls.legs import CallLeg
from phone.recordings.recordings import Recording
from phone.voicemail.counting import count_new_of
from phone.voicemail.messages import VoicemailCopy, VoicemailMessage
from tests.webhook_requests import build_call_sid

SOUND = bytes(place * 7 % 251 for place in range(200_000))


def make_call(account: TwilioAccount, user: User | None = None, name: str = "call", **fields: Any) -> Call:
    """A call that came in, and with `user` was answered by them."""
    now = timezone.now()
    call = Call.objects.create(
        **{
            "account": account,
            "call_sid": build_call_sid(name),
            "user": user,
            "direction": "incoming",
            "from_address": "+12025550147",
            "to_address": "+12025550100",
            "status": "in-progress" if user else "ringing",
            "answered_at": now if user else None,
            **fields,
        }
    )
    leg = {"call": call, "status": "in-progress", "answered_at": call.answered_at, "ended_at": call.ended_at}
    CallLeg.objects.create(
        **leg, call_sid=call.call_sid, role="caller", route="number", address=call.from_address
    )
    if user:
        sid = build_call_sid(f"{name} leg")
        CallLeg.objects.create(
            **leg, call_sid=sid, role="called", route="client", user=user, address=f"client:{user.identity}"
        )
    return call


def make_recording(call: Call, name: str = "1", **fields: Any) -> Recording:
    return Recording.objects.create(
        **{
            "account": call.account,
            "call": call,
            "source": "call",
            "status": "completed",
            "seconds": 12,
            "recording_sid": "RE" + name.rjust(32, "0"),
            "ended_at": timezone.now(),
            **fields,
        }
    )


def make_message(call: Call, *people: User, name: str = "1", **fields: Any) -> VoicemailMessage:
    recording = make_recording(call, name, source="voicemail", **fields)
    message = VoicemailMessage.objects.create(account=call.account, call=call, recording=recording)
    for person in people:
        VoicemailCopy.objects.create(message=message, user=person, left_at=message.left_at)
    return message


def count_new(person: User) -> int:
    return count_new_of([person.pk]).get(person.pk, 0)


class Sounds(ThreadingHTTPServer):
    """Answers for Twilio's media, with `Range` or without, and keeps what was asked."""

    takes_ranges = False
    tells_length = True
    status = 0
    content_range = ""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.asked: list[dict[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Answer(BaseHTTPRequestHandler):
    server: Sounds
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        mine = self.server
        mine.asked.append(
            {"path": self.path, **{name.lower(): value for name, value in self.headers.items()}}
        )
        asked = self.headers.get("Range", "")
        if mine.status:
            return self.send(mine.status, b"")
        if not (mine.takes_ranges and asked):
            return self.send(200, SOUND)
        first, _, last = asked.removeprefix("bytes=").partition("-")
        start = int(first) if first else len(SOUND) - int(last)
        end = int(last) if first and last else len(SOUND) - 1
        if start >= len(SOUND):
            return self.send(416, b"", f"bytes */{len(SOUND)}")
        end = min(end, len(SOUND) - 1)
        return self.send(206, SOUND[start : end + 1], f"bytes {start}-{end}/{len(SOUND)}")

    def send(self, status: int, body: bytes, content_range: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", "audio/mpeg")
        if content_range:
            self.send_header("Content-Range", self.server.content_range or content_range)
        if self.server.tells_length:
            self.send_header("Content-Length", str(len(body)))
        else:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def handle(self) -> None:
        # Who has had enough goes away.
        with suppress(ConnectionError):
            super().handle()

    def log_message(self, *args: Any) -> None:
        """Says nothing."""


@contextmanager
def run_sounds() -> Iterator[Sounds]:
    server = Sounds()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
