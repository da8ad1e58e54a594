"""Each way to the telephone network asks the company's limits, whatever a page or a caller wants."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.utils import format_datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core import mail
from django.db import connection, connections
from django.utils import timezone

from accounts.company.memberships import Membership
from accounts.failures.alarms import Alarm
from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from fake_twilio import catalogue
from phone.answering.rules import NumberRules
from phone.calling_limits.calling_limits import CallingLimits, CallingLimitsChange
from phone.calling_limits.permission import RINGING, Asked, ask_permission
from phone.calling_limits.placed_calls import PlacedCall
from phone.calls.call import Call
from phone.calls.changes import found_alive
from phone.calls.legs import CallLeg
from phone.calls.reconciling import end_untold
from phone.in_call.parts import get_part
from phone.in_call.targets import find_target
from tests.calling_limits import limit_calls
from tests.conftest import signed_in
from tests.tasks import run_tasks
from tests.webhook_requests import add_number, build_call_sid, make_member, post

NUMBER = catalogue.DEMO_NUMBER
LONDON = "+442079460123"
PREMIUM = catalogue.PREMIUM_NUMBER


@pytest.fixture
def account(alice: User, bob: User) -> TwilioAccount:
    """Alice, whose it is, and Bob, on an account with an American number."""
    account = make_member(alice)
    make_member(bob)
    add_number(account, NUMBER, points_here=True)
    return account


def dial(account: TwilioAccount, caller: User, to: str, name: str = "") -> ElementTree.Element:
    sid = build_call_sid(name or to)
    answer = post("voice_webhook", account, From=f"client:{caller.identity}", To=to, CallSid=sid)
    assert answer.status_code == 200
    return ElementTree.fromstring(answer.content)


def said(document: ElementTree.Element) -> str:
    """What the caller hears instead of being connected; "" where they are."""
    return document.findtext("Say") or ""


def get_call(name: str) -> Call:
    return Call.objects.get(call_sid=build_call_sid(name))


def end_call(account: TwilioAccount, number: str, name: str, *, seconds: int) -> None:
    """The number has answered, and was talked to for so long."""
    sids = {"CallSid": build_call_sid(f"leg of {name}"), "ParentCallSid": build_call_sid(name), "To": number}
    post("call_status", account, CallStatus="in-progress", **sids)
    CallLeg.objects.filter(call_sid=sids["CallSid"]).update(
        answered_at=timezone.now() - timedelta(seconds=seconds)
    )
    post("call_status", account, CallStatus="completed", **sids)


class TestDialled:
    def test_by_default_the_home_country_and_its_free_numbers(
        self, account: TwilioAccount, alice: User
    ) -> None:
        for number in (catalogue.STRANGER_NUMBER, "+18005550199"):
            assert dial(account, alice, number).findtext("Dial/Number") == number
        assert said(dial(account, alice, LONDON)) == "Your company does not allow calls to United Kingdom."
        call = get_call(LONDON)
        assert (call.status, call.cause, call.to_address) == ("failed", "country_not_allowed", LONDON)
        ending = signed_in(alice).get(f"/phone/calls/{call.call_sid}/ending/").json()
        assert ending["cause"] == "country_not_allowed"
        assert ending["words"] == "Your company does not allow calls to United Kingdom."
        assert ending["remedy"] == "Alice can allow it in the settings, under “Calling limits”."

    @pytest.mark.parametrize(
        ("number", "words"),
        [
            (PREMIUM, "Your company does not allow calls to numbers that cost extra."),
            ("+881612345678", "Your company does not allow calls to satellites and international networks."),
        ],
    )
    def test_what_is_dear_is_refused_by_its_kind(
        self, account: TwilioAccount, alice: User, number: str, words: str
    ) -> None:
        assert said(dial(account, alice, number)) == words
        assert get_call(number).cause == "refused_here"
        limit_calls(account, allows_premium=True, allows_satellite=True)
        assert dial(account, alice, number, "again").findtext("Dial/Number") == number

    def test_home_is_where_the_numbers_are_and_where_the_owner_is(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        User.objects.filter(pk=bob.pk).update(home_country="GB")
        assert said(dial(account, alice, LONDON, "a member's"))
        User.objects.filter(pk=alice.pk).update(home_country="GB")
        assert not said(dial(account, bob, LONDON, "the owner's"))
        User.objects.filter(pk=alice.pk).update(home_country="")
        add_number(account, "+442079460999")
        assert not said(dial(account, bob, LONDON, "a number's"))

    def test_abroad_is_the_same_for_who_may_not_call_there_as_for_the_limits(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        limit_calls(account, countries=["CA", "FR", "GB"])
        Membership.objects.filter(user=bob).update(may_call_abroad=False)
        add_number(account, "+442079460999")
        for number in (catalogue.STRANGER_NUMBER, LONDON, "+18005550199", "+80012345678"):
            assert not said(dial(account, bob, number)), number
        words = "This phone does not call other countries than its own. Ask the owner of your company."
        for number in ("+33144556677", "+14165550123"):
            assert said(dial(account, bob, number, f"his {number}")) == words
            assert get_call(f"his {number}").cause_facts["refusal"]["variant"] == "abroad"
            assert signed_in(bob).post("/phone/whom/", {"typed": number}).json()["refusal"] == words
            assert not said(dial(account, alice, number, f"the owner's {number}"))

    @pytest.mark.django_db(transaction=True)
    def test_a_call_of_another_account_is_refused_and_counts_nowhere(
        self, account: TwilioAccount, alice: User, mallory: User
    ) -> None:
        dial(account, alice, catalogue.ECHO_NUMBER, "hers")
        theirs = make_member(mallory, "other")
        add_number(theirs, "+12025550143")
        who, sid = f"client:{mallory.identity}", build_call_sid("hers")
        token = catalogue.auth_token("other")
        asked = {"From": who, "To": catalogue.SLOW_NUMBER, "CallSid": sid}
        assert post("voice_webhook", theirs, auth_token=token, **asked).status_code == 403
        assert PlacedCall.objects.get().account == account
        # Nor where only the count of it is there.
        Call.objects.all().delete()
        assert post("voice_webhook", theirs, auth_token=token, **asked).status_code == 403
        assert PlacedCall.objects.get().account == account

    def test_nothing_that_a_page_sends_decides(self, account: TwilioAccount, alice: User) -> None:
        answer = post(
            "voice_webhook",
            account,
            From=f"client:{alice.identity}",
            To=LONDON,
            country="GB",
            allowed="yes",
            Countries="GB",
        )
        assert "does not allow" in answer.content.decode()

    def test_twilio_that_asks_twice_is_answered_the_same_and_counted_once(
        self, account: TwilioAccount, alice: User
    ) -> None:
        limit_calls(account, calls_at_once_of_person=1)
        first = dial(account, alice, catalogue.ECHO_NUMBER, "one")
        assert ElementTree.tostring(
            dial(account, alice, catalogue.ECHO_NUMBER, "one")
        ) == ElementTree.tostring(first)
        words = said(dial(account, alice, catalogue.SLOW_NUMBER, "two"))
        assert words == "You have 1 call at once already, as many as one person may have."
        end_call(account, catalogue.ECHO_NUMBER, "one", seconds=5)
        assert said(dial(account, alice, catalogue.SLOW_NUMBER, "two")) == words
        assert not said(dial(account, alice, catalogue.SLOW_NUMBER, "three"))

    def test_a_lost_callback_locks_nobody_out_for_ever(
        self, account: TwilioAccount, alice: User, pass_time: Any
    ) -> None:
        limit_calls(account, calls_at_once_of_person=1, minutes=20)
        dial(account, alice, catalogue.ECHO_NUMBER, "lost")
        assert said(dial(account, alice, catalogue.SLOW_NUMBER, "at once"))
        pass_time(timedelta(minutes=10) + RINGING)
        assert not said(dial(account, alice, catalogue.SLOW_NUMBER, "later"))

    def test_a_call_that_twilio_says_goes_on_is_counted_on(
        self, account: TwilioAccount, alice: User, pass_time: Any
    ) -> None:
        limit_calls(account, calls_at_once_of_person=1, minutes=20)
        dial(account, alice, catalogue.ECHO_NUMBER, "long")
        pass_time(timedelta(minutes=10) + RINGING)
        found_alive.send(sender=Call, call_sids=[build_call_sid("long")])
        assert said(dial(account, alice, catalogue.SLOW_NUMBER, "at once"))
        end_call(account, catalogue.ECHO_NUMBER, "long", seconds=5)
        found_alive.send(sender=Call, call_sids=[build_call_sid("long")])
        assert not said(dial(account, alice, catalogue.SLOW_NUMBER, "later"))

    def test_minutes_are_what_was_talked_and_end_the_call_that_uses_them_up(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        limit_calls(account, minutes=30)
        first = dial(account, alice, catalogue.ECHO_NUMBER, "one")
        assert first.find("Dial").attrib["timeLimit"] == "900"  # type: ignore[union-attr]
        end_call(account, catalogue.ECHO_NUMBER, "one", seconds=24 * 60)
        assert PlacedCall.objects.get().seconds == pytest.approx(24 * 60, abs=5)
        second = dial(account, alice, catalogue.ECHO_NUMBER, "two")
        limit = int(second.find("Dial").attrib["timeLimit"])  # type: ignore[union-attr]
        assert limit == pytest.approx(6 * 60, abs=5)
        # All that is left is taken by a call that goes on.
        assert said(dial(account, alice, catalogue.ECHO_NUMBER, "three")).startswith("The 30 minutes that")
        assert not said(dial(account, bob, catalogue.ECHO_NUMBER, "bob's"))

    def test_minutes_count_whose_answer_was_never_told(
        self, account: TwilioAccount, alice: User, pass_time: Any
    ) -> None:
        def end(name: str, **more: str) -> PlacedCall:
            dial(account, alice, catalogue.ECHO_NUMBER, name)
            pass_time(timedelta(seconds=100))
            sids = {"CallSid": build_call_sid(f"leg of {name}"), "ParentCallSid": build_call_sid(name)}
            post("call_status", account, CallStatus="completed", To=catalogue.ECHO_NUMBER, **sids, **more)
            return PlacedCall.objects.get(call_sid=build_call_sid(name))

        limit_calls(account, minutes=200)
        assert end("with its length", CallDuration="70").seconds == 70
        # It cannot have been longer than since it was asked for.
        assert end("without").seconds == pytest.approx(100, abs=3)
        row = end("told late", CallDuration="10")
        answered = format_datetime(timezone.now() - timedelta(seconds=80))
        sids = {
            "CallSid": build_call_sid("leg of told late"),
            "ParentCallSid": build_call_sid("told late"),
        }
        to = catalogue.ECHO_NUMBER
        post("call_status", account, CallStatus="in-progress", To=to, Timestamp=answered, **sids)
        row.refresh_from_db()
        assert row.seconds == pytest.approx(80, abs=3)

    @pytest.mark.parametrize("is_answered", [True, False])
    def test_a_call_of_whose_end_nothing_is_told_counts_with_what_it_was_granted(
        self, account: TwilioAccount, alice: User, is_answered: bool
    ) -> None:
        limit_calls(account, minutes=40)
        dial(account, alice, catalogue.ECHO_NUMBER, "lost")
        if is_answered:
            sids = {"CallSid": build_call_sid("leg"), "ParentCallSid": build_call_sid("lost")}
            post("call_status", account, CallStatus="in-progress", To=catalogue.ECHO_NUMBER, **sids)
        assert end_untold([get_call("lost")]) == 1
        assert PlacedCall.objects.get().seconds == 1200
        assert "at_limit" not in get_call("lost").cause_facts

    def test_a_call_that_was_ended_by_its_limit_says_so(self, account: TwilioAccount, alice: User) -> None:
        limit_calls(account, minutes=10)
        dial(account, alice, catalogue.ECHO_NUMBER, "long")
        end_call(account, catalogue.ECHO_NUMBER, "long", seconds=600)
        assert get_call("long").cause_facts["at_limit"] is True
        post("dial_action", account, DialCallStatus="completed", CallSid=build_call_sid("long"))
        ending = signed_in(alice).get(f"/phone/calls/{build_call_sid('long')}/ending/").json()
        assert ending["cause"] == "answered"
        assert ending["words"].startswith("The call was ended: it had lasted as long as the calling limits")

    @pytest.mark.parametrize("seconds", [590, 610])
    def test_a_call_that_ended_before_or_long_after_its_limit_was_not_ended_by_it(
        self, account: TwilioAccount, alice: User, seconds: int
    ) -> None:
        limit_calls(account, minutes=10)
        dial(account, alice, catalogue.ECHO_NUMBER, "long")
        end_call(account, catalogue.ECHO_NUMBER, "long", seconds=seconds)
        assert "at_limit" not in get_call("long").cause_facts

    def test_new_numbers_are_counted_and_known_ones_are_not(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        limit_calls(account, new_numbers=1)
        assert not said(dial(account, alice, catalogue.ECHO_NUMBER, "one"))
        assert "1 number in a day" in said(dial(account, alice, catalogue.SLOW_NUMBER, "two"))
        assert not said(dial(account, bob, catalogue.SLOW_NUMBER, "bob's"))
        assert not said(dial(account, alice, catalogue.SLOW_NUMBER, "three"))

    def test_whom_a_page_asks_about_is_told_before_there_is_a_call(
        self, account: TwilioAccount, alice: User
    ) -> None:
        answer = signed_in(alice).post("/phone/whom/", {"typed": LONDON}).json()
        assert (answer["to"], answer["cause"]) == ("", "country_not_allowed")
        assert not PlacedCall.objects.exists()


class TestInACall:
    @pytest.fixture
    def call(self, account: TwilioAccount, alice: User) -> Call:
        """Alice talks to somebody."""
        dial(account, alice, catalogue.STRANGER_NUMBER, "talk")
        end = {"CallSid": build_call_sid("their leg"), "ParentCallSid": build_call_sid("talk")}
        post("call_status", account, CallStatus="in-progress", To=catalogue.STRANGER_NUMBER, **end)
        CallLeg.objects.filter(call_sid=build_call_sid("talk")).update(status="in-progress")
        return get_call("talk")

    @pytest.mark.parametrize("deed", ["transfer", "consult", "add"])
    def test_nobody_is_brought_in_from_a_country_that_is_not_allowed(
        self, call: Call, alice: User, deed: str
    ) -> None:
        answer = signed_in(alice).post(f"/phone/calls/{call.call_sid}/{deed}/", {"to": LONDON})
        assert answer.status_code == 422
        assert answer.json() == {
            "cause": "country_not_allowed",
            "words": "Your company does not allow calls to United Kingdom.",
            "remedy": "Alice can allow it in the settings, under “Calling limits”.",
        }
        # Not even Twilio was asked, and whoever looks for misuse sees it.
        assert not call.legs.filter(address=LONDON).exists()
        assert PlacedCall.objects.get(number=LONDON).refused_for == "country"

    def test_one_more_than_may_be_at_once_is_undone_with_its_row(self, call: Call, alice: User) -> None:
        limit_calls(call.account, calls_at_once_of_person=1)
        part = get_part(alice, call.call_sid)
        assert part is not None
        wanted = find_target(part, typed=catalogue.ECHO_NUMBER, call_from="")
        answer = signed_in(alice).post(f"/phone/calls/{call.call_sid}/transfer/", {"to": wanted.phone_number})
        assert (answer.status_code, answer.json()["cause"]) == (422, "refused_here")
        assert not call.legs.filter(address=wanted.phone_number).exists()
        assert PlacedCall.objects.get(number=wanted.phone_number).refused_for == "calls_at_once_of_person"


class TestForwarded:
    @pytest.fixture
    def rules(self, account: TwilioAccount) -> NumberRules:
        return NumberRules.objects.create(
            account=account,
            phone_number=NUMBER,
            week=[""] * 7,
            closed_then="number",
            closed_number=LONDON,
            closed_sentence="Nobody is here.",
        )

    def ring(self, account: TwilioAccount, name: str = "in") -> ElementTree.Element:
        sid = build_call_sid(name)
        caller = catalogue.STRANGER_NUMBER
        answer = post("voice_webhook", account, From=caller, To=NUMBER, CallSid=sid)
        return ElementTree.fromstring(answer.content)

    def test_an_incoming_call_is_not_forwarded_abroad(
        self, account: TwilioAccount, rules: NumberRules
    ) -> None:
        document = self.ring(account)
        assert said(document) == "Nobody is here.", ElementTree.tostring(document)
        assert get_call("in").cause_facts["not_forwarded"] == "country"
        limit_calls(account, countries=["GB"], minutes_abroad=20)
        document = self.ring(account, "allowed")
        assert document.findtext("Dial/Number") == LONDON
        assert document.find("Dial").attrib["timeLimit"] == "600"  # type: ignore[union-attr]
        # And no two callers at once make more of it than a day allows.
        assert self.ring(account, "second").findtext("Dial/Number") == LONDON
        assert said(self.ring(account, "third")) == "Nobody is here."

    def test_what_somebody_called_who_is_gone_is_not_what_is_forwarded(
        self, account: TwilioAccount, bob: User, rules: NumberRules
    ) -> None:
        limit_calls(account, countries=["GB"], minutes_abroad=20)
        for name in ("one", "two"):
            assert not said(dial(account, bob, LONDON, name))
        bob.delete()
        assert self.ring(account).findtext("Dial/Number") == LONDON

    def test_it_cannot_be_set_either(self, account: TwilioAccount, alice: User, rules: NumberRules) -> None:
        number = account.phone_numbers.get()
        client = signed_in(alice)
        url = f"/phone/settings/numbers/{number.pk}/"
        form = client.get(url).context["form"]
        fields = {name: form[name].value() for name in form.fields if form[name].value() is not None}
        answer = client.post(url, {**fields, "closed_number": LONDON})
        assert answer.status_code == 422
        assert "Your company does not allow calls to United Kingdom." in answer.content.decode()


class TestMisuse:
    def attack(self, account: TwilioAccount, caller: User, count: int, name: str = "") -> list[str]:
        """So many numbers that follow one another."""
        numbers = [f"+3712100000{digit}" for digit in range(count)]
        return [said(dial(account, caller, number, f"{name}{number}")) for number in numbers]

    def test_it_stops_calls_abroad_and_tells_the_owner_and_staff_once(
        self, account: TwilioAccount, alice: User, bob: User, admin_user: User
    ) -> None:
        limit_calls(account, countries=["LV", "GB"])
        heard = self.attack(account, bob, 7)
        stopped = "Calls abroad are stopped for your company: there were some that looked like misuse."
        assert heard == ["", "", "", "", stopped, stopped, stopped]
        assert said(dial(account, alice, LONDON)) == stopped
        assert get_call(LONDON).cause == "refused_here"
        assert not said(dial(account, bob, catalogue.ECHO_NUMBER))
        run_tasks()
        letters = {letter.to[0]: letter for letter in mail.outbox}
        assert sorted(letters) == ["admin@example.com", "alice@example.com"]
        assert len(mail.outbox) == 2
        assert "Bob (bob@example.com)" in letters["alice@example.com"].body
        assert "/phone/settings/limits/" in letters["alice@example.com"].body
        alarm = Alarm.objects.standing().get()
        assert "numbers abroad that follow one another, by bob@example.com" in alarm.reason
        change = CallingLimitsChange.objects.get()
        assert (change.email, change.after["calls_abroad"]) == ("", "stopped")

    def test_the_owner_lets_them_be_made_again_and_a_new_attack_is_told_of_again(
        self, account: TwilioAccount, alice: User, bob: User, admin_user: User
    ) -> None:
        limit_calls(account, countries=["LV"])
        self.attack(account, bob, 5)
        run_tasks()
        mail.outbox.clear()
        answer = signed_in(bob).post("/phone/settings/limits/release/")
        assert answer.status_code == 403
        signed_in(alice).post("/phone/settings/limits/release/")
        assert CallingLimits.objects.get().stopped_at is None
        assert not Alarm.objects.standing().exists()
        assert not said(dial(account, bob, "+37121000009", "after"))
        assert self.attack(account, bob, 5, "again")[-1]
        assert CallingLimits.objects.get().stopped_at is not None
        assert Alarm.objects.standing().exists()
        run_tasks()
        assert len(mail.outbox) == 2

    def test_where_it_is_not_to_stop_them_it_is_told_of_all_the_same(
        self, account: TwilioAccount, bob: User
    ) -> None:
        limit_calls(account, countries=["LV"], stops_on_alarm=False, minutes_abroad=9_000)
        assert self.attack(account, bob, 8) == [""] * 8
        assert Alarm.objects.standing().count() == 1
        run_tasks()
        assert len(mail.outbox) == 1

    def test_what_is_refused_in_a_call_is_seen_although_it_is_undone(
        self, account: TwilioAccount, alice: User
    ) -> None:
        limit_calls(account, countries=["LV"])
        self.attack(account, alice, 4)
        dial(account, alice, catalogue.ECHO_NUMBER, "talk")
        end = {"CallSid": build_call_sid("their leg"), "ParentCallSid": build_call_sid("talk")}
        post("call_status", account, CallStatus="in-progress", To=catalogue.ECHO_NUMBER, **end)
        CallLeg.objects.filter(call_sid=build_call_sid("talk")).update(status="in-progress")
        url = f"/phone/calls/{build_call_sid('talk')}/transfer/"
        answer = signed_in(alice).post(url, {"to": "+37121000009"})
        assert (answer.status_code, answer.json()["cause"]) == (422, "refused_here")
        assert CallingLimits.objects.get().stopped_at is not None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("limit", ["calls_at_once", "calls_at_once_of_person", "new_numbers"])
def test_many_at_once_never_pass_a_limit(account: TwilioAccount, alice: User, limit: str) -> None:
    """As many workers would: each with a connection of its own."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite writes one after the other by itself")
    limit_calls(account, **{limit: 3})
    start = threading.Barrier(8)

    def ask(number: int) -> bool:
        try:
            start.wait(timeout=30)
            asked = Asked(
                account, alice, f"+1202555010{number}", f"key {number}", build_call_sid(str(number))
            )
            return ask_permission(asked).refusal is None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as threads:
        allowed = list(threads.map(ask, range(8)))
    assert sum(allowed) == 3
    assert PlacedCall.objects.allowed().count() == 3
