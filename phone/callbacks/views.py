"""The addresses that Twilio calls: what to do with a call, how a Dial ended, how its legs are doing."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from phone.answering import steps
from phone.answering.plan import NOBODY
from phone.calls import twiml
from phone.calls.call import Call
from phone.calls.destinations import CannotDial, Destination, find_destination, say
from phone.calls.do_not_disturb import is_do_not_disturb
from phone.calls.reachability import is_reachable
from phone.calls.records import (
    ENDED,
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

AWAY = "{name} cannot be reached right now. Nobody is at that phone."
DISTURBS_NOT = "{name} does not want to be disturbed right now."
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
    if colleague and is_do_not_disturb(colleague):
        undisturbed = DISTURBS_NOT.format(name=say(colleague.display_name))
        facts = {"answering": {"result": "do_not_disturb", "people": [colleague.pk]}}
        record_outgoing(
            request,
            account,
            caller,
            destination.address,
            status="no-answer",
            ending=undisturbed,
            cause_facts=facts,
        )
        return answer(twiml.build_spoken(undisturbed))
    if colleague and not is_reachable(colleague):
        away = AWAY.format(name=say(colleague.display_name))
        record_outgoing(request, account, caller, destination.address, status="no-answer", ending=away)
        return answer(twiml.build_spoken(away))
    record_outgoing(request, account, caller, destination.address, rung=[colleague] if colleague else [])
    return answer(build_dial(account, caller, destination, request.POST["CallSid"]))


def build_dial(account: TwilioAccount, caller: User, destination: Destination, call_sid: str) -> str:
    urls = build_urls(account)
    if destination.colleague:
        return twiml.build_dial_to_clients(
            identities=[destination.colleague.identity],
            parameters={"display": caller.display_name, "call": call_sid},
            caller_id=f"client:{caller.identity}",
            urls=urls,
        )
    return twiml.build_dial_to_number(
        phone_number=destination.phone_number,
        caller_id=destination.caller_id,
        send_digits=destination.send_digits,
        urls=urls,
    )


def record_outgoing(
    request: HttpRequest,
    account: TwilioAccount,
    caller: User,
    to_address: str,
    status: str = "ringing",
    ending: str = "",
    rung: Sequence[User] = (),
    cause_facts: Mapping[str, Any] | None = None,
) -> None:
    record_call(
        account=account,
        call_sid=request.POST["CallSid"],
        direction=Call.Direction.OUTGOING,
        user=caller,
        from_address=f"client:{caller.identity}",
        to_address=to_address,
        status=status,
        ending=ending,
        rung=rung,
        cause_facts=cause_facts,
    )


def answer_incoming(request: HttpRequest, account: TwilioAccount) -> HttpResponse:
    caller, called = request.POST.get("From", ""), say(request.POST.get("To", ""))
    with transaction.atomic():
        call = record_call(
            account=account,
            call_sid=request.POST["CallSid"],
            direction=Call.Direction.INCOMING,
            user=None,
            from_address=WITHHELD if is_withheld(caller) else say(caller),
            to_address=called,
            stir_verstat=say(request.POST.get("StirVerstat", "")),
        )
        document = steps.begin(account, call)
    return answer(document)


@twilio_webhook
def dial_action(request: HttpRequest, account: TwilioAccount) -> HttpResponse:
    """What the caller hears when a Dial is over; nothing more where they have talked."""
    call_sid, result = request.POST["CallSid"], request.POST.get("DialCallStatus", "")
    error_code = read_number(request.POST.get("ErrorCode", ""))
    step = read_number(request.GET.get("step", ""))
    if step is not None:
        document = steps.go_on(
            account,
            call_sid,
            step,
            result=result,
            error_code=error_code,
            is_caller_gone=request.POST.get("CallStatus", "") in ENDED,
        )
        return answer(document)
    ending = ENDINGS.get(result, "")
    if ending and not request.POST.get("From", "").startswith("client:"):
        # It came in before calls had a plan.
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
