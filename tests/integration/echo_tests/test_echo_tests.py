"""An echo test as the server sees it: who may have one, what is said, what is kept of it and for how long."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import timezone

from accounts.clients import ClientInfo
from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from fake_twilio import catalogue
from phone.calls.call import Call
from phone.calls.refusals import WebhookRefusal
from phone.device.events import DeviceEvent
from phone.device.recording import record_device_event
from phone.echo_tests.echo_test import EchoTest
from phone.echo_tests.leftovers import clear_echo_tests
from phone.echo_tests.progress import MOST_WAITS
from phone.echo_tests.sound import build_sound_address
from phone.recordings.deletions import SoundDeletion
from phone.recordings.recordings import Recording
from tests.conftest import signed_in
from tests.fake_control import FakeTwilio
from tests.tasks import run_tasks
from tests.webhook_requests import build_call_sid, make_member, post

SID = "RE" + "e" * 32
OTHERS = build_call_sid("another")


@pytest.fixture
def account(alice: User) -> TwilioAccount:
    return make_member(alice)


def begin(account: TwilioAccount, person: User, **params: str) -> ElementTree.Element:
    answer = post("voice_webhook", account, From=f"client:{person.identity}", ConnectionTest="echo", **params)
    return ElementTree.fromstring(answer.content)


def ask(account: TwilioAccount, query: str = "", **params: str) -> ElementTree.Element:
    answer = post("echo_test", account, query=query, **{"CallStatus": "in-progress", **params})
    return ElementTree.fromstring(answer.content)


def recorded(seconds: int = 4) -> dict[str, str]:
    return {"RecordingSid": SID, "RecordingDuration": str(seconds), "RecordingUrl": "https://x", "Digits": ""}


def tell(account: TwilioAccount, status: str, **params: str) -> None:
    told = {"RecordingSid": SID, "RecordingStatus": status, "RecordingSource": "RecordVerb", **params}
    assert post("echo_test_status", account, **told).status_code == 204


def verbs(document: ElementTree.Element) -> list[str]:
    return [verb.tag for verb in document]


def say(document: ElementTree.Element) -> str:
    return document.findtext("Say") or ""


def get_ending(person: User) -> Any:
    return signed_in(person).get(f"/phone/calls/{build_call_sid()}/ending/")


def test_a_call_that_bears_the_mark_reaches_nobody_and_is_no_call(
    account: TwilioAccount, alice: User, bob: User
) -> None:
    make_member(bob)
    document = begin(account, alice, To=bob.email)
    assert verbs(document) == ["Say", "Record", "Redirect"]
    record = document.find("Record")
    assert record is not None
    assert (record.get("maxLength"), record.get("timeout"), record.get("playBeep")) == ("6", "3", "true")
    assert "absent" in record.get("recordingStatusCallbackEvent", "")
    post("call_status", account, From=f"client:{alice.identity}", CallStatus="completed")
    assert not Call.objects.exists()
    assert not signed_in(alice).get("/phone/recents/").context["days"]
    test = EchoTest.objects.get()
    assert (test.user, test.account, test.result) == (alice, account, "")
    # Asked twice, it is one.
    begin(account, alice, To=bob.email)
    assert EchoTest.objects.count() == 1


def test_it_is_played_back_once_twilio_has_it_and_then_goes(
    account: TwilioAccount, alice: User, pass_time: Callable[[timedelta], None]
) -> None:
    begin(account, alice)
    tell(account, "in-progress")
    deletion = SoundDeletion.objects.get()
    assert (deletion.recording_sid, deletion.user) == (SID, alice)
    assert verbs(ask(account, **recorded())) == ["Pause", "Redirect"]
    tell(account, "completed", RecordingDuration="4")
    played = ask(account, "?step=waited&times=1")
    assert verbs(played) == ["Play", "Redirect"]
    assert played.findtext("Play") == build_sound_address(EchoTest.objects.get())
    assert get_ending(alice).json()["is_settled"] is False
    EchoTest.objects.update(is_fetched=True)
    bye = ask(account, "?step=played")
    assert verbs(bye) == ["Say", "Hangup"] and "how others hear you" in say(bye)
    told = get_ending(alice).json()
    assert told["words"] == "You were heard: 4 seconds of sound went to Twilio and came back."
    assert (told["cause"], told["is_settled"]) == ("answered", True)
    run_tasks()
    deletion.refresh_from_db()
    # At once: nobody waits for the minute that is its longest time.
    assert deletion.tried_at is not None
    # And what is asked once more is over.
    assert verbs(ask(account, "?step=played")) == ["Hangup"]


def test_what_is_too_short_or_silent_is_told_as_nothing_heard(account: TwilioAccount, alice: User) -> None:
    for told in (
        {"RecordingStatus": "absent", "ErrorCode": "16101"},
        {"RecordingStatus": "absent", "ErrorCode": "16102"},
        {"RecordingStatus": "completed", "ErrorCode": "16102", "RecordingDuration": "4"},
        {"RecordingStatus": "completed", "RecordingDuration": "0"},
    ):
        EchoTest.objects.all().delete()
        begin(account, alice)
        tell(account, told.pop("RecordingStatus"), **told)
        document = ask(account)
        assert verbs(document) == ["Say", "Hangup"], told
        assert say(document).startswith("Nothing was heard."), told
        answer = get_ending(alice).json()
        assert answer["words"] == "Nothing was heard from your microphone." and "muted" in answer["remedy"]
    EchoTest.objects.all().delete()
    begin(account, alice)
    assert say(ask(account)).startswith("Nothing was heard.")


def test_what_twilio_does_not_have_ready_is_not_waited_for_for_ever(
    account: TwilioAccount, alice: User
) -> None:
    begin(account, alice)
    document = ask(account, **recorded())
    for _ in range(MOST_WAITS):
        assert verbs(document) == ["Pause", "Redirect"]
        address = document.findtext("Redirect") or ""
        document = ask(account, "?" + address.partition("?")[2])
    assert verbs(document) == ["Say", "Hangup"]
    assert get_ending(alice).json()["cause"] == "twilio_unavailable"
    assert SoundDeletion.objects.get().recording_sid == SID


def test_of_whom_nothing_was_recorded_it_is_said_whatever_twilio_tells_of_it(
    account: TwilioAccount, alice: User
) -> None:
    begin(account, alice)
    tell(account, "in-progress")
    # It goes on with what is written after <Record>, and asks for no action.
    document = ask(account)
    for _ in range(MOST_WAITS):
        assert verbs(document) == ["Pause", "Redirect"]
        address = document.findtext("Redirect") or ""
        document = ask(account, "?" + address.partition("?")[2])
    assert say(document).startswith("Nothing was heard.")
    assert EchoTest.objects.get().result == "silent"


def test_what_twilio_could_not_fetch_to_play_is_not_told_as_heard(
    account: TwilioAccount, alice: User
) -> None:
    begin(account, alice)
    tell(account, "completed", RecordingDuration="4")
    assert verbs(ask(account, **recorded())) == ["Play", "Redirect"]
    assert "cannot be played back" in say(ask(account, "?step=played"))
    assert EchoTest.objects.get().result == "not_played"


def test_who_hangs_up_in_the_middle_leaves_nothing(account: TwilioAccount, alice: User, bob: User) -> None:
    # By then Twilio may have ended the call, or not.
    begin(account, alice, CallSid=OTHERS)
    ask(account, CallSid=OTHERS, **{**recorded(2), "RecordingSid": "RE" + "d" * 32, "Digits": "hangup"})
    assert EchoTest.objects.get().result == "left"
    EchoTest.objects.all().delete()
    SoundDeletion.objects.all().delete()
    begin(account, alice)
    document = ask(account, CallStatus="completed", **{**recorded(2), "Digits": "hangup"})
    assert verbs(document) == ["Hangup"]
    assert EchoTest.objects.get().result == "left"
    tell(account, "completed", RecordingDuration="2")
    run_tasks()
    assert SoundDeletion.objects.get().tried_at is not None


def test_a_page_tells_that_its_own_test_is_over_and_no_other(
    account: TwilioAccount, alice: User, bob: User
) -> None:
    make_member(bob)
    begin(account, alice)
    tell(account, "completed", RecordingDuration="4")
    for person, result in ((bob, ""), (alice, "left")):
        report_over(person)
        assert EchoTest.objects.get().result == result
    run_tasks()
    assert SoundDeletion.objects.get().tried_at is not None
    assert not Call.objects.exists()


def report_over(person: User) -> DeviceEvent:
    report = {
        "type": "event",
        "seq": 1,
        "id": str(uuid.uuid4()),
        "at": timezone.now().isoformat(),
        "state": "disconnect",
        "sdk_event": "disconnect",
        "message": f"echo {build_call_sid()}",
    }
    return record_device_event(
        user=person, page_session=uuid.uuid4(), report=report, client=ClientInfo("127.0.0.1", "test")
    )


def test_nobody_runs_echo_tests_for_ever(account: TwilioAccount, alice: User, bob: User) -> None:
    make_member(bob)
    for number in range(20):
        assert "Record" in verbs(begin(account, alice, CallSid=build_call_sid(str(number))))
    refused = begin(account, alice)
    assert verbs(refused) == ["Say", "Hangup"] and "too many" in say(refused)
    # What Twilio asks again is answered the same.
    assert verbs(begin(account, alice)) == ["Say", "Hangup"]
    told = get_ending(alice).json()
    assert (told["cause"], told["is_settled"]) == ("refused_here", True) and "20 echo tests" in told["words"]
    assert "Record" in verbs(begin(account, bob, CallSid=OTHERS))


@pytest.mark.parametrize(
    ("language", "voice", "words"),
    [("de", "Polly.Vicki", "Echotest"), ("", "Polly.Amy", "echo test"), ("en", "Polly.Amy", "echo test")],
)
def test_it_is_said_in_ones_own_language(
    account: TwilioAccount, alice: User, language: str, voice: str, words: str
) -> None:
    User.objects.filter(pk=alice.pk).update(language=language)
    alice.refresh_from_db()
    spoken = begin(account, alice).find("Say")
    assert spoken is not None and spoken.get("voice") == voice
    assert words in (spoken.text or "")


def test_strangers_learn_and_change_nothing(
    account: TwilioAccount, alice: User, bob: User, mallory: User
) -> None:
    make_member(bob)
    others = make_member(mallory, "other")
    begin(account, alice)
    for person in (bob, mallory):
        assert get_ending(person).status_code == 404
    assert get_ending(alice).status_code == 200
    for name in ("echo_test", "echo_test_status"):
        assert post(name, account, signature="").status_code == 403
        assert post(name, account, auth_token="0" * 32).status_code == 403
    assert WebhookRefusal.objects.count() == 4
    # Another account's, by a signature of its own, about this call.
    token = catalogue.auth_token("other")
    answer = post("echo_test", others, auth_token=token, query="?step=played")
    assert b"<Hangup" in answer.content and b"<Say" not in answer.content
    answer = post("echo_test_status", others, auth_token=token, RecordingSid=SID, RecordingStatus="completed")
    assert EchoTest.objects.get().recording_sid == ""
    stranger = post("voice_webhook", account, From="client:dnb_nobody", ConnectionTest="echo")
    assert stranger.status_code == 403
    called = post("voice_webhook", account, CallSid=OTHERS, From="+12025550170", ConnectionTest="echo")
    assert b"<Record" not in called.content or Call.objects.get().direction == "incoming"
    assert EchoTest.objects.count() == 1


def test_the_sound_is_had_by_its_address_alone_and_while_the_call_lasts(
    account: TwilioAccount, alice: User, pass_time: Callable[[timedelta], None]
) -> None:
    begin(account, alice)
    test = EchoTest.objects.get()
    address = build_sound_address(test).removeprefix("http://testserver")
    path = "/" + address.split("/", 3)[3] if address.startswith("http") else address
    # Twilio has none yet.
    assert Client().get(path).status_code == 404
    tell(account, "completed", RecordingDuration="4")
    signature = path.rpartition("/")[2].removesuffix(".wav")
    assert Client().get(path.replace(signature, "x" * len(signature))).status_code == 404
    assert Client().get(path.replace(account.webhook_key, "elsewhere")).status_code == 404
    assert Client().post(path).status_code == 405
    pass_time(timedelta(minutes=3))
    assert Client().get(path).status_code == 404


def test_a_callback_deletes_no_other_sound_than_the_tests_own(account: TwilioAccount, alice: User) -> None:
    call = Call.objects.create(
        account=account, user=alice, call_sid=OTHERS, direction="outgoing", from_address="a", to_address="b"
    )
    kept, strange = "RE" + "a" * 32, "RE" + "b" * 32
    recording = Recording.objects.create(
        account=account, call=call, source="call", status="completed", recording_sid=kept
    )
    begin(account, alice)
    tell(account, "completed", RecordingSid=kept, RecordingDuration="4")
    ask(account, **{**recorded(), "RecordingSid": kept})
    test = EchoTest.objects.get()
    assert (test.recording_sid, test.is_cleared) == ("", False)
    assert not SoundDeletion.objects.exists()
    EchoTest.objects.all().delete()
    begin(account, alice)
    tell(account, "in-progress")
    tell(account, "completed", RecordingSid=strange, RecordingDuration="4")
    test = EchoTest.objects.get()
    assert (test.recording_sid, test.is_recorded) == (SID, False)
    assert SoundDeletion.objects.get().recording_sid == SID
    recording.refresh_from_db()
    assert recording.gone_at is None


def test_the_settings_offer_it_to_everybody(account: TwilioAccount, alice: User) -> None:
    page = signed_in(alice).get("/phone/settings/", headers={"HX-Request": "true"}).content.decode()
    assert "data-echo>Echo test call</button>" in page


def test_what_twilio_never_says_is_given_up_and_said(
    account: TwilioAccount, alice: User, admin_user: User, fake_twilio: FakeTwilio, caplog: Any
) -> None:
    begin(account, alice)
    EchoTest.objects.update(begun_at=timezone.now() - timedelta(hours=23))
    fake_twilio.add_fault("server error")
    clear_echo_tests.func()
    assert "HTTP 5" in caplog.text
    test = EchoTest.objects.get()
    assert (test.is_given_up, test.ended_at, test.asked_at is None) == (False, None, False)
    EchoTest.objects.update(begun_at=timezone.now() - timedelta(hours=25))
    caplog.clear()
    for _ in range(2):
        clear_echo_tests.func()
    told = [one for one in caplog.records if one.levelname == "ERROR"]
    assert len(told) == 1 and "1 echo tests" in told[0].getMessage()
    test.refresh_from_db()
    assert (test.is_given_up, test.is_cleared, test.result) == (True, False, "left")
    begin(account, alice, CallSid=OTHERS)
    listed = signed_in(admin_user).get("/admin/phone/echotest/?is_given_up__exact=1").content.decode()
    assert str(test.pk) in listed and str(EchoTest.objects.get(call_sid=OTHERS).pk) not in listed


def test_the_admin_sees_that_there_was_one(account: TwilioAccount, alice: User, admin_user: User) -> None:
    begin(account, alice)
    ask(account)
    page = signed_in(admin_user).get("/admin/phone/echotest/").content.decode()
    assert "nothing was heard" in page and alice.email in page
    one = signed_in(admin_user).get(f"/admin/phone/echotest/{EchoTest.objects.get().pk}/change/")
    assert one.status_code == 200
