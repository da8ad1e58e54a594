"""Records a room: everybody who can be heard in it, from its start to its end."""

from collections.abc import Callable

from fake_twilio.rooms.hearing import listen_to
from fake_twilio.rooms.room import Room
from fake_twilio.sounds import Mix, Sound
from fake_twilio.takes import Recording, RecordingWish, begin
from fake_twilio.tape import keep


class RoomSound:
    """Makes the sound of those who can be heard now; another one as soon as that changes."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.made: Callable[[], Sound] | None = None
        self.of: tuple[object, ...] = ()

    def find(self) -> Callable[[], Sound] | None:
        speakers = [one for one in self.room.present if not (one.is_muted or one.is_held or one.coached)]
        of = tuple((one, one.call.is_answered) for one in speakers)
        if of != self.of:
            self.of = of
            self.made = lambda: Mix([listen_to(one) for one in speakers])
        return self.made


def record_room(room: Room, wish: RecordingWish) -> Recording:
    """Its CallSid is that of the one who was first in the room."""
    first = room.present[0].sid if room.present else ""
    recording = Recording(room.account, first, wish, conference_sid=room.sid)
    begin(room.switchboard, recording)
    room.switchboard.spawn(
        keep(room.switchboard, recording, [RoomSound(room).find], lambda: room.status == "completed")
    )
    return recording
