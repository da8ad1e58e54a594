"""<Dial record>: what both sides of a dial say. https://www.twilio.com/docs/voice/twiml/dial#record"""

from fake_twilio.takes import Recording, RecordingWish
from fake_twilio.tape import record_call, stop
from fake_twilio.twiml import Verb
from fake_twilio.twiml_run import TwimlRun


def start_recording(run: TwimlRun, verb: Verb, *, is_answered: bool) -> Recording | None:
    """Begins what `record` asks for from the ringing, or from the answer, on."""
    kind = verb.get("record", "do-not-record").replace("true", "record-from-answer")
    if not kind.startswith("record-from-answer" if is_answered else "record-from-ringing"):
        return None
    hook = run.build_hook(verb, "recordingStatusCallback", "recordingStatusCallbackMethod")
    channels = 2 if kind.endswith("-dual") else 1
    return record_call(run.call, RecordingWish.of_verb(verb, hook, "DialVerb", channels))


async def end_recording(recording: Recording | None) -> dict[str, str]:
    """What the action is told of it."""
    if recording is None:
        return {}
    await stop(recording)
    is_there = recording.status == "completed"
    return {"RecordingUrl": recording.url, "RecordingSid": recording.sid} if is_there else {}
