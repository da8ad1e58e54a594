"""<Dial>: rings numbers and browsers, joins the first to answer with the caller, and tells how it went.

https://www.twilio.com/docs/voice/twiml/dial
"""

import asyncio
import contextlib
import re
from collections.abc import Sequence
from urllib.parse import parse_qsl

from fake_twilio.alerts import add_alert
from fake_twilio.calls import CallEnded, CallInterrupted, CallRedirected, LivingCall, Script
from fake_twilio.device_end import CalledDevice
from fake_twilio.dial_recording import end_recording, start_recording
from fake_twilio.numbers import CannotDial, build_number_end, find_account_refusal, verify_caller_id
from fake_twilio.parts import End, Outcome
from fake_twilio.prompts import PromptRun
from fake_twilio.sounds import Clip, build_tone
from fake_twilio.status_callbacks import EVENTS, StatusCallbacks
from fake_twilio.takes import Recording
from fake_twilio.twiml import Verb
from fake_twilio.twiml_run import TwimlRun
from fake_twilio.webhooks import Hook, WebhookFailed

RING_SECONDS = 30
MAX_CALL_SECONDS = 4 * 60 * 60
MAX_TARGETS = 10
WAITS = {"w": 0.5, "W": 1.0}
E164 = re.compile(r"\+[1-9][0-9]{6,14}")


async def dial(run: TwimlRun, verb: Verb) -> Script | None:
    """The action's answer comes next; without an action the next verb does."""
    call = run.call
    if not verb.flag("answerOnBridge"):
        await call.answer()
        call.end.hear(build_ringback())
    children = build_children(run, verb)
    winner: LivingCall | None = None
    recording: Recording | None = None
    try:
        if children:
            recording = start_recording(run, verb, is_answered=False)
            winner = await call.wait(ring_all(call, children, verb.number("timeout", RING_SECONDS)))
        if winner is not None:
            recording = recording or start_recording(run, verb, is_answered=True)
            await connect(call, winner, verb)
    except CallInterrupted as interrupt:
        if winner is not None and is_redirected(winner):
            await let_go(winner)
        else:
            await finish_all(children, "canceled")
        recorded = await end_recording(recording)
        if isinstance(interrupt, CallEnded):
            await report_to_action(run, verb, {**describe(children, winner), **recorded})
        raise
    finally:
        call.end.hear(None)
    recorded = await end_recording(recording)
    await let_go(winner)
    return run.build_action(verb, **describe(children, winner), **recorded)


def build_ringback() -> Clip:
    return Clip(build_tone(425, level=0.05).pcm + bytes(2 * 8000 * 2), loops=True)


def build_children(run: TwimlRun, verb: Verb) -> list[LivingCall]:
    """One leg for each target that can be dialled; the others become alerts."""
    targets = verb.all("Number", "Client")
    if not targets and verb.text:
        targets = [Verb("Number", text=verb.text)]
    children = []
    for target in targets[:MAX_TARGETS]:
        try:
            verify_may_call(run.call)
            build = build_number_leg if target.name == "Number" else build_client_leg
            children.append(build(run, verb, target))
        except CannotDial as error:
            run.note(error.code, error.message, run.hook)
    if len(targets) > MAX_TARGETS:
        run.note(13200, f"Dial: only {MAX_TARGETS} can ring at once", run.hook, is_warning=True)
    return children


def verify_may_call(call: LivingCall) -> None:
    """Raises `CannotDial` where the account may have no further leg, whoever is at its end."""
    refusal = find_account_refusal(call.account)
    if refusal is not None:
        raise CannotDial(*refusal)


def build_number_leg(run: TwimlRun, verb: Verb, target: Verb) -> LivingCall:
    call = run.call
    number = re.sub(r"[\s().-]", "", target.text)
    if not E164.fullmatch(number):
        raise CannotDial(13223, f"Dial: Invalid phone number format: {target.text}")
    caller_id = verb.get("callerId") or call.record.from_
    verify_caller_id(call, caller_id)
    end = build_number_end(call.switchboard, call.account, caller_id, number)
    child = build_leg(run, target, end, caller_id, number)
    child.digits_on_answer = target.get("sendDigits")
    return child


def build_client_leg(run: TwimlRun, verb: Verb, target: Verb) -> LivingCall:
    identities = [child.text for child in target.all("Identity")]
    identity, _, query = (identities[0] if identities else target.text).partition("?")
    if not identity:
        raise CannotDial(13221, "Dial->Client: no identity")
    params = dict(parse_qsl(query))
    params |= {one.get("name"): one.get("value") for one in target.all("Parameter")}
    caller_id = verb.get("callerId") or run.call.record.from_
    return build_leg(run, target, CalledDevice(identity, params), caller_id, f"client:{identity}")


def build_leg(run: TwimlRun, target: Verb, end: End, from_: str, to: str) -> LivingCall:
    call = run.call
    leg = LivingCall(
        call.switchboard,
        call.account,
        end,
        from_=from_,
        to=to,
        direction="outbound-dial",
        parent=call,
        callbacks=build_callbacks(run, target),
    )
    if from_ == call.record.from_:
        leg.record.stir_verstat = call.record.stir_verstat
    leg.whisper = run.build_hook(target, "url")
    return leg


def build_callbacks(run: TwimlRun, target: Verb) -> StatusCallbacks | None:
    hook = run.build_hook(target, "statusCallback")
    if hook is None:
        return None
    events = tuple(
        event for event in target.get("statusCallbackEvent", "completed").split() if event in EVENTS
    )
    return StatusCallbacks(Hook(hook.url, target.get("statusCallbackMethod", "POST")), events)


async def ring_all(call: LivingCall, children: Sequence[LivingCall], timeout: float) -> LivingCall | None:
    """Who answered first; the others are over by then. None if nobody did in time."""
    tasks = {asyncio.create_task(ring_one(child)): child for child in children}
    pending = set(tasks)
    deadline = asyncio.get_running_loop().time() + timeout
    winner = None
    try:
        if not call.is_answered:
            await call.end.show_ringing()
        while pending and winner is None:
            left = deadline - asyncio.get_running_loop().time()
            done, pending = await asyncio.wait(pending, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            if not done:
                break
            for task in done:
                if task.result() == "answered" and winner is None:
                    winner = tasks[task]
                else:
                    await tasks[task].finish("canceled" if task.result() == "answered" else task.result())
    finally:
        for task in pending:
            task.cancel()
        if pending:
            await asyncio.wait(pending)
    await finish_all(
        [child for child in children if child is not winner], "canceled" if winner else "no-answer"
    )
    return winner


async def ring_one(child: LivingCall) -> Outcome:
    child.start("queued")
    child.start("ringing")
    try:
        return await child.wait(child.end.ring())
    except CallInterrupted:
        return "no-answer"


async def finish_all(children: Sequence[LivingCall], status: str) -> None:
    for child in children:
        await child.finish(status)


async def connect(call: LivingCall, other: LivingCall, verb: Verb) -> None:
    """Answers both and joins them until `other` is done or the time is up."""
    other.mark_answered()
    await call.wait(whisper(other))
    await call.answer()
    await talk(call, other, verb.number("timeLimit", MAX_CALL_SECONDS))


async def whisper(child: LivingCall) -> None:
    """What the `url` of a <Number> or <Client> says to whoever has answered; the caller hears it ring on.

    https://www.twilio.com/docs/voice/twiml/number#attributes-url. Of what may be in it, <Gather> and <Hangup>
    are not carried out here.
    """
    if child.whisper is not None:
        # They may hang up meanwhile.
        with contextlib.suppress(CallInterrupted):
            await PromptRun(child, child.end.hear).play_all(child.whisper)


async def talk(call: LivingCall, other: LivingCall, time_limit: float | None = None) -> None:
    """Each hears the other until `other` is interrupted; raises if `call` is."""
    call.end.hear(other.end.speech())
    other.end.hear(call.end.speech())
    call.bridged_with, other.bridged_with = other, call
    call.far, other.far = other.end.speech, call.end.speech
    keying = asyncio.create_task(key_digits(other))
    try:
        await call.wait(other.wait_for_interrupt(), timeout=time_limit)
    except TimeoutError:
        other.hang_up()
    finally:
        keying.cancel()
        call.end.hear(None)
        other.end.hear(None)
        call.bridged_with = other.bridged_with = None
        call.far = other.far = None


async def key_digits(child: LivingCall) -> None:
    """What <Number sendDigits> asks for, once the far end has answered: a "w" waits for half a second.

    https://www.twilio.com/docs/voice/twiml/number#attributes-sendDigits
    """
    digits, child.digits_on_answer = child.digits_on_answer, ""
    for digit in digits:
        if digit in WAITS:
            await asyncio.sleep(WAITS[digit])
        elif digit in "0123456789*#":
            child.take_digit(digit)


def is_redirected(child: LivingCall) -> bool:
    return isinstance(child.interrupt, CallRedirected)


async def let_go(child: LivingCall | None) -> None:
    """Ends the leg that was dialled, unless it was redirected: then it lives on by its new TwiML."""
    if child is None:
        return
    interrupt = child.interrupt
    if isinstance(interrupt, CallRedirected):
        child.resume()
        child.switchboard.follow(child, interrupt.script)
    else:
        await child.finish()


def describe(children: Sequence[LivingCall], winner: LivingCall | None) -> dict[str, str]:
    """The fields of the action's request."""
    if winner is not None:
        return {
            "DialCallStatus": "completed",
            "DialCallSid": winner.record.sid,
            "DialCallDuration": str(winner.seconds),
            "DialBridged": "true",
        }
    statuses = [child.record.status for child in children]
    best = next((status for status in ("busy", "no-answer", "canceled") if status in statuses), "failed")
    params = {"DialCallStatus": best, "DialBridged": "false"}
    if children:
        params["DialCallSid"] = children[-1].record.sid
    return params


async def report_to_action(run: TwimlRun, verb: Verb, params: dict[str, str]) -> None:
    """The caller has hung up: the action is asked for all the same, and its answer ignored."""
    action = run.build_action(verb)
    if action is None or action.hook is None:
        return
    call = run.call
    status = "completed" if call.is_answered else "no-answer"
    fields = {**call.webhook_params(), **params, "CallStatus": status}
    try:
        await call.switchboard.webhooks.fetch(call.account, action.hook, fields)
    except WebhookFailed as failure:
        add_alert(
            call.account,
            code=failure.code,
            text=failure.message,
            call_sid=call.record.sid,
            url=action.hook.url,
        )
