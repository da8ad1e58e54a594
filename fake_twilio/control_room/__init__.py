"""The page at the fake's own address: what goes on, and buttons to make things happen.

For people who try the demo. It uses the control API and nothing else, and shows no secret.
"""

from pathlib import Path

from aiohttp import web

FOLDER = Path(__file__).parent
FILES = {"/": "page.html", "/control-room.css": "look.css", "/control-room.js": "page.js"}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


async def serve(request: web.Request) -> web.FileResponse:
    return web.FileResponse(FOLDER / FILES[request.path], headers=HEADERS)


def add_routes(app: web.Application) -> None:
    for path in FILES:
        app.router.add_get(path, serve)
