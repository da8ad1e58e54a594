"""Tells whoever comes into a call that is being recorded: nobody is recorded without knowing it."""

import uuid
from datetime import timedelta

from accounts.tasks.background import background
from phone.calls.legs import CallLeg
from phone.in_call.asking import get_own_login
from phone.in_call.participants import announce_to
from phone.in_call.refusals import TwilioRefused
from phone.in_call.rooms import is_live
from phone.recordings.announcing import get_announcement_url
from phone.recordings.state import get_recording_state

Role = CallLeg.Role
# Everybody else was there when the recording was announced.
NEWCOMERS = frozenset({Role.CONSULTED, Role.ADDED, Role.TRANSFERRED_TO})


def is_newcomer(leg: CallLeg) -> bool:
    """Whether `leg` has come into a call that is recorded already."""
    return leg.role in NEWCOMERS and get_recording_state(leg.call) != "off"


@background(tries=4, priority=45, lease=timedelta(seconds=60))
def tell_of_recording(leg_id: str) -> None:
    """Has the sentence said to one party alone. Who has left meanwhile is told nothing."""
    legs = CallLeg.objects.select_related("call__account", "call__user", "conference", "user")
    leg = legs.filter(pk=uuid.UUID(str(leg_id))).exclude(call_sid="").first()
    if leg is None or leg.conference is None or leg.left_at is not None or not is_live(leg):
        return
    if not is_newcomer(leg):
        return
    login = get_own_login(leg.call.account, leg.call.user)
    url = get_announcement_url(leg.call, leg.user)
    try:
        announce_to(login, leg.conference.conference_sid, leg.call_sid, url)
    except TwilioRefused as refused:
        if not refused.is_gone:
            raise
