"""Keeps the rows of recordings true while Twilio's news arrive, twice, late or in the wrong order.

https://www.twilio.com/docs/voice/api/recording#recordingstatuscallback
"""

import re
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone

from accounts.twilio.credentials import TwilioAccount
from phone.calls.call import Call
from phone.calls.changes import tell_changed
from phone.calls.records import get_locked_call, parse_timestamp, read_number
from phone.recordings.recordings import FINAL, LIVE, Recording

RECORDING_SID = re.compile(r"RE[0-9a-fA-F]{32}")
# Twilio's statuses, in the order in which they can follow one another.
Status = Recording.Status
ORDER = ("wanted", "asked", "in-progress", "paused", "processing", "completed", "absent", "failed")
STATUSES = {**{status.value: status for status in Status}, "stopped": Status.PROCESSING}
# Sent in the transaction in which a recording has come to its end, well or not. Arguments: `recording`.
recording_settled = Signal()


@dataclass(frozen=True)
class News:
    """What Twilio says of one recording."""

    recording_sid: str
    status: Recording.Status
    seconds: int | None = None
    channels: int | None = None
    error_code: int | None = None
    started_at: datetime | None = None
    is_voicemail: bool = False


def read_callback(params: Mapping[str, str]) -> News | None:
    """The news in a recordingStatusCallback; None where it says nothing that is known."""
    return build_news(
        recording_sid=params.get("RecordingSid", ""),
        status=params.get("RecordingStatus", ""),
        seconds=params.get("RecordingDuration", ""),
        channels=params.get("RecordingChannels", ""),
        error_code=params.get("ErrorCode", ""),
        started_at=params.get("RecordingStartTime", ""),
        source=params.get("RecordingSource", ""),
    )


def read_resource(body: Mapping[str, object]) -> News | None:
    """The news in a Recording resource, whose numbers may be strings."""
    fields = {name: str(body.get(name) or "") for name in ("sid", "status", "channels", "error_code")}
    return build_news(
        recording_sid=fields["sid"],
        status=fields["status"],
        seconds=str(body.get("duration") or ""),
        channels=fields["channels"],
        error_code=fields["error_code"],
        started_at=str(body.get("start_time") or ""),
        source=str(body.get("source") or ""),
    )


def build_news(
    *,
    recording_sid: str,
    status: str,
    seconds: str,
    channels: str,
    error_code: str,
    started_at: str,
    source: str,
) -> News | None:
    known = STATUSES.get(status)
    if not RECORDING_SID.fullmatch(recording_sid) or known is None or known in (Status.WANTED, Status.ASKED):
        return None
    return News(
        recording_sid=recording_sid,
        status=known,
        seconds=read_number(seconds),
        channels=read_number(channels),
        error_code=read_number(error_code) or None,
        started_at=parse_timestamp(started_at),
        is_voicemail=source == "RecordVerb",
    )


def record_news(*, account: TwilioAccount, call_sid: str, news: News) -> None:
    """Takes what Twilio says. A repeat, and what is older than what is known, changes nothing."""
    with transaction.atomic():
        call = get_locked_call(account, call_sid)
        if call is None:
            return
        recording = find_row(call, news)
        if recording is not None:
            take_news(recording, news)


def find_row(call: Call, news: News) -> Recording | None:
    """The recording's row: by its SID, else the one that waits for its SID, else a new one.

    None for a SID that is known as another call's.
    """
    known = Recording.objects.filter(recording_sid=news.recording_sid).first()
    if known is not None:
        return known if known.call_id == call.pk else None
    source = Recording.Source.VOICEMAIL if news.is_voicemail else Recording.Source.CALL
    waiting = call.recordings.filter(recording_sid="", source=source, status=Status.ASKED)
    return waiting.order_by("begun_at").first() or Recording(
        account=call.account, call=call, source=source, status=Status.ASKED, announced_at=timezone.now()
    )


def take_news(recording: Recording, news: News) -> None:
    """Moves the row forward, and tells whoever shows its call; in the caller's transaction."""
    recording.recording_sid = recording.recording_sid or news.recording_sid
    before = recording.status
    if before not in FINAL and ORDER.index(news.status) > ORDER.index(before):
        recording.status = news.status
    recording.channels = news.channels or recording.channels
    recording.begun_at = news.started_at or recording.begun_at
    if news.status in FINAL:
        recording.seconds = news.seconds if recording.seconds is None else recording.seconds
        recording.error_code = recording.error_code or news.error_code
        recording.ended_at = recording.ended_at or timezone.now()
    recording.save()
    if recording.status == before:
        return
    if recording.status in FINAL:
        recording_settled.send(sender=Recording, recording=recording)
    tell_changed(recording.call)


def set_status(recording: Recording, status: Recording.Status) -> None:
    """What Twilio has just answered to our own asking; in the caller's transaction."""
    recording.status = status
    recording.save(update_fields=["status"])
    tell_changed(recording.call)


def get_recording_state(call: Call) -> str:
    """`off`, `on` or `paused`: what a page shows of a call."""
    return get_recording_states([call.pk])[call.pk]


def get_recording_states(calls: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The same of each of `calls`, by their keys; one query."""
    live = Recording.objects.of_calls().filter(call__in=calls, status__in=LIVE)
    found: dict[uuid.UUID, set[str]] = {call: set() for call in calls}
    for call, status in live.values_list("call_id", "status"):
        found[call].add(status)
    return {
        call: "off" if not statuses else "paused" if statuses == {Status.PAUSED} else "on"
        for call, statuses in found.items()
    }
