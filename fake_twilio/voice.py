"""Everything of the fake that is not REST: the gateway, calls, webhooks."""

from aiohttp import web

from fake_twilio import (
    conference,
    control_room,
    gateway,
    originate,
    queue,
    recording_files,
    signalling,
    webhooks,
)
from fake_twilio.app_keys import ON_RESET
from fake_twilio.rooms.registry import ROOMS
from fake_twilio.switchboard import SWITCHBOARD, Switchboard
from fake_twilio.verbs import run_twiml


def add_routes(app: web.Application) -> None:
    webhooks.add_routes(app)
    app[SWITCHBOARD] = Switchboard(app, run_twiml)
    app[ROOMS] = {}
    app[queue.QUEUES] = {}
    originate.add_routes(app)
    gateway.add_routes(app)
    signalling.add_routes(app)
    recording_files.add_routes(app)
    control_room.add_routes(app)
    app[ON_RESET] += [conference.reset, queue.reset]
