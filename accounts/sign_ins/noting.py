"""Where somebody is signed in: a row of allauth for each session, kept as it begins and while it is used.

A session is noted as it begins and whenever a phone of it opens or closes: each request would cost a write.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session
from django.db import models
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from accounts.clients import NO_ADDRESS, ClientInfo, get_client_info
from accounts.people import User
from accounts.statements import insert_many, replace
from accounts.tasks.background import background
from accounts.tasks.clock import every_night

USER_AGENT_LENGTH = UserSession._meta.get_field("user_agent").max_length


@dataclass(frozen=True)
class Sighting:
    """That somebody is there, in a browser and at an address."""

    user: User
    session_key: str
    client: ClientInfo


@receiver(user_logged_in, dispatch_uid="note where somebody signs in")
def hear_sign_in(request: HttpRequest | None, user: User, **unused: Any) -> None:
    if request is not None and request.session.session_key:
        note_seen([Sighting(user, request.session.session_key, get_client_info(request))])


def note_seen(sightings: Iterable[Sighting]) -> None:
    """One statement, however many there are; of a session that is seen twice, the last counts."""
    now = timezone.now()
    rows = {
        one.session_key: UserSession(
            user=one.user,
            session_key=one.session_key,
            ip=one.client.ip_address or NO_ADDRESS,
            user_agent=one.client.user_agent[:USER_AGENT_LENGTH],
            last_seen_at=now,
        )
        for one in sightings
    }
    if rows:
        # In one order everywhere: two workers that each have what the other waits for would wait for ever.
        insert_many(
            [rows[key] for key in sorted(rows)],
            conflict=f"(session_key) {replace('user_id', 'ip', 'user_agent', 'last_seen_at')}",
            returning=["id"],
        )


@background(tries=3)
def forget_ended_sign_ins() -> None:
    """After the sessions themselves have been tidied away (`accounts/tasks/nightly.py`)."""
    going_on = Session.objects.filter(session_key=models.OuterRef("session_key"))
    UserSession.objects.filter(~models.Exists(going_on)).delete()


every_night(forget_ended_sign_ins, at=time(2, 15))
