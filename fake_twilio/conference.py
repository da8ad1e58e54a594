"""<Dial><Conference>, and phones that are called for a conference over REST.

https://www.twilio.com/docs/voice/twiml/conference
"""

import re
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from fake_twilio.calls import CallEnded, CallInterrupted, CallRedirected, LivingCall, Script
from fake_twilio.dialing import dial, report_to_action
from fake_twilio.outgoing import RING_SECONDS, begin_talk, ring_until
from fake_twilio.queue import dial_queue
from fake_twilio.rooms.events import RoomEvents
from fake_twilio.rooms.participant import MUSIC, Participant
from fake_twilio.rooms.registry import ROOMS, find_room, open_room
from fake_twilio.rooms.room import Room
from fake_twilio.rooms.taping import record_room
from fake_twilio.takes import RecordingWish
from fake_twilio.twiml import Verb
from fake_twilio.twiml_run import TwimlRun
from fake_twilio.webhooks import Hook

MAX_LABEL = 128
ROOM_SID = re.compile(r"CF[0-9a-f]{32}")
LABEL_TAKEN, ROOM_FULL, NOBODY_TO_COACH, NO_ROOM, NO_NAME = 16025, 16020, 13240, 13236, 12200


async def dial_or_join(run: TwimlRun, verb: Verb) -> Script | None:
    """<Dial>, with a conference or a queue inside or with people to ring."""
    for target in verb.all("Conference", "Queue"):
        await run.call.answer()
        join = join_conference if target.name == "Conference" else dial_queue
        try:
            params = await join(run, target)
        except CallEnded:
            await report_to_action(run, verb, {"DialCallStatus": "completed"})
            raise
        return None if params is None else run.build_action(verb, **params)
    return await dial(run, verb)


async def join_conference(run: TwimlRun, verb: Verb) -> dict[str, str] | None:
    """Until the caller leaves or the room ends; the fields of the action's request.

    None where the label is taken: then the next verb follows, without an action.
    """
    call = run.call
    try:
        room = find_place(call, verb)
    except NoPlace as problem:
        run.note(problem.code, problem.message, run.hook)
        return None if problem.code == LABEL_TAKEN else {"DialCallStatus": "failed"}
    participant = read_participant(run, verb)
    if not room.participants:
        set_up(room, run, verb)
    status = "completed"
    room.enter(participant)
    try:
        await call.wait(participant.out.wait())
        status = call.record.status
    except CallRedirected:
        participant.reason_left, status = "participant_updated_via_api", call.record.status
        raise
    finally:
        room.leave(participant, status)
    return {"DialCallStatus": "answered"}


class NoPlace(Exception):
    """`code` is Twilio's: https://www.twilio.com/docs/api/errors."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message


def find_place(call: LivingCall, verb: Verb) -> Room:
    """The room by its name, opened if need be, or by the SID of one under way. Raises `NoPlace`."""
    label, coached = verb.get("participantLabel"), verb.get("coach")
    if not verb.text:
        raise NoPlace(NO_NAME, "Schema validation warning: <Conference> without a name")
    if ROOM_SID.fullmatch(verb.text):
        room = call.switchboard.app[ROOMS].get(verb.text)
        if room is None or room.account is not call.account or room.status == "completed":
            raise NoPlace(NO_ROOM, "Dial->Conference: Invalid Conference Sid value")
    else:
        room = find_room(call.switchboard.app, call.account, verb.text)
    if room is not None and label and room.find(label) is not None:
        raise NoPlace(LABEL_TAKEN, f"Conference participant label {label} already exists")
    if room is not None and room.is_full:
        raise NoPlace(ROOM_FULL, "Conference is full")
    if coached and coached not in {one.sid for one in (room.present if room else ())}:
        raise NoPlace(NOBODY_TO_COACH, f"Dial->Conference: {coached} is not in the conference")
    return room or open_room(call.switchboard, call.account, verb.text)


def read_participant(run: TwimlRun, verb: Verb) -> Participant:
    participant = Participant(
        run.call,
        label=verb.get("participantLabel")[:MAX_LABEL],
        is_muted=verb.flag("muted"),
        starts_room=verb.flag("startConferenceOnEnter", True),
        ends_room=verb.flag("endConferenceOnExit"),
        coached=verb.get("coach"),
    )
    participant.set_beep(verb.get("beep", "true"))
    if "waitUrl" in verb.attributes:
        participant.wait = run.build_hook(verb, "waitUrl", "waitMethod")
    return participant


def set_up(room: Room, run: TwimlRun, verb: Verb) -> None:
    """What the first to join decides for everybody."""
    room.region = verb.get("region") or room.region
    room.most_participants = verb.number("maxParticipants", room.most_participants)
    hook = run.build_hook(verb, "statusCallback", "statusCallbackMethod")
    if hook is not None:
        words = frozenset(verb.get("statusCallbackEvent").split())
        room.events = RoomEvents(room.switchboard, room.account, hook, words)
    if verb.get("record") == "record-from-start":
        hook = run.build_hook(verb, "recordingStatusCallback", "recordingStatusCallbackMethod")
        wish = RecordingWish.of_verb(verb, hook, "Conference")
        room.on_start.append(lambda: record_room(room, wish))


def set_up_over_rest(room: Room, params: Mapping[str, Any]) -> None:
    """The same, where the first to join is called over REST."""
    room.region = params.get("Region") or room.region
    room.most_participants = params.get("MaxParticipants") or room.most_participants
    if params.get("ConferenceStatusCallback"):
        hook = Hook(params["ConferenceStatusCallback"], params.get("ConferenceStatusCallbackMethod", "POST"))
        words = " ".join(params.get("ConferenceStatusCallbackEvent", ())).split()
        room.events = RoomEvents(room.switchboard, room.account, hook, frozenset(words))
    if params.get("ConferenceRecord") in ("true", "record-from-start"):
        wish = RecordingWish.of_params(params, "ConferenceRecording", "Conference")
        room.on_start.append(lambda: record_room(room, wish))


def build_participant(call: LivingCall, params: Mapping[str, Any]) -> Participant:
    """By the parameters of `POST Participants`, already checked."""
    participant = Participant(
        call,
        label=params.get("Label", ""),
        is_muted=params.get("Muted", False),
        starts_room=params.get("StartConferenceOnEnter", True),
        ends_room=params.get("EndConferenceOnExit", False),
        coached=params.get("CallSidToCoach", "") if params.get("Coaching", True) else "",
        has_early_media=params.get("EarlyMedia", True),
    )
    participant.set_beep(params.get("Beep", "true"))
    if "WaitUrl" in params:
        url = params["WaitUrl"]
        participant.wait = Hook(url, params.get("WaitMethod", "POST")) if url else None
    else:
        participant.wait = MUSIC
    return participant


async def ring_and_join(room: Room, participant: Participant, params: Mapping[str, Any]) -> None:
    """Calls a phone that `room` expects; it joins at the answer, with early media while it rings."""
    call = participant.call
    timeout = float(params.get("Timeout") or RING_SECONDS)
    call.start("ringing")
    if participant.has_early_media:
        room.enter(participant)
    outcome = await ring_until(call, timeout, participant.out)
    if outcome != "answered":
        await call.finish(outcome)
        if participant.reason_left == "participant_hung_up":
            participant.reason_left = "participant_add_failed"
        room.leave(participant, call.record.status)
        return
    begin_talk(call, params)
    if participant.is_in:
        room.settle()
    else:
        room.enter(participant)
    await stay(room, participant)


async def stay(room: Room, participant: Participant) -> None:
    """Until the participant has to leave: to other TwiML if it was redirected, else its call ends."""
    call, status = participant.call, "completed"
    interrupt: CallInterrupted | None = None
    try:
        await call.wait(participant.out.wait())
        status = call.record.status
    except CallInterrupted as error:
        interrupt = error
    if isinstance(interrupt, CallRedirected):
        participant.reason_left = "participant_updated_via_api"
        room.leave(participant, call.record.status)
        call.resume()
        call.switchboard.follow(call, interrupt.script)
        return
    room.leave(participant, status)
    await call.finish()


async def reset(app: web.Application) -> None:
    app[ROOMS].clear()
