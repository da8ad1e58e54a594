"""Calls somebody for the room that a call is in: over REST, as a participant of their own.

https://www.twilio.com/docs/voice/api/conference-participant-resource#create-a-participant. A participant
has no digits dialled once they answer, and a call has: whose number has an extension is called as such, and
joins the room by TwiML (`party_statuses.py: answer_party`); until then nobody hears it ring. The row is
there, and committed, before Twilio is asked: its id is the participant's label and is in the address of the
status callbacks, so that news of them finds its row however early it comes.
"""

from urllib.parse import quote, urlencode

from django.db import transaction
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.people import User
from accounts.twilio.rest import TwilioLogin
from phone.calling_limits.permission import find_time_limit
from phone.calls.call import Call
from phone.calls.changes import tell_changed
from phone.calls.conferences import Conference
from phone.calls.destinations import Destination, say
from phone.calls.legs import CallLeg
from phone.calls.records import get_locked_call
from phone.causes.describing import describe_party
from phone.causes.facts import note_facts
from phone.in_call.participants import add_participant, place_call
from phone.in_call.parts import Part
from phone.in_call.refusals import NotPossible, TwilioAway, TwilioRefused, build_refused
from phone.in_call.rooms import is_live, mark_over
from phone.in_call.targets import HERE, count_leg, keeping_refusals, name_target
from phone.in_call.twiml import build_music_address

Role = CallLeg.Role

LEG = "leg"
RING_SECONDS = 30
EVENTS = ["initiated", "ringing", "answered", "completed"]
# Twilio takes 250; nobody hears that many at a telephone.
MOST_PARTIES = 8
FULL = format_lazy(
    _("{count} people are in this call. More than that are not brought into one."), count=MOST_PARTIES
)
OVER = _("This call is over.")
BUSY_CONSULTING = _("You are asking somebody already.")
# A `To` with more than this behind it may be refused.
MOST_LETTERS = 250


@keeping_refusals()
@transaction.atomic
def claim(part: Part, room: Conference, wanted: Destination, role: "CallLeg.Role") -> CallLeg:
    """The row of somebody who is about to be called.

    Raises LimitReached, and NotPossible: of two who ask at once, one.
    """
    row = get_locked_call(part.call.account, part.call.call_sid)
    if row is None or row.ended_at is not None:
        raise NotPossible(OVER)
    live = [leg for leg in row.legs.select_related("call") if is_live(leg)]
    if any(leg.address == wanted.address for leg in live):
        raise NotPossible(format_lazy(HERE, name=name_target(wanted)))
    if len(live) >= MOST_PARTIES:
        raise NotPossible(FULL, _("Remove somebody first."))
    others = [leg for leg in live if leg.user_id != part.person.pk]
    asked = [leg for leg in others if leg.role == Role.CONSULTED]
    if asked and len(asked) < len(others):
        raise NotPossible(BUSY_CONSULTING, _("Go back to the caller first."))
    # Whoever was asked, and has been the only one to talk to since the first hung up, is asked no more.
    CallLeg.objects.filter(pk__in=[leg.pk for leg in asked]).update(role=Role.ADDED)
    leg = create_leg(row, wanted, role, room)
    count_leg(row, leg, part.person)
    note_brought(row, leg, part.person)
    tell_changed(row)
    return leg


def create_leg(
    call: Call, wanted: Destination, role: "CallLeg.Role", room: Conference | None = None
) -> CallLeg:
    """Somebody whom Twilio has not named yet; a colleague's recents have the call from now on."""
    if wanted.colleague:
        call.rung.add(wanted.colleague)
    return CallLeg.objects.create(
        call=call,
        role=role,
        route=CallLeg.Route.CLIENT if wanted.colleague else CallLeg.Route.NUMBER,
        user=wanted.colleague,
        address=wanted.address,
        status="queued",
        conference=room,
    )


def note_brought(call: Call, leg: CallLeg, person: User) -> None:
    """Whoever asks somebody into a call decides about them."""
    note_facts(call, brought_by={**call.cause_facts.get("brought_by", {}), leg.label: person.pk})


def invite(part: Part, room: Conference, leg: CallLeg, wanted: Destination, login: TwilioLogin) -> None:
    """Has Twilio call somebody for `room`. Raises DeedRefused: then they are not called, or hung up on."""
    try:
        sid = ring(part, room, leg, wanted, login)
    except TwilioRefused as refused:
        give_up(
            leg, cause=refused.cause if refused.is_explained else "unclear", error_code=refused.answer.code
        )
        said = describe_party(
            refused.cause, wanted.address, name_target(wanted), variant=refused.variant or "party"
        )
        if said is None or not refused.is_explained:
            raise
        raise build_refused(422, said) from refused
    except TwilioAway:
        # Should they be called all the same, the first news of it ends them: `party_statuses.py`.
        give_up(leg, cause="twilio_unavailable")
        raise
    name_leg(leg, sid)


def ring(part: Part, room: Conference, leg: CallLeg, wanted: Destination, login: TwilioLogin) -> str:
    """Has Twilio call them: the Call SID of their leg."""
    request = build_request(part, leg, wanted)
    time_limit = find_time_limit(leg.label) if wanted.phone_number else None
    if time_limit is not None:
        request["TimeLimit"] = time_limit
    if not wanted.send_digits:
        return add_participant(
            login, room.conference_sid or room.name, request | build_participant_request(leg)
        )
    url = f"{part.call.account.build_address('join_room')}?{LEG}={leg.label}"
    again = {"FallbackUrl": url, "FallbackMethod": "POST"}
    return place_call(
        login, request | {"SendDigits": wanted.send_digits, "Url": url, "Method": "POST", **again}
    )


def build_request(part: Part, leg: CallLeg, wanted: Destination) -> dict[str, object]:
    return {
        # A colleague's Device takes anything; the telephone network takes a number of the account's.
        "From": wanted.caller_id or f"client:{part.person.identity}",
        "To": build_to(part, wanted),
        "Timeout": RING_SECONDS,
        "StatusCallback": build_status_address(part.call, leg),
        "StatusCallbackEvent": EVENTS,
        "StatusCallbackMethod": "POST",
    }


def build_participant_request(leg: CallLeg) -> dict[str, object]:
    return {
        "Label": leg.label,
        # Whoever asked hears the ringing, and what the network has to say.
        "EarlyMedia": "true",
        "Beep": "false",
        "StartConferenceOnEnter": "true",
        "EndConferenceOnExit": "false",
        "WaitUrl": build_music_address(),
        "WaitMethod": "GET",
    }


def build_status_address(call: Call, leg: CallLeg) -> str:
    return f"{call.account.build_address('party_status')}?{LEG}={leg.label}"


def build_to(part: Part, wanted: Destination) -> str:
    """A Device's own parameters go behind its identity, as in the query of an address."""
    if wanted.colleague is None:
        return wanted.phone_number
    parameters = {"call": part.call.call_sid, "display": say(part.person.display_name)}
    to = f"client:{wanted.colleague.identity}?{urlencode(parameters, quote_via=quote)}"
    return to if len(to) <= MOST_LETTERS else f"client:{wanted.colleague.identity}?call={part.call.call_sid}"


@transaction.atomic
def name_leg(leg: CallLeg, call_sid: str) -> None:
    """Twilio's answer; a callback may have said the same before."""
    call = get_locked_call(leg.call.account, leg.call.call_sid)
    if call is not None and CallLeg.objects.filter(pk=leg.pk, call_sid="").update(call_sid=call_sid):
        tell_changed(call)


@transaction.atomic
def give_up(leg: CallLeg, *, cause: str, error_code: int | None = None) -> None:
    """Nobody is called by this row after all."""
    call = get_locked_call(leg.call.account, leg.call.call_sid)
    leg.refresh_from_db()
    if call is None or leg.ended_at is not None:
        return
    leg.cause, leg.error_code, leg.status = cause, error_code, "failed"
    leg.let_go_at = timezone.now()
    leg.save(update_fields=["cause", "error_code", "status", "let_go_at"])
    mark_over([leg], timezone.now())
    tell_changed(call)
