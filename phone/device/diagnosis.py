"""Joins both witnesses of a failed registration: what the Device reported, and a fresh check by the server.

The Device's codes: https://www.twilio.com/docs/api/errors, as @twilio/voice-sdk 2 passes them on.
"""

from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache

from accounts.clients import ClientInfo
from accounts.company.remedies import word_for
from accounts.failures.login_failures import LoginFailure
from accounts.failures.recording import record_login_failure
from accounts.translated import when_read
from accounts.twilio.candidate import Candidate
from accounts.twilio.credentials import TwilioCredentials, get_connection
from accounts.twilio.ladder import verify_api_key
from accounts.twilio.proof import end_proof, verify_connection
from accounts.verdicts.device_rules import verdict_of_device_report
from accounts.verdicts.offline import build_offline_verdict
from accounts.verdicts.verdict import (
    TwilioAnswer,
    Verdict,
    build_no_webrtc_verdict,
    build_verdict,
    note_proof,
)
from phone.device.call_diagnosis import diagnose_call
from phone.device.events import DeviceEvent
from phone.device.page_history import PageHistory

# The page's own watchdog reports under this name where the SDK says nothing; its message is the kind.
WATCHDOG = "watchdog"
# The browser knows that it has no network: Twilio need not be asked.
BROWSER_OFFLINE = "network-offline"
# The page could not reach Dog n Bone, which says nothing about Twilio.
OURSELVES_UNREACHED = "server-unreachable"
# The gateway took the token and never said `ready`: the way to Twilio is open, and Twilio is ill.
NEVER_READY = "never-ready"
WEBRTC_MISSING = "webrtc-missing"
# What says nothing about the login, so that nobody needs to be asked.
NO_LOGIN = frozenset({"media_blocked", "microphone_denied", "microphone_missing", "transient"})
# Nobody answered: neither the browser nor, where the check says so too, the server.
NO_ANSWER = frozenset({"browser_network", "twilio_unavailable", "server_network"})
TOKEN_INVALID = 20101

# A Device redials nine times a second; Twilio is asked once in this time while nothing changes.
CHECK_INTERVAL = 30


@dataclass(frozen=True)
class Check:
    """What Twilio answered the server, how often it was asked, and for which save of the credentials."""

    verdict: Verdict
    asked: int
    credentials_version: datetime


def diagnose(event: DeviceEvent) -> Verdict | None:
    """What `event` means for the login, or None where it means nothing, or is over already.

    May ask Twilio and take seconds. Records a LoginFailure for a login that failed: one for each
    verdict in each load of the page, until that page has been ready again.
    """
    seen = read_report(event)
    if not event.is_of_call and (seen is None or seen.code in NO_LOGIN):
        return seen
    credentials = get_connection(event.user) if event.user else None
    if credentials is None:
        return None
    history = PageHistory(event)
    if seen is None:
        of_app = diagnose_call(event, credentials)
        if of_app is not None:
            record_once(of_app, event, history)
            return word_for(of_app, credentials)
        return None
    is_certain = event.sdk_event == WATCHDOG and event.message == BROWSER_OFFLINE
    verdict = seen if is_certain else join_witnesses(seen, event, credentials, history)
    if is_failed_login(verdict, history):
        record_once(verdict, event, history)
    return None if history.is_ready_again else word_for(verdict, credentials)


def read_report(event: DeviceEvent) -> Verdict | None:
    """What the Device's report says by itself; None for one that is not about the login."""
    if event.sdk_event == WATCHDOG:
        if event.message == OURSELVES_UNREACHED:
            return None
        if event.message == WEBRTC_MISSING:
            return build_no_webrtc_verdict()
        if event.message == BROWSER_OFFLINE:
            return build_offline_verdict(seen=event.message)
        code = "twilio_unavailable" if event.message == NEVER_READY else "browser_network"
        return build_verdict(code, twilio=TwilioAnswer(message=event.message))
    if event.state != DeviceEvent.State.ERROR or event.is_of_call:
        return None
    return verdict_of_device_report(code=event.code, original_code=event.original_code, message=event.message)


def join_witnesses(
    seen: Verdict, event: DeviceEvent, credentials: TwilioCredentials, history: PageHistory
) -> Verdict:
    """The verdict of both: a bad check by its name, else what the Device saw, without blame."""
    check = verify_afresh(credentials, event)
    if not check.is_judged:
        are_both_silent = seen.code in NO_ANSWER and check.code in NO_ANSWER
        return check if are_both_silent else build_unsure(seen)
    if not check.is_ok:
        return check
    if seen.code == "browser_network":
        return note_proof(build_verdict("browser_network", twilio=seen.twilio))
    if event.code == TOKEN_INVALID and history.is_first_since_ready(TOKEN_INVALID):
        return build_verdict("transient", twilio=seen.twilio)
    if not seen.blames_credentials:
        return note_proof(seen)
    # The gateway blames what the check has just proven: a key may have changed in between.
    again = verify_afresh(credentials, event, times=2)
    if not again.is_judged:
        return build_unsure(seen)
    return note_proof(build_verdict("token_invalid", twilio=seen.twilio)) if again.is_ok else again


def build_unsure(seen: Verdict) -> Verdict:
    """The gateway refused the token while Twilio's REST API could not be asked who is to blame."""
    if not seen.blames_credentials:
        return seen
    return build_verdict(
        "token_invalid", twilio=seen.twilio, is_sure=False, other_causes=(when_read(lambda: seen.title),)
    )


def verify_afresh(credentials: TwilioCredentials, event: DeviceEvent, *, times: int = 1) -> Verdict:
    """What Twilio says of the credentials now: asked anew, unless it was `times` times a moment ago.

    A person's diagnoses come one after the other (`threads.py`), so several pages that fail at once make
    one question. Two servers may each ask one: that costs requests, and nothing else.
    """
    key = f"diagnosis:{credentials.pk}"
    check: Check | None = cache.get(key)
    if check and check.credentials_version == credentials.updated_at:
        if check.asked >= times or not check.verdict.is_ok:
            return check.verdict
        asked = check.asked
    else:
        asked = 0
    candidate = Candidate.of(credentials)
    # Only the key signs tokens, and the rest was seen a moment ago.
    verdict = verify_api_key(candidate) if asked and candidate.has_key else None
    if verdict is None or not verdict.is_ok:
        end_proof(credentials)
    if verdict is None:
        verdict = verify_connection(credentials, client=get_reporter(event), page_session=event.page_session)
    cache.set(key, Check(verdict, asked + 1, credentials.updated_at), CHECK_INTERVAL)
    return verdict


def is_failed_login(verdict: Verdict, history: PageHistory) -> bool:
    """A registered phone that loses its network has not failed to log in."""
    if verdict.code == "transient":
        return False
    return not (verdict.code in NO_ANSWER and history.ready_at)


def record_once(verdict: Verdict, event: DeviceEvent, history: PageHistory) -> None:
    known = LoginFailure.objects.filter(
        user=event.user,
        page_session=event.page_session,
        shown_by=LoginFailure.ShownBy.DEVICE,
        verdict=verdict.code,
    )
    if history.ready_at:
        known = known.filter(failed_at__gt=history.ready_at)
    if known.exists():
        return
    record_login_failure(
        shown_by=LoginFailure.ShownBy.DEVICE,
        verdict=verdict,
        user=event.user,
        email=event.email,
        account_sid=event.account_sid,
        client=get_reporter(event),
        page_session=event.page_session,
    )


def get_reporter(event: DeviceEvent) -> ClientInfo:
    return ClientInfo(ip_address=event.ip_address, user_agent=event.user_agent)
