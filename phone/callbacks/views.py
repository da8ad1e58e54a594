"""The addresses that Twilio calls: what to do with a call, how a Dial ended, how its legs are doing."""

from collections.abc import Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from phone.calls import twiml
from phone.calls.call import Call
from phone.calls.card import build_card
from phone.calls.destinations import CannotDial, Destination, find_destination, say
from phone.calls.reachability import get_members_to_ring, is_reachable
from phone.calls.records import (
    CallOfAnotherAccount,
    get_member,
    read_identity,
    read_leg,
    read_number,
    record_call,
    record_dial_result,
    record_end,
    record_progress,
)
from phone.calls.webhooks import CALL_SID, WebhookRefused, twilio_webhook
from phone.calls.withheld import WITHHELD, is_withheld
from phone.recordings.announcing import ANNOUNCEMENT, get_announcement_url
from phone.recordings.automatic import plan_recording

# Twilio rings ten clients of one Dial at most.
MOST_CLIENTS = 10
NOBODY = "Nobody can take your call right now. Please try again later."
AWAY = "{name} cannot be reached right now. Nobody is at that phone."
# Twilio says busy of a phone whose owner declines, too.
ENDINGS = {
    "busy": "The line is busy, or the call was declined.",
    "no-answer": "There was no answer.",
    "failed": "The call could not be connected.",
}


@twilio_webhook
def voice(request: HttpRequest, account: TwilioAccount) -> HttpResponse:
    """TwiML for a call from a phone of ours, or for one that comes in to the account."""
    sender = request.POST.get("From", "")
    try:
        if sender.startswith("client:"):
            caller = get_member(account, read_identity(sender))
            if caller is None or not caller.is_active:
                raise WebhookRefused("Caller is not of this account")
            return answer_outgoing(request, account, caller)
        return answer_incoming(request, account)
    except CallOfAnotherAccount as error:
        raise WebhookRefused("Call of another account") from error


def answer_outgoing(request: HttpRequest, account: TwilioAccount, caller: User) -> HttpResponse:
    typed = request.POST.get("To", "")
    try:
        destination = find_destination(
            caller=caller, account=account, typed=typed, caller_id=request.POST.get("CallFrom", "")
        )
    except CannotDial as refusal:
        if refusal.is_attempt:
            record_outgoing(request, account, caller, say(typed), status="failed", ending=refusal.sentence)
        return answer(twiml.build_spoken(refusal.sentence))
    colleague = destination.colleague
    if colleague and not is_reachable(colleague):
        away = AWAY.format(name=say(colleague.display_name))
        record_outgoing(request, account, caller, destination.address, status="no-answer", ending=away)
        return answer(twiml.build_spoken(away))
    called = [colleague] if colleague else []
    call = record_outgoing(request, account, caller, destination.address, rung=called)
    announcement = get_announcement_url(account) if plan_recording(call, [caller, *called]) else ""
    return answer(build_dial(account, caller, destination, request.POST["CallSid"], announcement))


def build_dial(
    account: TwilioAccount, caller: User, destination: Destination, call_sid: str, announcement: str
) -> str:
    urls = build_urls(account)
    if destination.colleague:
        return twiml.build_dial_to_clients(
            identities=[destination.colleague.identity],
            parameters={"display": caller.display_name, "call": call_sid},
            caller_id=f"client:{caller.identity}",
            urls=urls,
            announcement=announcement,
        )
    return twiml.build_dial_to_number(
        phone_number=destination.phone_number,
        caller_id=destination.caller_id,
        send_digits=destination.send_digits,
        urls=urls,
        announcement=announcement,
    )


def record_outgoing(
    request: HttpRequest,
    account: TwilioAccount,
    caller: User,
    to_address: str,
    status: str = "ringing",
    ending: str = "",
    rung: Sequence[User] = (),
) -> Call:
    return record_call(
        account=account,
        call_sid=request.POST["CallSid"],
        direction=Call.Direction.OUTGOING,
        user=caller,
        from_address=f"client:{caller.identity}",
        to_address=to_address,
        status=status,
        ending=ending,
        rung=rung,
    )


def answer_incoming(request: HttpRequest, account: TwilioAccount) -> HttpResponse:
    members = get_members_to_ring(account, at_most=MOST_CLIENTS)
    caller, called = request.POST.get("From", ""), say(request.POST.get("To", ""))
    call = record_call(
        account=account,
        call_sid=request.POST["CallSid"],
        direction=Call.Direction.INCOMING,
        user=None,
        from_address=WITHHELD if is_withheld(caller) else say(caller),
        to_address=called,
        status="ringing" if members else "no-answer",
        ending="" if members else NOBODY,
        rung=members,
        stir_verstat=say(request.POST.get("StirVerstat", "")),
    )
    if not members:
        return answer(twiml.build_spoken(NOBODY))
    identities = [member.identity for member in members]
    parameters = build_card(account, call)
    # Who rings knows it by the page; the caller is told before it rings, since nothing can be said between
    # the answer and the first word.
    says = ANNOUNCEMENT if plan_recording(call, members) else ""
    urls = build_urls(account)
    return answer(
        twiml.build_dial_to_clients(
            identities=identities, parameters=parameters, caller_id="", urls=urls, says=says
        )
    )


@twilio_webhook
def dial_action(request: HttpRequest, account: TwilioAccount) -> HttpResponse:
    """What the caller hears when a Dial is over; nothing more where they have talked."""
    call_sid, result = request.POST["CallSid"], request.POST.get("DialCallStatus", "")
    error_code = read_number(request.POST.get("ErrorCode", ""))
    is_from_phone = request.POST.get("From", "").startswith("client:")
    ending = ENDINGS.get(result, "")
    if ending and not is_from_phone:
        ending = NOBODY
    record_dial_result(
        account=account, call_sid=call_sid, result=result, error_code=error_code, ending=ending
    )
    return answer(twiml.build_spoken(ending) if ending else twiml.build_hangup())


@twilio_webhook
def call_status(request: HttpRequest, account: TwilioAccount) -> HttpResponse:
    """Progress of a leg that a call rings, or the end of the caller's own."""
    leg = read_leg(request.POST)
    parent = request.POST.get("ParentCallSid", "")
    if CALL_SID.fullmatch(parent):
        record_progress(account=account, call_sid=parent, leg=leg)
    elif leg.status in ("completed", "busy", "no-answer", "failed", "canceled"):
        record_end(account=account, call_sid=request.POST["CallSid"], leg=leg)
    return HttpResponse(status=204)


def build_urls(account: TwilioAccount) -> twiml.CallbackUrls:
    def address(name: str) -> str:
        return settings.PUBLIC_URL + reverse(name, args=[account.webhook_key])

    return twiml.CallbackUrls(action=address("dial_action"), status=address("call_status"))


def answer(document: str) -> HttpResponse:
    return HttpResponse(document, content_type="text/xml")
