"""What can be listened to of one call: what was said on it, and the message that was left."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.people import User
from phone.calls.call import Call
from phone.durations import describe_duration
from phone.recordings.recordings import Recording
from phone.voicemail.messages import VoicemailCopy


@dataclass(frozen=True)
class Sound:
    """`url` is empty once Twilio has it no more."""

    pk: str
    title: str
    url: str
    seconds: int
    begun_at: datetime
    is_message: bool = False
    is_new: bool = False

    @property
    def length(self) -> str:
        return describe_duration(timedelta(seconds=self.seconds)) if self.seconds else ""


def build_sounds(call: Call, person: User) -> list[Sound]:
    """The person's, the oldest first. Two queries."""
    found = [*list_recordings(call, person), *list_messages(call, person)]
    return sorted(found, key=lambda sound: sound.begun_at)


def list_recordings(call: Call, person: User) -> Iterable[Sound]:
    mine = Recording.objects.of_person(person).audible().filter(call=call)
    for recording in mine.distinct():
        yield Sound(
            pk=str(recording.pk),
            title=_("Recording"),
            url=find_url(recording, "recording_sound", str(recording.pk)),
            seconds=recording.seconds or 0,
            begun_at=recording.begun_at,
        )


def list_messages(call: Call, person: User) -> Iterable[Sound]:
    copies = VoicemailCopy.objects.of_person(person).filter(message__call=call)
    for copy in copies.select_related("message__recording"):
        recording = copy.message.recording
        yield Sound(
            pk=str(copy.message_id),
            title=_("Message"),
            url=find_url(recording, "voicemail_audio", str(copy.message_id)),
            seconds=recording.seconds or 0,
            begun_at=copy.left_at,
            is_message=True,
            is_new=copy.heard_at is None,
        )


def find_url(recording: Recording, name: str, pk: str) -> str:
    return "" if recording.gone_at else reverse(name, args=[pk])
