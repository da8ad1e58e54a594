"""Records a room: everybody who can be heard in it, from its start to its end."""

from collections.abc import Callable

from fake_twilio.rooms.hearing import name_speakers
from fake_twilio.rooms.room import Room
from fake_twilio.rooms.room_sound import RoomSound
from fake_twilio.sounds import Sound
from fake_twilio.takes import Recording, RecordingWish, begin
from fake_twilio.tape import keep


def record_room(room: Room, wish: RecordingWish) -> Recording:
    """Its CallSid is that of the one who was first in the room."""
    first = room.present[0].sid if room.present else ""
    recording = Recording(room.account, first, wish, conference_sid=room.sid)
    sound = RoomSound()

    def get() -> Sound:
        return sound

    def find() -> Callable[[], Sound]:
        heard = [one for one in room.present if not (one.is_muted or one.is_held or one.coached)]
        sound.hear_out(name_speakers(heard))
        return get

    begin(room.switchboard, recording)
    room.switchboard.spawn(keep(room.switchboard, recording, [find], lambda: room.status == "completed"))
    return recording
