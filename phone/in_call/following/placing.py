"""Has Twilio call whom a ring follows, with what their pages show of who is at the other end."""

from contextlib import nullcontext
from urllib.parse import quote, urlencode

from django.db import transaction
from django.utils import timezone

from accounts.languages import speaking_to
from accounts.tasks.background import enqueue
from accounts.twilio.credentials import TwilioAccount
from phone.calls.call import Call
from phone.calls.card import build_card, find_displays
from phone.calls.changes import tell_changed
from phone.calls.destinations import say
from phone.calls.legs import CallLeg
from phone.calls.parties import get_names, name_person
from phone.calls.records import get_locked_call
from phone.in_call.asking import get_own_login
from phone.in_call.consulting import bring_back
from phone.in_call.following.ends import let_go_of
from phone.in_call.following.rings import find_end, is_ringing_still
from phone.in_call.inviting import EVENTS, LEG, MOST_LETTERS, build_status_address, give_up, name_leg
from phone.in_call.participants import end_leg, fetch_call, place_call
from phone.in_call.parts import get_inviter
from phone.in_call.refusals import DeedRefused
from phone.in_call.rooms import is_talking, mark_over

Role = CallLeg.Role

# What a page can do without, the first of these soonest: a `To` has room for so much.
SPARED = ("attestation", "called_name", "called", "display")


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


def place(leg: CallLeg) -> str:
    """Has Twilio call them: the Call SID. Raises DeedRefused."""
    account, left = leg.call.account, find_end(leg) - timezone.now()
    seconds = max(1, round(left.total_seconds()))
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
