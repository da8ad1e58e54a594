"""Blind transfer: one request sends the other party into a Dial of their own, which goes on without us.

https://www.twilio.com/docs/voice/tutorials/how-to-modify-calls-in-progress: the leg is redirected to the
TwiML at `transfer_leg`. Out of a plain Dial, the person's own leg is over with that; out of a room it is
ended. Where nobody answers, the Dial's `action` rings the person back, as for whoever was left by a page
that died.
"""

import json
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from datetime import timedelta

from django.db import transaction
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.languages import speaking_to
from accounts.people import User
from accounts.sealing.encryption import UnsealError, open_sealed, seal
from accounts.tasks.background import background, enqueue
from accounts.translated import Words
from accounts.twilio.credentials import TwilioAccount
from phone.calling_limits.permission import find_time_limit
from phone.calling_limits.time_left import find_time_left
from phone.calls.call import Call
from phone.calls.card import build_card, find_displays
from phone.calls.changes import tell_changed
from phone.calls.destinations import Destination, say
from phone.calls.legs import CallLeg
from phone.calls.parties import get_names, name_person
from phone.calls.records import ENDED, get_locked_call, read_number
from phone.calls.statuses import read_status
from phone.calls.twiml import CallbackUrls, build_hangup
from phone.causes.codes import is_of_party
from phone.causes.keeping import UNCLEAR
from phone.in_call.asking import get_own_login
from phone.in_call.inviting import BUSY_CONSULTING, LEG, OVER, build_status_address, create_leg, note_brought
from phone.in_call.leaving import let_go, note_ended
from phone.in_call.participants import end_leg, list_codes, redirect_leg
from phone.in_call.parts import Part
from phone.in_call.refusals import DeedRefused, NotPossible, TwilioRefused
from phone.in_call.rescue import AGENT, build_step
from phone.in_call.rooms import is_live, is_shared, mark_over
from phone.in_call.targets import count_leg, find_target, keeping_refusals, refuse_unwilling
from phone.in_call.twiml import build_transfer
from phone.recordings.announcing import get_announcement_url
from phone.recordings.state import get_recording_state

Role = CallLeg.Role

TRANSFER = "transfer"
WAY = "way"
PLACE = "phone.CallLeg:way:{}"
GONE = _("The other side has just hung up.")


def transfer(part: Part, *, typed: str, call_from: str) -> None:
    """Sends the other party on, and the person out of the call. Raises DeedRefused; they talk on then."""
    wanted = find_target(part, typed=typed, call_from=call_from)
    login, (party,) = part.get_login(), part.talking
    refuse_unwilling(part, wanted, party)
    leg = claim(part, party, wanted)
    try:
        url = build_transfer_address(part.call, leg, wanted)
        redirect_leg(login, party.call_sid, url, find_time_left(party))
    except DeedRefused as refused:
        undo(part, leg)
        if isinstance(refused, TwilioRefused) and refused.is_gone:
            raise NotPossible(GONE) from refused
        raise
    if part.mine is None or part.neighbours:
        # The other call of theirs goes on in the room.
        return
    if part.call.conference_id is not None:
        # The transfer is done; a leg that is not ended now is by whoever finds it alone.
        with suppress(DeedRefused):
            end_leg(login, part.mine.call_sid)
    note_ended(part, [part.mine])


@keeping_refusals()
@transaction.atomic
def claim(part: Part, party: CallLeg, wanted: Destination) -> CallLeg:
    """Committed before Twilio is asked. Raises LimitReached, and NotPossible: of two, one transfers."""
    row = get_locked_call(part.call.account, part.call.call_sid)
    party.refresh_from_db()
    if row is None or row.ended_at is not None:
        raise NotPossible(OVER)
    if not is_live(party):
        raise NotPossible(GONE)
    legs = [leg for leg in row.legs.select_related("call") if is_live(leg)]
    if any(leg.role == Role.TRANSFERRED_TO and leg.answered_at is None for leg in legs):
        raise NotPossible(_("It is being transferred already."))
    if any(leg.role == Role.CONSULTED and leg.pk != party.pk for leg in legs):
        raise NotPossible(BUSY_CONSULTING)
    leg = create_leg(row, wanted, Role.TRANSFERRED_TO)
    count_leg(row, leg, part.person)
    note_brought(row, leg, part.person)
    if part.mine is not None and not part.neighbours:
        let_go([part.mine])
    tell_changed(row)
    return leg


@transaction.atomic
def undo(part: Part, leg: CallLeg) -> None:
    """The call goes on as it was, as far as Twilio has said; `begin_transfer` knows better where it did."""
    row = get_locked_call(part.call.account, part.call.call_sid)
    leg.refresh_from_db()
    if row is None or leg.ended_at is not None or leg.call_sid:
        return
    mark_over([leg], timezone.now())
    if part.mine is not None:
        CallLeg.objects.filter(pk=part.mine.pk).update(let_go_at=None)
    tell_changed(row)


def build_transfer_address(call: Call, leg: CallLeg, wanted: Destination) -> str:
    """What is dialled once a number has answered may be a secret, and an address is in logs."""
    address = f"{call.account.build_address('transfer_leg')}?{LEG}={leg.label}"
    if wanted.colleague:
        return address
    way = json.dumps([wanted.caller_id, wanted.send_digits])
    sealed = urlsafe_b64encode(seal(way, place=PLACE.format(leg.label))).decode()
    return f"{address}&{WAY}={sealed}"


def read_way(query: QueryDict, leg: CallLeg) -> tuple[str, str]:
    """The caller ID to show, and what is dialled after the answer."""
    try:
        sealed = urlsafe_b64decode(query.get(WAY, "").encode())
        caller_id, send_digits = json.loads(open_sealed(sealed, place=PLACE.format(leg.label)))
    except (UnsealError, ValueError):
        return "", ""
    return str(caller_id), str(send_digits)


def begin_transfer(account: TwilioAccount, call_sid: str, query: QueryDict) -> str:
    """The TwiML for the party that has been sent on; they are in no room from now on."""
    with transaction.atomic():
        call = get_locked_call(account, call_sid)
        leg = find_target_leg(call, query.get(LEG, ""))
        party = CallLeg.objects.filter(call=call, call_sid=call_sid).first() if call else None
        if call is None or leg is None or party is None or not is_live(party):
            return build_hangup()
        goes_on = is_shared(call)
        party.conference, party.is_held = None, False
        party.save(update_fields=["conference", "is_held"])
        call.conference = None
        call.save(update_fields=["conference"])
        if leg.ended_at is not None and not leg.call_sid:
            # Twilio did not answer the request in time, and has done it.
            leg.status, leg.ended_at = "queued", None
            leg.save(update_fields=["status", "ended_at"])
            # The person stays for another call of theirs in the same room.
            let_go([] if goes_on else call.legs.exclude(user=None).exclude(pk__in=[leg.pk, party.pk]))
        tell_changed(call)
    return build_dial(account, call, party, leg, query)


def build_dial(account: TwilioAccount, call: Call, party: CallLeg, leg: CallLeg, query: QueryDict) -> str:
    urls = CallbackUrls(
        action=f"{account.build_address('dial_action')}?{TRANSFER}={leg.label}",
        status=build_status_address(call, leg),
    )
    announcement = "" if get_recording_state(call) == "off" else get_announcement_url(call, leg.user)
    if leg.user is None:
        caller_id, send_digits = read_way(query, leg)
        return build_transfer(
            urls=urls,
            phone_number=leg.address,
            caller_id=caller_id,
            send_digits=send_digits,
            announcement=announcement,
            time_limit=find_time_limit(leg.label),
        )
    return build_transfer(
        urls=urls,
        announcement=announcement,
        identity=leg.user.identity,
        # A Device may be shown any client; a number only the account's own, or the caller's.
        caller_id=party.address if party.address.startswith("client:") else "",
        parameters=build_parameters(account, call, party, leg.user),
    )


def build_parameters(account: TwilioAccount, call: Call, party: CallLeg, target: User) -> dict[str, str]:
    """What the page of `target` shows of who is put through: the true other end of the call."""
    known = find_displays(party.address, [target])
    with speaking_to(target):
        name = known.get(target.identity) or say(name_person(party.address, get_names([party.address])))
        card = build_card(account, call) if party.role == Role.CALLER else {}
    return {**card, "display": name, "call": call.call_sid}


def find_target_leg(call: Call | None, label: str) -> CallLeg | None:
    try:
        wanted = uuid.UUID(hex=label)
    except ValueError:
        return None
    legs = CallLeg.objects.filter(call=call, role=Role.TRANSFERRED_TO) if call else CallLeg.objects.none()
    return legs.select_related("user").filter(pk=wanted).first()


def answer_transfer(account: TwilioAccount, params: QueryDict, label: str) -> str | None:
    """What follows where a transfer's Dial is over: None where they have talked, else the person is rung."""
    result = read_status(params, "DialCallStatus")
    if result in ("completed", "answered"):
        return None
    call_sid = str(params["CallSid"])
    with transaction.atomic():
        call = get_locked_call(account, call_sid)
        leg = find_target_leg(call, label)
        party = CallLeg.objects.filter(call=call, call_sid=call_sid).first() if call else None
        if call is None or leg is None or party is None:
            return None
        is_caller_gone = params.get("CallStatus") in ENDED
        leg.error_code = leg.error_code or read_number(params.get("ErrorCode", ""))
        leg.parent_call_sid = call_sid
        note_failed(leg, "canceled" if is_caller_gone else result)
        tell_changed(call)
        leg.refresh_from_db()
        if leg.cause == UNCLEAR and not leg.call_sid:
            enqueue(learn_why, leg.pk)
    return build_hangup() if is_caller_gone else build_step(account, call, party, AGENT)


def note_failed(leg: CallLeg, status: str) -> None:
    """Twilio tells of a leg that it could not even make in the Dial's end alone."""
    if leg.ended_at is None:
        leg.status = status if status in ENDED else "failed"
        mark_over([leg], timezone.now())
    leg.save(update_fields=["error_code", "parent_call_sid"])


@background(tries=4, priority=30, lease=timedelta(seconds=60))
def learn_why(leg_id: str) -> None:
    """Asks Twilio's log of the leg that dialled, where it has not made the other one at all: one request."""
    legs = CallLeg.objects.select_related("call__account", "call__user")
    leg = legs.filter(pk=uuid.UUID(str(leg_id)), cause=UNCLEAR).exclude(parent_call_sid="").first()
    if leg is None:
        return
    login = get_own_login(leg.call.account, leg.call.user)
    codes = list_codes(login, leg.parent_call_sid, leg.asked_at)
    code = next((one for one in codes if is_of_party(one)), None)
    if code is None:
        return
    with transaction.atomic():
        call = get_locked_call(leg.call.account, leg.call.call_sid)
        leg.refresh_from_db()
        if call is not None and leg.cause == UNCLEAR:
            leg.error_code = code
            leg.save(update_fields=["error_code"])
            tell_changed(call)


def why_not_transfer(part: Part) -> Words:
    if not part.is_in_it:
        return _("You are not in this call.")
    if part.is_consulting:
        return _("You are asking somebody: complete that, or go back to the caller.")
    if not part.talking:
        return _("Nobody else is in this call yet.")
    # Other phones that the call rang may not have stopped for Twilio yet.
    if any(leg not in part.talking and leg.role != Role.CALLED for leg in part.others):
        return _("Somebody is still being called.")
    return _("Several are in this call: leave it instead, and they talk on.") if len(part.talking) > 1 else ""
