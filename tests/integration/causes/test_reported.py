"""What only a page knows of a call, and calls that Twilio could not ask us about."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests
from django.utils import timezone

from accounts.clients import ClientInfo
from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from fake_twilio import catalogue
from phone.calls.call import Call
from phone.causes import unheard
from phone.causes.describing import describe_cause
from phone.causes.endings import describe_ending, find_cause_for
from phone.device.events import DeviceEvent
from phone.device.recording import record_device_event
from tests.conftest import signed_in
from tests.fake_control import FakeTwilio
from tests.integration.causes.conftest import Exchange, Scene, wait_for_causes
from tests.tasks import run_tasks
from tests.webhook_requests import add_number, build_call_sid, make_member, post

Play = Callable[[Scene], Any]
CLIENT = ClientInfo(ip_address="127.0.0.1", user_agent="pytest")
LEG = build_call_sid("leg")


def report(user: User, sdk_event: str, message: str, **fields: Any) -> DeviceEvent:
    states = {"call.error": "error", "cancel": "cancel"}
    event = {
        "id": str(uuid.uuid4()),
        "seq": 1,
        "state": states.get(sdk_event, "disconnect"),
        "sdk_event": sdk_event,
        "message": message,
        "at": timezone.now().isoformat(),
        **fields,
    }
    return record_device_event(user=user, page_session=uuid.uuid4(), report=event, client=CLIENT)


def read_ending(user: User, sid: str = build_call_sid(), query: str = "") -> tuple[str, str, bool]:
    answer = signed_in(user).get(f"/phone/calls/{sid}/ending/{query}").json()
    return answer["cause"], answer["words"], answer["is_settled"]


@pytest.fixture
def account(alice: User, bob: User) -> TwilioAccount:
    account = make_member(alice)
    make_member(bob)
    add_number(account, catalogue.DEMO_NUMBER)
    return account


def dial(account: TwilioAccount, caller: User, to: str = catalogue.ECHO_NUMBER) -> Call:
    post("voice_webhook", account, From=f"client:{caller.identity}", To=to)
    return Call.objects.get()


def tell_leg(account: TwilioAccount, status: str, to: str, leg: str = LEG, **params: str) -> None:
    sids = {"CallSid": leg, "ParentCallSid": build_call_sid()}
    post("call_status", account, **sids, CallStatus=status, To=to, **params)


def end_dial(account: TwilioAccount, result: str, call_status: str = "in-progress") -> None:
    post("dial_action", account, From="client:x", DialCallStatus=result, CallStatus=call_status)


def talk(account: TwilioAccount, caller: User) -> None:
    dial(account, caller)
    tell_leg(account, "in-progress", catalogue.ECHO_NUMBER)


class TestAPagesOwnWord:
    def test_a_connection_that_was_lost_is_known_from_the_callers_page_alone(
        self, account: TwilioAccount, alice: User
    ) -> None:
        talk(account, alice)
        report(alice, "call.error", f"ConnectionError (outgoing {build_call_sid()})", code=31005)
        end_dial(account, "completed", "completed")
        call = Call.objects.get()
        assert (call.cause, call.cause_facts["page"][0]["code"]) == ("connection_lost", 31005)

    def test_it_may_arrive_after_the_end_and_sharpens_what_was_told(
        self, account: TwilioAccount, alice: User
    ) -> None:
        talk(account, alice)
        end_dial(account, "completed", "completed")
        assert Call.objects.get().cause == "answered"
        report(alice, "call.error", f"lost (outgoing {build_call_sid()})", code=53405)
        assert Call.objects.get().cause == "media_blocked"

    @pytest.mark.parametrize(
        "message",
        [
            "",
            "outgoing",
            f"(outgoing {LEG})",
            f"incoming {build_call_sid()} and more",
            f"outgoing {build_call_sid()[:-1]}",
            "outgoing CA" + "z" * 32,
            "(" * 900,
        ],
    )
    def test_what_names_no_call_of_that_person_changes_none(
        self, message: str, account: TwilioAccount, alice: User
    ) -> None:
        talk(account, alice)
        report(alice, "call.error", message, code=31005)
        end_dial(account, "completed")
        assert Call.objects.get().cause == "answered"

    def test_a_page_can_say_nothing_of_somebody_elses_call(
        self, account: TwilioAccount, alice: User, bob: User, mallory: User
    ) -> None:
        talk(account, alice)
        for person in (bob, mallory):
            report(person, "call.error", f"lost (outgoing {build_call_sid()})", code=31005)
        end_dial(account, "completed")
        assert (Call.objects.get().cause, "page" in Call.objects.get().cause_facts) == ("answered", False)

    def test_a_page_that_reports_without_end_fills_no_row(self, account: TwilioAccount, alice: User) -> None:
        dial(account, alice)
        for _ in range(15):
            report(alice, "call.error", f"x (outgoing {build_call_sid()})", code=31000)
        assert len(Call.objects.get().cause_facts["page"]) == 10

    def test_whoever_declines_is_told_so_and_the_caller_that_it_was_declined(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        dial(account, alice, "bob")
        tell_leg(account, "ringing", f"client:{bob.identity}")
        report(bob, "reject", f"incoming {LEG}")
        end_dial(account, "failed")
        assert read_ending(alice)[:2] == ("declined", "Bob declined the call.")
        assert read_ending(bob)[:2] == ("missed", "You declined the call.")

    def test_whoever_sent_the_caller_to_voicemail_is_told_so_and_nobody_else(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        post("voice_webhook", account, From=catalogue.STRANGER_NUMBER, To=catalogue.DEMO_NUMBER)
        tell_leg(account, "ringing", f"client:{bob.identity}")
        end_dial(account, "no-answer")
        call = Call.objects.get()
        call.cause_facts["answering"] = {"result": "voicemail", "why": "sent", "by": bob.pk}
        call.save()
        assert read_ending(bob)[:2] == ("missed", "You sent the call to voicemail.")
        assert read_ending(alice)[:2] == ("missed", "+1 202-555-0170 rang, and nobody answered.")

    def test_whoever_had_no_microphone_to_answer_with_is_told_so(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        post("voice_webhook", account, From=catalogue.STRANGER_NUMBER, To=catalogue.DEMO_NUMBER)
        tell_leg(account, "ringing", f"client:{bob.identity}")
        report(bob, "call.error", f"denied (incoming {LEG})", code=31401)
        end_dial(account, "no-answer")
        assert read_ending(bob)[0] == "microphone_denied"
        call = Call.objects.get()
        assert call.cause == "microphone_denied"
        # Nobody else's microphone is blamed.
        assert read_ending(alice)[:2] == ("missed", "+1 202-555-0170 stopped ringing before you answered.")
        assert [find_cause_for(call, one.pk, call.legs.all()) for one in (alice, bob)] == [
            "missed",
            "microphone_denied",
        ]


class TestWhoSeesWhat:
    def test_each_sees_an_answered_call_as_theirs_or_as_taken(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        post("voice_webhook", account, From=catalogue.STRANGER_NUMBER, To=catalogue.DEMO_NUMBER)
        tell_leg(account, "in-progress", f"client:{bob.identity}")
        tell_leg(account, "canceled", f"client:{alice.identity}", build_call_sid("alice"))
        end_dial(account, "completed")
        call = Call.objects.get()
        assert read_ending(alice) == ("answered_elsewhere", "Answered by Bob.", True)
        assert read_ending(bob) == ("answered_elsewhere", "You answered on another page.", True)
        assert read_ending(bob, query="?open")[0] == "answered"
        assert (find_cause_for(call, alice.pk), find_cause_for(call, bob.pk)) == (
            "answered_elsewhere",
            "answered",
        )
        assert call.legs.get(user=alice).cause == "answered_elsewhere"

    def test_a_colleagues_call_that_was_given_up_was_missed_by_whom_it_was_for(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        dial(account, alice, "bob")
        tell_leg(account, "no-answer", f"client:{bob.identity}", SipResponseCode="487")
        end_dial(account, "no-answer", "completed")
        call = Call.objects.get()
        assert (find_cause_for(call, alice.pk), find_cause_for(call, bob.pk)) == ("canceled", "missed")
        assert describe_ending(call, bob).cause.words == "Alice stopped ringing before you answered."

    def test_two_colleagues_read_of_the_same_end_each_from_their_side(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        dial(account, alice, "bob")
        tell_leg(account, "in-progress", f"client:{bob.identity}")
        end_dial(account, "completed", "completed")
        assert read_ending(alice)[:2] == ("answered", "You hung up.")
        assert read_ending(bob, query="?open")[:2] == ("answered", "Alice hung up.")
        report(bob, "call.error", f"lost (incoming {LEG})", code=31005)
        lost = "The call was cut off: the connection between this browser and Twilio was lost."
        assert read_ending(bob, query="?open")[:2] == ("connection_lost", lost)
        assert read_ending(alice)[:2] == ("connection_lost", "The call was cut off: Bob lost the connection.")

    def test_the_legs_code_may_come_after_the_dials_end_and_is_waited_for(
        self, account: TwilioAccount, alice: User
    ) -> None:
        dial(account, alice, catalogue.DECLINING_NUMBER)
        tell_leg(account, "ringing", catalogue.DECLINING_NUMBER)
        end_dial(account, "busy")
        assert read_ending(alice) == ("busy", "The line is busy.", False)
        assert Call.objects.get().ending == "The line is busy, or the call was declined."
        tell_leg(account, "busy", catalogue.DECLINING_NUMBER, SipResponseCode="603")
        assert read_ending(alice) == ("declined", "They declined the call.", True)

    def test_the_same_news_in_any_order_come_to_the_same_cause(
        self, account: TwilioAccount, alice: User
    ) -> None:
        news: list[Callable[[], None]] = [
            lambda: tell_leg(account, "ringing", catalogue.DECLINING_NUMBER),
            lambda: tell_leg(account, "busy", catalogue.DECLINING_NUMBER, SipResponseCode="603"),
            lambda: end_dial(account, "busy"),
            lambda: post("call_status", account, CallStatus="completed"),
        ]
        for first in range(len(news)):
            Call.objects.all().delete()
            dial(account, alice, catalogue.DECLINING_NUMBER)
            for tell in (*news[first:], *news[:first], *news):
                tell()
            assert Call.objects.get().cause == "declined"


class TestUnheard:
    @pytest.fixture
    def at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(unheard, "PAUSE", timedelta())

    def call_in_vain(self, play: Play, token: str) -> str:
        """Twilio asks for a page that there is not, and says it is sorry."""

        async def scene(exchange: Exchange) -> str:
            device = await exchange.register(token)
            await exchange.call(device, catalogue.ECHO_NUMBER)
            return await exchange.hang_up_when(device, "answer")

        return str(play(scene))

    @pytest.fixture
    def lost_app(self, alices_token: str, alice: User, site: str, fake_twilio: FakeTwilio) -> None:
        credentials = alice.twilio_credentials
        sid = credentials.account.account_sid
        answer = requests.post(
            f"{fake_twilio.base_url}/2010-04-01/Accounts/{sid}/Applications/{credentials.twiml_app_sid}.json",
            headers={"X-Twilio-Host": "api.twilio.com"},
            auth=(sid, catalogue.auth_token(catalogue.DEMO)),
            data={"VoiceUrl": f"{site}/nowhere/"},
            timeout=10,
        )
        assert answer.ok

    def test_a_call_that_twilio_could_not_ask_us_about_is_recorded_with_its_cause(
        self, lost_app: None, at_once: None, alices_token: str, play: Play, alice: User
    ) -> None:
        sid = self.call_in_vain(play, alices_token)
        assert not Call.objects.exists()
        assert signed_in(alice).get(f"/phone/calls/{sid}/ending/").status_code == 404
        report(alice, "disconnect", f"outgoing {sid}")
        [call] = wait_for_causes().values()
        assert (call.call_sid, call.user, call.to_address) == (sid, alice, catalogue.ECHO_NUMBER)
        words = "Twilio asked Dog n Bone's own server what to do with the call, and got HTTP 404."
        assert (call.cause, describe_cause(call).words) == ("webhook_failed", words)
        assert describe_cause(call).is_alarm
        assert read_ending(alice, sid)[0] == "webhook_failed"
        assert "nowhere" not in str(call.cause_facts)

    def test_nobody_records_a_call_of_somebody_else(
        self, lost_app: None, at_once: None, alices_token: str, play: Play, bob: User
    ) -> None:
        make_member(bob)
        sid = self.call_in_vain(play, alices_token)
        report(bob, "disconnect", f"outgoing {sid}")
        run_tasks()
        assert not Call.objects.exists()
