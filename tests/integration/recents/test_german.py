"""Recent calls, and whose calls are not taken, in German: put into words for whoever reads."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from fake_twilio import catalogue
from phone.calls.call import Call
from phone.contacts.blocked_callers import BlockedCaller
from phone.recents import searching
from phone.recents.recent_call import RecentCall
from tests.conftest import signed_in
from tests.integration.recents.test_recents import account as account
from tests.integration.recents.test_recents import make_call, make_leg

HX = {"hx-request": "true"}
STRANGER = catalogue.STRANGER_NUMBER


@pytest.fixture
def german(alice: User, account: TwilioAccount) -> Client:
    alice.language = "de"
    alice.save()
    return signed_in(alice)


def read(client: Client, address: str) -> str:
    answer = client.get(address, headers=HX)
    assert answer.status_code == 200
    return " ".join(answer.text.split())


def test_the_list_has_german_days_and_times(german: Client, alice: User, account: TwilioAccount) -> None:
    at = timezone.now()
    long_ago = at - timedelta(days=800)
    talked = {"status": "completed", "user": alice, "answered_at": at, "ended_at": at + timedelta(minutes=65)}
    make_call(account, alice, started_at=at, **talked)
    make_call(account, alice, started_at=at - timedelta(days=1))
    make_call(account, alice, started_at=long_ago)
    page = read(german, "/phone/recents/")
    assert ">Heute</h3>" in page and ">Gestern</h3>" in page
    with translation.override("de"):
        day = timezone.localtime(long_ago)
        assert f">{translation.gettext(day.strftime('%A'))}, {day.day}. " in page
    assert "Eingehend" in page and "1 Std. 5 Min." in page and "an +1 202-555-0123" in page
    whole = german.get("/phone/recents/").text
    assert ">Anrufe</h2>" in whole and '<html lang="de">' in whole


def test_a_link_says_how_many_there_are(german: Client, alice: User, account: TwilioAccount) -> None:
    make_call(account, alice)
    assert 'aria-label="Anrufe, 1 verpasst"' in german.get("/phone/colleagues/").text
    english = signed_in(User.objects.get(name="Bob"))
    make_call(account, User.objects.get(name="Bob"))
    assert 'aria-label="Recents, 1 missed"' in english.get("/phone/colleagues/").text


def test_what_happened_is_told_in_whole_sentences(
    german: Client, alice: User, bob: User, account: TwilioAccount
) -> None:
    now = timezone.now()
    call = make_call(account, alice, bob, user=bob, status="completed", answered_at=now)
    make_leg(call, alice, rung_at=now, status="canceled", ended_at=now)
    make_leg(call, bob, rung_at=now, answered_at=now, status="completed", ended_at=now)
    page = read(german, f"/phone/calls/{call.pk}/")
    for said in ("Sie wurden angerufen", "Es hat hier geklingelt", "Es hat bei Bob geklingelt"):
        assert f"<span>{said}</span>" in page
    assert "<span>Bob hat angenommen</span>" in page and "<span>Bob war nicht mehr dabei</span>" in page
    english = read(signed_in(bob), f"/phone/calls/{call.pk}/")
    for said in ("Alice was called", "You answered", "It rang at Alice", "You were gone"):
        assert f"<span>{said}</span>" in english


def test_who_withholds_the_number_is_found_by_what_that_is_called(
    german: Client, alice: User, account: TwilioAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the language of whoever searches: no row keeps it in one."""
    call = make_call(account, alice, from_address="withheld")
    other = make_call(account, alice)
    row = RecentCall.objects.get(call=call)
    assert row.name == ""
    monkeypatch.setattr(searching, "WITHHELD_NAME", gettext_lazy("Callers who withhold their number"))
    for query, is_found in (
        ("unterdrückter", True),
        ("Anrufer Nummer", True),
        ("withheld", True),
        ("x", False),
    ):
        page = read(german, f"/phone/recents/?q={query}")
        assert (f'data-call="{call.pk}"' in page) == is_found, query
        assert f'data-call="{other.pk}"' not in page


def test_a_note_that_is_too_long_is_refused_with_german_figures(
    german: Client, alice: User, account: TwilioAccount
) -> None:
    call = make_call(account, alice)
    answer = german.post(f"/phone/calls/{call.pk}/", {"note": "x" * 2001}, headers=HX)
    assert "Die Notiz hat 2.001 Zeichen; höchstens 2.000 sind möglich." in answer.text


def test_blocks_are_told_in_one_sentence_each(
    german: Client, alice: User, bob: User, account: TwilioAccount
) -> None:
    at = timezone.now().replace(year=2026, month=5, day=3)
    for caller, blocked_by, person in (
        (STRANGER, alice, None),
        ("+442079460018", bob, None),
        ("+442079460019", None, None),
        ("withheld", alice, alice),
    ):
        BlockedCaller.objects.create(
            account=account, caller=caller, blocked_by=blocked_by, person=person, blocked_at=at
        )
    page = read(german, "/phone/settings/blocked/")
    said = [
        "Für alle, von Ihnen, seit <time",
        "Für alle, von Bob, seit <time",
        "Für alle, von jemandem, der nicht mehr dabei ist, seit <time",
        "Nur für Sie, von Ihnen, seit <time",
        ">3. Mai 2026</time>",
        "Anrufer mit unterdrückter Nummer",
    ]
    assert [one for one in said if one not in page] == []
    assert "Anrufer mit unterdrückter Nummer" in read(german, "/phone/settings/blocked/?q=unterdrückt")


def test_what_blocking_does_is_said_in_german(german: Client, account: TwilioAccount) -> None:
    answer = german.post("/phone/settings/blocked/", {"caller": "+49"}, headers=HX)
    assert "Diese Nummer kann nicht angerufen werden: Sie ist zu kurz für +49 (Deutschland)." in answer.text
    german.post("/phone/settings/blocked/", {"caller": STRANGER}, headers=HX)
    page = german.get("/phone/settings/blocked/").text
    assert (
        "+1 202-555-0170 ist blockiert: Dort ist zu hören, dass der Anruf nicht angenommen werden kann."
        in page
    )


def test_the_call_itself_knows_no_language(german: Client, alice: User, account: TwilioAccount) -> None:
    """What the list keeps was kept while another language was spoken."""
    with translation.override("de"):
        call: Call = make_call(account, alice, from_address="withheld")
    row: Any = RecentCall.objects.get(call=call)
    assert (row.name, row.searched.split()) == ("", ["withheld", "12025550123"])
