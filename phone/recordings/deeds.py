"""Recording while somebody talks: begin, pause, go on, end. Each asks Twilio, in no transaction.

What is recorded is a leg of the call, over REST (https://www.twilio.com/docs/voice/api/recording): unlike a
`<Dial record>` it goes on when the call is moved into a conference, and can be begun, paused and ended at any
time. Decision 21 says who is told of it, and how.
"""

import logging
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.people import User
from accounts.sealing.encryption import UnsealError
from accounts.twilio.credentials import TwilioAccount
from accounts.twilio.rest import Answer, TwilioLogin, TwilioUnreachable, fetch
from phone.calls import confirmation
from phone.calls.call import Call
from phone.calls.changes import tell_changed
from phone.calls.conferences import Conference
from phone.calls.legs import CallLeg
from phone.calls.records import get_locked_call
from phone.recordings.announcing import get_announcement_url
from phone.recordings.recordings import LIVE, Recording
from phone.recordings.refusals import (
    CannotRecord,
    NotAnnounced,
    no_credentials,
    not_recording,
    not_talking,
    twilio_away,
    twilio_refused,
)
from phone.recordings.state import read_resource, set_status, take_news

logger = logging.getLogger(__name__)

EVENTS = ("in-progress", "completed", "absent")


def start_recording(person: User, call: Call) -> Recording:
    """Begins a recording, or goes on with one that is paused; one that is under way stays as it is.

    Raises NotAnnounced where the call has first to be moved into a conference, in which both sides are
    told, and CannotRecord.
    """
    live = get_live(call)
    if live is not None:
        return resume_recording(person, call) if live.status == Recording.Status.PAUSED else live
    login = get_login(call.account, person)
    has_heard = is_announced(call)
    if not has_heard and call.conference is None:
        raise NotAnnounced
    recording = add_row(call, person)
    try:
        if not has_heard and call.conference is not None:
            announce(login, call, call.conference)
        begin(login, recording)
    except CannotRecord:
        fail(recording)
        raise
    return recording


def pause_recording(person: User, call: Call) -> Recording:
    """What is said from now on is not kept; silence takes its place. Raises CannotRecord."""
    return change(person, call, "paused", Recording.Status.PAUSED)


def resume_recording(person: User, call: Call) -> Recording:
    """Raises CannotRecord."""
    return change(person, call, "in-progress", Recording.Status.IN_PROGRESS)


def stop_recording(person: User, call: Call) -> Recording:
    """Ends the recording; what has been recorded is kept. Raises CannotRecord."""
    return change(person, call, "stopped", Recording.Status.PROCESSING)


def get_live(call: Call) -> Recording | None:
    """The call's recording that is under way, if there is one."""
    found: Recording | None = Recording.objects.of_calls().filter(call=call).live().first()
    return found


def is_announced(call: Call) -> bool:
    return Recording.objects.of_calls().filter(call=call).exclude(announced_at=None).exists()


def get_login(account: TwilioAccount, person: User | None) -> TwilioLogin:
    try:
        login = confirmation.get_login(account, person)
    except UnsealError:
        login = None
    if login is None:
        raise no_credentials()
    return login


@transaction.atomic
def add_row(call: Call, person: User | None) -> Recording:
    """The row first: news of the recording may arrive before the answer to our asking."""
    locked = get_locked_call(call.account, call.call_sid)
    leg = choose_leg(call)
    if locked is None or locked.answered_at is None or locked.ended_at is not None or leg is None:
        raise not_talking()
    found = get_live(call)
    if found is not None:
        return found
    recording = Recording.objects.create(
        account=call.account,
        call=call,
        leg=leg,
        source=Recording.Source.CALL,
        status=Recording.Status.ASKED,
        channels=2,
        started_by=person,
    )
    tell_changed(locked)
    return recording


def choose_leg(call: Call) -> CallLeg | None:
    """The caller's own leg, as Twilio has it for a call of two; once that has gone, another.

    "This will always refer to the parent leg of a two-leg call", says Twilio of a recording's `call_sid`.
    """
    alive = call.legs.filter(ended_at=None).exclude(call_sid="")
    caller = alive.filter(call_sid=call.call_sid).first()
    return caller or alive.exclude(answered_at=None).order_by("answered_at").first()


def announce(login: TwilioLogin, call: Call, conference: Conference) -> None:
    """Has the sentence said to everybody in the room: Twilio ends no recording's wait on it."""
    if not conference.conference_sid:
        raise not_talking()
    answer = ask(
        login,
        f"/Conferences/{conference.conference_sid}.json",
        {"AnnounceUrl": get_announcement_url(call), "AnnounceMethod": "POST"},
    )
    if not answer.is_success:
        raise refused(answer)


def begin(login: TwilioLogin, recording: Recording) -> None:
    """Asks Twilio to record the leg. Raises CannotRecord."""
    if recording.recording_sid:
        return
    leg = recording.leg
    call_sid = leg.call_sid if leg else recording.call.call_sid
    answer = ask(
        login,
        f"/Calls/{call_sid}/Recordings.json",
        {
            "RecordingChannels": "dual",
            "RecordingStatusCallback": get_callback_url(recording.account),
            "RecordingStatusCallbackEvent": EVENTS,
        },
    )
    if not answer.is_success:
        raise refused(answer)
    news = read_resource(answer.json) if isinstance(answer.json, dict) else None
    with transaction.atomic():
        get_locked_call(recording.account, recording.call.call_sid)
        recording.refresh_from_db()
        recording.announced_at = recording.announced_at or timezone.now()
        recording.save(update_fields=["announced_at"])
        if news is not None:
            take_news(recording, news)


def change(person: User, call: Call, status: str, becomes: Recording.Status) -> Recording:
    recording = get_live(call)
    if recording is None:
        raise not_recording()
    if recording.status == becomes:
        return recording
    login = get_login(call.account, person)
    leg = recording.leg
    call_sid = leg.call_sid if leg else call.call_sid
    # Without a SID of its own yet, Twilio knows it as the one under way.
    name = recording.recording_sid or "Twilio.CURRENT"
    data = {"Status": status, **({"PauseBehavior": "silence"} if status == "paused" else {})}
    answer = ask(login, f"/Calls/{call_sid}/Recordings/{name}.json", data)
    if not answer.is_success:
        raise refused(answer)
    with transaction.atomic():
        get_locked_call(call.account, call.call_sid)
        recording.refresh_from_db()
        # It may have come to its end meanwhile.
        if recording.status in LIVE:
            set_status(recording, becomes)
    return recording


def ask(login: TwilioLogin, path: str, data: Mapping[str, Any]) -> Answer:
    try:
        return fetch(login, path, method="POST", data=data)
    except TwilioUnreachable as error:
        raise twilio_away() from error


def refused(answer: Answer) -> CannotRecord:
    """What Twilio's refusal comes to; 21220 and 404 are those of a call or a recording that is over."""
    logger.warning("Twilio refused a recording's change: HTTP %s, code %s", answer.status, answer.code)
    if answer.status == 404 or answer.code == 21220:
        return not_talking()
    if answer.status == 429 or answer.status >= 500:
        return twilio_away()
    return no_credentials() if answer.status in (401, 403) else twilio_refused()


@transaction.atomic
def fail(recording: Recording) -> None:
    """Nothing was begun; where Twilio began it all the same, its news says so."""
    get_locked_call(recording.account, recording.call.call_sid)
    recording.refresh_from_db()
    if recording.recording_sid == "" and recording.status == Recording.Status.ASKED:
        recording.ended_at = timezone.now()
        set_status(recording, Recording.Status.FAILED)


def get_callback_url(account: TwilioAccount) -> str:
    return account.build_address("recording_status")
