"""What `Participants` may be asked: every parameter Twilio documents."""

from fake_twilio.refusals import bad_parameter
from fake_twilio.rest.call_parameters import COMMON, read_repeated
from fake_twilio.rest.call_parameters import CREATE as CALL
from fake_twilio.rest.parameters import (
    BOOL,
    METHOD,
    PAGING,
    TEXT,
    UNKNOWN_PARAMETER,
    URL,
    Parameter,
    one_of,
    sid,
    whole_number,
)
from fake_twilio.twiml import BEEPS, RECORDING_EVENTS, ROOM_EVENTS

MAX_LABEL = 128


def read_label(name: str, value: str) -> str:
    if len(value) > MAX_LABEL:
        raise bad_parameter(UNKNOWN_PARAMETER, f"{name} is longer than {MAX_LABEL} characters")
    return value


COACHED = Parameter(sid("CA"))
# Taken over from a call's parameters as they are.
OF_CALLS = (
    *("From", "To", "StatusCallback", "StatusCallbackMethod", "StatusCallbackEvent"),
    *("RecordingChannels", "RecordingStatusCallback", "RecordingStatusCallbackMethod"),
    *("RecordingStatusCallbackEvent", "RecordingTrack", "RecordingConfigurationId", "Trim"),
    *("SipAuthUsername", "SipAuthPassword", "Byoc", "CallerId", "CallReason", "CallToken", "Passports"),
    *("MachineDetection", "MachineDetectionTimeout", "MachineDetectionSpeechThreshold"),
    *("MachineDetectionSpeechEndThreshold", "MachineDetectionSilenceTimeout", "ClientNotificationUrl"),
)
CREATE = {
    **{name: CALL[name] for name in OF_CALLS},
    "TimeLimit": COMMON["TimeLimit"],
    "Label": Parameter(read_label),
    "Timeout": Parameter(whole_number(5, 600)),
    "Record": BOOL,
    "Muted": BOOL,
    "Beep": Parameter(one_of(*BEEPS)),
    "StartConferenceOnEnter": BOOL,
    "EndConferenceOnExit": BOOL,
    "WaitUrl": URL,
    "WaitMethod": METHOD,
    "EarlyMedia": BOOL,
    "MaxParticipants": Parameter(whole_number(2, 250)),
    "ConferenceRecord": Parameter(one_of("true", "false", "record-from-start", "do-not-record")),
    "ConferenceTrim": Parameter(one_of("trim-silence", "do-not-trim")),
    "ConferenceStatusCallback": URL,
    "ConferenceStatusCallbackMethod": METHOD,
    "ConferenceStatusCallbackEvent": read_repeated(*ROOM_EVENTS),
    "ConferenceRecordingStatusCallback": URL,
    "ConferenceRecordingStatusCallbackMethod": METHOD,
    "ConferenceRecordingStatusCallbackEvent": read_repeated(*RECORDING_EVENTS),
    "Region": Parameter(one_of("us1", "us2", "ie1", "de1", "sg1", "br1", "au1", "jp1")),
    "JitterBufferSize": Parameter(one_of("small", "medium", "large", "off")),
    "Coaching": BOOL,
    "CallSidToCoach": COACHED,
    "CallerDisplayName": TEXT,
    "AmdStatusCallback": URL,
    "AmdStatusCallbackMethod": METHOD,
}
UPDATE = {
    "Muted": BOOL,
    "Hold": BOOL,
    "HoldUrl": URL,
    "HoldMethod": METHOD,
    "AnnounceUrl": URL,
    "AnnounceMethod": METHOD,
    "WaitUrl": URL,
    "WaitMethod": METHOD,
    "BeepOnExit": BOOL,
    "EndConferenceOnExit": BOOL,
    "Coaching": BOOL,
    "CallSidToCoach": COACHED,
}
FILTERS = {"Muted": BOOL, "Hold": BOOL, "Coaching": BOOL, **PAGING}
