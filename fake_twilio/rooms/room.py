"""A room from its first participant to its end."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Literal

from fake_twilio.calls import CallSwitchboard
from fake_twilio.rooms.events import RoomEvents
from fake_twilio.rooms.hearing import insert_for, leave_room, settle
from fake_twilio.rooms.participant import Participant, ReasonLeft
from fake_twilio.rooms.speaking import watch_speech
from fake_twilio.sounds import build_tone
from fake_twilio.store import Account, make_sid, now

MOST_PARTICIPANTS = 250
BEEP = build_tone(1000, seconds=0.3).pcm

ReasonEnded = Literal[
    "conference-ended-via-api",
    "participant-with-end-conference-on-exit-left",
    "participant-with-end-conference-on-exit-kicked",
    "last-participant-left",
    "last-participant-kicked",
]


def write_bool(value: bool) -> str:
    return "true" if value else "false"


class Room:
    """`participants` by CallSid: those who are in, and those whose phones are called for it."""

    def __init__(self, switchboard: CallSwitchboard, account: Account, name: str) -> None:
        self.switchboard = switchboard
        self.account = account
        self.name = name
        self.sid = make_sid("CF")
        self.status: Literal["init", "in-progress", "completed"] = "init"
        self.region = "us1"
        self.most_participants = MOST_PARTICIPANTS
        self.events: RoomEvents | None = None
        self.participants: dict[str, Participant] = {}
        self.reason_ended: ReasonEnded | None = None
        self.ended_by: Participant | None = None
        self.ended = asyncio.Event()
        # Run when the room starts: what records it.
        self.on_start: list[Callable[[], object]] = []
        self.created_at: datetime = now()
        self.updated_at: datetime = self.created_at

    @property
    def present(self) -> list[Participant]:
        return [one for one in self.participants.values() if one.is_in]

    @property
    def is_full(self) -> bool:
        return len(self.participants) >= self.most_participants

    def find(self, name: str) -> Participant | None:
        """By CallSid or by label."""
        labelled = (one for one in self.participants.values() if one.label == name)
        return self.participants.get(name) or next(labelled, None)

    def base_params(self) -> dict[str, str]:
        return {"AccountSid": self.account.sid, "ConferenceSid": self.sid, "FriendlyName": self.name}

    def tell(self, event: str, participant: Participant | None = None, **more: str) -> None:
        self.updated_at = now()
        if self.events is None:
            return
        params = {**self.base_params(), **more}
        if participant is not None:
            params |= {
                "CallSid": participant.sid,
                "Muted": write_bool(participant.is_muted),
                "Hold": write_bool(participant.is_held),
                "Coaching": write_bool(bool(participant.coached)),
                "EndConferenceOnExit": write_bool(participant.ends_room),
                "StartConferenceOnEnter": write_bool(participant.starts_room),
            }
            if participant.label:
                params["ParticipantLabel"] = participant.label
        self.events.tell(event, params)

    def expect(self, participant: Participant) -> None:
        """Lists somebody whose phone is called for this room."""
        self.participants[participant.sid] = participant

    def enter(self, participant: Participant) -> None:
        self.participants[participant.sid] = participant
        participant.is_in = True
        self.tell("participant-join", participant)
        if self.events is not None and self.events.wants("speaker"):
            self.switchboard.spawn(watch_speech(participant, self.tell))
        if self.status == "init" and len(self.present) > 1 and any(one.starts_room for one in self.present):
            self.status = "in-progress"
            self.tell("conference-start")
            for start in self.on_start:
                start()
        if participant.beeps_on_enter:
            self.beep_for_others(participant)
        self.settle()

    def beep_for_others(self, participant: Participant) -> None:
        if self.status == "in-progress":
            others = [one for one in self.present if one is not participant and not one.is_held]
            insert_for(others, BEEP)

    def settle(self) -> None:
        params = self.base_params()
        settle(self.present, self.status == "in-progress", params)

    def leave(self, participant: Participant, call_status: str) -> None:
        """Takes somebody out, with their call's status, and ends the room where that ends it."""
        if self.participants.pop(participant.sid, None) is None:
            return
        participant.out.set()
        participant.gone.set()
        leave_room(participant)
        participant.call.end.hear(None)
        was_in, participant.is_in = participant.is_in, False
        reason = participant.reason_left
        self.tell(
            "participant-leave", participant, ParticipantCallStatus=call_status, ReasonParticipantLeft=reason
        )
        if self.status == "completed":
            self.close_when_empty()
        elif participant.ends_room and was_in and participant.call.is_answered:
            end = "kicked" if participant.is_kicked else "left"
            self.end(f"participant-with-end-conference-on-exit-{end}", participant)  # type: ignore[arg-type]
        elif not self.participants:
            self.end("last-participant-kicked" if participant.is_kicked else "last-participant-left")
        else:
            if participant.beeps_on_exit:
                self.beep_for_others(participant)
            self.settle()

    def end(self, reason: ReasonEnded, by: Participant | None = None) -> None:
        """Sends everybody out; what is told of the end comes after their leaving."""
        self.status, self.reason_ended, self.ended_by = "completed", reason, by
        left: ReasonLeft = "moderator_ended_conference" if by else "conference_ended_via_api"
        for one in list(self.participants.values()):
            one.send_out(left)
        self.close_when_empty()

    def close_when_empty(self) -> None:
        if self.participants or self.ended.is_set():
            return
        self.ended.set()
        reason = str(self.reason_ended)
        more = {"ReasonConferenceEnded": reason, "Reason": reason.replace("-", " ").capitalize()}
        if self.ended_by is not None:
            more["CallSidEndingConference"] = self.ended_by.sid
            if self.ended_by.label:
                more["ParticipantLabelEndingConference"] = self.ended_by.label
        self.tell("conference-end", None, **more)
