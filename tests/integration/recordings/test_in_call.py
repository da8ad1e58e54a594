"""Recording while somebody talks: asked for on the page, by a setting, and what Twilio says of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import timezone

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from fake_twilio import catalogue
from phone.answering.rules import NumberRules
from phone.calls.call import Call
from phone.calls.languages import SPEECHES
from phone.in_call.state import build_states
from phone.recordings.announcing import get_announcement_url
from phone.recordings.asking import ask_about_recordings
from phone.recordings.choices import RecordingChoice, choose
from phone.recordings.deletions import SoundDeletion
from phone.recordings.recordings import Recording
from phone.recordings.state import get_recording_state
from tests.conftest import signed_in
from tests.fake_control import FakeTwilio
from tests.integration.recordings.stock import make_call, make_recording
from tests.tasks import run_tasks
from tests.webhook_requests import add_number, build_call_sid, make_member, post

PassTime = Callable[[timedelta], None]
SID = "RE" + "a" * 32
SETTINGS = "/phone/settings/recording/"
PANE = "/phone/settings/"
HX = {"hx-request": "true"}


@pytest.fixture
def account(alice: User, bob: User, fake_twilio: FakeTwilio) -> TwilioAccount:
    account = make_member(alice)
    make_member(bob)
    add_number(account, catalogue.DEMO_NUMBER, points_here=True)
    return account


@pytest.fixture
def call(account: TwilioAccount, alice: User) -> Call:
    return make_call(account, alice)


def deed(client: Client, call: Call, name: str) -> Any:
    return client.post(f"/phone/calls/{call.call_sid}/{name}/")


def tell(account: TwilioAccount, status: str, **params: str) -> Any:
    told = {"RecordingSid": SID, "RecordingStatus": status, "RecordingSource": "StartCallRecordingAPI"}
    return post("recording_status", account, **{**told, **params})


class TestOnThePage:
    def test_a_call_whose_other_side_cannot_be_told_is_not_recorded(
        self, call: Call, alice_client: Client, fake_twilio: FakeTwilio
    ) -> None:
        """Twilio does not know the call that was to be moved into a room for it."""
        response = deed(alice_client, call, "record")
        assert (response.status_code, response.json()["cause"]) == (409, "not_possible")
        assert not [one for one in fake_twilio.requests() if "/Recordings" in one["path"]]
        assert not Recording.objects.exists()

    def test_whoever_is_on_hold_is_not_recorded_without_having_been_told(
        self, call: Call, alice_client: Client, fake_twilio: FakeTwilio
    ) -> None:
        call.legs.filter(role="caller").update(is_held=True)
        response = deed(alice_client, call, "record")
        assert (response.status_code, "resume it first" in response.json()["words"]) == (409, True)
        assert fake_twilio.requests() == []

    @pytest.mark.parametrize(
        ("status", "offered"),
        [
            ("", {"record"}),
            ("in-progress", {"pause-recording", "stop-recording"}),
            ("paused", {"record", "resume-recording", "stop-recording"}),
        ],
    )
    def test_what_can_be_done_is_offered_and_the_rest_says_why_not(
        self, status: str, offered: set[str], call: Call, alice: User
    ) -> None:
        if status:
            make_recording(call, status=status, ended_at=None)
        [state] = build_states(alice)
        assert state["recording"] == {"": "off", "in-progress": "on", "paused": "paused"}[status]
        deeds = {name for name in (*state["can"], *state["cannot"]) if "record" in name}
        assert deeds & set(state["can"]) == offered
        assert all(state["cannot"][name] for name in deeds - offered)

    @pytest.mark.parametrize("name", ["pause-recording", "resume-recording", "stop-recording"])
    def test_what_is_not_recorded_is_neither_paused_nor_ended(
        self, name: str, call: Call, alice_client: Client
    ) -> None:
        response = deed(alice_client, call, name)
        assert (response.status_code, response.json()["cause"]) == (409, "not_possible")

    def test_a_call_that_is_over_is_not_recorded(self, call: Call, alice: User, alice_client: Client) -> None:
        Call.objects.update(ended_at=timezone.now())
        response = deed(alice_client, call, "record")
        assert (response.status_code, response.json()["cause"]) == (409, "not_possible")
        assert get_recording_state(call) == "off"

    def test_nobody_elses_call_is_recorded(
        self, call: Call, bob: User, mallory: User, account: TwilioAccount
    ) -> None:
        make_member(mallory, "other")
        for person in (bob, mallory):
            assert deed(signed_in(person), call, "record").status_code == 404
        assert deed(Client(), call, "record").status_code == 302
        assert signed_in(bob).get(f"/phone/calls/{call.call_sid}/record/").status_code == 405

    def test_a_twilio_that_is_away_records_nothing_and_says_so(
        self, call: Call, alice_client: Client, fake_twilio: FakeTwilio
    ) -> None:
        make_recording(call, status="completed", announced_at=timezone.now())
        fake_twilio.add_fault("reset")
        response = deed(alice_client, call, "record")
        assert (response.status_code, response.json()["cause"]) == (503, "twilio_unavailable")
        assert Recording.objects.first().status == "failed"
        assert get_recording_state(call) == "off"

    def test_a_call_that_twilio_does_not_know_any_more_is_no_fault_of_the_credentials(
        self, call: Call, alice_client: Client
    ) -> None:
        make_recording(call, status="completed", announced_at=timezone.now())
        response = deed(alice_client, call, "record")
        assert (response.status_code, response.json()["cause"]) == (409, "not_talking")


class TestWhatTwilioSays:
    def test_news_move_a_recording_forward_in_whatever_order_and_how_often_they_come(
        self, call: Call, account: TwilioAccount
    ) -> None:
        for status in ("in-progress", "in-progress", "completed", "in-progress", "completed", "absent"):
            assert tell(account, status, RecordingDuration="7", RecordingChannels="2").status_code == 204
        recording = Recording.objects.get()
        assert (recording.status, recording.seconds, recording.channels) == ("completed", 7, 2)
        assert (recording.source, recording.call) == ("call", call)

    def test_news_of_a_leg_are_news_of_its_call(self, call: Call, account: TwilioAccount) -> None:
        tell(account, "completed", CallSid=build_call_sid("call leg"), RecordingDuration="7")
        assert Recording.objects.get().call == call

    def test_a_pause_is_not_undone_by_news_that_were_late(self, call: Call, account: TwilioAccount) -> None:
        make_recording(call, recording_sid=SID, status="paused")
        tell(account, "in-progress")
        assert get_recording_state(call) == "paused"

    @pytest.mark.parametrize(
        "params",
        [
            {"RecordingSid": "x"},
            {"RecordingSid": "-"},
            {"RecordingStatus": "wanted"},
            {"RecordingStatus": "\x00" * 10},
            {"CallSid": build_call_sid("of nobody")},
        ],
    )
    def test_what_makes_no_sense_is_no_recording(
        self, params: dict[str, str], call: Call, account: TwilioAccount
    ) -> None:
        assert tell(account, "completed", **params).status_code == 204
        assert not Recording.objects.exists()

    def test_a_duration_that_is_none_is_not_believed(self, call: Call, account: TwilioAccount) -> None:
        tell(account, "completed", RecordingDuration="9" * 4000, RecordingChannels="two", ErrorCode="-1")
        recording = Recording.objects.get()
        assert (recording.status, recording.seconds) == ("completed", None)

    def test_another_accounts_recording_is_left_alone(
        self, call: Call, account: TwilioAccount, mallory: User
    ) -> None:
        recording = make_recording(call, recording_sid=SID, status="in-progress")
        other = make_member(mallory, "other")
        make_call(other, mallory, name="mallory's")
        sid, token = build_call_sid("mallory's"), catalogue.auth_token("other")
        told = {"RecordingSid": SID, "RecordingStatus": "failed", "CallSid": sid}
        assert post("recording_status", other, auth_token=token, **told).status_code == 204
        recording.refresh_from_db()
        assert recording.status == "in-progress"

    def test_nobody_but_twilio_says_anything(self, call: Call, account: TwilioAccount) -> None:
        assert post("recording_status", account, signature="no").status_code == 403


class TestWhatTwilioDoesNotSay:
    """The callback of the end was lost."""

    def forget(self, pass_time: PassTime) -> None:
        Call.objects.update(ended_at=timezone.now(), status="completed")
        pass_time(timedelta(minutes=1))
        ask_about_recordings.func()

    def test_what_it_does_not_have_is_gone(self, call: Call, pass_time: PassTime) -> None:
        recording = make_recording(call, status="in-progress", recording_sid=SID)
        self.forget(pass_time)
        recording.refresh_from_db()
        assert recording.status == "failed" and recording.gone_at

    def test_one_that_never_came_to_be_has_failed(self, call: Call, pass_time: PassTime) -> None:
        recording = make_recording(call, status="asked", recording_sid="")
        self.forget(pass_time)
        recording.refresh_from_db()
        assert recording.status == "failed"

    def test_a_twilio_that_is_away_is_asked_again(
        self, call: Call, pass_time: PassTime, fake_twilio: FakeTwilio
    ) -> None:
        recording = make_recording(call, status="in-progress", recording_sid=SID)
        fake_twilio.add_fault("reset", path="/Recordings/")
        self.forget(pass_time)
        recording.refresh_from_db()
        assert recording.status == "in-progress" and recording.asked_at

    def test_one_whose_call_goes_on_is_not_asked_about(
        self, call: Call, pass_time: PassTime, fake_twilio: FakeTwilio
    ) -> None:
        make_recording(call, status="in-progress", recording_sid=SID)
        pass_time(timedelta(minutes=1))
        ask_about_recordings.func()
        assert fake_twilio.requests() == []


class TestByItself:
    def test_nobodys_calls_are_announced_until_somebody_chooses_it(self, account: TwilioAccount) -> None:
        assert self.ring(account).find("Say") is None
        assert not Recording.objects.exists()

    @pytest.mark.parametrize("whose", ["mine", "everybody"])
    def test_a_caller_is_told_before_it_rings_and_the_answer_has_it_begun(
        self, whose: str, account: TwilioAccount, alice: User, bob: User, fake_twilio: FakeTwilio
    ) -> None:
        choose(account=account, person=alice if whose == "mine" else None, is_on=True, by=alice)
        document = self.ring(account)
        assert [verb.tag for verb in document] == ["Say", "Dial"]
        assert (document.findtext("Say") or "") == "This call is recorded."
        call = Call.objects.get()
        assert get_recording_state(call) == "off"
        self.answer(account, alice)
        assert get_recording_state(call) == "on"

    def test_an_answer_by_somebody_whose_calls_are_not_recorded_records_nothing(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        choose(account=account, person=alice, is_on=True, by=alice)
        self.ring(account)
        self.answer(account, bob)
        assert get_recording_state(Call.objects.get()) == "off"

    def test_a_call_that_is_not_answered_leaves_nothing_behind(
        self, account: TwilioAccount, alice: User
    ) -> None:
        choose(account=account, person=None, is_on=True, by=alice)
        self.ring(account)
        self.ring(account)
        assert Recording.objects.get().status == "wanted"
        post("dial_action", account, DialCallStatus="no-answer")
        assert not Recording.objects.exists() and not SoundDeletion.objects.exists()

    def test_whoever_is_called_is_told_before_they_are_connected(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        choose(account=account, person=alice, is_on=True, by=alice)
        for to, noun in ((catalogue.ECHO_NUMBER, "Number"), ("bob@example.com", "Client")):
            response = post(
                "voice_webhook",
                account,
                From=f"client:{alice.identity}",
                To=to,
                CallSid=build_call_sid(to),
            )
            called = ElementTree.fromstring(response.content).find(f"Dial/{noun}")
            assert called is not None
            said = Client().post(called.attrib["url"].removeprefix("http://localhost:8000"))
            assert "This call is recorded." in said.content.decode()

    def test_everybody_is_told_in_a_language_of_theirs(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        choose(account=account, person=None, is_on=True, by=alice)
        NumberRules.objects.create(account=account, phone_number=catalogue.DEMO_NUMBER, language="fr-FR")
        said = self.ring(account).find("Say")
        assert said is not None
        assert (said.text, said.attrib["language"]) == (SPEECHES["fr-FR"].recorded, "fr-FR")
        call = Call.objects.get()
        # And whoever comes into it later: not of ours, and of ours.
        User.objects.filter(pk=alice.pk).update(language="de")
        User.objects.filter(pk=bob.pk).update(language="en", home_country="US")
        assert self.hear(get_announcement_url(call)) == SPEECHES["fr-FR"].recorded
        alice.refresh_from_db()
        assert self.hear(get_announcement_url(call, alice)) == SPEECHES["de-DE"].recorded

        # Whom we call is told in the language of who calls them, a colleague in their own.
        for to, noun, language in (
            (catalogue.ECHO_NUMBER, "Number", "de-DE"),
            ("bob@example.com", "Client", "en-US"),
        ):
            response = post(
                "voice_webhook",
                account,
                From=f"client:{alice.identity}",
                To=to,
                CallSid=build_call_sid(to),
            )
            called = ElementTree.fromstring(response.content).find(f"Dial/{noun}")
            assert called is not None
            assert called.attrib["url"].endswith(f"?language={language}")
            assert self.hear(called.attrib["url"]) == SPEECHES[language].recorded

    def hear(self, url: str) -> str:
        """What is said at that address."""
        answered = Client().post(url.removeprefix("http://localhost:8000"))
        return ElementTree.fromstring(answered.content).findtext("Say") or ""

    def test_a_call_that_twilio_will_not_record_goes_on_unrecorded(
        self, account: TwilioAccount, alice: User, pass_time: PassTime
    ) -> None:
        choose(account=account, person=None, is_on=True, by=alice)
        self.ring(account)
        self.answer(account, alice)
        run_tasks()
        # Twilio does not record it yet, or does not know it: that is told apart by time.
        assert Recording.objects.get().status == "asked"
        pass_time(timedelta(seconds=21))
        run_tasks()
        assert Recording.objects.get().status == "failed"
        assert get_recording_state(Call.objects.get()) == "off"

    def ring(self, account: TwilioAccount) -> ElementTree.Element:
        params = {"From": catalogue.STRANGER_NUMBER, "To": catalogue.DEMO_NUMBER}
        return ElementTree.fromstring(post("voice_webhook", account, **params).content)

    def answer(self, account: TwilioAccount, person: User) -> None:
        post(
            "call_status",
            account,
            CallSid=build_call_sid("leg"),
            ParentCallSid=build_call_sid(),
            CallStatus="in-progress",
            To=f"client:{person.identity}",
        )


class TestTheSwitches:
    def test_are_off_and_turned_each_by_itself(
        self, account: TwilioAccount, alice: User, alice_client: Client
    ) -> None:
        page = alice_client.get(PANE, headers=HX).content.decode()
        # Beside the one that keeps the phone to one device.
        assert page.count('role="switch"') == 3 and " checked" not in page and "Record calls" in page
        page = alice_client.post(SETTINGS, {"whose": "mine", "is_on": "on"}, headers=HX).content.decode()
        assert page.count(" checked") == 1 and "Switched on by Alice" in page
        assert [(one.user, one.is_on) for one in RecordingChoice.objects.all()] == [(alice, True)]
        alice_client.post(SETTINGS, {"whose": "everybody", "is_on": "on"})
        alice_client.post(SETTINGS, {"whose": "mine"})
        assert RecordingChoice.objects.filter(is_on=True).get().user is None

    def test_without_a_script_one_is_back_in_the_settings_that_show_what_is_kept(
        self, account: TwilioAccount, alice_client: Client
    ) -> None:
        page = alice_client.post(SETTINGS, {"whose": "mine", "is_on": "on"}, follow=True)
        assert page.redirect_chain == [(PANE, 302)]
        assert "Switched on by Alice" in page.content.decode()
        assert alice_client.get(SETTINGS)["Location"] == PANE

    def test_a_colleague_sees_who_turned_everybodys(
        self, account: TwilioAccount, alice_client: Client, bob: User
    ) -> None:
        alice_client.post(SETTINGS, {"whose": "everybody", "is_on": "on"})
        assert "Switched on by Alice" in signed_in(bob).get(PANE).content.decode()

    def test_take_nothing_that_is_neither(self, account: TwilioAccount, alice_client: Client) -> None:
        for whose in ("", "\x00", "x" * 10_000, "bob"):
            assert alice_client.post(SETTINGS, {"whose": whose, "is_on": "on"}).status_code == 400
        assert not RecordingChoice.objects.exists()

    def test_are_of_those_who_have_connected_twilio(self, mallory: User) -> None:
        for person in (signed_in(mallory), Client()):
            assert person.post(SETTINGS, {"whose": "mine", "is_on": "on"}).status_code == 302
        assert not RecordingChoice.objects.exists()
