"""The list of this app's tables, for Django. Everybody else imports from the subject that a table is of."""

from phone.calls.call import Call
from phone.calls.conferences import Conference
from phone.calls.legs import CallLeg
from phone.calls.refusals import WebhookRefusal
from phone.device.events import DeviceEvent
from phone.device.presence import DevicePresence
from phone.device.silences import DeviceSilence
from phone.recordings.choices import RecordingChoice
from phone.recordings.deletions import SoundDeletion
from phone.recordings.listenings import Listening
from phone.recordings.recordings import Recording
from phone.tokens.issued_tokens import IssuedToken
from phone.voicemail.messages import VoicemailCopy, VoicemailMessage

__all__ = [
    "Call",
    "CallLeg",
    "Conference",
    "DeviceEvent",
    "DevicePresence",
    "DeviceSilence",
    "IssuedToken",
    "Listening",
    "Recording",
    "RecordingChoice",
    "SoundDeletion",
    "VoicemailCopy",
    "VoicemailMessage",
    "WebhookRefusal",
]
