"""`POST /phone/token/` beside Django's views, where nothing stands in the way of a token.

Each page asks for its Device's first token there, all of them in the same moment after a deploy; through
Django's middleware, a thread and a statement for each question, that costs several times what a token does.
What is judged here is judged as there: the body is read by Django's request, the page by the CSRF middleware,
and the answer has the headers that Django's middleware makes. Whatever is not plainly a 200 is left to the
view, with all that was sent: nobody is refused here.
"""

import asyncio
from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.core.handlers.asgi import ASGIRequest
from django.db import Error
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware
from django_permissions_policy import PermissionsPolicyMiddleware

from dognbone.headers import keep_to_ourselves
from dognbone.middleware import OriginMiddleware
from dognbone.postgresql.state import is_database_away
from dognbone.serving import serving
from phone import views
from phone.tokens.answers import TokenAnswer
from phone.tokens.at_once import Asked
from phone.tokens.counter import ask_at_once

Application = Callable[[Any, Any, Any], Awaitable[None]]
Message = dict[str, Any]

PATH = "/phone/token/"
# Of a form with the page's UUID and, at most, a CSRF token, there is less.
MOST_BYTES = 4096
# After that Django waits, for as long as it does.
BODY_SECONDS = 5.0
CONTENT_TYPES = ("application/x-www-form-urlencoded", "application/json")


class QuietOriginMiddleware(OriginMiddleware):
    """Leaves it to the view's own to say in the log, and to the page, what is wrong."""

    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        return HttpResponse(status=403)


class TokenRequests:
    """`application`, but for the tokens that can be had at once."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.origin = QuietOriginMiddleware(answer_nothing)
        self.headers: dict[bool, list[tuple[bytes, bytes]]] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] != PATH or scope["method"] != "POST" or is_database_away() or serving.is_held_back:
            await self.application(scope, receive, send)
            return
        try:
            async with asyncio.timeout(BODY_SECONDS):
                first = await receive()
        except TimeoutError:
            await self.application(scope, receive, send)
            return
        request = read_request(scope, first)
        answer = await self.find_answer(request) if request else None
        if request is None or answer is None:
            await self.application(scope, replay(first, receive), send)
        else:
            await self.send(request, answer, send)

    async def find_answer(self, request: HttpRequest) -> TokenAnswer | None:
        try:
            asked = self.read(request)
            return await ask_at_once(asked) if asked else None
        except (BadRequest, SuspiciousOperation, Error):
            return None

    def read(self, request: HttpRequest) -> Asked | None:
        """Who asks; None where it is not plain. Raises what Django's request does for what it cannot read."""
        request.get_host()
        session_key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        if not session_key:
            return None
        self.origin.process_request(request)
        if self.origin.process_view(request, views.token, (), {}) is not None:
            return None
        return Asked(views.read_page_session(request), session_key=session_key)

    async def send(self, request: HttpRequest, answer: TokenAnswer, send: Any) -> None:
        response = views.build_response(answer)
        own = encode(response)
        own += [(b"content-length", str(len(response.content)).encode()), (b"vary", b"Cookie")]
        headers = own + self.list_headers(request)
        await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": response.content})

    def list_headers(self, request: HttpRequest) -> list[tuple[bytes, bytes]]:
        """What every answer of Django's has, as its middleware makes it; the same for each."""
        is_secure = request.is_secure()
        if is_secure not in self.headers:
            made = with_headers(request)
            del made["Content-Type"]
            self.headers[is_secure] = encode(made)
        return self.headers[is_secure]


def encode(response: HttpResponseBase) -> list[tuple[bytes, bytes]]:
    """Its headers, as ASGI has them."""
    return [(name.lower().encode(), value.encode()) for name, value in response.items()]


def answer_nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def build_chain() -> Callable[[HttpRequest], HttpResponseBase]:
    """Answers nothing, with the headers of all answers."""
    answer: Any = answer_nothing
    for middleware in (
        XFrameOptionsMiddleware,
        PermissionsPolicyMiddleware,
        CSPMiddleware,
        SecurityMiddleware,
    ):
        answer = middleware(answer)
    return keep_to_ourselves(answer)


with_headers = build_chain()


def read_request(scope: Any, first: Message) -> ASGIRequest | None:
    """The request, where all of it has come and it is of the size and kind that a page sends."""
    body = first.get("body", b"")
    if first["type"] != "http.request" or first.get("more_body") or len(body) > MOST_BYTES:
        return None
    try:
        request = ASGIRequest(scope, BytesIO(body))
    except UnicodeDecodeError:
        return None
    return request if request.content_type in CONTENT_TYPES else None


def replay(first: Message, receive: Any) -> Callable[[], Awaitable[Message]]:
    """`receive`, once it has said `first` again."""
    said = [first]

    async def again() -> Message:
        if said:
            return said.pop()
        message: Message = await receive()
        return message

    return again
