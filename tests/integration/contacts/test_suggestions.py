"""Whom the server suggests to somebody who types: of their own contacts and calls, and nobody else's."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.people import User
from phone.contacts.card import CardNumber, ContactCard, Kind
from phone.contacts.keeping import keep_cards
from tests.conftest import signed_in
from tests.integration.contacts.book import BERLIN, LONDON, PARIS, Company, build_card, keep
from tests.integration.recents.test_recents import make_call


def ask(person: User, query: str) -> list[dict[str, Any]]:
    answer = signed_in(person).get("/phone/suggestions/", {"q": query})
    assert answer.status_code == 200 and answer.json()["q"] == query
    found: list[dict[str, Any]] = answer.json()["found"]
    assert len(found) <= 8
    return found


def list_names(person: User, query: str) -> list[str]:
    return [one["name"] for one in ask(person, query)]


def test_who_begins_so_comes_first_then_whoever_has_it_anywhere(company: Company) -> None:
    for name, number in (("Brandt", LONDON), ("Andrea Müller", PARIS), ("Zoe", "+442079460001")):
        keep(
            company.alice,
            company.account,
            build_card(name, number, company="Anders" if name == "Zoe" else ""),
        )
    assert list_names(company.alice, "an") == ["Andrea Müller", "Brandt", "Zoe"]
    assert list_names(company.alice, "muller an") == ["Andrea Müller"]
    assert ask(company.alice, "brandt") == [
        {"to": LONDON, "name": "Brandt", "detail": "Work +44 20 7946 0000", "source": "contact"}
    ]


def test_one_person_is_suggested_with_each_number_and_by_digits_with_that(company: Company) -> None:
    numbers = (CardNumber(LONDON, Kind.WORK), CardNumber(f"{BERLIN},,12", Kind.MOBILE))
    cards = [ContactCard("Ida", numbers=numbers), ContactCard("Ida without")]
    keep_cards(company.alice, company.account, cards, is_shared=False)
    assert [one["to"] for one in ask(company.alice, "ida")] == [LONDON, f"{BERLIN},,12"]
    assert [one["to"] for one in ask(company.alice, "30 231")] == [f"{BERLIN},,12"]
    assert ask(company.alice, "30 231")[0]["detail"] == "Mobile +49 30 23125000, then 12"


def test_calls_of_late_are_suggested_by_number_once_and_behind_contacts(company: Company) -> None:
    for _ in range(2):
        make_call(company.account, company.alice, from_address="+12025550199")
    make_call(company.account, company.alice, from_address="+12025550100")
    keep(company.alice, company.account, build_card("Acme", "+12025550155"))
    found = ask(company.alice, "202 555")
    assert [(one["name"], one["source"]) for one in found] == [
        ("Acme", "contact"),
        ("+1 202-555-0100", "recent"),
        ("+1 202-555-0199", "recent"),
    ]
    assert ask(company.bob, "202 555") == []


def test_nobody_is_suggested_anybody_elses_contacts(company: Company) -> None:
    keep(company.alice, company.account, build_card("Private", LONDON))
    keep(company.alice, company.account, build_card("Proud Company", PARIS), is_shared=True)
    assert list_names(company.alice, "pr") == ["Private", "Proud Company"]
    assert list_names(company.bob, "pr") == ["Proud Company"]
    assert list_names(company.mallory, "pr") == []
    assert list_names(company.bob, "7946") == [] == list_names(company.mallory, "4268")
    assert Client().get("/phone/suggestions/?q=pr").status_code == 302


@pytest.mark.parametrize(
    "query", ["", " ", "\x00", "%", "_", "'", "x" * 5000, "+", "00", "\U0010ffff", "a\u202eb"]
)
def test_odd_words_suggest_nobody_and_break_nothing(company: Company, query: str) -> None:
    keep(company.alice, company.account, build_card("Grete", "+33142685399"))
    assert ask(company.alice, query) == []


def test_they_cost_the_same_queries_however_many_there_are(company: Company) -> None:
    cards = [build_card(f"Ida {at}", f"+4420794601{at:02}") for at in range(40)]
    keep_cards(company.alice, company.account, cards, is_shared=False)
    client = signed_in(company.alice)
    with CaptureQueriesContext(connection) as asked:
        assert len(client.get("/phone/suggestions/?q=ida").json()["found"]) == 8
    # Session, person, account; the two books by how names begin; contacts and their numbers; calls.
    assert len(asked) <= 8
