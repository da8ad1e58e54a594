"""What an answer says to the browser that gets it, beyond Django's own: on every answer, whoever makes it.

Why each is as it is: decision 44. Pages, fragments and JSON have the whole Content-Security-Policy and
Permissions-Policy of the settings; a file needs neither, for nothing on it runs.
"""

from collections.abc import Awaitable, Callable, Iterator
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_only_middleware

GetResponse = Callable[[HttpRequest], HttpResponseBase]
View = Callable[..., HttpResponseBase]
Application = Callable[[Any, Any, Any], Awaitable[None]]

CORP = "Cross-Origin-Resource-Policy"
OWN = "same-origin"
CSP = "Content-Security-Policy"
# Of what is no page of ours: a file that is opened by itself, such as an SVG, and a worker.
NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
STARTS = ("http.response.start", "websocket.http.response.start")
REFUSED = 403


@sync_only_middleware
def keep_to_ourselves(get_response: GetResponse) -> GetResponse:
    """No page of another site takes anything of ours into itself."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault(CORP, OWN)
        return response

    return answer


def add_to_file(headers: Any, path: str, url: str) -> None:
    """WhiteNoise's `add_headers_function`: asked once for each file, when the server starts."""
    headers[CSP] = NOTHING


def without_trusted_types(view: View) -> View:
    """For the admin, where Django's scripts stand on jQuery, which sets `innerHTML` as soon as it loads."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        vars(response)["_csp_replace"] = {"require-trusted-types-for": None, "trusted-types": None}
        return response

    return answer


class Headers:
    """Around the whole ASGI application: for what it answers without a middleware, as a body too large.

    A socket that is not let in gets its 403 from here, where the server would make one without a word.
    """

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        is_refusable = scope["type"] == "websocket" and "websocket.http.response" in (
            scope.get("extensions") or {}
        )
        is_open = False

        async def send_with(message: dict[str, Any]) -> None:
            nonlocal is_open
            match message["type"]:
                case kind if kind in STARTS:
                    message = {**message, "headers": add_missing(message.get("headers", []))}
                    is_open = True
                case "websocket.accept":
                    is_open = True
                case "websocket.close" if is_refusable and not is_open:
                    is_open = True
                    headers = add_missing([(b"content-type", b"text/plain"), (b"content-length", b"0")])
                    start = {"type": "websocket.http.response.start", "status": REFUSED, "headers": headers}
                    await send(start)
                    message = {"type": "websocket.http.response.body", "body": b""}
            await send(message)

        await self.application(scope, receive, send_with)


def add_missing(headers: Any) -> list[tuple[bytes, bytes]]:
    """ASGI's headers, with each of `list_always()` that they do not have."""
    given = list(headers)
    have = {name.lower() for name, _ in given}
    return given + [
        (name, value)
        for name, value in ((name.lower().encode(), value.encode()) for name, value in list_always())
        if name not in have
    ]


def list_always() -> Iterator[tuple[str, str]]:
    """Name and value of what even an answer has that nobody looks at."""
    yield CSP, NOTHING
    yield CORP, OWN
    yield "Cross-Origin-Opener-Policy", settings.SECURE_CROSS_ORIGIN_OPENER_POLICY
    yield "Referrer-Policy", settings.SECURE_REFERRER_POLICY
    yield "X-Content-Type-Options", "nosniff"
    if settings.SECURE_HSTS_SECONDS and settings.IS_HTTPS:
        subdomains = "; includeSubDomains" if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS else ""
        preload = "; preload" if settings.SECURE_HSTS_PRELOAD else ""
        yield "Strict-Transport-Security", f"max-age={settings.SECURE_HSTS_SECONDS}{subdomains}{preload}"
