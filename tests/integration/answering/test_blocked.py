"""Callers who are blocked: they hear that the call cannot be taken, and who has blocked them is not rung."""

from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from fake_twilio import catalogue
from phone.answering.progress import AnsweringPlan
from phone.answering.rules import NumberRules
from phone.calls.call import Call
from phone.calls.destinations import Destination
from phone.calls.languages import SPEECHES
from phone.calls.reachability import get_members_to_ring, is_ready_for
from phone.calls.unread import build_counts
from phone.contacts.blocked_callers import SECOND_THOUGHTS, BlockedCaller
from phone.contacts.blocking import block, unblock
from phone.contacts.card import CardNumber, ContactCard
from phone.contacts.keeping import keep_cards
from phone.in_call.parts import get_part
from phone.in_call.refusals import DeedRefused
from phone.in_call.targets import refuse_unwilling
from phone.recents.recent_call import RecentCall
from tests.conftest import signed_in
from tests.integration.answering.conftest import NUMBER, make_rules
from tests.integration.answering.test_ringing import be_away, end_dial, find, ring, verbs, who_rings
from tests.webhook_requests import build_call_sid, make_member, post

STRANGER = catalogue.STRANGER_NUMBER
WRITTEN = "+1 202-555-0170"
REFUSED = SPEECHES["en-GB"].refused
LIST = "/phone/settings/blocked/"


def shut_out(
    account: TwilioAccount, by: User, *, caller: str = STRANGER, is_for_all: bool = True
) -> BlockedCaller:
    return block(account=account, by=by, caller=caller, is_for_all=is_for_all)[0]


def get_rows() -> dict[str, tuple[str, bool]]:
    """Of each person, what their list says of the one call."""
    return {row.user.email: (row.cause, row.is_missed) for row in RecentCall.objects.select_related("user")}


class TestForEverybody:
    @pytest.mark.parametrize("then", ["voicemail", "number"])
    def test_they_hear_that_the_call_cannot_be_taken_and_nothing_rings(
        self, account: TwilioAccount, alice: User, bob: User, then: str
    ) -> None:
        make_rules(account, unanswered_then=then, unanswered_number="+12025550199", language="de-DE")
        shut_out(account, alice)
        document = ring(account)
        assert verbs(document) == ["Say", "Hangup"]
        said = find(document, "Say")
        assert said.text == SPEECHES["de-DE"].refused and said.attrib["language"] == "de-DE"
        call = Call.objects.get()
        assert (call.cause, call.cause_facts["told"]["variant"]) == ("refused_here", "blocked")
        assert call.ended_at is not None and not call.rung.exists() and call.ending == said.text
        assert ElementTree.tostring(ring(account)) == ElementTree.tostring(document)

    def test_the_call_is_kept_and_is_no_missed_one(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        shut_out(account, alice)
        ring(account)
        assert get_rows() == {person.email: ("refused_here", False) for person in (alice, bob)}
        assert build_counts(bob)["missed"] == 0
        shown = signed_in(bob).get(reverse("recents")).content.decode()
        assert 'data-cause="refused_here"' in shown and "Blocked caller" in shown
        assert "Not called from here" not in shown
        one = signed_in(bob).get(reverse("one_call", args=[Call.objects.get().pk])).content.decode()
        assert "They heard that the call cannot be taken." in one and "by Alice" in one

    def test_it_is_for_those_whom_the_number_names(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        make_rules(account, bob)
        shut_out(account, alice)
        ring(account)
        assert set(get_rows()) == {bob.email}

    def test_others_ring_as_ever_and_so_does_the_next_call_once_it_is_taken_back(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        row = shut_out(account, alice)
        assert len(who_rings(ring(account, From="+12025550171"))) == 2
        unblock(row, bob)
        assert len(who_rings(ring(account, CallSid=build_call_sid("2")))) == 2

    def test_whoever_withholds_their_number_is_a_caller_of_their_own(
        self, account: TwilioAccount, alice: User
    ) -> None:
        shut_out(account, alice, caller="withheld")
        assert find(ring(account, From=catalogue.WITHHELD), "Say").text == REFUSED
        assert who_rings(ring(account, CallSid=build_call_sid("2")))

    def test_a_block_is_its_accounts_own(self, account: TwilioAccount, alice: User, mallory: User) -> None:
        theirs = make_member(mallory, "other")
        shut_out(theirs, mallory)
        assert who_rings(ring(account))

    def test_it_can_be_called_all_the_same(self, account: TwilioAccount, alice: User) -> None:
        shut_out(account, alice)
        document = post(
            "voice_webhook", account, From=f"client:{alice.identity}", To=STRANGER, CallFrom=NUMBER
        )
        assert ElementTree.fromstring(document.content).findtext("Dial/Number") == STRANGER


class TestForOnePerson:
    def test_the_others_ring_as_ever(self, account: TwilioAccount, alice: User, bob: User) -> None:
        shut_out(account, alice, is_for_all=False)
        document = ring(account)
        assert who_rings(document) == [bob.identity]
        leg = {"ParentCallSid": build_call_sid(), "CallSid": build_call_sid("leg")}
        post("call_status", account, To=f"client:{bob.identity}", CallStatus="in-progress", **leg)
        assert get_rows() == {alice.email: ("refused_here", False), bob.email: ("", False)}
        end_dial(account, find(document, "Dial"), "completed")
        post("call_status", account, To=f"client:{bob.identity}", CallStatus="completed", **leg)
        assert get_rows() == {alice.email: ("refused_here", False), bob.email: ("answered", False)}
        one = signed_in(alice).get(reverse("one_call", args=[Call.objects.get().pk])).content.decode()
        assert "The call did not ring for you." in one

    def test_whose_calls_they_are_not_is_left_no_message(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        make_rules(account, unanswered_then="voicemail")
        be_away(bob)
        shut_out(account, alice, is_for_all=False)
        assert "Record" in verbs(ring(account))
        facts = Call.objects.get().cause_facts
        assert (facts["answering"]["people"], facts["voicemail_for"]) == ([bob.pk], [bob.pk])
        assert get_rows()[alice.email] == ("refused_here", False)

    def test_a_turn_is_passed_over(self, account: TwilioAccount, alice: User, bob: User) -> None:
        make_rules(account, alice, bob, order=NumberRules.Order.IN_ORDER)
        shut_out(account, alice, is_for_all=False)
        first = ring(account)
        assert who_rings(first) == [bob.identity]
        # It was decided as the call arrived.
        BlockedCaller.objects.all().delete()
        assert verbs(end_dial(account, find(first, "Dial"), "no-answer")) == ["Say", "Hangup"]
        assert get_rows() == {alice.email: ("refused_here", False), bob.email: ("missed", True)}

    def test_where_it_is_for_nobody_else_the_call_cannot_be_taken(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        make_rules(account, alice, unanswered_then="voicemail")
        shut_out(account, alice, is_for_all=False)
        assert find(ring(account), "Say").text == REFUSED
        assert AnsweringPlan.objects.get().steps == [{"do": "refuse"}]
        assert get_rows() == {alice.email: ("refused_here", False)}

    def test_a_call_that_came_while_we_were_away_is_not_missed_by_them(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        shut_out(account, alice, is_for_all=False)
        shut_out(account, bob, is_for_all=False)
        assert find(ring(account), "Say").text == REFUSED
        assert build_counts(alice)["missed"] == build_counts(bob)["missed"] == 0


class TestList:
    def test_a_number_is_blocked_as_it_is_typed_and_shown_as_it_is_written(
        self, account: TwilioAccount, alice_client: Client, alice: User, bob: User
    ) -> None:
        response = alice_client.post(LIST, {"caller": "(202) 555-0170", "whose": "everybody"})
        assert (response.status_code, response["Location"]) == (302, LIST)
        row = BlockedCaller.objects.get()
        assert (row.caller, row.person, row.blocked_by) == (STRANGER, None, alice)
        shown = signed_in(bob).get(LIST).content.decode()
        assert f"{WRITTEN}</b>" in shown and "For everybody, by Alice" in shown
        alice_client.post(LIST, {"caller": STRANGER, "whose": "everybody"})
        assert BlockedCaller.objects.count() == 1
        assert "1 caller is blocked." in alice_client.get(reverse("phone_settings")).content.decode()

    def test_who_is_known_is_shown_by_name(self, account: TwilioAccount, alice: User) -> None:
        card = ContactCard("Carol Miller", numbers=(CardNumber(STRANGER),))
        keep_cards(alice, account, [card], is_shared=False)
        block(account=account, by=alice, caller=STRANGER, is_for_all=True)
        page = signed_in(alice).get("/phone/settings/blocked/").content.decode()
        assert f"Carol Miller · {WRITTEN}" in page

    def test_ones_own_blocks_are_nobody_elses_business(
        self, account: TwilioAccount, alice_client: Client, alice: User, bob: User
    ) -> None:
        alice_client.post(LIST, {"caller": STRANGER, "whose": "me"})
        row = BlockedCaller.objects.get()
        assert row.person == alice
        assert "For you alone, by you" in alice_client.get(LIST).content.decode()
        bobs = signed_in(bob)
        assert WRITTEN not in bobs.get(LIST).content.decode()
        assert bobs.post(f"{LIST}{row.pk}/unblock/").status_code == 404

    def test_withheld_numbers_are_blocked_by_a_button(
        self, account: TwilioAccount, alice_client: Client
    ) -> None:
        assert "Block withheld numbers" in alice_client.get(LIST).content.decode()
        alice_client.post(LIST, {"caller": "", "withheld": "yes", "whose": "everybody"})
        assert BlockedCaller.objects.get().caller == "withheld"
        shown = alice_client.get(LIST).content.decode()
        assert "Callers who withhold their number" in shown and "Block withheld numbers" not in shown

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ("", "Type the number"),
            ("Bob", "This is not a phone number."),
            ("bob@example.com", "This is not a phone number."),
            ("911", "Emergency services may have to call back"),
            ("202 555 0170 / 202 555 0171", "more than one number"),
            ("12", "too short"),
            (NUMBER, "a number of your own Twilio account"),
            ("\x00", "Null characters are not allowed."),
            ("2" * 10_000, "too long to be a phone number"),
        ],
    )
    def test_what_cannot_be_blocked_is_said_why(
        self, account: TwilioAccount, alice_client: Client, typed: str, words: str
    ) -> None:
        response = alice_client.post(LIST, {"caller": typed, "whose": "everybody"})
        assert response.status_code == 422
        assert words in " ".join(response.context["form"].errors["caller"])
        assert not BlockedCaller.objects.exists()

    def test_what_is_taken_back_can_be_had_again_as_it_was(
        self, account: TwilioAccount, alice_client: Client, alice: User, bob: User
    ) -> None:
        row = shut_out(account, bob)
        BlockedCaller.objects.update(blocked_at=timezone.now() - timedelta(days=3))
        response = alice_client.post(f"{LIST}{row.pk}/unblock/", follow=True)
        assert "can call again." in response.content.decode() and "Undo" in response.content.decode()
        assert "Undo" not in signed_in(bob).get(LIST).content.decode()
        assert not BlockedCaller.objects.standing().exists()
        # Somebody else's second thoughts are not theirs.
        signed_in(bob).post(f"{LIST}{row.pk}/undo/")
        assert not BlockedCaller.objects.standing().exists()
        alice_client.post(f"{LIST}{row.pk}/undo/")
        again = BlockedCaller.objects.standing().get()
        assert (again.pk, again.blocked_by) == (row.pk, bob)
        assert timezone.now() - again.blocked_at > timedelta(days=2)

    def test_undo_is_for_a_while_and_not_where_it_is_blocked_anew(
        self, account: TwilioAccount, alice_client: Client, alice: User
    ) -> None:
        row = shut_out(account, alice)
        unblock(row, alice)
        anew = shut_out(account, alice)
        alice_client.post(f"{LIST}{row.pk}/undo/")
        assert BlockedCaller.objects.standing().get() == anew
        unblock(anew, alice)
        BlockedCaller.objects.update(unblocked_at=timezone.now() - SECOND_THOUGHTS)
        assert "too long ago" in alice_client.post(f"{LIST}{row.pk}/undo/", follow=True).content.decode()
        assert "Undo" not in alice_client.get(LIST).content.decode()

    def test_many_are_searched_and_paged(
        self, account: TwilioAccount, alice_client: Client, alice: User, bob: User
    ) -> None:
        shut_out(account, alice)
        assert "search-blocked" not in alice_client.get(LIST).content.decode()
        BlockedCaller.objects.bulk_create(
            BlockedCaller(account=account, caller=f"+4420794600{number:02}", blocked_by=bob)
            for number in range(60)
        )
        first = alice_client.get(LIST)
        assert len(first.context["lines"]) == 50 and "search-blocked" in first.content.decode()
        assert len(alice_client.get(first.context["older_url"]).context["lines"]) == 11
        for query, found in (
            ("020 7946 0042", 1),
            ("bob", 50),
            ("(202) 555", 1),
            ("nobody", 0),
            ("\x00", 50),
        ):
            assert len(alice_client.get(LIST, {"q": query}).context["lines"]) == found, query
        assert alice_client.get(LIST, {"before": "9" * 400}).status_code == 200

    def test_nobody_else_gets_in(self, account: TwilioAccount, alice: User, mallory: User) -> None:
        row = shut_out(account, alice)
        make_member(mallory, "other")
        theirs = signed_in(mallory)
        for address in (f"{LIST}{row.pk}/unblock/", f"{LIST}{row.pk}/undo/"):
            assert theirs.post(address).status_code == 404
            assert "/accounts/login/" in Client().post(address)["Location"]
        assert WRITTEN not in theirs.get(LIST).content.decode()


class TestFromACall:
    def test_its_caller_is_blocked_and_unblocked_where_it_is_shown(
        self, account: TwilioAccount, alice_client: Client, alice: User, bob: User
    ) -> None:
        ring(account)
        address = reverse("one_call", args=[Call.objects.get().pk])
        shown = alice_client.get(address)
        assert shown.context["blocking"]["caller"] == STRANGER and "For me alone." in shown.content.decode()
        fields = {"caller": STRANGER, "call": str(Call.objects.get().pk)}
        response = alice_client.post(LIST, {**fields, "whose": "everybody"}, follow=True)
        assert response.redirect_chain[-1][0] == address
        assert (
            "Unblock" in response.content.decode() and "This number is blocked" in response.content.decode()
        )
        row = BlockedCaller.objects.get()
        response = alice_client.post(f"{LIST}{row.pk}/unblock/", fields, follow=True)
        assert "Undo" in response.content.decode() and "Block this number" in response.content.decode()
        alice_client.post(f"{LIST}{row.pk}/undo/", fields)
        assert BlockedCaller.objects.standing().get() == row

    def test_who_has_nobody_to_share_it_with_is_asked_nothing(
        self, account: TwilioAccount, alice_client: Client, alice: User, bob: User
    ) -> None:
        bob.twilio_credentials.delete()
        ring(account)
        shown = alice_client.get(reverse("one_call", args=[Call.objects.get().pk])).content.decode()
        assert "Block this number" in shown and "For me alone." not in shown
        alice_client.post(LIST, {"caller": STRANGER, "whose": "me"})
        assert BlockedCaller.objects.get().person is None

    def test_a_colleague_cannot_be_blocked(
        self, account: TwilioAccount, alice_client: Client, bob: User
    ) -> None:
        post("voice_webhook", account, From=f"client:{bob.identity}", To="alice@example.com")
        shown = alice_client.get(reverse("one_call", args=[Call.objects.get().pk]))
        assert shown.context["blocking"] == {} and "block-title" not in shown.content.decode()


class TestWhileACallGoesOn:
    def test_who_is_left_in_a_call_is_not_rung_through_to_who_has_blocked_them(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        shut_out(account, alice, is_for_all=False)
        assert get_members_to_ring(account, caller=STRANGER, at_most=10) == [bob]
        assert len(get_members_to_ring(account, caller="+12025550171", at_most=10)) == 2
        assert not is_ready_for(alice, account, STRANGER) and is_ready_for(bob, account, STRANGER)

    def test_nobody_is_put_through_to_who_has_blocked_them(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        shut_out(account, alice, is_for_all=False)
        ring(account)
        call = Call.objects.get()
        part, caller = get_part(bob, call.call_sid), call.legs.get()
        assert part is not None
        with pytest.raises(DeedRefused) as refused:
            refuse_unwilling(part, Destination(colleague=alice), caller)
        assert refused.value.words == "Alice does not take calls from this caller."
        refuse_unwilling(part, Destination(colleague=bob), caller)


def test_the_admin_shows_them_with_their_numbers_masked(
    account: TwilioAccount, alice: User, bob: User, admin_user: User
) -> None:
    shut_out(account, alice)
    shut_out(account, bob, caller="withheld", is_for_all=False)
    client = signed_in(admin_user)
    address = reverse("admin:phone_blockedcaller_changelist")
    shown = client.get(address).content.decode()
    assert STRANGER not in shown and "•170" in shown and "withheld" in shown
    assert "•170" not in client.get(address, {"q": "bob@example.com"}).content.decode()
    ring(account)
    calls = client.get(reverse("admin:phone_call_changelist")).content.decode()
    assert "Blocked caller</span>" in calls and 'verdict-other" data-cause="refused_here"' in calls
    one = client.get(reverse("admin:phone_blockedcaller_change", args=[BlockedCaller.objects.last().pk]))
    assert STRANGER not in one.content.decode()
