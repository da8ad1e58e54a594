"""Where somebody is signed in: a row of allauth for each session, kept as it begins and while it is used.

A session is noted as it begins and whenever a phone of it opens or closes: each request would cost a write.
"""

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
from accounts.tasks.background import background
from accounts.tasks.clock import every_night

USER_AGENT_LENGTH = UserSession._meta.get_field("user_agent").max_length


@receiver(user_logged_in, dispatch_uid="note where somebody signs in")
def hear_sign_in(request: HttpRequest | None, user: User, **unused: Any) -> None:
    if request is not None and request.session.session_key:
        note_seen(user=user, session_key=request.session.session_key, client=get_client_info(request))


def note_seen(*, user: User, session_key: str, client: ClientInfo) -> None:
    """That somebody is there, in a browser and at an address."""
    seen = {
        "user": user,
        "ip": client.ip_address or NO_ADDRESS,
        "user_agent": client.user_agent[:USER_AGENT_LENGTH],
        "last_seen_at": timezone.now(),
    }
    if not UserSession.objects.filter(session_key=session_key).update(**seen):
        UserSession.objects.get_or_create(session_key=session_key, defaults=seen)


@background(tries=3)
def forget_ended_sign_ins() -> None:
    """After the sessions themselves have been tidied away (`accounts/tasks/nightly.py`)."""
    going_on = Session.objects.filter(session_key=models.OuterRef("session_key"))
    UserSession.objects.filter(~models.Exists(going_on)).delete()


every_night(forget_ended_sign_ins, at=time(2, 15))
