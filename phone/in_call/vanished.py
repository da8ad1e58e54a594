"""Music for whoever is left in silence by a page that has vanished, until Twilio knows that it has.

Twilio keeps the leg of a page that is gone without a word for as long as the page might take it up again:
half a minute, in which whoever it talked to hears nothing. Our own socket knows at once. Nobody is cut off by
that, because a page may have lost us alone: it finds the other side on hold, and resumes.
"""

from collections.abc import Sequence
from datetime import timedelta

from accounts.people import User
from accounts.tasks.background import background, enqueue
from phone.calls.legs import CallLeg
from phone.device.events import DeviceEvent
from phone.device.presence import DevicePresence
from phone.in_call.asking import get_own_login
from phone.in_call.holding import hold_legs
from phone.in_call.rooms import get_live_legs, is_present

# A page that has lost its socket, or is loaded anew, is back by then.
PATIENCE = timedelta(seconds=9)


def hear_gone(people: Sequence[User]) -> None:
    """Pages of theirs have lost their sockets."""
    talking = {leg.user_id for leg in find_rooms(*people)}
    for person in people:
        if person.pk in talking:
            enqueue(hold_for_vanished, person.pk, after=PATIENCE)


def is_left(person: User, leg: CallLeg) -> bool:
    """Whether no page of theirs that is there can be the one in which `leg` is talked on.

    A page says which call it has connected. Where none has said so, it may be any.
    """
    pages = DevicePresence.objects.filter(user=person, disconnected_at=None, is_spare=False)
    there = set(pages.values_list("page_session", flat=True))
    if not there or not leg.call_sid:
        return not there
    reports = DeviceEvent.objects.filter(user=person, state=DeviceEvent.State.CONNECT)
    said = reports.filter(received_at__gte=leg.call.started_at, message__endswith=leg.call_sid)
    page = said.order_by("-received_at").values_list("page_session", flat=True).first()
    return page is not None and page not in there


def find_rooms(*people: User) -> list[CallLeg]:
    """Their legs that are in a room now."""
    legs = CallLeg.objects.filter(user__in=people, ended_at=None).exclude(conference=None)
    return [leg for leg in legs.select_related("call", "conference__account") if is_present(leg)]


@background(tries=3, priority=40, lease=timedelta(seconds=60))
def hold_for_vanished(person_id: int) -> None:
    person = User.objects.filter(pk=person_id).first()
    if person is None:
        return
    for leg in find_rooms(person):
        if leg.conference is None or not is_left(person, leg):
            continue
        others = [one for one in get_live_legs(leg.conference) if is_present(one) and one.pk != leg.pk]
        heard = [one for one in others if not one.is_held]
        # Two who hear each other are not alone.
        if len(heard) == 1:
            login = get_own_login(leg.conference.account, person)
            hold_legs(login, leg.conference, heard[:1], is_held=True)
