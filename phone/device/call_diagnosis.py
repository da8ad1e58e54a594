"""What a call's error means for the next call: that the TwiML App has gone, or leads nowhere any more.

Twilio looks at the app only when somebody calls, so an app that breaks after the check is first seen here.
The codes are the gateway's, which the SDK hides behind 31005: https://www.twilio.com/docs/api/errors.
"""

from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from accounts.twilio.candidate import Candidate
from accounts.twilio.credentials import TwilioCredentials
from accounts.twilio.ladder import verify_twiml_app
from accounts.twilio.proof import end_proof
from accounts.verdicts.verdict import TwilioAnswer, Verdict, build_verdict
from phone.device.events import DeviceEvent

# The app in the token is not there: as the gateway says it, and as the SDK's own class does.
APP_GONE = frozenset({21218, 31001})
# The app has no Voice URL, or whoever was called is not there: only the app itself tells which.
NOT_FOUND = 31404
# Twilio asked the Voice URL and got no answer, or none that it can follow.
NO_ANSWER = frozenset({11200, 11205, 11210, 11215, 11220, 11235, 11237, 12100, 12300, 31503})
NOT_FOLLOWED = _("is right, but Twilio got no answer from its Voice URL that it could follow")
# A person redials; the app is looked at once in this time while nothing changes.
LOOK_INTERVAL = 30


@dataclass(frozen=True)
class Look:
    """What the app looked like, and for which save of the credentials."""

    verdict: Verdict
    credentials_version: datetime


def diagnose_call(event: DeviceEvent, credentials: TwilioCredentials) -> Verdict | None:
    """What is wrong with the TwiML App, by a call's error and one look; None where it is none of the app's.

    May ask Twilio and take seconds.
    """
    code = find_app_code(event)
    if code is None or not credentials.twiml_app_sid:
        return None
    look = look_at_app(credentials)
    if look.is_judged and not look.is_ok:
        end_proof(credentials)
        return look
    twilio = TwilioAnswer(code=code, message=event.message[:300])
    if code in APP_GONE:
        return build_verdict("twiml_app_missing", twilio=twilio, is_sure=False)
    if code in NO_ANSWER:
        return build_verdict("twiml_app_misconfigured", twilio=twilio, fault=NOT_FOLLOWED)
    return None


def find_app_code(event: DeviceEvent) -> int | None:
    """The code that speaks of the app, the gateway's own first."""
    if event.state != DeviceEvent.State.ERROR:
        return None
    about_the_app = APP_GONE | NO_ANSWER | {NOT_FOUND}
    return next((code for code in (event.original_code, event.code) if code in about_the_app), None)


def look_at_app(credentials: TwilioCredentials) -> Verdict:
    """What Twilio shows of the app now, in one request, or showed a moment ago."""
    key = f"look-at-app:{credentials.pk}"
    known: Look | None = cache.get(key)
    if known and known.credentials_version == credentials.updated_at:
        return known.verdict
    verdict = verify_twiml_app(Candidate.of(credentials), voice_url=credentials.account.voice_url)
    cache.set(key, Look(verdict, credentials.updated_at), LOOK_INTERVAL)
    return verdict
