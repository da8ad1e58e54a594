"""Names, lists and searches of contacts are read from indexes, on each database."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from phone.contacts.contacts import Contact, FavouriteContact
from phone.contacts.keeping import keep_cards
from phone.contacts.listing import list_contacts
from phone.contacts.names import find_contact, find_names, find_names_of
from phone.recents.recent_call import RecentCall
from phone.recents.renaming import find_stale
from phone.suggestions import suggest
from tests.integration.contacts.book import LONDON, Company, build_card


@pytest.fixture(autouse=True)
def as_if_there_were_many(company: Company) -> Iterator[None]:
    """PostgreSQL reads a table that is small from its beginning to its end, whatever indexes it has."""
    for is_shared in (False, True):
        cards = (build_card(f"Name {at}", f"+1202555{at:04}") for at in range(150))
        keep_cards(company.bob, company.account, cards, is_shared=is_shared)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE; SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    yield


def explain(act: Any) -> list[str]:
    """The plans of all that `act` asks of the tables of contacts and calls."""
    with CaptureQueriesContext(connection) as asked:
        act()
    plans = []
    begin = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    for one in asked.captured_queries:
        if "phone_contact" in one["sql"] or "phone_recentcall" in one["sql"]:
            with connection.cursor() as cursor:
                cursor.execute(f"{begin} {one['sql']}")
                plans.append("\n".join(" ".join(str(part) for part in row) for row in cursor.fetchall()))
    return plans


def test_a_number_is_named_by_the_indexes_of_both_books(company: Company) -> None:
    people = [company.alice.pk, company.bob.pk]
    for act in (
        lambda: find_names(company.alice, company.account, [LONDON]),
        lambda: find_names_of(people, [LONDON]),
        lambda: find_contact(company.alice, company.account, LONDON),
    ):
        [plan] = explain(act)
        assert "number_of_own_contact" in plan and "number_of_shared_contact" in plan
        assert "SCAN phone_contactnumber" not in plan and "Seq Scan on phone_contactnumber" not in plan


@pytest.mark.parametrize("query", ["", "grete", "7946"])
def test_a_page_and_a_search_are_ranges_of_an_index_in_its_order(company: Company, query: str) -> None:
    cards = [build_card(name, LONDON) for name in ("Ada", "Grete", "Ida")]
    keep_cards(company.alice, company.account, cards, is_shared=False)
    after = Contact.objects.get(name="Ada")
    for place in (None, after):
        own, shared = (
            plan
            for plan in explain(
                lambda place=place: list_contacts(company.alice, company.account, query=query, after=place)
            )
            if "contact_own" in plan or "contact_shared" in plan
        )
        for plan in (own, shared):
            assert "TEMP B-TREE" not in plan and "Sort" not in plan
        if connection.vendor == "sqlite":
            assert (
                "USING COVERING INDEX contact_own" in own and "USING COVERING INDEX contact_shared" in shared
            )
        else:
            assert "Index Only Scan using contact_own" in own
            assert "Index Only Scan using contact_shared" in shared


def test_suggestions_begin_with_a_range_of_names(company: Company) -> None:
    plans = explain(lambda: suggest(company.alice, company.account, "gre"))
    by_names = [plan for plan in plans if re.search(r"Index Cond.*sort_name >=|sort_name>\?", plan)]
    assert len(by_names) == 2


def test_what_is_to_be_renamed_is_read_from_an_index(company: Company) -> None:
    RecentCall.objects.count()
    [plan] = explain(lambda: find_stale(company.alice))
    assert "recent_of_address" in plan
    assert not FavouriteContact.objects.exists()
