"""Who hears whom in a room, and who hears music, silence or an announcement instead."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import partial

from fake_twilio.dialing import build_ringback
from fake_twilio.rooms.participant import Background, Insert, Participant
from fake_twilio.rooms.room_sound import RoomSound
from fake_twilio.sounds import Mix, Sound
from fake_twilio.webhooks import Hook


def is_heard_by(speaker: Participant, listener: Participant) -> bool:
    """Whether what `speaker` says reaches `listener` while the room is under way."""
    if speaker is listener or speaker.is_muted or speaker.is_held or listener.is_held:
        return False
    return not speaker.coached or speaker.coached == listener.sid


def listen_to(speaker: Participant) -> Sound:
    """What `speaker` says from now on; with early media, its ringing before the answer."""
    return speaker.call.end.speech() if speaker.call.is_answered else build_ringback()


def name_speakers(speakers: Iterable[Participant]) -> dict[Hashable, Callable[[], Sound]]:
    """What makes each one's sound, by who it is and whether they have answered yet."""
    return {(one.sid, one.call.is_answered): partial(listen_to, one) for one in speakers}


def settle(present: Iterable[Participant], has_started: bool, params: Mapping[str, str]) -> None:
    """Decides anew what each participant hears. `params` go with requests for music."""
    everybody = list(present)
    for listener in everybody:
        if not listener.call.is_answered:
            continue
        listener.inserts = [insert for insert in listener.inserts if not insert.is_over]
        if has_started and not listener.is_held:
            hear_room(listener, [one for one in everybody if is_heard_by(one, listener)])
        elif listener.inserts:
            leave_room(listener)
            listener.call.end.hear(Mix(listener.inserts))
        else:
            hook = listener.hold if has_started else listener.wait
            play_music(listener, hook, params, ends_call=not has_started)


def hear_room(listener: Participant, speakers: list[Participant]) -> None:
    sound = listener.room_sound
    if sound is None:
        leave_room(listener)
        sound = listener.room_sound = RoomSound()
        listener.call.end.hear(sound)
    sound.inserts = listener.inserts
    if sound.hear_out(name_speakers(speakers)) or listener.call.far is None:
        listener.call.far = lambda: Mix(map(listen_to, speakers))


def leave_room(listener: Participant) -> None:
    """Hears neither the room nor music."""
    stop_music(listener)
    if listener.room_sound is not None:
        listener.room_sound = None
        listener.call.end.hear(None)
    listener.call.far = None


def play_music(
    listener: Participant, hook: Hook | None, params: Mapping[str, str], *, ends_call: bool
) -> None:
    """Goes on with what plays already. A waitUrl that fails keeps its caller out of the room."""
    if listener.background is not None and listener.background.hook is hook:
        return
    leave_room(listener)
    if hook is None:
        listener.call.end.hear(None)
        return

    def give_up() -> None:
        if ends_call:
            listener.out.set()

    listener.background = Background(listener.call, hook, params, give_up)


def stop_music(listener: Participant) -> None:
    if listener.background is not None:
        listener.background.stop()
        listener.background = None


def insert_for(listeners: Iterable[Participant], pcm: bytes) -> None:
    """Each hears `pcm` besides everything else, once `settle` has run."""
    for listener in listeners:
        listener.inserts.append(Insert(pcm))
