"""How far an echo test has got: what is heard next, what Twilio tells of its sound, and its end.

What is recorded is to go at Twilio from the moment that it is known of: at once when the test is over, and in
any case a minute later, whatever becomes of the call.
"""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone

from accounts.people import User
from accounts.rate_limits import RateLimit
from accounts.twilio.credentials import TwilioAccount
from phone.calls.records import ENDED, read_number
from phone.calls.twiml import build_hangup, build_wait
from phone.device.events import DeviceEvent
from phone.device.frames import Report
from phone.device.told import events_recorded, presence_changed, write_apart
from phone.echo_tests import texts
from phone.echo_tests.echo_test import LONGEST, EchoTest
from phone.echo_tests.sound import build_sound_address
from phone.echo_tests.twiml import (
    PLAYED,
    STEP,
    TIMES,
    WAIT_SECONDS,
    WAITED,
    build_address,
    build_echo,
    build_goodbye,
    build_question,
)
from phone.recordings.deletions import have_deleted, hurry
from phone.recordings.recordings import FINAL, Recording
from phone.recordings.state import News, read_callback

TESTS_OF_PERSON = RateLimit("echo-tests", limit=20, seconds=3600)
# What is recorded is ready within a second or two.
MOST_WAITS = 10
# Too short, or silent: https://www.twilio.com/docs/voice/api/recording#recordingstatuscallback.
NO_SOUND = (16101, 16102)
# What `<Record>` says was keyed in where the caller has hung up.
HUNG_UP = "hangup"
# As a page reports of such a call (`static/phone/calls/switchboard.js`).
ABOUT = "echo "
Result = EchoTest.Result


@transaction.atomic
def begin(account: TwilioAccount, caller: User, call_sid: str) -> str:
    """The TwiML that an echo test begins with; asked twice, it is one test."""
    test, is_new = EchoTest.objects.get_or_create(
        call_sid=call_sid, defaults={"account": account, "user": caller}
    )
    if is_new and TESTS_OF_PERSON.take(caller.pk):
        test.is_cleared = True
        finish(test, Result.TOO_MANY)
    elif is_new:
        tell_colleagues(test)
    if test.account_id != account.pk or test.user_id != caller.pk:
        return build_hangup()
    if test.result == Result.TOO_MANY:
        return build_goodbye(texts.TOO_MANY, caller)
    return build_question(account, caller)


def get_locked(account: TwilioAccount, call_sid: str) -> EchoTest | None:
    """In a transaction."""
    tests = EchoTest.objects.select_for_update(of=("self",)).select_related("user", "account")
    return tests.filter(account=account, call_sid=call_sid).first()


@transaction.atomic
def go_on(account: TwilioAccount, call_sid: str, params: Mapping[str, str], query: Mapping[str, str]) -> str:
    """The TwiML for what follows upon the recording, a wait, or the playing."""
    test = get_locked(account, call_sid)
    if test is None:
        return build_hangup()
    news = read_callback({**params, "RecordingStatus": "processing"})
    if news is not None:
        take(test, news)
    if params.get("CallStatus") in ENDED or params.get("Digits") == HUNG_UP:
        finish(test, Result.LEFT)
    if test.result:
        return build_hangup()
    # Where Twilio gets no sound to play, it goes on all the same.
    if query.get(STEP) == PLAYED and test.is_fetched:
        finish(test, Result.HEARD)
        return build_goodbye(texts.PLAYED, test.user)
    if not test.recording_sid or test.seconds == 0:
        finish(test, Result.SILENT)
        return build_goodbye(texts.NOTHING_HEARD, test.user)
    if test.is_recorded and query.get(STEP) != PLAYED:
        return build_echo(account, build_sound_address(test))
    waited = (read_number(query.get(TIMES, "")) or 0) if query.get(STEP) == WAITED else 0
    if waited < MOST_WAITS and not test.is_recorded:
        return build_wait(build_address(account, WAITED, waited + 1), WAIT_SECONDS)
    if test.seconds is None and not test.is_recorded:
        # Twilio has asked for no action: there was nothing, and its word of that is lost.
        finish(test, Result.SILENT)
        return build_goodbye(texts.NOTHING_HEARD, test.user)
    finish(test, Result.NOT_PLAYED)
    return build_goodbye(texts.NOT_PLAYED, test.user)


@transaction.atomic
def hear(account: TwilioAccount, call_sid: str, params: Mapping[str, str]) -> None:
    """What Twilio tells of the recording."""
    test, news = get_locked(account, call_sid), read_callback(params)
    if test is not None and news is not None:
        take(test, news)


def take(test: EchoTest, news: News) -> None:
    """Keeps it, and has the sound deleted; in the caller's transaction, with the test locked.

    Whose sound it is, a callback alone says: what is a call's, or not the one that the test has, stays.
    """
    if test.recording_sid not in ("", news.recording_sid) or not discard(test, news.recording_sid):
        return
    is_over = news.status in FINAL
    is_nothing = news.status == Recording.Status.ABSENT or (is_over and news.error_code in NO_SOUND)
    if is_nothing or news.seconds is not None:
        test.seconds = 0 if is_nothing else news.seconds
    test.recording_sid, test.is_recorded = news.recording_sid, test.is_recorded or is_over
    test.is_cleared = True
    test.save(update_fields=["seconds", "recording_sid", "is_recorded", "is_cleared"])
    if test.ended_at and test.is_recorded:
        hurry(news.recording_sid)


def discard(test: EchoTest, recording_sid: str) -> bool:
    """Has a sound deleted in a minute; False where it is a call's, and is kept. In a transaction."""
    if Recording.objects.filter(recording_sid=recording_sid).exists():
        return False
    have_deleted(recording_sid, account_id=test.account_id, user_id=test.user_id, after=LONGEST)
    return True


def finish(test: EchoTest, result: EchoTest.Result) -> None:
    """Ends it, once; what is recorded goes at once, or as soon as it is there. In a transaction."""
    if test.ended_at is None:
        test.result, test.ended_at = result, timezone.now()
        test.save(update_fields=["result", "ended_at", "is_cleared"])
        tell_colleagues(test)
    if test.is_recorded:
        hurry(test.recording_sid)


def tell_colleagues(test: EchoTest) -> None:
    """They see who makes a test in a call, though it is none of the table of calls."""
    if test.user_id is not None:
        presence_changed.send(sender=EchoTest, people=[test.user_id])


@write_apart
def is_end_of_test(report: Report | DeviceEvent) -> bool:
    return report.state == DeviceEvent.State.DISCONNECT and report.message.startswith(ABOUT)


@receiver(events_recorded, dispatch_uid="hear_of_echo_test")
def hear_pages(sender: object, events: Sequence[DeviceEvent], **kwargs: object) -> None:
    """A page reports that the call is over: Twilio tells nothing of who hangs up while they listen."""
    for event in filter(is_end_of_test, events):
        if event.user_id is None:
            continue
        mine = EchoTest.objects.select_for_update(of=("self",)).filter(user=event.user_id)
        test = mine.filter(call_sid=event.message.removeprefix(ABOUT)[:34]).first()
        if test is not None:
            finish(test, Result.LEFT)
