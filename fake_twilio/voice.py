"""Everything of the fake that is not REST: the gateway, calls, webhooks."""

from aiohttp import web

from fake_twilio import gateway, signalling


def add_routes(app: web.Application) -> None:
    gateway.add_routes(app)
    signalling.add_routes(app)
