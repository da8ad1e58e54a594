"""A ring follows its person: a page whose Device registers while a call rings for them is rung, too.

Twilio rings the Devices that are registered when a Dial begins, and none that comes later. So whoever comes
is called by REST, beside the ringing that goes on: nobody else's is broken off for them. Once they answer,
the leg that waits is sent into a room with them, which ends the ringing everywhere else. Decision 34.

A ring that ended with the page it rang in is kept for a moment by `lost.py`.
"""

import logging
import uuid
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache, partial
from threading import Timer
from urllib.parse import quote, urlencode

from django.db import connections, transaction
from django.dispatch import receiver
from django.utils import timezone

from accounts.languages import speaking_to
from accounts.people import User
from accounts.tasks.background import background, enqueue
from accounts.twilio.credentials import TwilioAccount
from accounts.twilio.rest import TwilioLogin
from phone.calls.call import Call
from phone.calls.card import build_card, find_displays
from phone.calls.changes import call_changed, tell_changed
from phone.calls.conferences import Conference
from phone.calls.destinations import say
from phone.calls.do_not_disturb import DoNotDisturb
from phone.calls.legs import CallLeg
from phone.calls.parties import get_names, name_person
from phone.calls.records import ENDED, Leg, get_locked_call, note_leg
from phone.calls.twiml import CLIENT_RINGS_SECONDS
from phone.causes.facts import RING_SECONDS_OF_STEP, note_facts
from phone.device.events import DeviceEvent
from phone.device.told import event_recorded
from phone.in_call import inviting
from phone.in_call.asking import get_own_login
from phone.in_call.consulting import bring_back, end_stray, hang_up_on
from phone.in_call.inviting import EVENTS, LEG, MOST_LETTERS, build_status_address, give_up, name_leg
from phone.in_call.moving import enter, learn_participants
from phone.in_call.participants import end_leg, fetch_call, list_children, place_call, redirect_leg
from phone.in_call.parts import get_inviter, is_member
from phone.in_call.refusals import DeedRefused, TwilioAway, TwilioRefused
from phone.in_call.rescue import AGENT_SECONDS
from phone.in_call.rooms import is_live, is_talking, mark_over
from phone.in_call.tidying import note_over, tidy_room
from phone.in_call.twiml import TRANSFER_SECONDS, build_join

logger = logging.getLogger(__name__)

Role = CallLeg.Role

THREADS = 4
# By the label of each leg that follows: the label of the one that rang before.
FOLLOWS = "follows"
# What the SDK calls it that a Device can be rung.
REGISTERED = "registered"
# And that it is, and that it is no more, though nobody has declined there.
RINGS = "incoming"
RINGS_NO_MORE = ("cancel", "disconnect")
# By the label of each leg whose ring ended with its page: since when.
LOST = "lost"
# A Device that registered so shortly after the ring began may be rung by Twilio all the same; its page has
# said so once that is over.
MAY_RING_WITHIN = timedelta(seconds=2)
# Nothing rings longer: https://www.twilio.com/docs/voice/twiml/dial#timeout.
RINGS_AT_MOST = timedelta(seconds=600)
LEAST_SECONDS = 10
# The end of a ring is told so soon after it.
TOLD_WITHIN = timedelta(seconds=10)
# Twilio has answered by then whom it calls, or told of them, or was not asked.
NAMED_WITHIN = timedelta(seconds=8)
# Whoever was sent into a room, and has got there, is told of by then.
LOOK_AFTER = timedelta(seconds=2)
# What a page can do without, the first of these soonest: a `To` has room for so much.
SPARED = ("attestation", "called_name", "called", "display")


@receiver(event_recorded, dispatch_uid="a ring follows its person")
def hear_ready(event: DeviceEvent, **kwargs: object) -> None:
    """Heard in the transaction that records it."""
    if event.sdk_event != REGISTERED or event.user is None:
        return
    legs = find_ringing(event.user)
    if any(not is_doubtful(leg, event) for leg in legs):
        transaction.on_commit(partial(begin, event.pk), robust=True)
    # And once more, for what was not known yet; by a worker, too, in case this server ends meanwhile.
    if legs or is_just_called(event.user):
        transaction.on_commit(partial(begin_later, event.pk), robust=True)
        enqueue(follow, event.pk, after=2 * MAY_RING_WITHIN)


def begin(event_id: int) -> None:
    """At once, in a thread of the server's: a worker that is at its mail would be too late."""
    get_threads().submit(at_once, partial(ring_or_wait, event_id))


def ring_or_wait(event_id: int) -> None:
    if ring_where_ready(event_id):
        begin_later(event_id)


def begin_later(event_id: int) -> None:
    timer = Timer(MAY_RING_WITHIN.total_seconds(), begin, [event_id])
    timer.daemon = True
    timer.start()


@lru_cache(maxsize=1)
def get_threads() -> Executor:
    return ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="following")


def at_once(work: Callable[[], None]) -> None:
    """In a thread of the server's own, what a worker does again."""
    try:
        work()
    except DeedRefused as refused:
        logger.info("A ring that follows its person was left as it is: %s", refused.cause)
    except Exception:
        logger.exception("A ring that follows its person was left as it is")
    finally:
        for connection in connections.all(initialized_only=True):
            if not connection.in_atomic_block:
                connection.close()


def is_doubtful(leg: CallLeg, event: DeviceEvent) -> bool:
    """Whether Twilio may have known of the Device already when it began to ring."""
    return leg.asked_at > event.received_at - MAY_RING_WITHIN


def find_settled(leg: CallLeg, event: DeviceEvent) -> datetime:
    """By when the page of a Device that Twilio has rung with `leg` has said so."""
    return max(leg.asked_at, event.received_at) + MAY_RING_WITHIN


def is_just_called(person: User) -> bool:
    """Whether Twilio may not have told of their leg yet."""
    lately = timezone.now() - MAY_RING_WITHIN
    return person.calls_rung.filter(started_at__gt=lately, answered_at=None, ended_at=None).exists()


def find_ringing(person: User) -> list[CallLeg]:
    """Their legs that ring, one of each call: the newest."""
    legs = CallLeg.objects.filter(user=person, ended_at=None, asked_at__gt=timezone.now() - RINGS_AT_MOST)
    legs = legs.select_related("call__account", "call__user", "user").order_by("asked_at", "pk")
    newest = {leg.call_id: leg for leg in legs}
    return [leg for leg in newest.values() if is_ringing(leg)]


def is_ringing(leg: CallLeg) -> bool:
    """Whether the phone of one of ours rings, or rang until its page was gone."""
    is_rung = leg.role != Role.CALLER and leg.user_id is not None and leg.let_go_at is None
    return is_rung and is_live(leg) and not is_talking(leg) and leg.call.ended_at is None


def count_seconds(leg: CallLeg) -> int:
    """How long `leg` was to ring."""
    if leg.role in (Role.CONSULTED, Role.ADDED):
        return inviting.RING_SECONDS
    if leg.role == Role.TRANSFERRED_TO:
        return TRANSFER_SECONDS
    if leg.call.answered_at is not None:
        return AGENT_SECONDS
    seconds: int = leg.call.cause_facts.get(RING_SECONDS_OF_STEP, CLIENT_RINGS_SECONDS)
    return seconds


def find_end(leg: CallLeg) -> datetime:
    """Until when `leg` is to ring: from page to page no longer than the first of them, but for the least."""
    follows, first = leg.call.cause_facts.get(FOLLOWS, {}), leg
    legs = {one.label: one for one in leg.call.legs.all()} if leg.label in follows else {}
    while follows.get(first.label) in legs:
        first = legs[follows[first.label]]
    end = first.asked_at + timedelta(seconds=count_seconds(first))
    return end if first is leg else max(end, leg.asked_at + timedelta(seconds=LEAST_SECONDS))


def may_ring(leg: CallLeg) -> bool:
    """Whether `leg`, whose end Twilio has not told, may ring still."""
    return timezone.now() < find_end(leg) + TOLD_WITHIN


@background(tries=2, priority=50, lease=timedelta(seconds=30))
def follow(event_id: int) -> None:
    if ring_where_ready(event_id):
        enqueue(follow, event_id, after=MAY_RING_WITHIN)
    take_up(event_id)


def take_up(event_id: int) -> None:
    """Calls whoever was about to be called when the server ended. Raises DeedRefused."""
    event = DeviceEvent.objects.select_related("user").filter(pk=event_id).first()
    legs = find_ringing(event.user) if event is not None and event.user is not None else []
    for leg in legs:
        if leg.call_sid or not is_follower(leg.call, leg):
            continue
        if timezone.now() < leg.asked_at + NAMED_WITHIN:
            enqueue(follow, event_id, after=NAMED_WITHIN)
            continue
        same = CallLeg.objects.filter(pk=leg.pk, call_sid="", asked_at=leg.asked_at, ended_at=None)
        before = leg.call.legs.filter(pk=uuid.UUID(hex=leg.call.cause_facts[FOLLOWS][leg.label])).first()
        if before is not None and same.update(asked_at=timezone.now()):
            leg.refresh_from_db(fields=["asked_at"])
            call_up(leg, before)


def ring_where_ready(event_id: int) -> bool:
    """Rings the person whose Device is ready by that event, for each call that rings for them.

    Whether it is to be looked at once more, since the page may ring already. Raises DeedRefused.
    """
    event = DeviceEvent.objects.select_related("user").filter(pk=event_id).first()
    if event is None or event.user is None:
        return False
    is_in_doubt = False
    for leg in find_ringing(event.user):
        if is_doubtful(leg, event) and timezone.now() < find_settled(leg, event):
            is_in_doubt = True
        else:
            ring_anew(leg, event)
    return is_in_doubt


def ring_anew(before: CallLeg, event: DeviceEvent) -> None:
    """Raises DeedRefused: then it rings as it did."""
    leg = claim(before, event)
    if leg is not None:
        call_up(leg, before)


def call_up(leg: CallLeg, before: CallLeg) -> None:
    """Has Twilio call `leg`, which follows `before`. Raises DeedRefused: then it rings as it did."""
    try:
        name_leg(leg, place(leg))
    except DeedRefused:
        give_up(leg, cause="")
        if leg.role == Role.CONSULTED:
            with transaction.atomic():
                enqueue(bring_back, leg.call_id)
        raise
    # Whoever is called for a room has no Dial that would end the ringing of before.
    if before.conference_id is not None:
        end_before(before, leg)


@transaction.atomic
def claim(before: CallLeg, event: DeviceEvent) -> CallLeg | None:
    """The row of the leg that follows `before`, committed before Twilio is asked; None where none is to."""
    call = get_locked_call(before.call.account, before.call.call_sid)
    before.refresh_from_db()
    person = before.user
    if call is None or person is None:
        return None
    before.call = call
    if (
        not is_ringing(before)
        or is_heard(before, event)
        or has_followed(before, event)
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


def place(leg: CallLeg) -> str:
    """Has Twilio call them: the Call SID. Raises DeedRefused."""
    account, left = leg.call.account, find_end(leg) - timezone.now()
    seconds = max(LEAST_SECONDS, round(left.total_seconds()))
    url = f"{account.build_address('answer_following')}?{LEG}={leg.label}"
    request = {
        "From": find_shown(leg),
        "To": build_to(account, leg),
        "Timeout": seconds,
        "StatusCallback": build_status_address(leg.call, leg),
        "StatusCallbackEvent": EVENTS,
        "StatusCallbackMethod": "POST",
        "Url": url,
        "Method": "POST",
        "FallbackUrl": url,
        "FallbackMethod": "POST",
    }
    return place_call(get_own_login(account, leg.user), request)


def find_other(leg: CallLeg) -> CallLeg | None:
    """Who waits for them: whose Dial rings, or who has them called."""
    legs = leg.call.legs.exclude(pk=leg.pk)
    if leg.parent_call_sid:
        return legs.filter(call_sid=leg.parent_call_sid).first()
    inviter = get_inviter(leg.call, leg)
    return legs.filter(user=inviter).order_by("asked_at").last() if inviter else None


def find_shown(leg: CallLeg) -> str:
    """From whom Twilio has it come: it takes a client or one of the account's numbers, and no stranger's."""
    other, call = find_other(leg), leg.call
    if other is not None and other.address.startswith("client:"):
        return other.address
    own = call.to_address if call.direction == Call.Direction.INCOMING else call.caller_id
    if own.startswith("+"):
        return own
    return f"client:{call.user.identity}" if call.user else leg.address


def build_to(account: TwilioAccount, leg: CallLeg) -> str:
    """The person's Device, with what their page shows of who is at the other end."""
    call, other = leg.call, find_other(leg)
    parameters = {"call": call.call_sid}
    if other is not None:
        # A worker and a thread of the server's speak nobody's language.
        with speaking_to(leg.user) if leg.user else nullcontext():
            parameters = {**build_shown(account, leg, other), **parameters}
    for spared in ("", *SPARED):
        parameters.pop(spared, None)
        told = {name: value for name, value in parameters.items() if value}
        to = f"{leg.address}?{urlencode(told, quote_via=quote)}"
        if len(to) <= MOST_LETTERS:
            break
    return to


def build_shown(account: TwilioAccount, leg: CallLeg, other: CallLeg) -> dict[str, str]:
    """What the page of whoever is called by `leg` shows of `other`, in the language that is spoken."""
    card = build_card(account, leg.call) if other.role == Role.CALLER and other.user_id is None else {}
    people = [leg.user] if leg.user else []
    known = next(iter(find_displays(other.address, people).values()), "")
    name = known or card.get("display") or say(name_person(other.address, get_names([other.address])))
    return {**card, "display": name, "caller": other.address}


def end_before(before: CallLeg, leg: CallLeg) -> None:
    """Hangs up on a ring that `leg` has followed. It failed nobody, and is no news.

    Where it was answered meanwhile, it is `leg` that rings for nobody. Raises DeedRefused.
    """
    login = get_own_login(before.call.account, before.user)
    found = fetch_call(login, before.call_sid) if before.call_sid else None
    with transaction.atomic():
        call = get_locked_call(before.call.account, before.call.call_sid)
        before.refresh_from_db()
        leg.refresh_from_db()
        if call is None:
            return
        is_answered = is_talking(before) or (found or {}).get("status") == "in-progress"
        if is_answered:
            if is_ringing_still(leg):
                let_go_of(leg)
        else:
            CallLeg.objects.filter(pk=before.pk, let_go_at=None).update(let_go_at=timezone.now())
            before.refresh_from_db()
            mark_over([before], timezone.now())
        tell_changed(call)
    if before.call_sid and not is_answered:
        end_leg(login, before.call_sid)


def is_follower(call: Call, leg: CallLeg) -> bool:
    return leg.label in call.cause_facts.get(FOLLOWS, {})


def is_followed(call: Call, leg: CallLeg) -> bool:
    return leg.label in call.cause_facts.get(FOLLOWS, {}).values()


def take_status(call: Call, leg: CallLeg, told: Leg) -> None:
    """News of a leg that follows and is in no room: `call` is locked. Whether it has answered in time is for
    `answer` to say, and one that came too late was never answered.
    """
    if told.status in ("in-progress", "completed"):
        if told.status == "in-progress":
            return
        told = replace(told, status="canceled")
    note_leg(call, told)
    tell_changed(call)


def answer(account: TwilioAccount, call_sid: str, label: str) -> str | None:
    """TwiML for a page that has answered a ring that followed its person there; None where it is too late."""
    taken = take(account, call_sid, label)
    if taken is None:
        return None
    leg, waiting, room = taken
    if waiting is not None and not bring(leg, waiting):
        return None
    return build_join(account=account, name=room.name, label=leg.label)


def bring(leg: CallLeg, waiting: CallLeg) -> bool:
    """Has Twilio send whoever waits into the room; False where it does not, and they wait on."""
    try:
        login = get_own_login(leg.call.account, leg.user)
        if has_other(waiting, login):
            undo(leg, waiting)
            return False
        redirect_leg(login, waiting.call_sid, leg.call.account.build_address("join_room"))
    except TwilioAway:
        # It may still come to pass: `see_to` looks.
        enqueue(see_to, leg.pk, after=LOOK_AFTER)
    except DeedRefused:
        undo(leg, waiting)
        return False
    return True


def has_other(waiting: CallLeg, login: TwilioLogin) -> bool:
    """Whether somebody else has answered whoever waits, and Twilio has not told of it yet.

    Where it does not say, nobody has as far as we know. Raises DeedRefused where it refuses to.
    """
    with suppress(TwilioAway):
        return any(one.get("status") == "in-progress" for one in list_children(login, waiting.call_sid))
    return False


@background(tries=4, priority=50, lease=timedelta(seconds=60))
def see_to(leg_id: str) -> None:
    """Brings together those whom Twilio was asked to and did not answer, where it has not done it."""
    legs = CallLeg.objects.select_related("call__account", "call__user", "conference", "user")
    leg = legs.filter(pk=uuid.UUID(str(leg_id)), ended_at=None).first()
    if leg is None or leg.conference is None:
        return
    login = get_own_login(leg.call.account, leg.user)
    learn_participants(leg.conference, login)
    others = leg.call.legs.select_related("call__account").filter(call_sid=leg.parent_call_sid)
    waiting = others.filter(conference=leg.conference, joined_at=None, ended_at=None).first()
    if waiting is None:
        return
    if not is_going_on(waiting, login):
        note_over(waiting, timezone.now())
        enqueue(tidy_room, leg.conference.pk)
    elif has_other(waiting, login) or not is_going_on(leg, login):
        undo(leg, waiting)
        end_leg(login, leg.call_sid)
    else:
        try:
            redirect_leg(login, waiting.call_sid, leg.call.account.build_address("join_room"))
        except TwilioRefused:
            undo(leg, waiting)
            end_leg(login, leg.call_sid)


def is_going_on(leg: CallLeg, login: TwilioLogin) -> bool:
    found = fetch_call(login, leg.call_sid)
    return found is not None and found.get("status") not in ENDED


@transaction.atomic
def take(
    account: TwilioAccount, call_sid: str, label: str
) -> tuple[CallLeg, CallLeg | None, Conference] | None:
    """The leg that has answered, whom it has answered where they are to be sent into the room, and the room.

    Committed before Twilio is asked: of two who answer at once, one is told that they have it.
    """
    try:
        wanted = uuid.UUID(hex=label)
    except ValueError:
        return None
    leg = CallLeg.objects.filter(call__account=account, pk=wanted).select_related("call").first()
    call = get_locked_call(account, leg.call.call_sid) if leg else None
    if leg is None or call is None:
        return None
    leg.refresh_from_db()
    leg.call = call
    leg.call_sid = leg.call_sid or call_sid
    room = leg.conference
    if room is not None:
        # Called for a room, or asked twice.
        leg.save(update_fields=["call_sid"])
        return None if room.ended_at is not None or not is_live(leg) or leg.let_go_at else (leg, None, room)
    waiting = call.legs.select_related("call").filter(call_sid=leg.parent_call_sid).first()
    if waiting is None or not is_ringing(leg) or leg.call_sid != call_sid or is_over(call, waiting):
        mark_over([leg], timezone.now())
        leg.save(update_fields=["call_sid"])
        tell_changed(call)
        return None
    now = timezone.now()
    room = Conference.objects.create(account=account, asked_at=now)
    call.conference, call.status, call.answered_at = room, "in-progress", call.answered_at or now
    if call.direction == Call.Direction.INCOMING and call.user is None:
        call.user = leg.user
    call.save(update_fields=["conference", "status", "answered_at", "user"])
    enter(waiting, room)
    leg.status, leg.answered_at = "in-progress", now
    enter(leg, room)
    tell_changed(call)
    return leg, waiting, room


def is_over(call: Call, waiting: CallLeg) -> bool:
    """Whether whoever waited waits no more: gone, answered by somebody else, or in a room."""
    if call.ended_at is not None or not is_live(waiting) or waiting.conference_id is not None:
        return True
    # Twilio may not have told yet that who has sent them on is out of it.
    rung = call.legs.select_related("call").filter(parent_call_sid=waiting.call_sid, conference=None)
    rung = rung.filter(let_go_at=None)
    return any(is_talking(one) for one in rung)


def is_in_vain(call: Call, leg: CallLeg) -> bool:
    """Whether a leg of a Dial rings for nobody any more, though Twilio has not told of its end yet."""
    if not leg.parent_call_sid or leg.conference_id is not None:
        return False
    waiting = call.legs.select_related("call").filter(call_sid=leg.parent_call_sid).first()
    return waiting is not None and is_over(call, waiting)


@transaction.atomic
def undo(leg: CallLeg, waiting: CallLeg) -> None:
    """Twilio did not bring them together: whoever waits hears it ring on, or is gone."""
    call = get_locked_call(leg.call.account, leg.call.call_sid)
    if call is None or call.ended_at is not None:
        return
    others = call.legs.exclude(pk__in=[leg.pk, waiting.pk])
    call.conference = None
    if waiting.role == Role.CALLER and not others.exclude(answered_at=None).exists():
        call.answered_at, call.status = None, "ringing"
        if call.direction == Call.Direction.INCOMING:
            call.user = None
    call.save(update_fields=["conference", "answered_at", "status", "user"])
    CallLeg.objects.filter(pk=waiting.pk).update(conference=None)
    leg.refresh_from_db()
    leg.status, leg.answered_at, leg.conference = "canceled", None, None
    leg.save(update_fields=["status", "answered_at", "conference"])
    mark_over([leg], timezone.now())
    tell_changed(call)


def hear_changed(sender: object, call: Call, **kwargs: object) -> None:
    """Twilio ends no ring that followed with the others: where nobody waits any more, it is hung up on.

    Heard inside the transaction that changes the call.
    """
    follows, lost = call.cause_facts.get(FOLLOWS, {}), call.cause_facts.get(LOST, {})
    if not follows and not lost:
        return
    every = list(call.legs.select_related("call"))
    legs = {leg.call_sid: leg for leg in every if leg.call_sid}
    # To decline in one page is to decline in all.
    declined = {find_first(call, leg) for leg in every if leg.status == "busy"}
    for leg in every:
        if is_ringing_still(leg) and find_first(call, leg) in declined:
            let_go_of(leg)
            continue
        if leg.label in lost and is_ringing_still(leg) and is_in_vain(call, leg):
            # Its end was told, and put off for a page that need not come any more.
            mark_over([leg], timezone.now())
            continue
        if leg.label not in follows or leg.conference_id is not None or not is_ringing_still(leg):
            continue
        waiting = legs.get(leg.parent_call_sid)
        if waiting is None or is_over(call, waiting):
            let_go_of(leg)


def find_first(call: Call, leg: CallLeg) -> str:
    """The label of the leg that rang first, of those that followed one another until `leg`."""
    follows, label = call.cause_facts.get(FOLLOWS, {}), leg.label
    while label in follows:
        label = follows[label]
    return str(label)


def let_go_of(leg: CallLeg) -> None:
    leg.let_go_at = timezone.now()
    leg.save(update_fields=["let_go_at"])
    if leg.label in leg.call.cause_facts.get(LOST, {}):
        # Its end has been told.
        mark_over([leg], timezone.now())
    else:
        transaction.on_commit(partial(begin_to_end, leg.pk), robust=True)
        # And by a worker, in case this server ends meanwhile.
        enqueue(end_stray, leg.pk)


def begin_to_end(leg_id: uuid.UUID) -> None:
    """At once: somebody hears it ring for nothing."""
    get_threads().submit(at_once, partial(hang_up_on, str(leg_id)))


def is_ringing_still(leg: CallLeg) -> bool:
    return leg.let_go_at is None and is_live(leg) and not is_talking(leg)


call_changed.connect(hear_changed, dispatch_uid="rings that followed")
