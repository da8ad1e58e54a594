"""A page that opens its socket, says something, and whose socket ends, without a socket: one at a time."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from accounts.clients import ClientInfo
from accounts.people import User
from phone.device import presence
from phone.device.presence import ClosedPage, OpenedPage
from phone.device.recording import record_device_event


def record_connected(*, user: User, page_session: uuid.UUID, socket: uuid.UUID) -> None:
    presence.record_connected([OpenedPage(user, page_session, socket)])


def record_disconnected(
    *, user: User, page_session: uuid.UUID, socket: uuid.UUID, is_signed_out: bool = False
) -> None:
    presence.record_disconnected([ClosedPage(user, page_session, socket, is_signed_out)])


def build_report(state: str, sdk_event: str, message: str = "") -> dict[str, Any]:
    """What a page says of its Device."""
    return {
        "id": str(uuid.uuid4()),
        "seq": 1,
        "state": state,
        "sdk_event": sdk_event,
        "code": None,
        "original_code": None,
        "message": message,
        "at": timezone.now().isoformat(),
    }


@dataclass
class PhonePage:
    """A page of somebody's, whose socket is open from the beginning."""

    user: User
    page_session: uuid.UUID = field(default_factory=uuid.uuid4)
    socket: uuid.UUID = field(default_factory=uuid.uuid4)

    def __post_init__(self) -> None:
        record_connected(user=self.user, page_session=self.page_session, socket=self.socket)

    def report(self, state: str, sdk_event: str) -> None:
        report = build_report(state, sdk_event)
        client = ClientInfo("127.0.0.1", "")
        record_device_event(user=self.user, page_session=self.page_session, report=report, client=client)

    def become_ready(self) -> None:
        self.report("ready", "registered")

    def end(self, *, is_signed_out: bool = False) -> None:
        """Its socket ends."""
        record_disconnected(
            user=self.user,
            page_session=self.page_session,
            socket=self.socket,
            is_signed_out=is_signed_out,
        )

    def leave(self) -> None:
        """As a page does that is closed or loaded anew."""
        self.report("offline", "destroyed")
        self.end()


def open_phone(user: User) -> PhonePage:
    page = PhonePage(user)
    page.become_ready()
    return page
