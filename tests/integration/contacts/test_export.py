"""Contacts leave as files, with all that a person sees, and come back as what they were."""

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.test import AsyncClient, Client

from accounts.people import User
from phone.contacts.exchange import exporting
from phone.contacts.exchange.reading import read_file
from phone.contacts.keeping import read_cards
from tests.conftest import signed_in
from tests.integration.contacts.book import BERLIN, LONDON, PARIS, Company, build_card, build_company, keep

CSV, VCF = "/phone/contacts/export.csv", "/phone/contacts/export.vcf"


@pytest.fixture
def full(company: Company) -> Company:
    keep(
        company.alice,
        company.account,
        build_card("Jörg; Müller, jr.", BERLIN, PARIS, note="a\nb", is_favourite=True),
    )
    keep(
        company.alice, company.account, build_card("Ours", LONDON, emails=("o@example.com",)), is_shared=True
    )
    keep(company.bob, company.account, build_card("Bob's own"))
    keep(company.mallory, company.elsewhere, build_card("Mallory's"))
    return company


@pytest.mark.parametrize("address", [CSV, VCF])
def test_a_person_takes_out_what_they_see_and_it_comes_back_the_same(
    address: str, full: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "BATCH", 1)
    answer = signed_in(full.alice).get(address)
    content = answer.getvalue()
    assert answer["Content-Disposition"] == f'attachment; filename="contacts.{address[-3:]}"'
    assert "no-store" in answer["Cache-Control"]
    cards = [entry.card for entry in read_file(content, "US")]
    assert cards == list(read_cards(full.alice, full.account))
    assert [card.name for card in cards if card] == ["Jörg; Müller, jr.", "Ours"]
    assert content.decode().count("Shared with the company") == 1


def test_the_csv_is_one_that_excel_reads_and_does_not_run(full: Company) -> None:
    content = signed_in(full.alice).get(CSV).getvalue()
    assert content.startswith(b"\xef\xbb\xbf")
    assert f",'{BERLIN} ::: {PARIS}".encode() in content


def test_whoever_is_signed_out_or_not_connected_gets_none(company: Company) -> None:
    assert Client().get(CSV).status_code == 302
    nobody = User.objects.create_user("nobody@example.com", "x")
    assert signed_in(nobody).get(VCF).status_code == 404
    assert signed_in(company.alice).post(CSV).status_code == 405


async def test_it_is_sent_as_it_is_made(
    transactional_db: None, alice: User, bob: User, mallory: User
) -> None:
    company = await sync_to_async(build_company)(alice, bob, mallory)
    await sync_to_async(keep)(company.alice, company.account, build_card("Anna", BERLIN))
    client = AsyncClient()
    await client.aforce_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = await client.get(VCF)
    assert answer.is_async
    parts = [part async for part in answer.streaming_content]
    # The thread that read the rows keeps its connection, which would keep the test database.
    await sync_to_async(connections.close_all)()
    assert len(parts) == 1 and b"FN:Anna" in parts[0]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("address", [CSV, VCF])
def test_whoever_reads_slowly_holds_no_connection(
    address: str, full: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "BATCH", 1)
    pieces = iter(signed_in(full.alice).get(address).streaming_content)
    if address == CSV:
        # The titles come before anything is read, and find room in any buffer.
        next(pieces)
    held = [connections["default"].connection for _ in pieces]
    assert held and set(held) == {None}
