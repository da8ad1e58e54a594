"""All rooms of all accounts: those under way by name, the others by SID."""

from aiohttp import web

from fake_twilio.calls import CallSwitchboard
from fake_twilio.rooms.room import Room
from fake_twilio.store import Account

# Rooms by SID, the oldest first. An ended room stays, as its resource does.
ROOMS: web.AppKey[dict[str, Room]] = web.AppKey("rooms", dict)


def rooms_of(app: web.Application, account: Account) -> list[Room]:
    return [room for room in app[ROOMS].values() if room.account is account]


def find_room(app: web.Application, account: Account, name: str) -> Room | None:
    """The one under way that is called `name`."""
    under_way = (one for one in rooms_of(app, account) if one.status != "completed" and one.name == name)
    return next(under_way, None)


def open_room(switchboard: CallSwitchboard, account: Account, name: str) -> Room:
    """The one under way that is called `name`, or a new one."""
    room = find_room(switchboard.app, account, name)
    if room is None:
        room = Room(switchboard, account, name)
        switchboard.app[ROOMS][room.sid] = room
    return room
