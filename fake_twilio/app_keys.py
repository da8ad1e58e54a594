"""What the parts of the fake share, each under its key in the one `web.Application`."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from fake_twilio.store import Store

STORE: web.AppKey[Store] = web.AppKey("store", Store)
# Awaited by `POST /_fake/reset` after the store is fresh again: what lives outside the store
# (sockets, calls under way) ends here.
ResetHook = Callable[[web.Application], Awaitable[None]]
ON_RESET: web.AppKey[list[ResetHook]] = web.AppKey("on_reset", list)
