"""Who is at their phone: one row per load of the page, kept true by its socket and heartbeat."""

import uuid
from datetime import timedelta

from django.db import models
from django.utils import timezone

from accounts.models import TwilioAccount, User
from phone.models import DeviceEvent, DevicePresence

# Three heartbeats of 15 s.
SILENT_AFTER = timedelta(seconds=45)

State = DeviceEvent.State
DEVICE_STATES = frozenset({State.CONNECTING, State.READY, State.OFFLINE, State.ERROR})


def record_connected(*, user: User, page_session: uuid.UUID, socket: uuid.UUID) -> None:
    """A page has opened a socket, for the first time or again."""
    now = timezone.now()
    DevicePresence.objects.update_or_create(
        user=user,
        page_session=page_session,
        defaults={"socket": socket, "connected_at": now, "last_alive_at": now, "disconnected_at": None},
    )


def record_alive(*, user: User, page_session: uuid.UUID, state: str | None) -> None:
    """A heartbeat. `state` counts where it is the Device's; a Call's, or none, says only that it lives."""
    if state is not None and state in DEVICE_STATES:
        record_state(user=user, page_session=page_session, state=state)
    else:
        get_presence(user, page_session).update(last_alive_at=timezone.now())


def record_state(*, user: User, page_session: uuid.UUID, state: str) -> None:
    get_presence(user, page_session).update(state=state, last_alive_at=timezone.now())


def record_disconnected(*, user: User, page_session: uuid.UUID, socket: uuid.UUID) -> None:
    """A socket has ended. The end of one that the page has already replaced changes nothing."""
    get_presence(user, page_session).filter(socket=socket).update(disconnected_at=timezone.now())


def get_members_to_ring(account: TwilioAccount, *, at_most: int) -> list[User]:
    """The people of an account, those whose Device is ready and alive first.

    Nobody is left out for being silent: a Device can be registered with Twilio while its page
    cannot reach us.
    """
    alive = DevicePresence.objects.filter(
        user=models.OuterRef("pk"),
        state=State.READY,
        disconnected_at=None,
        last_alive_at__gt=timezone.now() - SILENT_AFTER,
    )
    members = User.objects.filter(is_active=True, twilio_credentials__account=account)
    return list(members.annotate(is_alive=models.Exists(alive)).order_by("-is_alive", "pk")[:at_most])


def get_presence(user: User, page_session: uuid.UUID) -> "models.QuerySet[DevicePresence]":
    return DevicePresence.objects.filter(user=user, page_session=page_session)
