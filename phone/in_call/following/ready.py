"""Hears of Devices that can be rung, and has whoever a call rings for called there."""

import logging
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone

from accounts.people import User
from accounts.rate_limits import RateLimit
from accounts.tasks.background import background, enqueue
from phone.calls.call import Call
from phone.calls.changes import tell_changed
from phone.calls.do_not_disturb import DoNotDisturb
from phone.calls.legs import CallLeg
from phone.calls.records import get_locked_call
from phone.causes.facts import FOLLOWS, LOST, find_first, is_follower, note_facts
from phone.device.events import REGISTERED, DeviceEvent
from phone.device.told import events_recorded
from phone.in_call.following.placing import call_up
from phone.in_call.following.rings import (
    MAY_RING_WITHIN,
    TOLD_WITHIN,
    find_called,
    find_end,
    find_planned_end,
    find_ringing,
    is_in_vain,
    is_ringing,
)
from phone.in_call.following.threads import look, look_later
from phone.in_call.inviting import give_up
from phone.in_call.parts import get_inviter, is_member
from phone.in_call.rooms import mark_over

logger = logging.getLogger(__name__)

# A page whose Device comes and goes says so again and again, and each look may cost requests.
LOOKS_OF_PERSON = RateLimit("ring-follows", limit=30, seconds=60)
# One task waits for each person, which looks at all that was said by then.
TASK_AFTER = 2 * MAY_RING_WITHIN
TASKS_OF_PERSON = RateLimit("ring-follows-task", limit=1, seconds=round(TASK_AFTER.total_seconds()))
# So often one ring follows its person; and so many of the newest words of their Devices are looked at.
MOST_FOLLOWERS = 5
MOST_NEWS = 50
# And that it is, and that it is no more, though nobody has declined there.
RINGS = "incoming"
RINGS_NO_MORE = ("cancel", "disconnect")
# Twilio has answered by then whom it calls, or told of them, or was not asked.
NAMED_WITHIN = timedelta(seconds=8)


@receiver(events_recorded, dispatch_uid="a ring follows its person")
def hear_all_ready(events: Sequence[DeviceEvent], **kwargs: object) -> None:
    """Heard in the transaction that records them."""
    registered = [event for event in events if event.sdk_event == REGISTERED]
    called = find_called({event.user_id for event in registered if event.user_id is not None})
    for event in registered:
        if event.user_id in called:
            hear_ready(event)


def hear_ready(event: DeviceEvent) -> None:
    person = event.user
    if person is None:
        return
    legs = find_ringing(person)
    if not legs and not is_just_called(person):
        return
    if LOOKS_OF_PERSON.take(person.pk):
        logger.info("A ring was left as it is: a Device has registered too often")
        return
    if any(not is_doubtful(leg, event) for leg in legs):
        transaction.on_commit(partial(begin, person.pk), robust=True)
    # And once more, for what was not known yet; by a worker, too, in case this server ends meanwhile.
    transaction.on_commit(partial(begin_later, person.pk), robust=True)
    if not TASKS_OF_PERSON.take(person.pk):
        enqueue(follow, person.pk, after=TASK_AFTER)


def begin(person_id: int) -> None:
    look(person_id, partial(ring_or_wait, person_id))


def begin_later(person_id: int) -> None:
    look_later(person_id, MAY_RING_WITHIN, partial(ring_or_wait, person_id))


def ring_or_wait(person_id: int) -> None:
    if ring_where_ready(person_id):
        begin_later(person_id)


def is_doubtful(leg: CallLeg, event: DeviceEvent) -> bool:
    """Whether Twilio may have known of the Device already when it began to ring.

    With a leg that has ended, and is kept for the page that comes, it rings none.
    """
    is_over = leg.label in leg.call.cause_facts.get(LOST, {})
    return not is_over and leg.asked_at > event.received_at - MAY_RING_WITHIN


def find_settled(leg: CallLeg, event: DeviceEvent) -> datetime:
    """By when the page of a Device that Twilio has rung with `leg` has said so."""
    return max(leg.asked_at, event.received_at) + MAY_RING_WITHIN


def is_just_called(person: User) -> bool:
    """Whether Twilio may not have told of their leg yet."""
    lately = timezone.now() - MAY_RING_WITHIN
    return person.calls_rung.filter(started_at__gt=lately, answered_at=None, ended_at=None).exists()


@background(tries=2, priority=20, lease=timedelta(seconds=30))
def follow(person_id: int) -> None:
    if ring_where_ready(person_id):
        enqueue(follow, person_id, after=MAY_RING_WITHIN)
    if take_up(person_id):
        enqueue(follow, person_id, after=NAMED_WITHIN)


def take_up(person_id: int) -> bool:
    """Calls whoever was about to be called when the server ended; whether somebody may be called at this
    moment. Raises DeedRefused.
    """
    is_under_way = False
    for leg in find_ringing(User.objects.filter(pk=person_id).first()):
        if leg.call_sid or not is_follower(leg.call, leg):
            continue
        if timezone.now() < leg.asked_at + NAMED_WITHIN:
            is_under_way = True
            continue
        same = CallLeg.objects.filter(pk=leg.pk, call_sid="", asked_at=leg.asked_at, ended_at=None)
        before = leg.call.legs.filter(pk=uuid.UUID(hex=leg.call.cause_facts[FOLLOWS][leg.label])).first()
        if before is not None and same.update(asked_at=timezone.now()):
            leg.refresh_from_db(fields=["asked_at"])
            if timezone.now() < find_end(leg):
                call_up(leg, before)
            else:
                give_up(leg, cause="")
    return is_under_way


def ring_where_ready(person_id: int) -> bool:
    """Rings the person where Devices of theirs have come to be ready, for each call that rings for them.

    Whether it is to be looked at once more, since a page may ring already. Raises DeedRefused.
    """
    is_in_doubt = False
    for leg in find_ringing(User.objects.filter(pk=person_id).first()):
        settled = []
        for event in find_news(leg):
            if is_doubtful(leg, event) and timezone.now() < find_settled(leg, event):
                is_in_doubt = True
            else:
                settled.append(event)
        if settled:
            ring_anew(leg, settled)
    return is_in_doubt


def find_news(leg: CallLeg) -> list[DeviceEvent]:
    """By each page the newest word that its Device is ready, of those since `leg` began to ring, of which
    Twilio may have told later.
    """
    since = max(leg.call.started_at, leg.asked_at - TOLD_WITHIN)
    news = DeviceEvent.objects.filter(user=leg.user, sdk_event=REGISTERED, received_at__gte=since)
    newest: dict[uuid.UUID, DeviceEvent] = {}
    for event in news.order_by("-received_at", "-pk")[:MOST_NEWS]:
        newest.setdefault(event.page_session, event)
    return list(newest.values())


def ring_anew(before: CallLeg, news: Sequence[DeviceEvent]) -> None:
    """Raises DeedRefused: then it rings as it did."""
    leg = claim(before, news)
    if leg is not None:
        call_up(leg, before)


@transaction.atomic
def claim(before: CallLeg, news: Sequence[DeviceEvent]) -> CallLeg | None:
    """The row of the leg that follows `before` for `news`, committed before Twilio is asked or None."""
    call = get_locked_call(before.call.account, before.call.call_sid)
    before.refresh_from_db()
    person = before.user
    if call is None or person is None:
        return None
    before.call = call
    if (
        not is_ringing(before)
        or timezone.now() >= find_planned_end(before)
        or count_followers(call, before) >= MOST_FOLLOWERS
        or all(is_heard(before, event) or has_followed(before, event) for event in news)
        or is_in_vain(call, before)
        or is_away(person, call)
    ):
        return None
    leg = CallLeg.objects.create(
        call=call,
        role=before.role,
        route=CallLeg.Route.CLIENT,
        user=person,
        address=before.address,
        status="queued",
        parent_call_sid=before.parent_call_sid,
        conference=before.conference,
    )
    facts = call.cause_facts
    inviter = get_inviter(call, before)
    brought = {} if inviter is None else {"brought_by": {**facts["brought_by"], leg.label: inviter}}
    note_facts(call, **{FOLLOWS: {**facts.get(FOLLOWS, {}), leg.label: before.label}}, **brought)
    if before.label in facts.get(LOST, {}):
        mark_over([before], timezone.now())
    tell_changed(call)
    return leg


def count_followers(call: Call, leg: CallLeg) -> int:
    """How many have followed the first of those that `leg` follows, or is."""
    first = find_first(call, leg)
    return sum(is_follower(call, one) and find_first(call, one) == first for one in call.legs.all())


def is_heard(leg: CallLeg, event: DeviceEvent) -> bool:
    """Whether the very page of that event has said that it rings with `leg`, and not that this is over."""
    told = DeviceEvent.objects.filter(
        user=event.user, page_session=event.page_session, message__endswith=leg.call_sid
    )
    last = told.filter(sdk_event__in=(RINGS, *RINGS_NO_MORE)).order_by("pk").last() if leg.call_sid else None
    return last is not None and last.sdk_event == RINGS


def has_followed(before: CallLeg, event: DeviceEvent) -> bool:
    """Whether they were called since for what `event` says: that rings at every Device that is there.

    One whom Twilio could not be had to call was not.
    """
    since = before.call.legs.filter(user=before.user, asked_at__gt=event.received_at)
    since = since.exclude(call_sid="", status="failed")
    return any(is_follower(before.call, leg) for leg in since)


def is_away(person: User, call: Call) -> bool:
    return DoNotDisturb.objects.filter(user=person).exists() or not is_member(person, call)
