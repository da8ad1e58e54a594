"""The settings pane: what is set there is kept, checked, shared by a connection, and on record."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.people import User
from accounts.twilio.credentials import PhoneNumber, TwilioAccount
from fake_twilio import catalogue
from phone.answering.changes import AnsweringChange
from phone.answering.greetings import (
    Greeting,
    GreetingSound,
    build_sound_address,
    choose_greeting,
    get_sound,
)
from phone.answering.plan import NOBODY
from phone.answering.rules import NumberRules
from phone.calls.do_not_disturb import DoNotDisturb
from phone.timeline.trails import get_person_trail
from tests.conftest import signed_in
from tests.integration.answering.conftest import NUMBER, OTHER_NUMBER, make_rules
from tests.told import read_told
from tests.unit.answering.test_sound import build_wav
from tests.webhook_requests import make_member

ELSEWHERE = catalogue.ECHO_NUMBER
HX = {"HX-Request": "true"}


def address(phone_number: str = NUMBER) -> str:
    return reverse("number_rules", args=[PhoneNumber.objects.get(phone_number=phone_number).pk])


def build_form(**fields: Any) -> dict[str, Any]:
    form = {
        "who": "everybody",
        "order": "at_once",
        "seconds": "20",
        "hours": "always",
        "time_zone": "Europe/Berlin",
        "unanswered_then": "sentence",
        "closed_then": "sentence",
        "language": "en-GB",
        "seen": "",
    }
    return {**form, **fields}


def read_errors(response: Any) -> dict[str, str]:
    """What each field is said to be wrong with."""
    assert response.status_code == 422, response.content
    return {name: " ".join(errors) for name, errors in response.context["form"].errors.items()}


class TestPane:
    def test_it_is_a_fragment_for_htmx_and_else_the_whole_page(
        self, account: TwilioAccount, alice_client: Client
    ) -> None:
        fragment = alice_client.get(reverse("phone_settings"), headers=HX)
        whole = alice_client.get(reverse("phone_settings"))
        assert b"<html" not in fragment.content and b"<html" in whole.content
        for response in (fragment, whole):
            assert "HX-Request" in response["Vary"]
            assert NUMBER in response.content.decode()

    def test_a_sentence_in_english_is_said_to_be_so_on_a_page_in_german(
        self, account: TwilioAccount, alice_client: Client
    ) -> None:
        page = alice_client.get(address(), headers={"accept-language": "de"}).text
        assert f'Leer: „<span lang="en">{NOBODY}</span>“' in page
        assert f"Empty: “{NOBODY}”" in alice_client.get(address()).text

    @pytest.mark.parametrize(
        "name", ["phone_settings", "settings_greeting", "settings_home_country", "own_greeting_sound"]
    )
    def test_nobody_else_gets_in(self, name: str, account: TwilioAccount) -> None:
        response = Client().get(reverse(name))
        assert response.status_code == 302 and "/accounts/login/" in response["Location"]

    def test_another_accounts_number_is_not_there(
        self, account: TwilioAccount, alice_client: Client, mallory: User
    ) -> None:
        make_member(mallory, "other")
        theirs = signed_in(mallory)
        for method in (theirs.get, theirs.post):
            assert method(address(), build_form()).status_code == 404
        assert NUMBER not in theirs.get(reverse("phone_settings")).content.decode()

    def test_what_is_set_is_said_in_words(
        self, account: TwilioAccount, alice_client: Client, alice: User, bob: User
    ) -> None:
        week = [*["09:00-17:00"] * 5, "", "10-12"]
        make_rules(account, bob, alice, order="in_order", seconds=9, week=week, closed_then="voicemail")
        shown = alice_client.get(reverse("phone_settings")).content.decode()
        for words in (
            "Bob, then Alice, 9 s each",
            "Mon-Fri 09:00-17:00; Sun 10-12 (UTC)",
            "Closed: voicemail",
        ):
            assert words in shown


class TestNumber:
    def test_rules_are_kept_and_seen_by_a_colleague_with_who_set_them(
        self, account: TwilioAccount, alice_client: Client, alice: User, bob: User
    ) -> None:
        form = build_form(
            who="chosen",
            people=[bob.pk, alice.pk],
            order="in_order",
            hours="week",
            monday="9-12, 13-17",
            unanswered_then="number",
            unanswered_number="(202) 555-0199",
            closed_then="voicemail",
            greeting=" Hello \n there ",
        )
        response = alice_client.post(address(), form, headers=HX)
        assert (response.status_code, response["Location"]) == (302, reverse("phone_settings"))
        rules = NumberRules.objects.get()
        assert rules.list_people() == [bob, alice]
        assert rules.week == ["09:00-12:00, 13:00-17:00", "", "", "", "", "", ""]
        assert (rules.unanswered_number, rules.greeting) == (ELSEWHERE, "Hello there")
        assert rules.changed_by == alice
        shown = signed_in(bob).get(address(), headers=HX).content.decode()
        assert "Changed by Alice" in shown and "09:00-12:00, 13:00-17:00" in shown
        assert not NumberRules.objects.filter(phone_number=OTHER_NUMBER).exists()

    def test_each_change_is_on_record_with_what_was_before(
        self, account: TwilioAccount, alice_client: Client, alice: User
    ) -> None:
        alice_client.post(address(), build_form(unanswered_then="number", unanswered_number=ELSEWHERE))
        seen = alice_client.get(address()).context["form"]["seen"].value()
        alice_client.post(address(), build_form(seconds="40", seen=seen))
        second, first = AnsweringChange.objects.all()
        assert (first.user, first.phone_number, first.after["seconds"]) == (alice, NUMBER, 20)
        assert ELSEWHERE not in str(first.after)
        assert (second.before["seconds"], second.after["seconds"]) == (20, 40)
        assert "time_zone" not in second.after

    def test_what_a_colleague_has_set_meanwhile_is_not_lost(
        self, account: TwilioAccount, alice_client: Client, bob: User
    ) -> None:
        form = build_form(seconds="33")
        signed_in(bob).post(address(), build_form(seconds="44"))
        refused = alice_client.post(address(), form)
        assert "Bob has changed this number" in read_errors(refused)["__all__"]
        assert NumberRules.objects.get().seconds == 44
        again = {**form, "seen": refused.context["form"]["seen"].value()}
        assert alice_client.post(address(), again).status_code == 302
        assert NumberRules.objects.get().seconds == 33

    @pytest.mark.parametrize(
        ("fields", "name", "said"),
        [
            ({"who": "chosen"}, "people", "Nobody is chosen"),
            ({"who": "chosen", "people": ["999999"]}, "people", "999999"),
            ({"who": "chosen", "people": ["x"]}, "people", "x"),
            ({"who": "nobody"}, "who", "nobody"),
            ({"seconds": "4"}, "seconds", "5"),
            ({"seconds": "601"}, "seconds", "600"),
            ({"seconds": "ten"}, "seconds", "whole number"),
            ({"seconds": ""}, "seconds", "required"),
            ({"time_zone": "Mars/Olympus"}, "time_zone", "Mars/Olympus"),
            ({"hours": "week", "tuesday": "9-25"}, "tuesday", "a time that no clock shows"),
            ({"hours": "week"}, "hours", "No day has any hours"),
            ({"hours": "week", "sunday": "x" * 10_000}, "sunday", "200"),
            ({"unanswered_then": "number"}, "unanswered_number", "There is no number to call"),
            ({"closed_then": "number", "closed_number": "112"}, "closed_number", "emergency"),
            ({"closed_then": "number", "closed_number": "bob"}, "closed_number", "“bob” is neither"),
            ({"closed_then": "number", "closed_number": "+1555"}, "closed_number", "too short"),
            ({"closed_then": "number", "closed_number": NUMBER}, "closed_number", "in circles"),
            ({"closed_then": "number", "closed_number": OTHER_NUMBER}, "closed_number", "in circles"),
            ({"closed_then": "number", "closed_number": "1" * 10_000}, "closed_number", "neither"),
            ({"closed_sentence": "x" * 201}, "closed_sentence", "201 characters"),
            ({"greeting": "x" * 10_000}, "greeting", "600"),
            ({"greeting": "a\x00b"}, "greeting", "Null"),
            ({"unanswered_sentence": "a\x00b"}, "unanswered_sentence", "Null"),
            ({"seen": "a\x00b"}, "seen", "Null"),
            ({"language": "tlh"}, "language", "tlh"),
        ],
    )
    def test_bad_input_is_refused_by_the_fields_name(
        self, fields: dict[str, Any], name: str, said: str, account: TwilioAccount, alice_client: Client
    ) -> None:
        errors = read_errors(alice_client.post(address(), build_form(**fields), headers=HX))
        assert list(errors) == [name] and said in errors[name], errors
        assert not NumberRules.objects.exists()

    def test_a_stranger_cannot_be_chosen(
        self, account: TwilioAccount, alice_client: Client, mallory: User
    ) -> None:
        make_member(mallory, "other")
        form = build_form(who="chosen", people=[mallory.pk])
        assert "people" in read_errors(alice_client.post(address(), form))

    def test_more_than_a_call_can_ring_are_refused(
        self, account: TwilioAccount, alice_client: Client
    ) -> None:
        people = [User.objects.create_user(f"p{n}@example.com", "dog-and-bone") for n in range(11)]
        for person in people:
            make_member(person)
        form = build_form(who="chosen", people=[one.pk for one in people])
        assert "10 at most" in read_errors(alice_client.post(address(), form))["people"]

    def test_an_empty_form_is_refused_and_nothing_breaks(
        self, account: TwilioAccount, alice_client: Client
    ) -> None:
        assert read_errors(alice_client.post(address(), {}))


class TestGreeting:
    def test_it_is_written_in_a_language(
        self, account: TwilioAccount, alice_client: Client, alice: User
    ) -> None:
        form = {"text": "Bonjour,\nc'est Alice.", "language": "fr-FR"}
        assert alice_client.post(reverse("settings_greeting"), form).status_code == 302
        greeting = Greeting.objects.get()
        assert (greeting.user, greeting.text, greeting.language) == (alice, "Bonjour, c'est Alice.", "fr-FR")
        assert AnsweringChange.objects.get().subject == "greeting"

    @pytest.mark.parametrize(
        ("form", "name"),
        [
            ({"text": "x" * 601, "language": "en-GB"}, "text"),
            ({"text": "a\x00", "language": "en-GB"}, "text"),
            ({"text": "Hello", "language": "xx"}, "language"),
        ],
    )
    def test_a_bad_one_is_refused(
        self, form: dict[str, str], name: str, account: TwilioAccount, alice_client: Client
    ) -> None:
        response = alice_client.post(reverse("settings_greeting"), form)
        assert response.status_code == 422
        assert list(response.context["greeting_form"].errors) == [name]
        assert not Greeting.objects.exists()

    def record(self, client: Client, body: bytes) -> Any:
        return client.post(reverse("own_greeting_sound"), body, content_type="audio/wav")

    def test_a_recording_is_kept_heard_replaced_and_deleted(
        self, account: TwilioAccount, alice_client: Client, alice: User, bob: User
    ) -> None:
        assert self.record(alice_client, build_wav(2)).json() == {"seconds": 2}
        first = GreetingSound.objects.get()
        own = reverse("own_greeting_sound")
        assert alice_client.get(own).content[:4] == b"RIFF"
        assert signed_in(bob).get(own).status_code == 404
        self.record(alice_client, build_wav(3))
        second = GreetingSound.objects.kept().get()
        assert second.pk != first.pk
        alice_client.post(reverse("delete_greeting_sound"))
        assert get_sound(alice) is None and choose_greeting([alice]) == (None, None)
        assert alice_client.get(own).status_code == 404
        # Of those that are gone the last one alone.
        assert GreetingSound.objects.get().pk == second.pk
        assert AnsweringChange.objects.filter(subject="greeting").count() == 3

    def test_a_recording_that_was_deleted_or_replaced_can_be_had_back_by_whose_it_is(
        self, account: TwilioAccount, alice_client: Client, alice: User, bob: User
    ) -> None:
        assert read_told(self.record(alice_client, build_wav(2)))[0].deeds == {}
        first = GreetingSound.objects.get()
        [told] = read_told(self.record(alice_client, build_wav(3)))
        undo = told.deeds["Undo"]
        signed_in(bob).post(undo)
        assert get_sound(alice) != first
        [told] = read_told(alice_client.post(undo, headers=HX, follow=True))
        assert get_sound(alice) == first and told.words == "The recording is back. Callers hear it again."
        response = alice_client.post(reverse("delete_greeting_sound"), headers=HX, follow=True)
        [told] = read_told(response)
        alice_client.post(told.deeds["Undo"], headers=HX, follow=True)
        assert get_sound(alice) == first and GreetingSound.objects.count() == 1
        [late] = read_told(alice_client.post(undo, headers=HX, follow=True))
        assert late.is_bad and "gone for good" in late.words

    @pytest.mark.parametrize(
        ("body", "status"), [(b"", 422), (b"\x00" * 99, 422), (build_wav(0.1), 422), (bytes(2_000_000), 413)]
    )
    def test_what_is_no_recording_is_refused_with_words(
        self, body: bytes, status: int, account: TwilioAccount, alice_client: Client
    ) -> None:
        response = self.record(alice_client, body)
        assert response.status_code == status and response.json()["words"]

    def test_twilio_alone_knows_where_a_recording_is(
        self, account: TwilioAccount, alice_client: Client, alice: User, mallory: User
    ) -> None:
        self.record(alice_client, build_wav(2))
        sound = GreetingSound.objects.get()
        url = build_sound_address(account, sound)
        path = url.partition("//")[2].partition("/")[2]
        response = Client().get(f"/{path}")
        assert (response.status_code, response["Content-Type"]) == (200, "audio/wav")
        theirs = make_member(mallory, "other")
        signature = path.rpartition("/")[2].removesuffix(".wav")
        for key, pk, signed in (
            (account.webhook_key, sound.pk, "x"),
            (account.webhook_key, uuid.uuid4(), signature),
            (theirs.webhook_key, sound.pk, signature),
            ("nobody", sound.pk, signature),
            ("no\x00body", sound.pk, signature),
        ):
            assert Client().get(reverse("greeting_sound", args=[key, pk, signed])).status_code == 404
        alice.twilio_credentials.delete()
        assert Client().get(f"/{path}").status_code == 404

    @pytest.mark.parametrize(("minutes", "status"), [(14, 200), (16, 404)])
    def test_a_recording_that_was_removed_is_heard_in_calls_under_way_alone(
        self,
        account: TwilioAccount,
        alice_client: Client,
        pass_time: Callable[[timedelta], None],
        minutes: int,
        status: int,
    ) -> None:
        self.record(alice_client, build_wav(2))
        path = build_sound_address(account, GreetingSound.objects.get()).partition("//")[2].partition("/")[2]
        alice_client.post(reverse("delete_greeting_sound"))
        pass_time(timedelta(minutes=minutes))
        assert Client().get(f"/{path}").status_code == status
        assert GreetingSound.kept_for.days == 1


class TestDoNotDisturb:
    URL = "/phone/do-not-disturb/"

    def test_it_is_switched_on_and_off_and_on_record(
        self, account: TwilioAccount, alice_client: Client, alice: User, bob: User
    ) -> None:
        assert alice_client.get(self.URL).json() == {"is_on": False}
        for _ in range(2):
            assert alice_client.post(self.URL, {"is_on": "true"}).json() == {"is_on": True}
        assert DoNotDisturb.objects.get().user == alice
        assert signed_in(bob).get(self.URL).json() == {"is_on": False}
        assert alice_client.get(reverse("phone")).context["page"]["is_do_not_disturb"] is True
        assert alice_client.post(self.URL, {"is_on": "false"}).json() == {"is_on": False}
        off, on = AnsweringChange.objects.all()
        assert (on.subject, on.before, on.after) == ("do_not_disturb", {"is_on": False}, {"is_on": True})
        assert (off.before, off.after) == ({"is_on": True}, {"is_on": False})

    @pytest.mark.parametrize("value", ["", "1", "yes", "\x00", "x" * 10_000])
    def test_anything_else_is_refused(self, value: str, account: TwilioAccount, alice_client: Client) -> None:
        response = alice_client.post(self.URL, {"is_on": value})
        assert (response.status_code, response.json()["cause"]) == (422, "refused_here")

    def test_nobody_else_can(self, account: TwilioAccount) -> None:
        assert Client().post(self.URL, {"is_on": "true"}).status_code == 302
        assert not DoNotDisturb.objects.exists()


def test_the_timeline_tells_why_a_phone_did_not_ring(
    account: TwilioAccount, alice_client: Client, alice: User
) -> None:
    alice_client.post("/phone/do-not-disturb/", {"is_on": "true"})
    alice_client.post(address(), build_form())
    trail = get_person_trail(alice, sought=timezone.now())
    told = {entry.title: entry.detail for entry in trail.timeline.entries}
    assert "Do not disturb on" in told
    assert told["Changed: who answers a number"].endswith(NUMBER[-2:])
    assert NUMBER not in str(told)


def test_the_home_country_is_set_here_too(account: TwilioAccount, alice_client: Client, alice: User) -> None:
    url = reverse("settings_home_country")
    assert alice_client.post(url, {"home_country": "GB"}).status_code == 302
    assert alice_client.post(url, {"home_country": "XX", "name": "Mallory"}).status_code == 422
    alice.refresh_from_db()
    assert (alice.home_country, alice.name) == ("GB", "Alice")


def test_the_language_is_chosen_here_and_all_of_the_page_is_another(
    account: TwilioAccount, alice_client: Client, alice: User
) -> None:
    url = reverse("settings_language")
    assert alice_client.post(url, {"language": "xx"}).status_code == 422
    answer = alice_client.post(url, {"language": "de", "name": "Mallory"}, headers={"HX-Request": "true"})
    # Not a pane: the phone itself is in the other language, once no call is talked on.
    assert (answer.status_code, answer["HX-Redirect"]) == (204, reverse("phone_settings"))
    alice.refresh_from_db()
    assert (alice.language, alice.name) == ("de", "Alice")
    page = alice_client.get(reverse("phone_settings")).text
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert sorted(ids) == sorted(set(ids)), "a label would name another field"
    assert '<html lang="de">' in page and "Die Sprache ist gespeichert." in page
