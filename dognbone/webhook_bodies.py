"""What is posted to Twilio's addresses: nothing of it is read before there is a reason to, and never much.

Django reads whatever is posted, whole, before any view is asked. So a stranger would have that done at an
address that they have made up. `phone/calls/webhooks.py: look()` judges first; whatever it refuses goes on to
the view without a body, and is answered and recorded there like everything else that is refused.

What is announced as little, and has come with its headers already, as what Twilio posts has, is judged by the
view alone: to look at its head before would take another turn of a thread, and there is nothing left to read.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any

from channels.db import DatabaseSyncToAsync
from django.core.handlers.asgi import ASGIRequest
from django.db import Error

from dognbone.postgresql.state import is_database_away
from dognbone.serving import serving
from dognbone.token_requests import replay
from dognbone.webhook_requests import THREADS
from phone.calls.webhooks import LOOKED, MOST_BYTES, TOO_LARGE, Looked, look

Application = Callable[[Any, Any, Any], Awaitable[None]]
Message = dict[str, Any]

ADDRESS = re.compile(r"/phone/webhooks/([^/]+)/")


class WebhookBodies:
    """`application`, with the bodies of webhooks that are worth reading."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        found = ADDRESS.match(scope["path"])
        if found is None:
            await self.application(scope, receive, send)
            return
        if scope["method"] != "POST":
            await self.application(scope, *Body(receive, send, None, is_read=False).ends)
            return
        if is_little(scope):
            first = await receive()
            receive = replay(first, receive)
            if not first.get("more_body"):
                await self.application(scope, receive, send)
                return
        looked = await self.look(scope, found[1])
        await self.application({**scope, LOOKED: looked}, *Body(receive, send, looked, is_read=True).ends)

    async def look(self, scope: Any, webhook_key: str) -> Looked | None:
        """None where it cannot be judged now: the view says so in the words for that."""
        if is_database_away() or serving.is_held_back:
            return None
        try:
            judge = DatabaseSyncToAsync(look, thread_sensitive=False, executor=THREADS)
            looked: Looked = await judge(ASGIRequest(scope, BytesIO()), webhook_key)
            return looked
        except (Error, UnicodeDecodeError):
            return None


def is_little(scope: Any) -> bool:
    """Whether a request says how long its body is, and that is no more than is read of any."""
    told = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    return told.isdigit() and int(told[:20]) <= MOST_BYTES


class Body:
    """One request's: as much of it as is taken."""

    def __init__(self, receive: Any, send: Any, looked: Looked | None, *, is_read: bool) -> None:
        self._receive = receive
        self._send = send
        self.looked = looked
        self.is_left = not is_read or (looked is not None and looked.refusal != "")
        self.has_ended = False
        self.size = 0
        self.ends = (self.receive, self.send)

    async def receive(self) -> Message:
        if self.is_left:
            return await self.end()
        message: Message = await self._receive()
        if message["type"] == "http.request":
            self.size += len(message.get("body", b""))
            if self.size > MOST_BYTES:
                self.is_left = True
                if self.looked is not None:
                    self.looked.refusal = TOO_LARGE
                return await self.end()
        return message

    async def end(self) -> Message:
        """Nothing more comes, once that was said: nor that whoever asked is gone, which is answered soon."""
        if self.has_ended:
            await asyncio.Event().wait()
        self.has_ended = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(self, message: Message) -> None:
        if self.is_left and message["type"] == "http.response.start":
            # What was not read would have to be, for another request to come the same way.
            message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
        await self._send(message)
