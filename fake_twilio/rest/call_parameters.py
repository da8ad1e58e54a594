"""What `Calls` may be asked: every parameter, and which calls Twilio refuses to make."""

import re
from datetime import date, datetime
from typing import Any

from fake_twilio.numbers import find_account_refusal, find_refusal
from fake_twilio.refusals import Refusal, bad_parameter
from fake_twilio.rest.parameters import (
    BOOL,
    METHOD,
    TEXT,
    UNKNOWN_PARAMETER,
    URL,
    Parameter,
    one_of,
    read_url,
    whole_number,
)
from fake_twilio.store import Account
from fake_twilio.twiml import RECORDING_EVENTS

NO_TO, BAD_URL, NOT_VERIFIED_FROM, BAD_TO, BAD_FROM, NO_FROM = 21201, 21205, 21210, 21211, 21212, 21213
UNREACHABLE, NO_PERMISSION, BLOCKED, INVALID, BAD_APP, TRIAL_TO = 21214, 21215, 21216, 21217, 21218, 21219
BAD_TWIML = 21626
MAX_TWIML = 4000
ADDRESS = re.compile(r"\+[1-9]\d{6,14}|client:[^\s]{1,256}|sip:[^\s]+@[^\s]+")

# Twilio, "Test credentials": what each magic number does to a test call.
MAGIC_FROM = "+15005550006"
MAGIC_TO = {
    "+15005550001": INVALID,
    "+15005550002": UNREACHABLE,
    "+15005550003": NO_PERMISSION,
    "+15005550004": BLOCKED,
}


def read_date(name: str, value: str) -> date:
    try:
        return datetime.fromisoformat(value).date()
    except ValueError as error:
        raise bad_parameter(UNKNOWN_PARAMETER, f"{name} is not a date: {value}") from error


def read_call_url(name: str, value: str) -> str:
    try:
        return read_url(name, value)
    except Refusal as error:
        raise bad_parameter(BAD_URL, error.message) from error


def read_twiml(name: str, value: str) -> str:
    if len(value) > MAX_TWIML:
        raise bad_parameter(BAD_TWIML, f"{name} is longer than {MAX_TWIML} characters")
    return value


def read_repeated(*choices: str) -> Parameter:
    """Any of `choices`, each by itself or several with spaces between, as Twilio takes them."""
    read = one_of(*choices)

    def read_words(name: str, value: str) -> str:
        return " ".join(read(name, word) for word in value.split())

    return Parameter(read_words, is_repeated=True)


def read_digits(name: str, value: str) -> str:
    """At most 32 of `0-9#*wW`; Twilio names no code for anything else."""
    if not re.fullmatch(r"[0-9#*wW]{0,32}", value):
        raise bad_parameter(UNKNOWN_PARAMETER, f"{name} holds digits, #, * and w only")
    return value


CALL_URL = Parameter(read_call_url)
EVENT = Parameter(one_of("initiated", "ringing", "answered", "completed"), is_repeated=True)
SECONDS = Parameter(whole_number(1, 600))
COMMON = {
    "Url": CALL_URL,
    "Method": METHOD,
    "Twiml": Parameter(read_twiml),
    "FallbackUrl": URL,
    "FallbackMethod": METHOD,
    "StatusCallback": URL,
    "StatusCallbackMethod": METHOD,
    "TimeLimit": Parameter(whole_number(1, 86_400)),
}
UPDATE = {**COMMON, "Status": Parameter(one_of("canceled", "completed"))}
CREATE = {
    **COMMON,
    "To": Parameter(TEXT.read, missing_code=NO_TO),
    "From": Parameter(TEXT.read, missing_code=NO_FROM),
    "ApplicationSid": TEXT,
    "StatusCallbackEvent": EVENT,
    "SendDigits": Parameter(read_digits),
    "Timeout": SECONDS,
    "Record": BOOL,
    "RecordingChannels": Parameter(one_of("mono", "dual")),
    "RecordingStatusCallback": URL,
    "RecordingStatusCallbackMethod": METHOD,
    "RecordingStatusCallbackEvent": read_repeated(*RECORDING_EVENTS),
    "RecordingConfigurationId": TEXT,
    "RecordingTrack": Parameter(one_of("inbound", "outbound", "both")),
    "Trim": Parameter(one_of("trim-silence", "do-not-trim")),
    "SipAuthUsername": TEXT,
    "SipAuthPassword": TEXT,
    "MachineDetection": Parameter(one_of("Enable", "DetectMessageEnd")),
    "MachineDetectionTimeout": SECONDS,
    "MachineDetectionSpeechThreshold": TEXT,
    "MachineDetectionSpeechEndThreshold": TEXT,
    "MachineDetectionSilenceTimeout": TEXT,
    "AsyncAmd": BOOL,
    "AsyncAmdStatusCallback": URL,
    "AsyncAmdStatusCallbackMethod": METHOD,
    "Passports": TEXT,
    "Byoc": TEXT,
    "CallerId": TEXT,
    "CallReason": TEXT,
    "CallToken": TEXT,
    "ClientNotificationUrl": URL,
}


def check_call(account: Account, values: dict[str, Any]) -> None:
    """Raises `Refusal` with Twilio's 21xxx for a call that it would not make."""
    check_callee(account, values)
    check_instructions(account, values)


def check_callee(account: Account, values: dict[str, Any]) -> None:
    """The same for who calls whom alone."""
    may_not = find_account_refusal(account)
    if may_not is not None:
        raise bad_parameter(*may_not)
    if not ADDRESS.fullmatch(values["To"]):
        raise bad_parameter(BAD_TO, f"The 'To' number {values['To']} is not a valid phone number.")
    if not ADDRESS.fullmatch(values["From"]):
        raise bad_parameter(BAD_FROM, f"The 'From' number {values['From']} is not a valid phone number.")
    if values["To"].startswith("+") and not values["From"].startswith("+"):
        raise bad_parameter(BAD_FROM, f"The 'From' number {values['From']} is not a valid phone number.")
    check_addresses(account, values["From"], values["To"])
    if values.get("CallerId"):
        check_addresses(account, values["CallerId"], values["To"])


def check_addresses(account: Account, from_: str, to: str) -> None:
    if account.is_test:
        if from_ != MAGIC_FROM:
            raise not_verified(from_)
        if to in MAGIC_TO:
            raise bad_parameter(MAGIC_TO[to], f"The 'To' number {to} cannot be called.")
        return
    owned = {number.phone_number for number in account.incoming_phone_numbers.values()}
    verified = {caller_id.phone_number for caller_id in account.outgoing_caller_ids.values()}
    if from_.startswith("+") and from_ not in owned | verified:
        raise not_verified(from_)
    refusal = find_refusal(to)
    if refusal is not None:
        raise bad_parameter(refusal.rest_code, refusal.rest_message)
    if account.type == "Trial" and to.startswith("+") and to not in verified:
        raise bad_parameter(
            TRIAL_TO, f"The number {to} is unverified. Trial accounts may only call verified."
        )


def check_instructions(account: Account, values: dict[str, Any]) -> None:
    application = values.get("ApplicationSid")
    if application:
        if application not in account.applications:
            raise bad_parameter(BAD_APP, f"Invalid ApplicationSid: {application}")
    elif not values.get("Url") and not values.get("Twiml"):
        raise bad_parameter(BAD_URL, "Url parameter is required.")


def not_verified(from_: str) -> Refusal:
    return bad_parameter(NOT_VERIFIED_FROM, f"Source number {from_} is not yet verified for your account.")
