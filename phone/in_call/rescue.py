"""Whoever is left alone by a page that died: rung back to its person, then to colleagues, else told.

A caller from outside who is left has called one of our numbers, whose rules say what comes in the end.

The one who is left is sent out of the room into a Dial of their own, which goes on without us. What follows
is asked at the Dial's `action`: https://www.twilio.com/docs/voice/twiml/dial#action.
"""

from django.db import models, transaction
from django.http import QueryDict

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from accounts.twilio.rest import TwilioLogin
from phone.calling_limits.time_left import find_time_left
from phone.calls.call import Call
from phone.calls.card import build_card, find_own_words
from phone.calls.changes import tell_changed
from phone.calls.conferences import Conference
from phone.calls.legs import CallLeg
from phone.calls.parties import get_names, name_person
from phone.calls.reachability import get_members_to_ring, is_ready_for
from phone.calls.records import get_locked_call
from phone.calls.twiml import build_hangup, build_spoken, build_urls
from phone.causes.facts import note_facts
from phone.in_call.participants import redirect_leg
from phone.in_call.refusals import DeedRefused, TwilioRefused
from phone.in_call.rooms import is_live
from phone.in_call.twiml import build_redirect, build_rescue

# Which of the steps comes next, in the address of the Dial's action.
STEP = "rescue"
AGENT, COLLEAGUES, WORDS = "1", "2", "3"
AGENT_SECONDS, COLLEAGUES_SECONDS = 12, 20
# Twilio rings ten clients of one Dial at most.
MOST_CLIENTS = 10
LOST = "We have lost the person you were talking to. Please call again."


def rescue_leg(leg: CallLeg, login: TwilioLogin) -> None:
    """Sends somebody who is left out of the room, to be rung back. One whose leg is over needs no help.

    They are in no room from before Twilio is asked: until it tells of it, somebody else who leaves would have
    them taken for the last one there, and hung up on. Raises DeedRefused, with them in it again.
    """
    url, room = leg.call.account.build_address("rescue_leg"), leg.conference
    put(leg, None)
    try:
        redirect_leg(login, leg.call_sid, url, find_time_left(leg))
    except TwilioRefused as refused:
        if not refused.is_gone:
            put(leg, room)
            raise
    except DeedRefused:
        put(leg, room)
        raise


@transaction.atomic
def put(leg: CallLeg, room: Conference | None) -> None:
    get_locked_call(leg.call.account, leg.call.call_sid)
    # Where Twilio has asked what comes next, it has done what it did not answer.
    waiting = CallLeg.objects.filter(pk=leg.pk, ended_at=None, is_held=leg.is_held)
    waiting.update(conference=room)


def begin_rescue(account: TwilioAccount, call_sid: str) -> str:
    """The TwiML for somebody who has been sent out of their room; they are in no room from now on."""
    with transaction.atomic():
        call = get_locked_call(account, call_sid)
        leg = CallLeg.objects.filter(call=call, call_sid=call_sid).first() if call else None
        if call is None or leg is None or not is_live(leg):
            return build_hangup()
        leg.conference, leg.is_held = None, False
        leg.save(update_fields=["conference", "is_held"])
        # The end of a leg that has left may not have been told yet.
        if not call.legs.filter(conference=call.conference, ended_at=None, left_at=None).exists():
            call.conference = None
            call.save(update_fields=["conference"])
        tell_changed(call)
    return build_step(account, call, leg, AGENT)


def build_step(account: TwilioAccount, call: Call, leg: CallLeg, step: str) -> str:
    """Rings whom this step is for; goes on to the next where nobody of them can be reached."""
    agent = find_agent(call, leg)
    people: list[User] = []
    if step == AGENT and agent is not None and is_ready_for(agent, account, leg.address):
        people = [agent]
    # A colleague who was called by name has nothing to say to the others.
    if step == COLLEAGUES and leg.user_id is None:
        members = get_members_to_ring(account, caller=leg.address, at_most=MOST_CLIENTS + 1)
        people = [one for one in members if agent is None or one.pk != agent.pk][:MOST_CLIENTS]
    if people:
        return ring(account, call, leg, people, step)
    if step < WORDS:
        return build_step(account, call, leg, str(int(step) + 1))
    if leg.role == CallLeg.Role.CALLER and leg.user_id is None:
        # What the number's rules say for a call that nobody answers: `phone/answering/left.py`.
        return build_redirect(account.build_address("left_caller"))
    note_left_alone(account, call)
    return build_spoken(LOST)


@transaction.atomic
def note_left_alone(account: TwilioAccount, call: Call) -> None:
    row = get_locked_call(account, call.call_sid)
    if row is not None:
        note_facts(row, left_alone=True)
        tell_changed(row)


def ring(account: TwilioAccount, call: Call, leg: CallLeg, people: list[User], step: str) -> str:
    note_rung_again(account, call, people)
    names = get_names([leg.address])
    card = build_card(account, call)
    return build_rescue(
        identities=[one.identity for one in people],
        parameters={**card, "display": card["display"] or name_person(leg.address, names)},
        own=find_own_words(call, leg.address, people),
        seconds=AGENT_SECONDS if step == AGENT else COLLEAGUES_SECONDS,
        urls=build_urls(account, f"?{STEP}={int(step) + 1}"),
    )


@transaction.atomic
def note_rung_again(account: TwilioAccount, call: Call, people: list[User]) -> None:
    """Of those who do not answer now, nobody else has answered before."""
    call.rung.add(*people)
    row = get_locked_call(account, call.call_sid)
    if row is not None:
        known = row.cause_facts.get("rung_again", [])
        note_facts(row, rung_again=[*known, *(one.pk for one in people if one.pk not in known)])


def find_agent(call: Call, leg: CallLeg) -> User | None:
    """Whose page died: the one of ours who was in the room last and was not let go.

    Whom that page had asked is let go before anybody is rung back, and ends after it.
    """
    gone = CallLeg.objects.filter(call=call, let_go_at=None).exclude(user=None).exclude(pk=leg.pk)
    last = (
        gone.exclude(ended_at=None)
        .exclude(models.Q(answered_at=None) & ~models.Q(role=CallLeg.Role.CALLER))
        .order_by("-ended_at")
        .first()
    )
    return last.user if last else call.user


def answer_unrescued(account: TwilioAccount, params: QueryDict, step: str) -> str | None:
    """The next step's TwiML, where a Dial of a rescue has rung in vain; None where somebody has answered."""
    if params.get("DialCallStatus") in ("completed", "answered") or step not in (COLLEAGUES, WORDS):
        return None
    call_sid = str(params["CallSid"])
    with transaction.atomic():
        call = get_locked_call(account, call_sid)
        leg = CallLeg.objects.filter(call=call, call_sid=call_sid).first() if call else None
    if call is None or leg is None:
        return None
    return build_step(account, call, leg, step)
