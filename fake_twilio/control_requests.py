"""What every control under `/_fake/` has in common: who may ask, and how a request is read and refused."""

import json
import re
from typing import Any

from aiohttp import web

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")


@web.middleware
async def only_loopback(request: web.Request, handler: Any) -> web.StreamResponse:
    """Keeps pages of other sites, and names that resolve to loopback, away from the controls."""
    if request.path.startswith("/_fake/"):
        origin = request.headers.get("Origin")
        hosts = [request.url.host] + ([re.sub(r"^https?://|(:\d+)?$", "", origin)] if origin else [])
        if request.remote not in LOOPBACK_HOSTS or not set(hosts) <= set(LOOPBACK_HOSTS):
            raise web.HTTPForbidden(text="Loopback only.")
    return await handler(request)


def refuse(text: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=json.dumps({"error": text}), content_type="application/json")


async def read_json(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.text() or "{}")
    except json.JSONDecodeError as error:
        raise refuse(f"not JSON: {error}") from error
    if not isinstance(body, dict):
        raise refuse("a JSON object is wanted")
    return body
