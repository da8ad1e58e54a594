"""What is posted to Twilio's addresses is read only where there is a reason to, and never much of it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from accounts.people import User
from dognbone.asgi import application
from phone.calls import webhooks
from phone.calls.call import Call
from phone.calls.refusals import WebhookRefusal
from phone.calls.webhooks import MOST_BYTES
from tests.webhook_requests import DEMO_SID, DEMO_TOKEN, build_call_sid, make_member, sign

PIECE = 16_384
SHAPED = "A" * 27 + "="
FORM = {
    "AccountSid": DEMO_SID,
    "CallSid": build_call_sid(),
    "CallStatus": "ringing",
    "Direction": "inbound",
    "From": "+12025550170",
    "To": "+12025550123",
}


@dataclass
class Posted:
    """One request, piece by piece, which notes how much of it was taken."""

    key: str
    body: bytes = b"a=1"
    signature: str = ""
    length: int | None = None
    method: str = "POST"
    taken: int = 0
    answered: list[dict[str, Any]] = field(default_factory=list)

    async def send(self) -> tuple[int, bytes]:
        pieces = [self.body[start : start + PIECE] for start in range(0, len(self.body), PIECE)]
        coming = self.come(pieces)
        await application(self.build_scope(), coming.__anext__, self.hear)
        start, *rest = self.answered
        return start["status"], b"".join(message.get("body", b"") for message in rest)

    def build_scope(self) -> dict[str, Any]:
        headers = {"host": "testserver", "content-type": "application/x-www-form-urlencoded"}
        if self.signature:
            headers["x-twilio-signature"] = self.signature
        if self.length is not None:
            headers["content-length"] = str(self.length)
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "http",
            "method": self.method,
            "path": reverse("voice_webhook", args=[self.key]),
            "query_string": b"",
            "client": ("127.0.0.1", 4711),
            "server": ("testserver", 80),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }

    async def come(self, pieces: list[bytes]) -> AsyncIterator[dict[str, Any]]:
        for place, piece in enumerate(pieces):
            self.taken += len(piece)
            yield {"type": "http.request", "body": piece, "more_body": place < len(pieces) - 1}
        # Nobody goes away before they are answered.
        yield await never()

    async def hear(self, message: dict[str, Any]) -> None:
        self.answered.append(message)

    @property
    def is_closed(self) -> bool:
        return (b"connection", b"close") in self.answered[0]["headers"]


async def never() -> dict[str, Any]:
    await asyncio.Event().wait()
    raise AssertionError


@pytest.fixture
def key(transactional_db: None, alice: User) -> str:
    return make_member(alice).webhook_key


def read_reasons() -> list[str]:
    return list(WebhookRefusal.objects.values_list("reason", flat=True))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"key": "made-up", "signature": SHAPED}, "Unknown address"),
        ({"key": "x" * 300, "signature": SHAPED}, "Unknown address"),
        ({}, "No signature"),
        ({"signature": "bm90IGEgc2lnbmF0dXJl"}, "Wrong signature"),
        ({"signature": SHAPED + "="}, "Wrong signature"),
        ({"signature": SHAPED, "length": MOST_BYTES + 1}, "Too large"),
        ({"signature": SHAPED, "method": "PUT"}, "Not a POST"),
    ],
)
async def test_nothing_is_read_of_what_is_refused_without_it(
    key: str, changes: dict[str, Any], reason: str
) -> None:
    posted = Posted(**{"key": key, "body": b"a=" + b"x" * 3_000_000, **changes})
    assert await posted.send() == (403, b"Forbidden")
    assert posted.taken == 0 and posted.is_closed
    assert await sync_to_async(read_reasons)() == [reason]


async def test_no_more_is_read_than_a_little_whatever_was_announced(key: str) -> None:
    for length in (None, 3):
        posted = Posted(key, body=b"a=" + b"x" * 3_000_000, signature=SHAPED, length=length)
        assert await posted.send() == (403, b"Forbidden")
        assert posted.taken <= MOST_BYTES + PIECE and posted.is_closed
    assert await sync_to_async(read_reasons)() == ["Too large"] * 2
    assert not await Call.objects.aexists()


@pytest.mark.parametrize("padding", [0, MOST_BYTES - 2000])
async def test_what_twilio_signed_is_read_in_whatever_pieces_it_comes(key: str, padding: int) -> None:
    form = {**FORM, "SpeechResult": "x" * padding}
    url = settings.PUBLIC_URL + reverse("voice_webhook", args=[key])
    posted = Posted(key, body=urlencode(form).encode(), signature=sign(url, form, DEMO_TOKEN))
    status, answer = await posted.send()
    assert status == 200 and b"<Response>" in answer and not posted.is_closed
    assert await Call.objects.acount() == 1 and await sync_to_async(read_reasons)() == []


async def test_what_is_announced_as_little_is_judged_once(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the view, where all of it came with the headers; by its head first, where more is to come."""
    looks: list[str] = []

    def look(request: HttpRequest, webhook_key: str) -> webhooks.Looked:
        looks.append(type(request).__name__)
        return seen(request, webhook_key)

    seen = webhooks.look
    for place in ("dognbone.webhook_bodies.look", "phone.calls.webhooks.look"):
        monkeypatch.setattr(place, look)
    for length in (3, 20_000):
        posted = Posted("made-up", body=b"a" * length, signature=SHAPED, length=length)
        assert await posted.send() == (403, b"Forbidden")
        assert posted.taken == min(length, PIECE)
    assert len(looks) == 2
    assert await sync_to_async(read_reasons)() == ["Unknown address"] * 2


async def test_a_body_that_is_not_what_was_signed_is_refused_after_it_was_read(key: str) -> None:
    posted = Posted(key, body=urlencode(FORM).encode(), signature=SHAPED)
    assert await posted.send() == (403, b"Forbidden")
    assert posted.taken == len(posted.body) and not posted.is_closed
    assert await sync_to_async(read_reasons)() == ["Wrong signature"]
