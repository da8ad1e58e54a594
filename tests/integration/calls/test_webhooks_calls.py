"""What Twilio is told to do with a call, and what becomes of the call's row."""

import uuid
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import timezone

from accounts.people import User
from accounts.twilio.credentials import PhoneNumber, TwilioAccount
from fake_twilio import catalogue
from phone.calls import records
from phone.calls.call import Call
from phone.calls.legs import CallLeg
from phone.calls.refusals import WebhookRefusal
from phone.device.presence import DevicePresence, record_state
from phone.device.silences import DeviceSilence
from tests.calling_limits import allow_calls
from tests.conftest import signed_in
from tests.open_pages import record_connected
from tests.webhook_requests import add_number, build_call_sid, make_member, post

NUMBER = catalogue.DEMO_NUMBER
VERIFIED = catalogue.DEMO_VERIFIED_NUMBER
STRANGER = catalogue.STRANGER_NUMBER
# What a page is told of a call that goes on.
NOT_OVER = {"words": "", "cause": "", "remedy": "", "link": "", "link_name": "", "is_settled": False}


@pytest.fixture
def account(alice: User, bob: User) -> TwilioAccount:
    """Alice and Bob on one account that may call anybody, with two numbers; mallory elsewhere."""
    account = make_member(alice)
    make_member(bob)
    add_number(account, NUMBER, points_here=True)
    add_number(account, VERIFIED, "verified")
    allow_calls(account)
    return account


def dial(account: TwilioAccount, caller: User, to: str, **params: str) -> ElementTree.Element:
    response = post("voice_webhook", account, From=f"client:{caller.identity}", To=to, **params)
    assert response.status_code == 200
    return ElementTree.fromstring(response.content)


def ring(account: TwilioAccount, **params: str) -> ElementTree.Element:
    response = post("voice_webhook", account, **{"From": STRANGER, "To": NUMBER, **params})
    assert response.status_code == 200
    return ElementTree.fromstring(response.content)


def find(document: ElementTree.Element, path: str) -> ElementTree.Element:
    found = document.find(path)
    assert found is not None, ElementTree.tostring(document)
    return found


def read_parameters(document: ElementTree.Element) -> dict[str, str]:
    """What the Device of the first that rings is told of the call."""
    parameters = find(document, "Dial/Client").iterfind("Parameter")
    return {parameter.attrib["name"]: parameter.attrib["value"] for parameter in parameters}


def spoken(document: ElementTree.Element) -> str:
    assert [verb.tag for verb in document] == ["Say", "Hangup"], ElementTree.tostring(document)
    return find(document, "Say").text or ""


def be_present(person: User, state: str, seconds_ago: float = 1) -> DevicePresence:
    """A page of `person`, last heard of `seconds_ago` s ago."""
    page_session = uuid.uuid4()
    record_connected(user=person, page_session=page_session, socket=uuid.uuid4())
    record_state(user=person, page_session=page_session, state=state)
    pages = DevicePresence.objects.filter(page_session=page_session)
    pages.update(last_alive_at=timezone.now() - timedelta(seconds=seconds_ago))
    return pages.get()


class TestFromAPhone:
    @pytest.mark.parametrize(
        "typed",
        [
            "bob@example.com",
            "BOB@example.com",
            "Bob",
            "bob",
            " bob ",
            "client:bob",
            "Bob\u200b",
            "\u202abob@example.com",
        ],
    )
    def test_a_colleague_is_called_by_name(
        self, typed: str, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        document = dial(account, alice, typed)
        assert find(document, "Dial/Client/Identity").text == bob.identity
        assert find(document, "Dial").attrib["callerId"] == f"client:{alice.identity}"
        assert find(document, "Dial/Client/Parameter").attrib == {"name": "display", "value": "Alice"}
        call = Call.objects.get()
        assert (call.user, call.direction, call.status) == (alice, "outgoing", "ringing")
        assert call.to_address == f"client:{bob.identity}"

    def test_a_colleague_may_be_called_by_identity(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        assert (
            find(dial(account, alice, f"client:{bob.identity}"), "Dial/Client/Identity").text == bob.identity
        )

    def test_a_stranger_to_the_account_is_nobodys_colleague(
        self, account: TwilioAccount, alice: User, mallory: User
    ) -> None:
        make_member(mallory, "other")
        for typed in ("mallory", mallory.email, mallory.identity):
            assert "neither a colleague" in spoken(dial(account, alice, typed, CallSid=build_call_sid(typed)))

    def test_a_name_that_two_share_is_explained(self, account: TwilioAccount, alice: User) -> None:
        for email in ("sam@one.example", "sam@two.example"):
            make_member(User.objects.create_user(email, "dog-and-bone"))
        assert "2 people called Sam" in spoken(dial(account, alice, "Sam"))
        assert find(dial(account, alice, "sam@two.example", CallSid=build_call_sid("2")), "Dial/Client")

    def test_nobody_calls_themselves(self, account: TwilioAccount, alice: User) -> None:
        assert "That is you" in spoken(dial(account, alice, "alice"))

    def test_one_who_has_left_is_not_rung(self, account: TwilioAccount, alice: User, bob: User) -> None:
        User.objects.filter(pk=bob.pk).update(is_active=False)
        assert "neither a colleague" in spoken(dial(account, alice, "bob"))

    @pytest.mark.parametrize(
        ("state", "seconds_ago"), [("ready", 46), ("offline", 1), ("error", 1), ("connecting", 100)]
    )
    def test_a_colleague_who_is_not_there_is_not_rung_and_the_caller_is_told_at_once(
        self, state: str, seconds_ago: float, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        be_present(alice, "ready")
        be_present(bob, state, seconds_ago=seconds_ago)
        assert spoken(dial(account, alice, "bob")).startswith("Bob cannot be reached right now.")
        call = Call.objects.get()
        assert (call.status, call.user, call.to_address) == ("no-answer", alice, f"client:{bob.identity}")
        post("call_status", account, CallStatus="completed")
        call.refresh_from_db()
        assert call.status == "no-answer"
        assert DeviceSilence.objects.count() == (state == "ready")

    def test_a_colleague_with_another_page_that_lives_is_rung(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        be_present(bob, "ready", seconds_ago=46)
        be_present(bob, "ready", seconds_ago=14)
        assert find(dial(account, alice, "bob"), "Dial/Client/Identity").text == bob.identity

    def test_a_page_whose_ready_may_be_on_its_way_is_rung(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        be_present(bob, "connecting")
        assert find(dial(account, alice, "bob"), "Dial/Client/Identity").text == bob.identity

    def test_a_page_whose_socket_was_lost_a_moment_ago_is_rung(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        be_present(bob, "ready", seconds_ago=30)
        DevicePresence.objects.update(disconnected_at=timezone.now())
        assert find(dial(account, alice, "bob"), "Dial/Client/Identity").text == bob.identity

    def test_a_number_is_called_from_the_number_chosen_on_the_page(
        self, account: TwilioAccount, alice: User
    ) -> None:
        document = dial(account, alice, "(202) 555-0199", CallFrom=VERIFIED)
        assert find(document, "Dial/Number").text == "+12025550199"
        attributes = find(document, "Dial").attrib
        assert attributes["callerId"] == VERIFIED
        assert attributes["answerOnBridge"] == "true"

    @pytest.mark.parametrize("chosen", ["", "+19005550100", "client:x", "+12025550123 "])
    def test_a_caller_id_that_is_not_the_accounts_is_never_shown(
        self, chosen: str, account: TwilioAccount, alice: User
    ) -> None:
        document = dial(account, alice, catalogue.ECHO_NUMBER, CallFrom=chosen)
        assert find(document, "Dial").attrib["callerId"] == NUMBER

    def test_another_accounts_number_is_not_a_caller_id(
        self, account: TwilioAccount, alice: User, mallory: User
    ) -> None:
        add_number(make_member(mallory, "other"), "+12025550111")
        document = dial(account, alice, catalogue.ECHO_NUMBER, CallFrom="+12025550111")
        assert find(document, "Dial").attrib["callerId"] == NUMBER

    def test_without_a_number_to_call_from_it_is_explained(self, mallory: User) -> None:
        account = make_member(mallory, "other")
        response = post(
            "voice_webhook",
            account,
            auth_token=catalogue.auth_token("other"),
            From=f"client:{mallory.identity}",
            To="+12025550199",
        )
        assert "no number to call from" in spoken(ElementTree.fromstring(response.content))

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ("911", "emergency"),
            ("sip:bob@example.com", "sip"),
            ("12345", "not a phone number"),
            ("555-0170", "area code is missing"),
            ("07 64 01 94 08", "France. To call it, begin with +33"),
            ("+1 202 555 O170", "a letter among its digits"),
            ("2025550170 or 2025550171", "more than one number"),
        ],
    )
    def test_what_cannot_be_called_is_explained_and_recorded(
        self, typed: str, words: str, account: TwilioAccount, alice: User
    ) -> None:
        assert words in spoken(dial(account, alice, typed))
        call = Call.objects.get()
        assert call.status == "failed"
        assert call.ended_at is not None

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ("", "no number"),
            ("nobody", "neither a colleague"),
            ("bob@elsewhere.example", "neither a colleague"),
            ("<Dial>+1</Dial>", "neither a colleague"),
            ("x" * 800, "neither a colleague"),
            ("\x00\x01", "no number"),
        ],
    )
    def test_words_that_mean_nobody_are_explained_and_are_no_call(
        self, typed: str, words: str, account: TwilioAccount, alice: User
    ) -> None:
        assert words in spoken(dial(account, alice, typed))
        assert not Call.objects.exists()
        post("dial_action", account, DialCallStatus="completed")
        post("call_status", account, CallStatus="completed")
        assert not Call.objects.exists()

    @pytest.mark.parametrize(
        ("typed", "number", "digits"),
        [
            ("+49 89 12345678 x12", "+498912345678", "wwww12"),
            ("tel:+44-114-496-0000;ext=1234", "+441144960000", "wwww1234"),
            ("+14155550100*227", "+14155550100", "wwww227"),
            ("+1 438 555 0100,,227#", "+14385550100", "wwwwwwww227#"),
            ("+14385550100", "+14385550100", None),
        ],
    )
    def test_an_extension_is_dialled_after_the_answer(
        self, typed: str, number: str, digits: str | None, account: TwilioAccount, alice: User
    ) -> None:
        called = find(dial(account, alice, typed), "Dial/Number")
        assert (called.text, called.get("sendDigits")) == (number, digits)
        assert Call.objects.get().to_address == number

    @pytest.mark.parametrize(
        ("home", "chosen", "number"),
        [
            ("", NUMBER, "+14155550132"),
            ("", "+442079460123", "+441514960001"),
            ("GB", NUMBER, "+441514960001"),
            ("US", "+442079460123", "+14155550132"),
        ],
    )
    def test_a_number_is_one_of_the_home_country_or_else_of_the_caller_ids(
        self, home: str, chosen: str, number: str, account: TwilioAccount, alice: User
    ) -> None:
        add_number(account, "+442079460123")
        alice.home_country = home
        alice.save()
        typed = "415 555 0132" if number.startswith("+1") else "0151 496 0001"
        assert find(dial(account, alice, typed, CallFrom=chosen), "Dial/Number").text == number

    def test_nobody_calls_for_help_in_the_caller_ids_country_either(
        self, account: TwilioAccount, alice: User
    ) -> None:
        add_number(account, "+33142685300")
        alice.home_country = "US"
        alice.save()
        assert "emergency" in spoken(dial(account, alice, "17", CallFrom="+33142685300"))

    @pytest.mark.parametrize(
        ("name", "typed", "number"),
        [
            ("+442079460958", "+44 20 7946 0958", "+442079460958"),
            ("(202) 555-0199", "(202) 555-0199", "+12025550199"),
            ("1-800-FLOWERS", "1-800-FLOWERS", "+18003569377"),
            ("Bob 2025550199", "Bob 2025550199", "+12025550199"),
        ],
    )
    def test_a_number_is_called_also_where_a_colleague_is_named_like_it(
        self, name: str, typed: str, number: str, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        User.objects.filter(pk=bob.pk).update(name=name)
        assert find(dial(account, alice, typed), "Dial/Number").text == number

    @pytest.mark.parametrize("name", ["911", "112", "Call 911", "９１１", "9-1-1"])
    def test_an_emergency_number_is_refused_also_where_a_colleague_is_named_like_it(
        self, name: str, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        User.objects.filter(pk=bob.pk).update(name=name)
        assert "emergency" in spoken(dial(account, alice, name))

    @pytest.mark.parametrize(
        "name", ["\u200b", "\u3164", "12345", "555-0170", "9l1", "⁹¹¹", "\u202eecila", "O2"]
    )
    def test_a_name_that_is_none_leads_nowhere(
        self, name: str, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        User.objects.filter(pk=bob.pk).update(name=name)
        document = dial(account, alice, name)
        assert document.find("Say") is not None
        assert document.find("Dial") is None

    @pytest.mark.parametrize("twin", ["Carol", "CAROL", "Caro\u200bl", "Саrol", "CaroI", "carol"])
    def test_a_name_that_cannot_be_told_from_a_colleagues_leads_to_neither(
        self, twin: str, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        make_member(User.objects.create_user("carol@example.com", "dog-and-bone", name="Carol"))
        User.objects.filter(pk=bob.pk).update(name=twin)
        for typed in ("Carol", twin):
            document = dial(account, alice, typed, CallSid=build_call_sid(typed))
            assert "2 people called" in spoken(document)
        called = dial(account, alice, "carol@example.com", CallSid=build_call_sid("mail"))
        assert find(called, "Dial/Client/Identity").text != bob.identity

    def test_an_identity_of_another_account_is_refused(self, account: TwilioAccount, mallory: User) -> None:
        make_member(mallory, "other")
        for identity in (mallory.identity, "unknown", "", "%00"):
            response = post("voice_webhook", account, From=f"client:{identity}", To="bob")
            assert response.status_code == 403
        assert WebhookRefusal.objects.filter(reason="Caller is not of this account").count() == 4
        assert not Call.objects.exists()

    def test_a_member_who_was_deactivated_cannot_call(self, account: TwilioAccount, alice: User) -> None:
        User.objects.filter(pk=alice.pk).update(is_active=False)
        assert post("voice_webhook", account, From=f"client:{alice.identity}", To="bob").status_code == 403

    def test_a_repeated_question_gets_the_same_answer_and_one_row(
        self, account: TwilioAccount, alice: User
    ) -> None:
        first, second = (dial(account, alice, "bob") for _ in range(2))
        assert ElementTree.tostring(first) == ElementTree.tostring(second)
        assert Call.objects.count() == 1

    def test_a_question_that_comes_twice_at_once_gets_the_same_answer_and_one_row(
        self, account: TwilioAccount, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = dial(account, alice, "bob")
        # Each has looked before the other had stored it.
        seen = iter([None, Call.objects.get()])
        monkeypatch.setattr(records, "find_call", lambda call_sid: next(seen))
        second = dial(account, alice, "bob")
        assert ElementTree.tostring(first) == ElementTree.tostring(second)
        assert (Call.objects.count(), list(seen)) == (1, [])

    def test_it_is_answered_without_asking_twilio(
        self, account: TwilioAccount, alice: User, settings: Any
    ) -> None:
        settings.TWILIO_BASE_URL = "http://127.0.0.1:9"
        dial(account, alice, catalogue.ECHO_NUMBER)


class TestFromOutside:
    def test_everybody_of_the_account_rings(
        self, account: TwilioAccount, alice: User, bob: User, mallory: User
    ) -> None:
        make_member(mallory, "other")
        document = ring(account)
        identities = {identity.text for identity in document.iterfind("Dial/Client/Identity")}
        assert identities == {alice.identity, bob.identity}
        assert "callerId" not in find(document, "Dial").attrib
        call = Call.objects.get()
        assert (call.direction, call.user, call.status) == ("incoming", None, "ringing")
        assert (call.from_address, call.to_address) == (STRANGER, NUMBER)

    def test_of_more_than_twilio_rings_those_at_their_phone_come_first(self, account: TwilioAccount) -> None:
        people = [User.objects.create_user(f"p{n}@example.com", "dog-and-bone") for n in range(12)]
        for person in people:
            make_member(person)
        be_present(people[-1], "ready")
        identities = [identity.text for identity in ring(account).iterfind("Dial/Client/Identity")]
        assert len(identities) == 10
        assert identities[0] == people[-1].identity

    def test_who_is_known_to_be_away_is_not_rung(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        be_present(bob, "offline")
        identities = [identity.text for identity in ring(account).iterfind("Dial/Client/Identity")]
        assert identities == [alice.identity]

    def test_a_silent_page_is_marked_and_a_call_is_not_sent_there_alone(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        be_present(bob, "ready")
        silent = be_present(alice, "ready", seconds_ago=46)
        identities = [identity.text for identity in ring(account).iterfind("Dial/Client/Identity")]
        assert identities == [bob.identity]
        silence = DeviceSilence.objects.get()
        assert (silence.user, silence.page_session) == (alice, silent.page_session)
        assert (silence.began_at, silence.ended_at) == (silent.last_alive_at, None)

    def test_with_every_page_silent_the_caller_is_told_at_once_and_the_call_is_missed(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        for person in (alice, bob):
            be_present(person, "ready", seconds_ago=46)
        assert "Nobody can take your call" in spoken(ring(account))
        call = Call.objects.get()
        assert (call.status, call.to_address, call.answered_at) == ("no-answer", NUMBER, None)
        assert call.ended_at is not None

    def test_where_nobody_is_left_the_caller_is_told(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        User.objects.update(is_active=False)
        assert "Nobody can take your call" in spoken(ring(account))
        assert Call.objects.get().status == "no-answer"

    @pytest.mark.parametrize("sender", ["", "anonymous", "+266696687", "sip:x@example.com", "\x00" * 9])
    def test_any_caller_rings(self, sender: str, account: TwilioAccount) -> None:
        assert find(ring(account, From=sender), "Dial/Client/Identity") is not None

    @pytest.mark.parametrize(
        "sender",
        [
            *("+266696687", "+7378742833", "+8656696", "+2562533", "+86282452253", "266696687"),
            *("anonymous", "ANONYMOUS", "Restricted", "unknown", "private", "No Caller ID", "", "+", "   "),
            *("sip:anonymous@anonymous.invalid", "+0000000000"),
        ],
    )
    def test_who_withholds_their_number_is_called_so_on_the_card_and_in_the_record(
        self, sender: str, account: TwilioAccount
    ) -> None:
        document = ring(account, From=sender, StirVerstat="TN-Validation-Passed-A")
        shown = read_parameters(document)
        assert (shown["display"], shown["withheld"]) == ("Withheld number", "yes")
        assert "attestation" not in shown
        assert Call.objects.get().from_address == "withheld"

    @pytest.mark.parametrize("sender", [STRANGER, "+17378742833", "+442071838750", "sip:bob@example.com"])
    def test_who_shows_a_number_is_not_called_withheld(self, sender: str, account: TwilioAccount) -> None:
        shown = read_parameters(ring(account, From=sender))
        assert not shown.keys() & {"display", "withheld"}
        assert Call.objects.get().from_address == sender

    @pytest.mark.parametrize(
        ("friendly_name", "shown_as"),
        [("Front desk", "Front desk"), ("(202) 555-0123", None), ("", None), ("Büro <2>", "Büro <2>")],
    )
    def test_the_card_says_which_of_our_numbers_was_called(
        self, friendly_name: str, shown_as: str | None, account: TwilioAccount, mallory: User
    ) -> None:
        PhoneNumber.objects.filter(account=account, phone_number=NUMBER).update(friendly_name=friendly_name)
        add_number(make_member(mallory, "other"), NUMBER, friendly_name="Somebody else's")
        shown = read_parameters(ring(account))
        assert (shown["called"], shown.get("called_name")) == (NUMBER, shown_as)

    @pytest.mark.parametrize(
        ("verstat", "words"),
        [
            ("TN-Validation-Passed-A", "Verified by the caller's carrier"),
            ("TN-Validation-Passed-A-Diverted", "Verified by the caller's carrier"),
            ("TN-Validation-Passed-B", "Not verified: the carrier knows the caller"),
            ("TN-Validation-Passed-C", "Not verified: the carrier passed the call on"),
            ("TN-Validation-Failed-A", "Not verified: the carrier's signature"),
            ("TN-Validation-Failed", "Not verified by the caller's carrier"),
            ("No-TN-Validation", "Not verified by the caller's carrier"),
            ("x" * 500, "Not verified by the caller's carrier"),
            ("NULL", ""),
            ("", ""),
        ],
    )
    def test_what_the_callers_carrier_vouches_for_is_kept_and_shown_in_words(
        self, verstat: str, words: str, account: TwilioAccount
    ) -> None:
        shown = read_parameters(ring(account, StirVerstat=verstat, StirPassportToken="x" * 1000))
        attestation = shown.get("attestation", "")
        assert attestation.startswith(words)
        assert bool(attestation) == bool(words)
        assert Call.objects.get().stir_verstat == verstat[:60]

    def test_calling_the_accounts_number_from_itself_ends_at_the_phones(self, account: TwilioAccount) -> None:
        document = ring(account, From=NUMBER, To=NUMBER)
        assert document.find(".//Number") is None


class TestHowItEnds:
    @pytest.mark.parametrize(
        ("result", "words"),
        [("busy", "busy"), ("no-answer", "no answer"), ("failed", "could not be connected")],
    )
    def test_the_person_who_called_hears_why(
        self, result: str, words: str, account: TwilioAccount, alice: User
    ) -> None:
        dial(account, alice, catalogue.ECHO_NUMBER)
        response = post("dial_action", account, From=f"client:{alice.identity}", DialCallStatus=result)
        assert words in spoken(ElementTree.fromstring(response.content))
        call = Call.objects.get()
        assert (call.status, call.answered_at) == (result, None)
        assert call.ended_at is not None

    def test_whoever_called_hears_the_reason_that_twilio_gives(
        self, account: TwilioAccount, alice: User
    ) -> None:
        dial(account, alice, "+442071838750")
        response = post(
            "dial_action",
            account,
            From=f"client:{alice.identity}",
            DialCallStatus="failed",
            ErrorCode="13227",
        )
        heard = spoken(ElementTree.fromstring(response.content))
        assert heard == "Calls to United Kingdom are not switched on for this Twilio account."
        call = Call.objects.get()
        assert (call.status, call.error_code, call.ending) == ("failed", 13227, heard)
        answer = signed_in(alice).get(f"/phone/calls/{call.call_sid}/ending/").json()
        assert (answer["cause"], answer["words"], answer["is_settled"]) == (
            "country_not_allowed",
            heard,
            True,
        )

    @pytest.mark.parametrize(
        "to, sip, at_first, then",
        [
            ("bob", "603", "declined", "declined"),
            (catalogue.STRANGER_NUMBER, "603", "busy", "declined"),
            (catalogue.STRANGER_NUMBER, "486", "busy", "busy"),
        ],
    )
    def test_a_dial_that_is_told_of_before_the_leg_it_rang_is_not_the_last_word(
        self, account: TwilioAccount, alice: User, bob: User, to: str, sip: str, at_first: str, then: str
    ) -> None:
        def ask() -> tuple[str, bool]:
            address = f"/phone/calls/{build_call_sid()}/ending/"
            answer = signed_in(alice).get(address).json()
            return answer["cause"], answer["is_settled"]

        dial(account, alice, to)
        post("dial_action", account, From=f"client:{alice.identity}", DialCallStatus="busy")
        assert ask() == (at_first, False)
        leg = {"CallSid": build_call_sid("leg"), "ParentCallSid": build_call_sid(), "SipResponseCode": sip}
        called = f"client:{bob.identity}" if to == "bob" else to
        post("call_status", account, **leg, CallStatus="busy", To=called)
        assert ask() == (then, True)

    def test_how_a_call_ended_is_told_to_its_caller_alone(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        dial(account, alice, catalogue.ECHO_NUMBER)
        address = f"/phone/calls/{Call.objects.get().call_sid}/ending/"
        assert signed_in(alice).get(address).json() == NOT_OVER
        assert signed_in(bob).get(address).status_code == 404
        assert Client().get(address).status_code == 302
        assert signed_in(alice).post(address).status_code == 405

    def test_who_was_rung_is_told_who_took_the_call(
        self, account: TwilioAccount, alice: User, bob: User, mallory: User
    ) -> None:
        make_member(mallory, "other")
        ring(account)
        address = f"/phone/calls/{build_call_sid()}/ending/"
        asked = {person: signed_in(person) for person in (alice, bob, mallory)}
        assert asked[alice].get(address).json() == NOT_OVER
        params = {"CallSid": build_call_sid("bob"), "ParentCallSid": build_call_sid()}
        post("call_status", account, **params, CallStatus="in-progress", To=f"client:{bob.identity}")
        taken = {**NOT_OVER, "cause": "answered_elsewhere", "is_settled": True}
        assert asked[alice].get(address).json() == {**taken, "words": "Answered by Bob."}
        assert asked[bob].get(address).json() == {**taken, "words": "You answered on another page."}
        assert asked[mallory].get(address).status_code == 404

    def test_a_call_that_nobody_took_was_not_answered_elsewhere(
        self, account: TwilioAccount, alice: User
    ) -> None:
        ring(account)
        post("dial_action", account, From=STRANGER, DialCallStatus="no-answer")
        answer = signed_in(alice).get(f"/phone/calls/{build_call_sid()}/ending/").json()
        words = "+1 202-555-0170 rang, and nobody answered."
        assert answer == {**NOT_OVER, "words": words, "cause": "missed", "is_settled": True}

    def test_a_colleagues_call_that_was_answered_on_another_page_says_so(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        assert read_parameters(dial(account, alice, "bob"))["call"] == build_call_sid()
        params = {"CallSid": build_call_sid("bob"), "ParentCallSid": build_call_sid()}
        post("call_status", account, **params, CallStatus="in-progress", To=f"client:{bob.identity}")
        answer = signed_in(bob).get(f"/phone/calls/{build_call_sid()}/ending/").json()
        assert answer["words"] == "You answered on another page."

    def test_a_caller_from_outside_hears_that_nobody_is_there(self, account: TwilioAccount) -> None:
        ring(account)
        response = post("dial_action", account, From=STRANGER, DialCallStatus="no-answer")
        assert "Nobody can take your call" in spoken(ElementTree.fromstring(response.content))
        assert Call.objects.get().status == "no-answer"

    @pytest.mark.parametrize("result", ["completed", "answered", "canceled", "", "nonsense"])
    def test_otherwise_nothing_is_said(self, result: str, account: TwilioAccount) -> None:
        ring(account)
        response = post("dial_action", account, From=STRANGER, DialCallStatus=result)
        assert [verb.tag for verb in ElementTree.fromstring(response.content)] == ["Hangup"]

    def test_the_end_of_an_unknown_call_is_answered_all_the_same(self, account: TwilioAccount) -> None:
        assert post("dial_action", account, DialCallStatus="completed").status_code == 200
        assert post("call_status", account, CallStatus="completed").status_code == 204
        assert not Call.objects.exists()


class TestProgress:
    """Legs report one by one, late, twice and in any order."""

    def tell(self, account: TwilioAccount, status: str, leg: str = "bob", **params: str) -> None:
        response = post(
            "call_status",
            account,
            **{
                "CallSid": build_call_sid(leg),
                "ParentCallSid": build_call_sid(),
                "CallStatus": status,
                "CallbackSource": "call-progress-events",
                **params,
            },
        )
        assert (response.status_code, response.content) == (204, b"")

    @pytest.mark.parametrize("status", ["", "x" * 200, "\0", "Ringing ☎"])
    def test_what_is_no_status_is_kept_nowhere(self, status: str, account: TwilioAccount) -> None:
        ring(account)
        self.tell(account, status, To="client:nobody")
        answer = post("dial_action", account, DialCallStatus=status, CallStatus=status)
        assert answer.status_code in (200, 204)
        assert Call.objects.get().status == "ringing"
        kept = CallLeg.objects.exclude(call_sid=build_call_sid()).values_list("status", flat=True)
        assert set(kept) <= {""}

    def test_who_answers_has_the_call(self, account: TwilioAccount, bob: User) -> None:
        ring(account)
        at = datetime.now(UTC).replace(microsecond=0)
        self.tell(account, "ringing", To=f"client:{bob.identity}")
        self.tell(account, "in-progress", To=f"client:{bob.identity}", Timestamp=format_datetime(at))
        call = Call.objects.get()
        assert (call.status, call.user, call.answered_at) == ("in-progress", bob, at)

    def test_a_leg_that_stays_silent_says_nothing_about_the_call(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        ring(account)
        self.tell(account, "no-answer", "alice", To=f"client:{alice.identity}")
        self.tell(account, "in-progress", To=f"client:{bob.identity}")
        self.tell(account, "canceled", "alice", To=f"client:{alice.identity}")
        call = Call.objects.get()
        assert (call.status, call.user) == ("in-progress", bob)

    def test_late_and_repeated_news_moves_nothing_back(self, account: TwilioAccount, alice: User) -> None:
        dial(account, alice, catalogue.ECHO_NUMBER)
        answered = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=60)
        ended = answered + timedelta(seconds=55)
        self.tell(account, "completed", Timestamp=format_datetime(ended))
        post("dial_action", account, From=f"client:{alice.identity}", DialCallStatus="completed")
        for status in ("initiated", "in-progress", "ringing", "in-progress"):
            self.tell(account, status, Timestamp=format_datetime(answered))
        self.tell(account, "completed", Timestamp=format_datetime(ended))
        call = Call.objects.get()
        assert (call.status, call.answered_at, call.ended_at) == ("completed", answered, ended)
        assert call.user == alice

    @pytest.mark.parametrize("direction", ["outgoing", "incoming"])
    def test_the_callers_own_end_that_arrives_first_makes_an_answered_call_no_missed_one(
        self, direction: str, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        if direction == "outgoing":
            dial(account, alice, "bob")
        else:
            ring(account)
        answered = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=60)
        ended = answered + timedelta(seconds=55)
        post("call_status", account, CallStatus="completed", Timestamp=format_datetime(ended))
        self.tell(account, "in-progress", To=f"client:{bob.identity}", Timestamp=format_datetime(answered))
        self.tell(account, "ringing", "alice", To=f"client:{alice.identity}")
        call = Call.objects.get()
        assert (call.status, call.answered_at, call.ended_at) == ("completed", answered, ended)
        assert call.user == (alice if direction == "outgoing" else bob)

    def test_an_answer_told_late_and_without_its_time_is_not_after_the_end(
        self, account: TwilioAccount, bob: User
    ) -> None:
        ring(account)
        ended = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=20)
        post("call_status", account, CallStatus="completed", Timestamp=format_datetime(ended))
        self.tell(account, "in-progress", To=f"client:{bob.identity}")
        call = Call.objects.get()
        assert (call.status, call.answered_at, call.ended_at) == ("completed", ended, ended)

    def test_a_dial_that_ends_after_an_answer_makes_no_missed_call_of_it(
        self, account: TwilioAccount, bob: User
    ) -> None:
        ring(account)
        self.tell(account, "in-progress", To=f"client:{bob.identity}")
        post("dial_action", account, From=STRANGER, DialCallStatus="no-answer")
        call = Call.objects.get()
        assert (call.status, call.user, call.ending) == ("completed", bob, "")

    @pytest.mark.parametrize("timestamp", ["", "yesterday", "Fri, 21 Aug 2015 00:07:25 +0000", "\x00"])
    def test_a_time_that_cannot_be_right_is_ours(self, timestamp: str, account: TwilioAccount) -> None:
        ring(account)
        self.tell(account, "in-progress", Timestamp=timestamp)
        answered_at = Call.objects.get().answered_at
        assert answered_at is not None
        assert timezone.now() - answered_at < timedelta(minutes=1)

    @pytest.mark.parametrize(("direction", "status"), [("outgoing", "canceled"), ("incoming", "no-answer")])
    def test_a_caller_who_gives_up_ends_the_call(
        self, direction: str, status: str, account: TwilioAccount, alice: User
    ) -> None:
        if direction == "outgoing":
            dial(account, alice, catalogue.ECHO_NUMBER)
        else:
            ring(account)
        post("call_status", account, CallStatus="completed")
        call = Call.objects.get()
        assert (call.status, call.answered_at) == (status, None)
        assert call.ended_at is not None

    def test_an_identity_of_another_account_answers_for_nobody(
        self, account: TwilioAccount, mallory: User
    ) -> None:
        ring(account)
        self.tell(account, "in-progress", To=f"client:{mallory.identity}")
        assert Call.objects.get().user is None

    def test_the_reason_of_a_failed_leg_is_kept(self, account: TwilioAccount, alice: User) -> None:
        dial(account, alice, catalogue.ECHO_NUMBER)
        self.tell(account, "failed", ErrorCode="13224")
        assert Call.objects.get().error_code == 13224
