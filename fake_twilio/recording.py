"""<Record>: what somebody says after the beep. https://www.twilio.com/docs/voice/twiml/record"""

import asyncio
from collections.abc import Mapping

from fake_twilio.calls import CallInterrupted, LivingCall, Script
from fake_twilio.sounds import FRAME_SECONDS, build_tone, get_energy
from fake_twilio.takes import AUDIBLE, Recording, RecordingWish, begin, conclude, send
from fake_twilio.twiml import Verb
from fake_twilio.twiml_run import TwimlRun
from fake_twilio.webhooks import Hook

SILENCE_SECONDS = 5
MAX_SECONDS = 3600
ANY_KEY = "1234567890*#"


async def record(run: TwimlRun, verb: Verb) -> Script | None:
    """Until `finishOnKey`, `timeout` seconds of silence, `maxLength`, or the caller hangs up."""
    call = run.call
    await call.answer()
    while not call.pressed.empty():
        call.pressed.get_nowait()
    if verb.flag("playBeep", True):
        await run.play(build_tone(1000, seconds=0.4))
    hook = run.build_hook(verb, "recordingStatusCallback", "recordingStatusCallbackMethod")
    wish = RecordingWish.of_verb(verb, hook, "RecordVerb")
    recording = begin(call.switchboard, Recording(call.account, call.record.sid, wish))
    ended_by = ""
    interrupt: CallInterrupted | None = None
    try:
        ended_by = await call.wait(fill(recording, call, verb))
    except CallInterrupted as error:
        interrupt, ended_by = error, "hangup"
    conclude(call.switchboard, recording)
    if recording.status == "absent":
        if interrupt:
            raise interrupt
        return None
    action = run.build_action(verb) if verb.get("action") else Script(run.hook)
    params = describe(recording, ended_by)
    if interrupt is None:
        return Script(action.hook, params=params) if action and action.hook else None
    if action and action.hook:
        await tell_after_hangup(call, action.hook, params)
    raise interrupt


async def fill(recording: Recording, call: LivingCall, verb: Verb) -> str:
    """The key that ended it, "" for none."""
    sound = call.end.speech()
    keys = verb.get("finishOnKey", ANY_KEY)
    quiet = 0.0
    try:
        while recording.length < verb.number("maxLength", MAX_SECONDS):
            if quiet >= verb.number("timeout", SILENCE_SECONDS) or recording.is_asked_to_stop:
                break
            await asyncio.sleep(FRAME_SECONDS)
            frame = sound.read()
            if recording.status == "in-progress" or recording.keeps_time:
                recording.add([frame if recording.status == "in-progress" else bytes(len(frame))])
            quiet = 0.0 if get_energy(frame) > AUDIBLE else quiet + FRAME_SECONDS
            if not call.pressed.empty() and (key := call.pressed.get_nowait()) in keys:
                return key
    finally:
        sound.close()
    return ""


def describe(recording: Recording, ended_by: str) -> dict[str, str]:
    """The fields of the action's request."""
    return {
        "RecordingUrl": recording.url,
        "RecordingSid": recording.sid,
        "RecordingDuration": str(recording.seconds),
        "Digits": ended_by,
    }


async def tell_after_hangup(call: LivingCall, hook: Hook, params: Mapping[str, str]) -> None:
    """The action is asked for all the same; its answer has nobody to act on."""
    fields = {**call.webhook_params(), **params, "CallStatus": "completed"}
    await send(call.switchboard, call.account, hook, fields)
