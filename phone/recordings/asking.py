"""Asks Twilio what became of recordings that it has said nothing more about.

A recordingStatusCallback that is lost leaves a recording that never ends, and a message that nobody hears of.
"""

import logging
from datetime import timedelta

from django.db import models, transaction
from django.utils import timezone

from accounts.sealing.encryption import UnsealError
from accounts.tasks.background import background
from accounts.tasks.clock import every
from accounts.twilio.rest import Limits, TwilioLogin, TwilioUnreachable, fetch
from accounts.twilio.shares import SHARES
from phone.calls.confirmation import get_login
from phone.calls.records import get_locked_call
from phone.recordings.deeds import fail
from phone.recordings.recordings import Recording
from phone.recordings.state import News, read_resource, record_news, set_status

logger = logging.getLogger(__name__)

# Twilio has said the last word long before, mostly within seconds of the call's end.
WAIT = timedelta(seconds=45)
INTERVAL = timedelta(seconds=30)
# Nothing is recorded for longer than a call may last: https://www.twilio.com/docs/voice/twiml/dial#timelimit.
GIVEN_UP_AFTER = timedelta(hours=26)
MOST = 50
LIMITS = Limits(connect=3.0, read=5.0)


def get_waiting() -> "models.QuerySet[Recording]":
    """Those that should have come to their end by now, those first that have waited the longest."""
    now = timezone.now()
    is_over = models.Q(call__ended_at__lt=now - WAIT) | models.Q(
        status=Recording.Status.PROCESSING, begun_at__lt=now - WAIT
    )
    is_due = models.Q(asked_at=None) | models.Q(asked_at__lt=now - WAIT)
    found: models.QuerySet[Recording] = Recording.objects.unsettled().filter(is_over & is_due)
    return found.select_related("call", "account").order_by("begun_at")


@background(tries=1, lease=timedelta(minutes=10))
def ask_about_recordings() -> None:
    """One run; what fails is asked again by the next."""
    recordings = list(get_waiting()[:MOST])
    Recording.objects.filter(pk__in=[one.pk for one in recordings]).update(asked_at=timezone.now())
    silent: set[str] = set()
    for recording in recordings:
        sid = recording.account.account_sid
        # One question that is not answered is enough for an account.
        if sid in silent:
            continue
        try:
            ask_about(recording)
        except (TwilioUnreachable, UnsealError) as error:
            silent.add(sid)
            logger.warning("Twilio did not say what became of a recording: %s", error)


def ask_about(recording: Recording) -> None:
    login = get_login(recording.account, recording.call.user)
    news = find_news(login, recording) if login else None
    if news is not None:
        record_news(account=recording.account, call_sid=recording.call.call_sid, news=news)
    elif recording.begun_at < timezone.now() - GIVEN_UP_AFTER or login is None:
        settle_untold(recording)


def find_news(login: TwilioLogin, recording: Recording) -> News | None:
    """What Twilio has of it; None where it has nothing, or does not say. Raises TwilioUnreachable."""
    with SHARES.hold(login.account_sid):
        if recording.recording_sid:
            answer = fetch(login, f"/Recordings/{recording.recording_sid}.json", limits=LIMITS)
            if answer.status == 404:
                settle_untold(recording)
            return read_resource(answer.json) if answer.is_success and isinstance(answer.json, dict) else None
        params = {"CallSid": recording.call.call_sid, "PageSize": 50}
        answer = fetch(login, "/Recordings.json", params=params, limits=LIMITS)
    rows = answer.json.get("recordings") if isinstance(answer.json, dict) else None
    if not answer.is_success or not isinstance(rows, list):
        return None
    told = [read_resource(row) for row in rows if isinstance(row, dict)]
    known = set(recording.call.recordings.values_list("recording_sid", flat=True))
    is_voicemail = recording.source == Recording.Source.VOICEMAIL
    fitting = [
        one for one in told if one and one.recording_sid not in known and one.is_voicemail == is_voicemail
    ]
    if not fitting:
        settle_untold(recording)
    return fitting[0] if fitting else None


def settle_untold(recording: Recording) -> None:
    """Twilio has no such recording: there is nothing to be heard."""
    if not recording.recording_sid and recording.status == Recording.Status.ASKED:
        fail(recording)
        return
    with transaction.atomic():
        get_locked_call(recording.account, recording.call.call_sid)
        recording.refresh_from_db()
        recording.ended_at = recording.gone_at = timezone.now()
        recording.save(update_fields=["ended_at", "gone_at"])
        set_status(recording, Recording.Status.FAILED)


every(INTERVAL, ask_about_recordings)
