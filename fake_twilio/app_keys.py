"""What the parts of the fake share, each under its key in the one `web.Application`."""

from collections import Counter
from collections.abc import Awaitable, Callable

from aiohttp import web

from fake_twilio.faults import Faults
from fake_twilio.journal import Journal
from fake_twilio.store import Store

STORE: web.AppKey[Store] = web.AppKey("store", Store)
FAULTS: web.AppKey[Faults] = web.AppKey("faults", Faults)
JOURNAL: web.AppKey[Journal] = web.AppKey("journal", Journal)
# Requests under way by user name, for `Twilio-Concurrent-Requests`.
CONCURRENCY: web.AppKey[Counter[str]] = web.AppKey("concurrency", Counter)
# Awaited by `POST /_fake/reset` after the store is fresh again: what lives outside the store
# (sockets, calls under way) ends here.
ResetHook = Callable[[web.Application], Awaitable[None]]
ON_RESET: web.AppKey[list[ResetHook]] = web.AppKey("on_reset", list)
