"""Somebody is called while they load their page anew: it is waited for, and rings there."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from phone.answering.rules import NumberRules
from phone.calls.call import Call
from phone.calls.do_not_disturb import switch_do_not_disturb
from phone.device.presence import BACK_WITHIN
from phone.recents.recent_call import RecentCall
from tests.integration.answering.conftest import NUMBER, make_rules
from tests.integration.answering.test_ringing import STRANGER, end_dial, find, read, ring, verbs, who_rings
from tests.open_pages import PhonePage, open_phone
from tests.webhook_requests import build_call_sid, post

PassTime = Callable[[timedelta], None]
SECOND = timedelta(seconds=1)
WAITS, TOLD = ["Pause", "Redirect"], ["Say", "Hangup"]


def look(account: TwilioAccount, document: ElementTree.Element, **params: str) -> ElementTree.Element:
    """Twilio goes on as the document says, after its pause."""
    query = "?" + (find(document, "Redirect").text or "").partition("?")[2]
    return read(post("woken", account, query=query, **{"From": STRANGER, "To": NUMBER, **params}))


def call_colleague(account: TwilioAccount, caller: User, colleague: User) -> ElementTree.Element:
    return read(post("voice_webhook", account, From=f"client:{caller.identity}", To=colleague.email))


def tell_story() -> dict[str, Any]:
    """What is kept of the only call, and of those who see it among theirs."""
    call = Call.objects.get()
    return {
        "call": (call.status, call.cause, call.ending, call.cause_facts),
        "legs": list(call.legs.values_list("role", "status")),
        "rung": list(call.rung.values_list("pk", flat=True)),
        "recents": list(RecentCall.objects.order_by("user").values_list("user", "cause", "is_missed")),
    }


class TestFromOutside:
    @pytest.fixture(autouse=True)
    def rules(self, account: TwilioAccount, bob: User) -> NumberRules:
        return make_rules(account, bob, seconds=17)

    def test_the_page_that_comes_is_rung_once_its_device_is_ready(
        self, account: TwilioAccount, bob: User
    ) -> None:
        open_phone(bob).leave()
        waiting = ring(account)
        assert verbs(waiting) == WAITS
        assert find(waiting, "Pause").attrib["length"] == "1"
        # Twilio may ask twice.
        assert ElementTree.tostring(ring(account)) == ElementTree.tostring(waiting)
        assert Call.objects.get().rung.count() == 0
        page = PhonePage(bob)
        assert verbs(look(account, waiting)) == WAITS
        page.become_ready()
        ringing = look(account, waiting)
        assert who_rings(ringing) == [bob.identity]
        assert find(ringing, "Dial").attrib["timeout"] == "17"
        assert list(Call.objects.get().rung.all()) == [bob]
        assert verbs(end_dial(account, find(ringing, "Dial"), "no-answer")) == TOLD

    @pytest.mark.parametrize("then", ["sentence", "voicemail"])
    def test_where_no_page_comes_it_is_as_if_nobody_had_been_waited_for(
        self, account: TwilioAccount, rules: NumberRules, bob: User, then: str, pass_time: PassTime
    ) -> None:
        rules.unanswered_then = then
        rules.save()
        page = open_phone(bob)
        page.leave()
        pass_time(BACK_WITHIN + SECOND)
        at_once, story = ElementTree.tostring(ring(account)), tell_story()
        Call.objects.all().delete()

        open_phone(bob).leave()
        waiting = ring(account)
        assert verbs(waiting) == verbs(look(account, waiting)) == WAITS
        pass_time(BACK_WITHIN)
        assert ElementTree.tostring(look(account, waiting)) == at_once
        assert ElementTree.tostring(look(account, waiting)) == at_once
        assert tell_story() == {**story, "call": (*story["call"][:3], Call.objects.get().cause_facts)}
        assert Call.objects.get().cause_facts["answering"] == story["call"][3]["answering"]

    def test_a_page_that_is_there_without_a_device_in_the_end_is_rung_all_the_same(
        self, account: TwilioAccount, bob: User, pass_time: PassTime
    ) -> None:
        open_phone(bob).leave()
        waiting = ring(account)
        PhonePage(bob)
        pass_time(BACK_WITHIN)
        # The ring follows them, once the Device is ready.
        assert who_rings(look(account, waiting)) == [bob.identity]

    def test_a_page_is_waited_for_as_soon_as_the_one_before_has_said_that_it_is_left(
        self, account: TwilioAccount, bob: User
    ) -> None:
        open_phone(bob).report("offline", "destroyed")
        assert verbs(ring(account)) == WAITS

    def test_a_caller_who_hangs_up_meanwhile_ends_it(self, account: TwilioAccount, bob: User) -> None:
        open_phone(bob).leave()
        assert verbs(look(account, ring(account), CallStatus="completed")) == ["Hangup"]

    def test_one_after_the_other_each_is_waited_for_in_their_turn(
        self, account: TwilioAccount, rules: NumberRules, alice: User, bob: User, pass_time: PassTime
    ) -> None:
        rules.people.through.objects.create(rules=rules, user=alice, position=1)
        rules.order = NumberRules.Order.IN_ORDER
        rules.save()
        open_phone(alice)
        open_phone(bob).leave()
        waiting = ring(account)
        assert verbs(waiting) == WAITS
        pass_time(BACK_WITHIN)
        assert who_rings(look(account, waiting)) == [alice.identity]


class TestWhoIsNotWaitedFor:
    @pytest.fixture(autouse=True)
    def rules(self, account: TwilioAccount, bob: User) -> NumberRules:
        return make_rules(account, bob)

    def test_whoever_has_left_too_long_ago(
        self, account: TwilioAccount, bob: User, pass_time: PassTime
    ) -> None:
        open_phone(bob).leave()
        pass_time(BACK_WITHIN + SECOND)
        assert verbs(ring(account)) == TOLD

    def test_a_page_that_was_no_phone(self, account: TwilioAccount, bob: User) -> None:
        PhonePage(bob).leave()
        assert verbs(ring(account)) == TOLD

    def test_a_page_beside_the_phone(self, account: TwilioAccount, bob: User) -> None:
        page = open_phone(bob)
        page.report("offline", "other-tab")
        page.end()
        assert verbs(ring(account)) == TOLD

    def test_whoever_has_signed_out(self, account: TwilioAccount, bob: User) -> None:
        open_phone(bob).end(is_signed_out=True)
        assert verbs(ring(account)) == TOLD

    def test_whoever_does_not_want_to_be_disturbed(self, account: TwilioAccount, bob: User) -> None:
        open_phone(bob).leave()
        switch_do_not_disturb(bob, is_on=True)
        assert verbs(ring(account)) == TOLD

    def test_whoever_has_no_phone_any_more(self, account: TwilioAccount, bob: User) -> None:
        open_phone(bob).leave()
        bob.membership.delete()
        assert verbs(ring(account)) == TOLD

    def test_whoever_has_blocked_the_caller(
        self, account: TwilioAccount, bob: User, rules: NumberRules
    ) -> None:
        bob.blocked_callers.create(account=account, caller=STRANGER)
        open_phone(bob).leave()
        assert "Pause" not in verbs(ring(account))


def test_others_are_rung_at_once_and_whoever_may_be_back_with_them(
    account: TwilioAccount, alice: User, bob: User
) -> None:
    make_rules(account, alice, bob)
    open_phone(alice)
    open_phone(bob).leave()
    ringing = ring(account)
    assert who_rings(ringing) == [alice.identity, bob.identity]
    # Twilio ends the ring that nobody hears; it is kept for the page that comes.
    leg = {"ParentCallSid": build_call_sid(), "CallSid": build_call_sid("leg")}
    post("call_status", account, To=f"client:{bob.identity}", CallStatus="no-answer", **leg)
    kept = Call.objects.get().legs.get(user=bob)
    assert (kept.status, kept.ended_at) == ("ringing", None)


def test_it_costs_no_question_more_where_all_are_there(
    account: TwilioAccount, alice: User, bob: User
) -> None:
    make_rules(account, alice, bob)
    counts = []
    for person in (alice, bob):
        open_phone(person)
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            assert len(who_rings(ring(account))) == 2
        counts.append(len(asked))
        Call.objects.all().delete()
        open_phone(bob).leave()
    assert counts[0] == counts[1]


class TestAColleague:
    def test_the_page_that_comes_is_rung(self, account: TwilioAccount, alice: User, bob: User) -> None:
        open_phone(bob).leave()
        waiting = call_colleague(account, alice, bob)
        assert verbs(waiting) == WAITS
        sender = {"From": f"client:{alice.identity}", "To": bob.email}
        page = PhonePage(bob)
        assert verbs(look(account, waiting, **sender)) == WAITS
        assert not RecentCall.objects.filter(user=bob).exists()
        page.become_ready()
        assert who_rings(look(account, waiting, **sender)) == [bob.identity]
        assert list(Call.objects.get().rung.all()) == [bob]
        assert RecentCall.objects.filter(user=bob).exists()

    def test_where_no_page_comes_it_is_as_if_nobody_had_been_waited_for(
        self, account: TwilioAccount, alice: User, bob: User, pass_time: PassTime
    ) -> None:
        open_phone(bob).leave()
        pass_time(BACK_WITHIN + SECOND)
        at_once, story = ElementTree.tostring(call_colleague(account, alice, bob)), tell_story()
        assert b"Bob cannot be reached right now." in at_once
        Call.objects.all().delete()

        open_phone(bob).leave()
        waiting = call_colleague(account, alice, bob)
        assert verbs(waiting) == WAITS
        pass_time(BACK_WITHIN + SECOND)
        assert ElementTree.tostring(look(account, waiting)) == at_once
        assert tell_story() == story

    def test_whoever_does_not_want_to_be_disturbed_or_has_signed_out_is_not_waited_for(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        page = open_phone(bob)
        page.end(is_signed_out=True)
        assert verbs(call_colleague(account, alice, bob)) == TOLD
        open_phone(bob).leave()
        switch_do_not_disturb(bob, is_on=True)
        Call.objects.all().delete()
        assert verbs(call_colleague(account, alice, bob)) == TOLD
