"""What Twilio posts is answered by Django in a thread of its own, from the first middleware to the last.

It is the same Django, with the same middleware, as everywhere. Only, under ASGI each request has a thread
made for it, and goes from that to the event loop and back several times on its way through middleware and
view, which takes as long as a call's webhook does by itself.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from io import BytesIO
from typing import Any

from django.core import signals
from django.core.exceptions import RequestDataTooBig
from django.core.handlers.asgi import ASGIRequest, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.http import HttpResponseBase
from django.urls import set_script_prefix

from dognbone.few_at_once import FewAtOnce
from dognbone.token_requests import Message, encode, replay
from phone.calls.webhooks import MOST_BYTES
from phone.device.beside import note_server_loop

Application = Callable[[Any, Any, Any], Awaitable[None]]

PREFIX = "/phone/webhooks/"
# Made as they are needed. Whoever waits for a turn, or for Twilio, has one meanwhile, and no connection to
# the database.
THREADS = ThreadPoolExecutor(max_workers=200, thread_name_prefix="webhook")
# None of them takes as long without waiting for somebody.
AT_WORK = FewAtOnce(2, seconds=0.1)


class WebhookRequests:
    """`application`, but for what Twilio posts, if that comes in one piece, as all of its forms do."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.handler = BaseHandler()
        self.handler.load_middleware(is_async=False)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["method"] != "POST" or not scope["path"].startswith(PREFIX):
            await self.application(scope, receive, send)
            return
        first = await receive()
        request = read_request(scope, first)
        if request is None:
            await self.application(scope, replay(first, receive), send)
            return
        loop = asyncio.get_running_loop()
        in_context = copy_context().run
        async with AT_WORK.turn():
            response, body = await loop.run_in_executor(
                THREADS, in_context, self.answer, scope, request, loop
            )
        await send_response(response, body, send)

    def answer(
        self, scope: Any, request: ASGIRequest, loop: asyncio.AbstractEventLoop
    ) -> tuple[HttpResponseBase, bytes]:
        """In a thread that works for `loop`. Its connection to the database goes back with `close()`."""
        note_server_loop(loop)
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=type(self), scope=scope)
        response = self.handler.get_response(request)
        try:
            return response, b"".join(response)
        finally:
            response.close()


def read_request(scope: Any, first: Message) -> ASGIRequest | None:
    """None for what has not all come, and for what Django would refuse before any of its middleware."""
    body = first.get("body", b"")
    if first["type"] != "http.request" or first.get("more_body") or len(body) > MOST_BYTES:
        return None
    try:
        return ASGIRequest(scope, BytesIO(body))
    except (UnicodeDecodeError, RequestDataTooBig):
        return None


async def send_response(response: HttpResponseBase, body: bytes, send: Any) -> None:
    cookies = [(b"set-cookie", cookie.OutputString().encode()) for cookie in response.cookies.values()]
    headers = encode(response) + cookies
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": body})
