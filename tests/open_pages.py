"""A page that opens its socket, and whose socket ends, without a socket: one at a time."""

import uuid

from accounts.people import User
from phone.device import presence
from phone.device.presence import ClosedPage, OpenedPage


def record_connected(*, user: User, page_session: uuid.UUID, socket: uuid.UUID) -> None:
    presence.record_connected([OpenedPage(user, page_session, socket)])


def record_disconnected(*, user: User, page_session: uuid.UUID, socket: uuid.UUID) -> None:
    presence.record_disconnected([ClosedPage(user, page_session, socket)])
