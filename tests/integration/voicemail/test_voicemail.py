"""A message on its whole way: said at Twilio, heard through our server, deleted in both places."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from fake_twilio import catalogue
from fake_twilio.twiml_run import decode_sound
from phone.calls.call import Call
from phone.recordings.asking import ask_about_recordings
from phone.recordings.listenings import Listening
from phone.recordings.recordings import Recording
from phone.voicemail.mailbox import SECOND_THOUGHTS
from phone.voicemail.messages import VoicemailMessage
from tests.at_twilio import list_recordings, point_number
from tests.conftest import signed_in
from tests.fake.who_hears import measure
from tests.fake_control import FakeTwilio
from tests.integration.recordings.stock import count_new
from tests.site import browse, run_site, wait_until
from tests.tasks import run_tasks
from tests.told import read_told
from tests.webhook_requests import make_member

HX = {"HX-Request": "true"}
HERTZ = 700
AUDIBLE = 0.02
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site(transactional_db: None, settings: Any, fake_twilio: FakeTwilio) -> Iterator[str]:
    settings.ROOT_URLCONF = "tests.integration.voicemail.urls"
    with run_site(settings) as url:
        yield url


@pytest.fixture
def account(site: str, alice: User, fake_twilio: FakeTwilio) -> TwilioAccount:
    """Alice's, whose number is answered by voicemail."""
    account = make_member(alice)
    point_number(fake_twilio, f"{site}/answered/{account.webhook_key}/")
    return account


def leave_message(fake: FakeTwilio, **caller: Any) -> VoicemailMessage:
    """A stranger calls, speaks for two seconds, and ends with a key; or does as `caller` says."""
    call_in(fake, **{"press": "w" * 8 + "#", **caller})
    return wait_until(VoicemailMessage.objects.select_related("recording", "call").first)  # type: ignore[no-any-return]


def call_in(fake: FakeTwilio, **caller: Any) -> str:
    answer = fake.control("POST", "incoming", to=catalogue.DEMO_NUMBER, **{"hertz": HERTZ, **caller})
    return str(answer["call_sid"])


def is_over(call_sid: str) -> bool:
    return Recording.objects.filter(call__call_sid=call_sid, status__in=["completed", "absent"]).exists()


def test_what_the_caller_said_is_heard_by_whom_it_is_for(
    site: str, account: TwilioAccount, alice: User, bob: User, mallory: User, fake_twilio: FakeTwilio
) -> None:
    make_member(bob)
    make_member(mallory, "other")
    message = leave_message(fake_twilio)
    assert (count_new(alice), count_new(bob), count_new(mallory)) == (1, 1, 0)
    assert message.call.cause_facts["voicemail"]["seconds"] >= 1
    address = f"{site}/phone/voicemail/{message.pk}/audio/"
    whole = browse(site, alice).get(address, timeout=20)
    assert (whole.status_code, whole.headers["Content-Type"]) == (200, "audio/mpeg")
    assert measure(decode_sound(whole.content).pcm[4000:12000], HERTZ) > AUDIBLE
    assert (count_new(alice), count_new(bob)) == (0, 1)
    row = Listening.objects.get()
    assert (row.user, row.recording) == (alice, message.recording)
    part = browse(site, alice).get(address, headers={"Range": "bytes=100-199"}, timeout=20)
    assert (part.status_code, part.content) == (206, whole.content[100:200])
    assert browse(site, mallory).get(address, timeout=20).status_code == 404
    assert browse(site, alice).head(address, timeout=20).headers["Content-Length"] == str(len(whole.content))


def test_who_hangs_up_after_speaking_has_left_a_message(
    site: str, account: TwilioAccount, alice: User, fake_twilio: FakeTwilio
) -> None:
    message = leave_message(fake_twilio, press="", hang_up_after=3.0)
    assert message.recording.seconds >= 1
    assert count_new(alice) == 1


def test_who_says_nothing_has_left_no_message(
    site: str, account: TwilioAccount, fake_twilio: FakeTwilio
) -> None:
    call_sid = call_in(fake_twilio, sound="silence")
    wait_until(lambda: is_over(call_sid))
    recording = Recording.objects.get()
    assert (recording.status, recording.error_code) == ("absent", 16102)
    assert not VoicemailMessage.objects.exists()
    assert "voicemail" not in Call.objects.get().cause_facts


def test_a_message_whose_news_were_lost_is_asked_for(
    site: str,
    account: TwilioAccount,
    alice: User,
    fake_twilio: FakeTwilio,
    pass_time: Callable[[timedelta], None],
) -> None:
    """Neither the action nor the status callback reached us."""
    call_in(fake_twilio, press="w" * 8 + "#", **{"from": "+12025550147"})
    wait_until(lambda: Recording.objects.filter(status="in-progress").first())
    with closed_to_twilio():
        wait_until(lambda: list_recordings(fake_twilio)[0]["status"] == "completed")
        # What is sent afterwards is refused as well.
        wait_until(lambda: len(list_refused(fake_twilio)) >= 2)
    assert not VoicemailMessage.objects.exists()
    Recording.objects.update(recording_sid="", status="asked")
    Call.objects.update(ended_at=timezone.now())
    pass_time(timedelta(minutes=1))
    ask_about_recordings.func()
    message = VoicemailMessage.objects.get()
    assert message.recording.status == "completed" and message.recording.seconds >= 1
    assert count_new(alice) == 1


@contextmanager
def closed_to_twilio() -> Iterator[None]:
    """Whatever Twilio tells meanwhile is refused: its key fits no account."""
    key = TwilioAccount.objects.values_list("webhook_key", flat=True).get()
    TwilioAccount.objects.update(webhook_key="elsewhere")
    try:
        yield
    finally:
        TwilioAccount.objects.update(webhook_key=key)


def list_refused(fake: FakeTwilio) -> list[dict[str, Any]]:
    return [one for one in fake.control("GET", "webhooks") if one["status"] == 403]


class TestDeleting:
    def test_ends_it_at_twilio_too_once_it_cannot_be_taken_back(
        self,
        site: str,
        account: TwilioAccount,
        alice: User,
        fake_twilio: FakeTwilio,
        pass_time: Callable[[timedelta], None],
    ) -> None:
        message = leave_message(fake_twilio)
        alices = signed_in(alice)
        response = alices.post(f"/phone/voicemail/{message.pk}/delete/", headers=HX, follow=True)
        assert [told.words for told in read_told(response)] == [
            "The message is deleted. In a minute it goes at Twilio, too."
        ]
        run_tasks()
        assert len(list_recordings(fake_twilio)) == 1
        assert alices.get(f"/phone/voicemail/{message.pk}/audio/").status_code == 404
        assert str(message.pk) not in alices.get("/phone/voicemail/").content.decode()
        alices.post(f"/phone/voicemail/{message.pk}/undo/")
        assert str(message.pk) in alices.get("/phone/voicemail/").content.decode()
        alices.post(f"/phone/voicemail/{message.pk}/delete/")
        pass_time(SECOND_THOUGHTS)
        fake_twilio.add_fault("unavailable", path="/Recordings/", times=1)
        run_tasks()
        assert len(list_recordings(fake_twilio)) == 1
        pass_time(timedelta(minutes=1))
        run_tasks()
        assert list_recordings(fake_twilio) == []
        recording = Recording.objects.get()
        assert recording.gone_at and recording.deleted_at and recording.deleted_by == alice
        [*_, late] = read_told(alices.post(f"/phone/voicemail/{message.pk}/undo/", headers=HX, follow=True))
        assert late.is_bad and "deleted at Twilio already" in late.words
        assert VoicemailMessage.objects.exists()
