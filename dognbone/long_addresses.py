"""Refuses an address longer than any of ours, before anything reads it.

uvicorn takes an address of any length, and pages have their own in many places: one of a megabyte came back
as three hundred.
"""

from collections.abc import Awaitable, Callable
from typing import Any

Application = Callable[[Any, Any, Any], Awaitable[None]]

# Bytes, as nginx has it of a request's line: https://nginx.org/en/docs/http/ngx_http_core_module.html
LONGEST = 8192
TOO_LONG = 414
TEXT = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]


class RefuseLongAddresses:
    """`application` for all others. A request is refused with 414 (RFC 9110, 15.5.15), a socket with 403."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if measure(scope) <= LONGEST:
            await self.application(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        else:
            body = f"The address is too long: {LONGEST} bytes at most.".encode()
            length = (b"content-length", str(len(body)).encode())
            await send({"type": "http.response.start", "status": TOO_LONG, "headers": [*TEXT, length]})
            await send({"type": "http.response.body", "body": body})


def measure(scope: dict[str, Any]) -> int:
    """How many bytes the address of a request or a socket has: its path, as it was sent, and its query."""
    path = scope.get("raw_path") or scope.get("path", "").encode(errors="surrogatepass")
    return len(path) + len(scope.get("query_string", b""))
