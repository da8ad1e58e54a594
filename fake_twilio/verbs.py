"""The TwiML verbs that concern one leg alone, and the table of all verbs.

https://www.twilio.com/docs/voice/twiml
"""

import asyncio

from fake_twilio.calls import CallEnded, LivingCall, Script
from fake_twilio.conference import dial_or_join
from fake_twilio.prompts import pause, redirect, say
from fake_twilio.queue import enqueue, leave
from fake_twilio.recording import record
from fake_twilio.twiml import Verb
from fake_twilio.twiml_run import Step, TwimlRun

GATHER_SECONDS = 5
UNLIMITED_DIGITS = 1000


async def reject(run: TwimlRun, verb: Verb) -> None:
    """Ends a call without answering it; too late for that, it just hangs up."""
    is_busy = verb.get("reason") == "busy"
    error = (31486, "Busy Here") if is_busy else (31603, "Decline")
    run.call.hang_up("busy" if is_busy else "failed", None if run.call.is_answered else error)
    raise CallEnded("rejected")


async def hangup(run: TwimlRun, verb: Verb) -> None:
    """As the first verb it answers before it hangs up, as Twilio does."""
    await run.call.answer()
    run.call.hang_up()
    raise CallEnded("hung up")


async def gather(run: TwimlRun, verb: Verb) -> Script | None:
    """Digits, while prompts play; the first digit silences them. Speech is not understood."""
    await run.call.answer()
    if "dtmf" not in verb.get("input", "dtmf").split():
        run.note(12200, "Schema validation warning: <Gather> hears digits only", run.hook, is_warning=True)
    while not run.call.pressed.empty():
        run.call.pressed.get_nowait()
    prompts = asyncio.create_task(play_prompts(run, verb))
    try:
        digits = await collect_digits(run.call, verb, prompts)
    finally:
        prompts.cancel()
        await asyncio.wait([prompts])
        run.call.end.hear(None)
    if not digits and not verb.flag("actionOnEmptyResult"):
        return None
    if verb.get("action"):
        return run.build_action(verb, Digits=digits, msg="Gather End")
    return Script(run.hook, params={"Digits": digits, "msg": "Gather End"}) if run.hook else None


async def play_prompts(run: TwimlRun, verb: Verb) -> None:
    for prompt in verb.children:
        clip = await run.read_prompt(prompt)
        if clip is not None:
            run.call.end.hear(clip)
            await asyncio.sleep(clip.seconds)


async def collect_digits(call: LivingCall, verb: Verb, prompts: "asyncio.Task[None]") -> str:
    """Up to `numDigits`, `finishOnKey`, or `timeout` seconds of silence after the prompts."""
    wanted = verb.number("numDigits", UNLIMITED_DIGITS)
    finish_on = verb.get("finishOnKey", "#")
    timeout = verb.number("timeout", GATHER_SECONDS)
    digits = ""
    while len(digits) < wanted:
        try:
            if not digits:
                digit = await call.wait(first_digit(call, prompts, timeout))
                prompts.cancel()
                call.end.hear(None)
            else:
                digit = await call.wait(call.pressed.get(), timeout=timeout)
        except TimeoutError:
            break
        if digit in finish_on:
            break
        digits += digit
    return digits


async def first_digit(call: LivingCall, prompts: "asyncio.Task[None]", timeout: float) -> str:
    """A digit during the prompts, or within `timeout` seconds after them; raises TimeoutError."""
    pressed = asyncio.create_task(call.pressed.get())
    try:
        await asyncio.wait({pressed, prompts}, return_when=asyncio.FIRST_COMPLETED)
        return await asyncio.wait_for(pressed, timeout)
    finally:
        pressed.cancel()


VERBS: dict[str, Step] = {
    "Dial": dial_or_join,
    "Enqueue": enqueue,
    "Gather": gather,
    "Hangup": hangup,
    "Leave": leave,
    "Pause": pause,
    "Play": say,
    "Record": record,
    "Redirect": redirect,
    "Reject": reject,
    "Say": say,
}


async def run_twiml(call: LivingCall, script: Script | None) -> None:
    """The whole life of a call that follows TwiML."""
    await TwimlRun(call, VERBS).run(script)
