"""What `POST Participants/{CA}` does: mute, hold, announce, coach, and how the participant will leave."""

from typing import Any

from fake_twilio.refusals import bad_parameter
from fake_twilio.rest.parameters import UNKNOWN_PARAMETER
from fake_twilio.rooms.announcing import announce
from fake_twilio.rooms.participant import MUSIC, Participant
from fake_twilio.rooms.room import Room
from fake_twilio.store import now
from fake_twilio.webhooks import Hook

NOBODY_TO_COACH = 13240


def change(room: Room, participant: Participant, wanted: dict[str, Any]) -> None:
    """Everything that `wanted` asks for, and an event for each kind of change that there was."""
    check_coaching(room, participant, wanted)
    participant.updated_at = now()
    if change_mute(participant, wanted):
        room.tell("participant-mute" if participant.is_muted else "participant-unmute", participant)
    if change_hold(participant, wanted):
        room.tell("participant-hold" if participant.is_held else "participant-unhold", participant)
    if change_others(participant, wanted):
        room.tell("participant-modify", participant)
    room.settle()
    if wanted.get("AnnounceUrl"):
        hook = Hook(wanted["AnnounceUrl"], wanted.get("AnnounceMethod", "POST"))
        room.switchboard.spawn(announce(room, hook, participant))


def check_coaching(room: Room, participant: Participant, wanted: dict[str, Any]) -> None:
    coached = wanted.get("CallSidToCoach") or participant.coached
    if wanted.get("Coaching") and not coached:
        raise bad_parameter(UNKNOWN_PARAMETER, "CallSidToCoach must be defined if Coaching is true")
    if wanted.get("CallSidToCoach") and wanted["CallSidToCoach"] not in {one.sid for one in room.present}:
        raise bad_parameter(NOBODY_TO_COACH, f"{wanted['CallSidToCoach']} is not in the conference")


def change_mute(participant: Participant, wanted: dict[str, Any]) -> bool:
    was, participant.is_muted = participant.is_muted, wanted.get("Muted", participant.is_muted)
    return was != participant.is_muted


def change_hold(participant: Participant, wanted: dict[str, Any]) -> bool:
    """Without a HoldUrl there is Twilio's music; HoldMethod is GET where nobody says otherwise."""
    was, participant.is_held = participant.is_held, wanted.get("Hold", participant.is_held)
    if wanted.get("HoldUrl"):
        participant.hold = Hook(wanted["HoldUrl"], wanted.get("HoldMethod", "GET"))
    elif participant.is_held and not was:
        participant.hold = MUSIC
    return was != participant.is_held


def change_others(participant: Participant, wanted: dict[str, Any]) -> bool:
    """BeepOnExit, EndConferenceOnExit, Coaching, WaitUrl."""
    before = (participant.beeps_on_exit, participant.ends_room, participant.coached, participant.wait)
    participant.beeps_on_exit = wanted.get("BeepOnExit", participant.beeps_on_exit)
    participant.ends_room = wanted.get("EndConferenceOnExit", participant.ends_room)
    if wanted.get("Coaching") is False:
        participant.coached = ""
    elif wanted.get("CallSidToCoach"):
        participant.coached = wanted["CallSidToCoach"]
    if "WaitUrl" in wanted:
        url = wanted["WaitUrl"]
        participant.wait = Hook(url, wanted.get("WaitMethod", "POST")) if url else None
    return before != (
        participant.beeps_on_exit,
        participant.ends_room,
        participant.coached,
        participant.wait,
    )
