"""The whole fake as one aiohttp application."""

from aiohttp import web

from fake_twilio import catalogue, control, set_aside, variation, voice
from fake_twilio.app_keys import ON_RESET, STORE
from fake_twilio.rest import front
from fake_twilio.store import Store


def build_app(store: Store | None = None, seed: int | None = None) -> web.Application:
    """The application over `store`, or over a fresh catalogue; `seed` for other words (`variation.py`)."""
    app = web.Application()
    app[STORE] = store or catalogue.build_store()
    app[ON_RESET] = []
    control.add_routes(app)
    set_aside.add_routes(app)
    variation.add_routes(app, seed)
    voice.add_routes(app)
    control.close_routes(app)
    front.add_routes(app)
    return app
