"""The addresses that Twilio calls: what to do with a call, how a Dial ended, how its legs are doing."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from django.db import transaction
from django.db.models import UUIDField
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone

from accounts.people import User
from accounts.statements import Given, Question, keep_related
from accounts.twilio.credentials import PhoneNumber, TwilioAccount
from phone.answering import steps
from phone.callbacks.callers import Caller, find_caller
from phone.calling_limits.permission import Asked, ask_permission
from phone.calling_limits.placed_calls import PlacedCall
from phone.calls import twiml
from phone.calls.call import Call
from phone.calls.changes import tell_changed
from phone.calls.destinations import CannotDial, Destination, find_destination, say
from phone.calls.reachability import find_registered, is_reachable, may_be_back
from phone.calls.records import (
    ENDED,
    ENDING_LENGTH,
    UNANSWERED,
    CallOfAnotherAccount,
    PartOfAnotherCall,
    get_locked_call,
    get_locked_call_of,
    get_member,
    read_identity,
    read_leg,
    read_number,
    record_call,
    record_dial_result,
    record_end,
    record_heard,
    record_progress,
)
from phone.calls.statuses import read_status
from phone.calls.twiml import CLIENT_RINGS_SECONDS
from phone.calls.webhooks import (
    CALL_SID,
    WebhookRefused,
    admit,
    is_long_over,
    read_told_of,
    twilio_webhook,
    twilio_webhook_that_admits,
)
from phone.calls.withheld import WITHHELD, is_withheld
from phone.causes.cause import build_cause
from phone.causes.describing import describe_heard
from phone.causes.refusals import AWAY, find_refusal_of, read_refusal
from phone.causes.texts import NOT_CONNECTED_HEARD
from phone.connection_tests.twiml import build_test_line, is_connection_test
from phone.device.presence import BACK_WITHIN
from phone.echo_tests import progress as echo_test
from phone.echo_tests.twiml import is_echo_test
from phone.in_call.lost import is_awaited, withhold_told
from phone.in_call.statuses import answer_dial, take_status
from phone.in_call.twiml import build_tone_address
from phone.recordings.announcing import get_announcement_url
from phone.recordings.automatic import plan_recording
from phone.waking.calls import find_asleep, wake
from phone.waking.twiml import build_waiting

# In the address that is asked while somebody waits for a colleague: until which second of the clock.
UNTIL = "until"
# And while somebody is rung in another page: how the Dial ended, and the code of that.
OVER, CODE = "over", "code"
LOOK_SECONDS = 1


@twilio_webhook_that_admits
def voice(request: HttpRequest, account: TwilioAccount) -> HttpResponse:
    """TwiML for a call from a phone of ours, or for one that comes in to the account."""
    sender = request.POST.get("From", "")
    caller = find_caller(account, read_identity(sender), read_told_of(request.POST))
    admit(request, is_long_over=caller.is_long_over if caller else is_long_over(request.POST))
    try:
        if not sender.startswith("client:"):
            return answer_incoming(request, account)
        if caller is None or not caller.person.is_active:
            raise WebhookRefused("Caller is not of this account")
        if is_connection_test(request.POST):
            return answer(build_test_line())
        if is_echo_test(request.POST):
            return answer(echo_test.begin(account, caller.person, request.POST["CallSid"]))
        return answer_outgoing(request, account, caller)
    except CallOfAnotherAccount as error:
        raise WebhookRefused("Call of another account") from error
    except PartOfAnotherCall as error:
        raise WebhookRefused("Part of another call") from error


NUMBERS = Question(lambda: PhoneNumber.objects.filter(account=Given("account", UUIDField())))


def answer_outgoing(request: HttpRequest, account: TwilioAccount, calling: Caller) -> HttpResponse:
    typed, caller = request.POST.get("To", ""), calling.person
    # Read for the number to call from, and for where the company is at home.
    keep_related(account, "phone_numbers", NUMBERS.ask(account=account.pk))
    try:
        destination = find_destination(
            caller=caller, account=account, typed=typed, caller_id=request.POST.get("CallFrom", "")
        )
    except CannotDial as refusal:
        return refuse_outgoing(request, account, caller, say(typed), refusal)
    if destination.phone_number:
        return call_number(request, account, calling, destination)
    colleague = destination.colleague
    refusal_of = find_refusal_of(colleague) if colleague else None
    if colleague and refusal_of == AWAY and (document := begin_waiting(request, account, caller, colleague)):
        return answer(document)
    if colleague and refusal_of:
        heard = build_cause(**refusal_of, name=say(colleague.display_name)).heard
        record_outgoing(
            request,
            account,
            caller,
            destination.address,
            status="no-answer",
            ending=heard,
            facts={"refusal": refusal_of},
        )
        return answer(twiml.build_spoken(heard))
    called = [colleague] if colleague else []
    call = record_outgoing(request, account, caller, destination.address, rung=called)
    return answer(build_dial(account, call, caller, destination))


def refuse_outgoing(
    request: HttpRequest, account: TwilioAccount, caller: User, to_address: str, refusal: CannotDial
) -> HttpResponse:
    if refusal.is_attempt:
        record_outgoing(
            request,
            account,
            caller,
            to_address,
            status="failed",
            ending=refusal.sentence,
            facts=read_refusal(refusal),
        )
    return answer(twiml.build_spoken(refusal.sentence))


def call_number(
    request: HttpRequest, account: TwilioAccount, calling: Caller, destination: Destination
) -> HttpResponse:
    """The telephone network is called where the company's limits allow it, and for as long."""
    caller, call_sid, number = calling.person, request.POST["CallSid"], destination.phone_number
    with transaction.atomic(savepoint=False):
        permission = ask_permission(
            Asked(account=account, person=caller, number=number, key=call_sid, call_sid=call_sid),
            stores=False,
        )
        if permission.refusal is None:
            call = record_outgoing(
                request,
                account,
                caller,
                number,
                caller_id=destination.caller_id,
                is_unknown=permission.is_unknown,
                counted=permission.counted,
                called_name=permission.name,
            )
    if permission.refusal is not None:
        return refuse_outgoing(request, account, caller, number, permission.refusal)
    document = build_dial(
        account,
        call,
        caller,
        destination,
        time_limit=permission.time_limit,
        is_known_recorded=calling.is_recorded,
    )
    return answer(document)


def begin_waiting(request: HttpRequest, account: TwilioAccount, caller: User, colleague: User) -> str | None:
    """The TwiML for whoever calls a colleague who has no page open: waits for one, where closed browsers of
    theirs can be woken, or where they have left a page just now. None where there is nothing to wait for.
    """
    address = f"client:{colleague.identity}"
    if find_asleep(User.objects.filter(pk=colleague.pk), at_most=1):
        seconds = CLIENT_RINGS_SECONDS
        with transaction.atomic():
            call = record_outgoing(request, account, caller, address, rung=[colleague])
            wake(call, [colleague.pk], seconds=seconds)
    elif may_be_back(colleague):
        seconds = round(BACK_WITHIN.total_seconds())
        # It rings nowhere yet.
        call = record_outgoing(request, account, caller, address)
    else:
        return None
    return build_waiting(account, call, f"?{UNTIL}={count_seconds() + seconds}")


def build_dial(
    account: TwilioAccount,
    call: Call,
    caller: User,
    destination: Destination,
    time_limit: int | None = None,
    is_known_recorded: bool | None = None,
) -> str:
    called = [destination.colleague] if destination.colleague else []
    people = [one.pk for one in (caller, *called)]
    is_planned = plan_recording(call, people, is_known_wanted=is_known_recorded)
    announcement = get_announcement_url(call, destination.colleague) if is_planned else ""
    urls = twiml.build_urls(account)
    if destination.colleague:
        return twiml.build_dial_to_clients(
            identities=[destination.colleague.identity],
            parameters={"display": caller.display_name, "call": call.call_sid},
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
        time_limit=time_limit,
    )


def record_outgoing(
    request: HttpRequest,
    account: TwilioAccount,
    caller: User,
    to_address: str,
    status: str = "ringing",
    ending: str = "",
    rung: Sequence[User] = (),
    facts: Mapping[str, Any] | None = None,
    caller_id: str = "",
    is_unknown: bool = False,
    counted: PlacedCall | None = None,
    called_name: str | None = None,
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
        facts=facts,
        caller_id=caller_id,
        is_unknown=is_unknown,
        counted=counted,
        called_name=called_name,
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
            is_told=False,
        )
        document = steps.begin(account, call)
    return answer(document)


class DialEnd(TypedDict):
    """What Twilio tells of a Dial that is over: its DialCallStatus, a code, the caller's own CallStatus."""

    result: str
    error_code: int | None
    call_status: str


@twilio_webhook
def dial_action(request: HttpRequest, account: TwilioAccount) -> HttpResponse:
    """What the caller hears when a Dial is over; nothing more where they have talked.

    Where the Dial alone has ended, the call goes on in a room, or rings somebody else.
    """
    params = read_dial_end(request)
    result, call_status = read_status(params, "DialCallStatus"), read_status(params)
    if is_awaited(account, params):
        return answer(build_awaiting(request, account, result))
    document = answer_dial(account, params, request.GET)
    if document is not None:
        return answer(document)
    told = DialEnd(
        result=result, error_code=read_number(params.get("ErrorCode", "")), call_status=call_status
    )
    step = read_number(request.GET.get(steps.STEP, ""))
    if step is not None:
        return answer(steps.go_on(account, request.POST["CallSid"], step, **told))
    with transaction.atomic():
        call = record_dial_result(account=account, call_sid=request.POST["CallSid"], **told)
        heard = describe_heard(call) if call else NOT_CONNECTED_HEARD if result in UNANSWERED else ""
        if call and result in ENDED:
            record_heard(call, heard)
    return answer(twiml.build_spoken(heard) if heard else twiml.build_hangup())


def read_dial_end(request: HttpRequest) -> QueryDict:
    """What Twilio tells of the end of a Dial; asked again later, with what it told then."""
    params = request.POST.copy()
    if OVER in request.GET:
        params["DialCallStatus"] = request.GET[OVER]
        params["ErrorCode"] = request.GET.get(CODE, "")
    return params


def build_awaiting(request: HttpRequest, account: TwilioAccount, result: str) -> str:
    """Asks here again in a moment, whether somebody is still rung in another page of theirs."""
    query = request.GET.copy()
    query.setdefault(OVER, result)
    query.setdefault(CODE, request.POST.get("ErrorCode", ""))
    url = f"{account.build_address('dial_action')}?{query.urlencode()}"
    # Somebody who was told of the recording, was put through or was left by a page that died.
    is_answered = request.POST.get("CallStatus") == "in-progress"
    return twiml.build_wait(url, LOOK_SECONDS, tone=build_tone_address() if is_answered else "")


@twilio_webhook
def woken(request: HttpRequest, account: TwilioAccount) -> HttpResponse:
    """What a caller hears who waits until a page has come up of somebody who was woken, or is back."""
    call_sid, call_status = request.POST["CallSid"], read_status(request.POST)
    if steps.STEP in request.GET:
        step = read_step(request.GET[steps.STEP])
        return answer(steps.go_on_waiting(account, call_sid, step, call_status=call_status))
    return answer(go_on_waking(account, call_sid, read_seconds(request.GET.get(UNTIL, "")), call_status))


def read_step(text: str) -> int | None:
    """None for what is no step; the one before the first is one, too."""
    return steps.FIRST if text == str(steps.FIRST) else read_number(text)


def read_seconds(text: str) -> int:
    """A second of the clock; 0, which is long gone, for what is none."""
    return int(text) if re.fullmatch(r"[0-9]{1,11}", text) else 0


@transaction.atomic
def go_on_waking(account: TwilioAccount, call_sid: str, until: int, call_status: str) -> str:
    """The TwiML for somebody who waits for a colleague, until that second of the clock."""
    call = get_locked_call(account, call_sid)
    if call is None or call.user is None or call.ended_at is not None or call_status in ENDED:
        return twiml.build_hangup()
    if get_member(account, call.user.identity) is None:
        # Their phone was taken away while they waited.
        return twiml.build_hangup()
    colleague = get_member(account, read_identity(call.to_address))
    is_over = count_seconds() >= until
    if colleague is not None and is_there(colleague, is_over=is_over):
        if not call.rung.filter(pk=colleague.pk).exists():
            call.rung.add(colleague)
            tell_changed(call)
        return build_dial(account, call, call.user, Destination(colleague=colleague))
    if colleague is not None and not is_over:
        return build_waiting(account, call, f"?{UNTIL}={until}")
    name = say(colleague.display_name) if colleague else ""
    heard = build_cause(**AWAY, name=name).heard
    call.status, call.ended_at, call.ending = "no-answer", timezone.now(), heard[:ENDING_LENGTH]
    call.cause_facts = {**call.cause_facts, "refusal": AWAY}
    call.save()
    steps.end_callers_leg(call)
    tell_changed(call)
    return twiml.build_spoken(heard)


def is_there(colleague: User, *, is_over: bool) -> bool:
    """Whether somebody who is waited for can be rung: in the end also where no Device is ready yet, since the
    ring follows them there.
    """
    return is_reachable(colleague) if is_over else bool(find_registered(User.objects.filter(pk=colleague.pk)))


def count_seconds() -> int:
    return round(timezone.now().timestamp())


@twilio_webhook
def call_status(request: HttpRequest, account: TwilioAccount) -> HttpResponse:
    """Progress of a leg that a call rings or that is in a room, or the end of the caller's own."""
    leg = read_leg(request.POST)
    is_rung = CALL_SID.fullmatch(leg.parent_call_sid) is not None
    with transaction.atomic():
        call = get_locked_call_of(account, leg.call_sid) or get_locked_call(
            account, leg.parent_call_sid if is_rung else leg.call_sid
        )
        if call is None or withhold_told(call, leg) or take_status(call, leg):
            pass
        elif is_rung:
            record_progress(call, leg)
        elif leg.status in ENDED:
            record_end(call, leg)
    return HttpResponse(status=204)


def answer(document: str) -> HttpResponse:
    return HttpResponse(document, content_type="text/xml")
