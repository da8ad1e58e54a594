"""The Device's audit trail: each report of a page, once, as it was told and as it arrived.

What sockets hear goes many at a time through `writing/`; this is the same for one.
"""

import uuid
from typing import Any

from accounts.clients import ClientInfo
from accounts.people import User
from phone.device.events import DeviceEvent
from phone.device.frames import InvalidEvent, parse_report
from phone.device.writing.page import Page
from phone.device.writing.words import Word, record_words

__all__ = ["InvalidEvent", "record_device_event"]


def record_device_event(
    *, user: User, page_session: uuid.UUID, report: dict[str, Any], client: ClientInfo
) -> DeviceEvent:
    """The committed row of an `event` frame; for an id this person has sent before, the first row.

    `is_repeat` of the row tells them apart. Raises InvalidEvent.
    """
    [outcome] = record_words([Word(Page(user, page_session, client), parse_report(report))])
    if outcome.event is None:
        raise RuntimeError("An event was written, and there is no row of it.")
    return outcome.event
