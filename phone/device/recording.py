"""The Device's audit trail: each report of a page, once, as it was told and as it arrived."""

import uuid
from typing import Any

from django.db import IntegrityError, transaction

from accounts.clients import ClientInfo
from accounts.failures.groups import note_ready
from accounts.metrics import EVENTS
from accounts.people import User
from accounts.twilio.credentials import get_connection
from phone.device.events import DeviceEvent, is_of_call
from phone.device.frames import InvalidEvent, Report, parse_report
from phone.device.presence import record_state
from phone.device.told import event_recorded

__all__ = ["InvalidEvent", "record_device_event"]


def record_device_event(
    *, user: User, page_session: uuid.UUID, report: dict[str, Any], client: ClientInfo
) -> DeviceEvent:
    """The committed row of an `event` frame; for an id this person has sent before, the first row.

    `is_repeat` of the row tells them apart. Raises InvalidEvent.
    """
    checked = parse_report(report)
    event = build_event(user, page_session, checked, client)
    try:
        with transaction.atomic():
            event.save()
            event_recorded.send(sender=DeviceEvent, event=event)
            if not is_of_call(checked.state, checked.sdk_event):
                record_state(
                    user=user, page_session=page_session, state=checked.state, is_spare=event.is_of_spare
                )
                if checked.state == DeviceEvent.State.READY:
                    note_ready(user=user, account_sid=event.account_sid, at=event.received_at)
    except IntegrityError:
        known = DeviceEvent.objects.filter(identity=user.identity, event_id=checked.event_id).first()
        if known is None:
            raise
        known.is_repeat = True
        return known
    EVENTS.labels(state=event.state).inc()
    return event


def build_event(user: User, page_session: uuid.UUID, report: Report, client: ClientInfo) -> DeviceEvent:
    credentials = get_connection(user)
    return DeviceEvent(
        event_id=report.event_id,
        user=user,
        identity=user.identity,
        email=user.email,
        account_sid=credentials.account.account_sid if credentials else "",
        page_session=page_session,
        seq=report.seq,
        state=report.state,
        sdk_event=report.sdk_event,
        code=report.code,
        original_code=report.original_code,
        message=report.message,
        reported_at=report.reported_at,
        ip_address=client.ip_address,
        user_agent=client.user_agent,
    )
