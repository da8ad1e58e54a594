"""Who is rung, in which order, and what the caller hears instead: by signed webhooks."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from fake_twilio import catalogue
from phone.answering.greetings import Greeting
from phone.answering.progress import AnsweringPlan
from phone.answering.rules import NumberRules
from phone.answering.steps import SENT
from phone.calls.call import Call
from phone.calls.do_not_disturb import switch_do_not_disturb
from phone.calls.languages import SPEECHES
from phone.device.presence import record_state
from phone.in_call.rescue import LOST
from phone.recents.recent_call import RecentCall
from phone.recordings.announcing import get_announcement_url
from phone.recordings.choices import choose
from phone.recordings.recordings import Recording
from phone.voicemail.messages import VoicemailCopy
from tests.conftest import signed_in
from tests.integration.answering.conftest import NUMBER, OTHER_NUMBER, make_rules
from tests.open_pages import record_connected
from tests.webhook_requests import add_number, build_call_sid, make_member, post

STRANGER = catalogue.STRANGER_NUMBER
IN_ORDER = NumberRules.Order.IN_ORDER


def ring(account: TwilioAccount, **params: str) -> ElementTree.Element:
    return read(post("voice_webhook", account, **{"From": STRANGER, "To": NUMBER, **params}))


def end_dial(
    account: TwilioAccount, dial: ElementTree.Element, result: str, **params: str
) -> ElementTree.Element:
    """Twilio asks at the address that the Dial named."""
    query = "?" + dial.attrib["action"].partition("?")[2]
    fields = {"From": STRANGER, "To": NUMBER, "DialCallStatus": result, **params}
    return read(post("dial_action", account, query=query, **fields))


def read(response: Any) -> ElementTree.Element:
    assert response.status_code == 200
    return ElementTree.fromstring(response.content)


def find(document: ElementTree.Element, path: str) -> ElementTree.Element:
    found = document.find(path)
    assert found is not None, ElementTree.tostring(document)
    return found


def who_rings(document: ElementTree.Element) -> list[str | None]:
    return [identity.text for identity in document.iterfind("Dial/Client/Identity")]


def verbs(document: ElementTree.Element) -> list[str]:
    return [verb.tag for verb in document]


def get_facts() -> dict[str, Any]:
    facts: dict[str, Any] = Call.objects.get().cause_facts["answering"]
    return facts


def be_away(person: User) -> None:
    page_session = uuid.uuid4()
    record_connected(user=person, page_session=page_session, socket=uuid.uuid4())
    record_state(user=person, page_session=page_session, state="offline")


class TestOrder:
    def test_the_chosen_ring_at_once_for_as_long_as_was_set(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        make_member(User.objects.create_user("carol@example.com", "dog-and-bone"))
        make_rules(account, alice, bob, seconds=17)
        document = ring(account)
        assert set(who_rings(document)) == {alice.identity, bob.identity}
        assert find(document, "Dial").attrib["timeout"] == "17"
        assert set(Call.objects.get().rung.all()) == {alice, bob}

    def test_one_after_the_other_each_is_rung_in_their_turn(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        make_rules(account, bob, alice, order=IN_ORDER, seconds=9, unanswered_then="voicemail")
        first = ring(account)
        assert who_rings(first) == [bob.identity]
        call = Call.objects.get()
        second = end_dial(account, find(first, "Dial"), "busy")
        assert who_rings(second) == [alice.identity]
        call.refresh_from_db()
        assert (call.status, call.ended_at) == ("ringing", None)
        last = end_dial(account, find(second, "Dial"), "no-answer")
        assert verbs(last) == ["Say", "Record", "Say", "Hangup"]
        call.refresh_from_db()
        assert (call.status, call.ending, set(call.rung.all())) == ("no-answer", "", {alice, bob})
        assert call.ended_at is not None

    def test_who_is_away_when_their_turn_comes_is_passed_over(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        make_rules(account, bob, alice, order=IN_ORDER)
        first = ring(account)
        be_away(alice)
        assert verbs(end_dial(account, find(first, "Dial"), "no-answer")) == ["Say", "Hangup"]

    def test_twilio_may_ask_twice_and_is_answered_the_same(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        make_rules(account, bob, alice, order=IN_ORDER)
        first = ring(account)
        assert ElementTree.tostring(ring(account)) == ElementTree.tostring(first)
        second = end_dial(account, find(first, "Dial"), "no-answer")
        be_away(alice)
        again = end_dial(account, find(first, "Dial"), "no-answer")
        assert ElementTree.tostring(again) == ElementTree.tostring(second)
        assert Call.objects.get().status == "ringing"

    @pytest.mark.parametrize("is_away_at_first", [False, True])
    def test_the_caller_is_told_once_by_the_first_step_that_has_the_call_recorded(
        self, account: TwilioAccount, alice: User, bob: User, is_away_at_first: bool
    ) -> None:
        make_rules(account, bob, alice, order=IN_ORDER)
        choose(account=account, person=alice, is_on=True, by=alice)
        if is_away_at_first:
            be_away(bob)
            first = ring(account)
            assert [verbs(one) for one in (first, ring(account))] == [["Say", "Dial"]] * 2
            assert find(first, "Say").text == SPEECHES["en-GB"].recorded
            return
        first = ring(account)
        assert verbs(first) == ["Dial"]
        assert not Recording.objects.exists()
        for _ in range(2):
            assert verbs(end_dial(account, find(first, "Dial"), "no-answer")) == ["Say", "Dial"]
        assert Recording.objects.get().announced_at is not None

    def test_a_caller_who_was_told_is_not_told_again(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        make_rules(account, bob, alice, order=IN_ORDER)
        choose(account=account, person=None, is_on=True, by=alice)
        first = ring(account)
        assert verbs(first) == ["Say", "Dial"]
        assert verbs(end_dial(account, find(first, "Dial"), "no-answer")) == ["Dial"]

    def test_whoever_answers_ends_the_plan(self, account: TwilioAccount, alice: User, bob: User) -> None:
        make_rules(account, bob, alice, order=IN_ORDER, unanswered_then="voicemail")
        first = ring(account)
        leg = {"ParentCallSid": build_call_sid(), "CallSid": build_call_sid("leg")}
        post("call_status", account, To=f"client:{bob.identity}", CallStatus="in-progress", **leg)
        assert verbs(end_dial(account, find(first, "Dial"), "completed")) == ["Hangup"]
        call = Call.objects.get()
        assert (call.status, call.user, "answering" in call.cause_facts) == ("completed", bob, False)

    def test_a_caller_who_gives_up_ends_the_plan(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        make_rules(account, bob, alice, order=IN_ORDER, unanswered_then="voicemail")
        first = ring(account)
        document = end_dial(account, find(first, "Dial"), "no-answer", CallStatus="no-answer")
        assert verbs(document) == ["Hangup"]
        call = Call.objects.get()
        assert (call.status, call.ending, list(call.rung.all())) == ("no-answer", "", [bob])

    def test_those_who_have_left_are_not_rung(self, account: TwilioAccount, alice: User, bob: User) -> None:
        make_rules(account, bob, alice)
        bob.twilio_credentials.delete()
        assert who_rings(ring(account)) == [alice.identity]

    def test_it_takes_one_short_transaction_and_asks_nobody(
        self, account: TwilioAccount, alice: User, bob: User, settings: Any
    ) -> None:
        settings.TWILIO_BASE_URL = "http://127.0.0.1:9"
        make_rules(account, bob, alice, order=IN_ORDER)
        with CaptureQueriesContext(connection) as queries:
            ring(account)
        assert len(queries) <= 40, [query["sql"] for query in queries]


class TestNobody:
    def test_do_not_disturb_keeps_a_phone_from_ringing(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        switch_do_not_disturb(bob, is_on=True)
        assert who_rings(ring(account)) == [alice.identity]
        switch_do_not_disturb(bob, is_on=False)
        assert len(who_rings(ring(account, CallSid=build_call_sid("2")))) == 2

    def test_where_nobody_wants_to_be_disturbed_what_else_was_set_comes_at_once(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        make_rules(account, alice, unanswered_then="voicemail")
        switch_do_not_disturb(alice, is_on=True)
        assert "Record" in verbs(ring(account))
        assert get_facts() == {"result": "voicemail", "why": "do_not_disturb", "people": [alice.pk]}
        assert not Call.objects.get().rung.exists()

    def test_a_stranger_is_not_told_of_do_not_disturb(self, account: TwilioAccount, alice: User) -> None:
        make_rules(account, alice)
        switch_do_not_disturb(alice, is_on=True)
        assert "disturb" not in ElementTree.tostring(ring(account)).decode()
        assert get_facts()["result"] == "do_not_disturb"

    def test_nobody_there_is_told_apart(self, account: TwilioAccount, alice: User) -> None:
        make_rules(account, alice, unanswered_sentence="Try the shop next door.")
        be_away(alice)
        assert find(ring(account), "Say").text == "Try the shop next door."
        assert get_facts()["result"] == "nobody_available"
        call = Call.objects.get()
        assert (call.status, call.ending) == ("no-answer", "Try the shop next door.")
        assert call.legs.get().ended_at is not None

    def test_a_colleague_hears_that_they_do_not_want_to_be_disturbed(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        switch_do_not_disturb(bob, is_on=True)
        document = read(post("voice_webhook", account, From=f"client:{alice.identity}", To="bob"))
        assert find(document, "Say").text == "Bob does not want to be disturbed right now."
        call = Call.objects.get()
        assert (call.status, call.cause) == ("no-answer", "do_not_disturb")


class TestClosed:
    @pytest.fixture(autouse=True)
    def at_night(self, time_machine: Any) -> None:
        time_machine.move_to(datetime(2026, 11, 30, 23, tzinfo=UTC), tick=False)

    def test_outside_opening_hours_nobody_is_rung_and_a_message_is_taken(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        make_rules(account, week=["09:00-17:00"] * 7, time_zone="Europe/London", closed_then="voicemail")
        Greeting.objects.create(user=bob, text="Grüß Gott & <hallo>", language="de-DE")
        document = ring(account)
        assert verbs(document) == ["Say", "Record", "Say", "Hangup"]
        said = find(document, "Say")
        assert (said.text, said.attrib["language"]) == ("Grüß Gott & <hallo>", "de-DE")
        # Who says nothing is told so in the same language.
        nothing = document.findall("Say")[-1]
        assert (nothing.text, nothing.attrib) == (SPEECHES["de-DE"].no_message, said.attrib)
        # And so is who has left one.
        query = "?" + find(document, "Record").attrib["action"].partition("?")[2]
        goodbye = find(read(post("voicemail_recorded", account, query=query)), "Say")
        assert (goodbye.text, goodbye.attrib) == (SPEECHES["de-DE"].goodbye, said.attrib)
        for odd in ("", "?language=tlh", "?language=%00"):
            heard = find(read(post("voicemail_recorded", account, query=odd)), "Say")
            assert (heard.text, heard.attrib["language"]) == (SPEECHES["en-GB"].goodbye, "en-GB")
        of_others = [one for code, one in SPEECHES.items() if not code.startswith("en-")]
        assert not any(one.goodbye == SPEECHES["en-GB"].goodbye for one in of_others)
        assert get_facts() == {"result": "voicemail", "why": "closed", "people": [alice.pk, bob.pk]}

    def test_it_is_the_hour_of_the_numbers_own_zone_that_counts(self, account: TwilioAccount) -> None:
        make_rules(account, week=["09:00-17:00"] * 7, time_zone="America/Los_Angeles")
        assert len(who_rings(ring(account))) == 2

    def test_the_numbers_own_greeting_goes_before_anybodys(self, account: TwilioAccount, bob: User) -> None:
        make_rules(account, week=["", *["09:00-17:00"] * 6], closed_then="voicemail", greeting="The shop.")
        Greeting.objects.create(user=bob, text="Bob.")
        assert find(ring(account), "Say").text == "The shop."

    def test_without_anything_set_the_caller_hears_that_it_is_closed(self, account: TwilioAccount) -> None:
        make_rules(account, week=["09:00-17:00"] * 7)
        assert "We are closed" in (find(ring(account), "Say").text or "")
        assert get_facts()["result"] == "closed"


class TestLeft:
    """A caller who was answered, then left by everybody: `left_caller`."""

    def leave(self, account: TwilioAccount, **params: str) -> ElementTree.Element:
        return read(post("left_caller", account, CallStatus="in-progress", **params))

    def talk(self, account: TwilioAccount, person: User) -> Call:
        dial = find(ring(account), "Dial")
        leg = {"ParentCallSid": build_call_sid(), "CallSid": build_call_sid("leg")}
        for status in ("in-progress", "completed"):
            post("call_status", account, To=f"client:{person.identity}", CallStatus=status, **leg)
        end_dial(account, dial, "completed")
        # As a transfer leaves it.
        Call.objects.update(status="in-progress", ended_at=None)
        return Call.objects.get()

    def test_they_may_leave_a_message_where_the_rules_say_so(
        self, account: TwilioAccount, alice: User
    ) -> None:
        make_rules(account, alice, unanswered_then="voicemail", greeting="The shop.")
        call = self.talk(account, alice)
        documents = [self.leave(account) for _ in range(2)]
        assert [verbs(one) for one in documents] == [["Say", "Record", "Say", "Hangup"]] * 2
        assert find(documents[0], "Say").text == "The shop."
        call.refresh_from_db()
        assert (call.status, call.user, call.cause) == ("completed", alice, "answered")
        assert call.cause_facts["told"]["variant"] == "left_alone"
        facts = get_facts()
        assert (facts["result"], facts["why"], facts["people"]) == ("voicemail", "left", [alice.pk])
        sid = "RE" + "7" * 32
        said = {"RecordingSid": sid, "RecordingStatus": "completed", "RecordingDuration": "4"}
        post("voicemail_status", account, **said, RecordingSource="RecordVerb")
        call.refresh_from_db()
        assert call.cause == "voicemail"
        assert VoicemailCopy.objects.get().user == alice
        row = RecentCall.objects.get(user=alice)
        assert (row.cause, row.is_missed, row.answered_at) == ("voicemail", False, call.answered_at)

    def test_another_number_is_called_and_has_the_call_then(
        self, account: TwilioAccount, alice: User
    ) -> None:
        make_rules(account, alice, unanswered_then="number", unanswered_number=TestForwarding.ELSEWHERE)
        call = self.talk(account, alice)
        dial = find(self.leave(account), "Dial")
        assert find(dial, "Number").text == TestForwarding.ELSEWHERE
        call.refresh_from_db()
        assert (call.ended_at, "left_alone" in call.cause_facts) == (None, False)
        assert verbs(end_dial(account, dial, "busy", CallStatus="in-progress")) == ["Say", "Hangup"]
        call.refresh_from_db()
        assert (call.status, call.ending) == ("completed", LOST)
        assert call.cause_facts["told"]["variant"] == "left_alone"

    @pytest.mark.parametrize("sentence", ["", "The shop is busy."])
    def test_else_they_are_told(self, account: TwilioAccount, alice: User, sentence: str) -> None:
        make_rules(account, alice, unanswered_sentence=sentence)
        call = self.talk(account, alice)
        for _ in range(2):
            document = self.leave(account)
            assert (verbs(document), find(document, "Say").text) == (["Say", "Hangup"], sentence or LOST)
        call.refresh_from_db()
        assert (call.status, call.ended_at is not None) == ("completed", True)

    def test_nobody_else_is(self, account: TwilioAccount, alice: User) -> None:
        assert verbs(self.leave(account)) == ["Hangup"]
        make_rules(account, alice, unanswered_then="voicemail")
        ring(account)
        assert verbs(self.leave(account)) == ["Hangup"]
        Call.objects.all().delete()
        self.talk(account, alice)
        assert verbs(self.leave(account, CallSid=build_call_sid("leg"))) == ["Hangup"]
        assert verbs(read(post("left_caller", account, CallStatus="completed"))) == ["Hangup"]
        assert post("left_caller", account, signature="no").status_code == 403


class TestForwarding:
    ELSEWHERE = catalogue.ECHO_NUMBER

    def test_another_number_is_called_from_the_one_that_was_called(
        self, account: TwilioAccount, alice: User
    ) -> None:
        make_rules(account, alice, unanswered_then="number", unanswered_number=f"{self.ELSEWHERE},12#")
        document = end_dial(account, find(ring(account), "Dial"), "no-answer")
        number = find(document, "Dial/Number")
        assert (number.text, number.attrib["sendDigits"]) == (self.ELSEWHERE, "wwww12#")
        assert find(document, "Dial").attrib["callerId"] == NUMBER
        assert get_facts()["result"] == "forwarded"
        assert Call.objects.get().ended_at is None
        assert verbs(end_dial(account, find(document, "Dial"), "completed")) == ["Hangup"]
        assert Call.objects.get().status == "completed"

    def test_the_action_of_a_dial_that_was_broken_off_for_voicemail_takes_no_other_step(
        self, account: TwilioAccount, alice: User
    ) -> None:
        make_rules(account, alice, unanswered_then="number", unanswered_number=self.ELSEWHERE)
        dialled = find(ring(account), "Dial")
        plan = AnsweringPlan.objects.get()
        plan.taken[SENT] = {"by": alice.pk}
        plan.save()
        for _ in range(2):
            assert "Record" in verbs(end_dial(account, dialled, "canceled"))
        facts = get_facts()
        assert (facts["result"], facts["why"], facts["by"]) == ("voicemail", "sent", alice.pk)

    @pytest.mark.parametrize("whose", ["everybody's", "alice's", "nobody's"])
    def test_whoever_answers_there_is_told_that_the_call_is_recorded_where_it_is(
        self, account: TwilioAccount, alice: User, whose: str
    ) -> None:
        make_rules(account, alice, unanswered_then="number", unanswered_number=self.ELSEWHERE)
        person = alice if whose == "alice's" else None
        choose(account=account, person=person, is_on=whose != "nobody's", by=alice)
        document = ring(account)
        # Alice, who has not answered, has nothing of a call with somebody else recorded.
        is_recorded = whose == "everybody's"
        for _ in range(2):
            forwarded = end_dial(account, find(document, "Dial"), "no-answer")
            url = find(forwarded, "Dial/Number").attrib.get("url")
            assert url == (get_announcement_url(Call.objects.get()) if is_recorded else None)
        leg = {"ParentCallSid": build_call_sid(), "CallSid": build_call_sid("leg")}
        post("call_status", account, To=self.ELSEWHERE, CallStatus="in-progress", **leg)
        assert Recording.objects.filter(status="asked").exists() == is_recorded

    def test_a_number_that_fails_ends_in_a_sentence(self, account: TwilioAccount, alice: User) -> None:
        make_rules(account, alice, unanswered_then="number", unanswered_number=self.ELSEWHERE)
        forwarded = end_dial(account, find(ring(account), "Dial"), "no-answer")
        document = end_dial(account, find(forwarded, "Dial"), "failed", ErrorCode="13224")
        assert verbs(document) == ["Say", "Hangup"]
        call = Call.objects.get()
        assert (call.status, call.error_code, get_facts()["result"]) == ("failed", 13224, "not_answered")

    def test_two_accounts_that_forward_to_each_other_make_no_circle(
        self, account: TwilioAccount, mallory: User
    ) -> None:
        theirs = make_member(mallory, "other")
        add_number(theirs, self.ELSEWHERE, points_here=True)
        make_rules(account, closed_then="number", closed_number=self.ELSEWHERE, week=closed_all_day())
        NumberRules.objects.create(
            account=theirs,
            phone_number=self.ELSEWHERE,
            week=closed_all_day(),
            closed_then="number",
            closed_number=NUMBER,
        )
        assert find(ring(account), "Dial/Number").text == self.ELSEWHERE
        arrived = post(
            "voice_webhook",
            theirs,
            auth_token=catalogue.auth_token("other"),
            From=NUMBER,
            To=self.ELSEWHERE,
            CallSid=build_call_sid("theirs"),
        )
        assert verbs(read(arrived)) == ["Say", "Hangup"]
        # Somebody else who calls them is forwarded as they wish.
        other = post(
            "voice_webhook",
            theirs,
            auth_token=catalogue.auth_token("other"),
            From=OTHER_NUMBER,
            To=self.ELSEWHERE,
            CallSid=build_call_sid("another"),
        )
        assert find(read(other), "Dial/Number").text == NUMBER

    def test_a_call_that_comes_back_by_way_of_another_number_makes_no_circle(
        self, account: TwilioAccount
    ) -> None:
        make_rules(account, closed_then="number", closed_number=self.ELSEWHERE, week=closed_all_day())
        assert find(ring(account), "Dial/Number").text == self.ELSEWHERE
        # There it was forwarded to here, under the number that it showed.
        again = ring(account, From=NUMBER, CallSid=build_call_sid("again"))
        assert verbs(again) == ["Say", "Hangup"]
        other = ring(account, From=OTHER_NUMBER, CallSid=build_call_sid("other"))
        assert find(other, "Dial/Number").text == self.ELSEWHERE


def closed_all_day() -> list[str]:
    """Hours of three days from now alone."""
    week = [""] * 7
    week[(timezone.now().weekday() + 3) % 7] = "12:00-12:01"
    return week


@pytest.mark.parametrize("query", ["?step=99", "?step=-1", "?step=x", "?step=0&step=1", ""])
def test_a_step_that_there_is_none_of_ends_the_call_and_nothing_breaks(
    query: str, account: TwilioAccount
) -> None:
    ring(account)
    fields = {"From": STRANGER, "To": NUMBER, "DialCallStatus": "no-answer"}
    document = read(post("dial_action", account, query=query, **fields))
    assert verbs(document)[-1] == "Hangup"
    assert Call.objects.get().ended_at is not None


def test_an_account_hears_nothing_of_anothers_call(account: TwilioAccount, mallory: User) -> None:
    ring(account)
    theirs = make_member(mallory, "other")
    fields = {"From": STRANGER, "To": NUMBER, "DialCallStatus": "no-answer"}
    token = catalogue.auth_token("other")
    assert verbs(read(post("dial_action", theirs, auth_token=token, query="?step=0", **fields))) == ["Hangup"]
    assert Call.objects.get().status == "ringing"
    assert json.dumps(AnsweringPlan.objects.get().taken).count("step") == 1


def test_whoever_has_left_sends_nobody_to_voicemail(account: TwilioAccount, bob: User) -> None:
    ring(account)
    bob.twilio_credentials.delete()
    assert signed_in(bob).post(f"/phone/calls/{build_call_sid()}/voicemail/").status_code == 404
