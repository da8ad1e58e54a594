"""The list of this app's tables, for Django. Everybody else imports from the subject that a table is of."""

from phone.answering.changes import AnsweringChange
from phone.answering.greetings import Greeting, GreetingSound
from phone.answering.progress import AnsweringPlan
from phone.answering.rules import NumberRules, RungPerson
from phone.call_failures.groups import CallFailure, CallFailureDay, CallFailureGroup
from phone.calling_limits.calling_limits import CallingLimits, CallingLimitsChange
from phone.calling_limits.placed_calls import PlacedCall
from phone.calls.call import Call
from phone.calls.conferences import Conference
from phone.calls.do_not_disturb import DoNotDisturb
from phone.calls.legs import CallLeg
from phone.calls.refusals import WebhookRefusal
from phone.colleagues.told import ToldState
from phone.connection_tests.connection_test import ConnectionTest
from phone.contacts.apart import ContactsApart
from phone.contacts.blocked_callers import BlockedCaller
from phone.contacts.contacts import Contact, ContactNumber, FavouriteContact
from phone.contacts.exchange.imports import ContactImport, ContactImportFile
from phone.device.events import DeviceEvent
from phone.device.one_device import OneDevice
from phone.device.presence import DevicePresence
from phone.device.silences import DeviceSilence
from phone.echo_tests.echo_test import EchoTest
from phone.recents.recent_call import RecentCall
from phone.recordings.choices import RecordingChoice
from phone.recordings.deletions import SoundDeletion
from phone.recordings.listenings import Listening
from phone.recordings.recordings import Recording
from phone.tokens.issued_tokens import IssuedToken
from phone.voicemail.messages import VoicemailCopy, VoicemailMessage
from phone.waking.subscriptions import PushSubscription

__all__ = [
    "AnsweringChange",
    "AnsweringPlan",
    "BlockedCaller",
    "Call",
    "CallFailure",
    "CallFailureDay",
    "CallFailureGroup",
    "CallLeg",
    "CallingLimits",
    "CallingLimitsChange",
    "Conference",
    "ConnectionTest",
    "Contact",
    "ContactImport",
    "ContactImportFile",
    "ContactNumber",
    "ContactsApart",
    "DeviceEvent",
    "DevicePresence",
    "DeviceSilence",
    "DoNotDisturb",
    "EchoTest",
    "OneDevice",
    "FavouriteContact",
    "Greeting",
    "GreetingSound",
    "IssuedToken",
    "PlacedCall",
    "PushSubscription",
    "RecentCall",
    "NumberRules",
    "RungPerson",
    "Listening",
    "Recording",
    "RecordingChoice",
    "SoundDeletion",
    "ToldState",
    "VoicemailCopy",
    "VoicemailMessage",
    "WebhookRefusal",
]
