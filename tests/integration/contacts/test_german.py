"""Contacts in German: what a worker has found in a file is said to its owner, in their language of today."""

from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client
from django.utils import translation

from phone.contacts.contacts import Contact
from phone.contacts.exchange import importing
from phone.contacts.exchange.imports import ContactImport
from phone.contacts.exchange.problems import WORDS, build_problem, read_kept
from tests.conftest import signed_in
from tests.integration.contacts.book import BERLIN, PARIS, Company, build_card, keep
from tests.integration.contacts.test_import import read, send

HX = {"hx-request": "true"}
BAD = 'Name,Phone\nZoë,"4,9E+11"\nBob,"+4930\n'


@pytest.fixture
def client(company: Company) -> Client:
    company.alice.language = "de"
    company.alice.save()
    return signed_in(company.alice)


def show(client: Client, address: str) -> str:
    answer = client.get(address, headers=HX)
    assert answer.status_code == 200
    return " ".join(answer.text.split())


def test_what_is_wrong_with_which_line_is_said_to_whoever_reads_it(client: Client, company: Company) -> None:
    asked = send(client, BAD)
    # No language's sentence is kept.
    assert [problem for _, _, problem in asked.problems] == [
        ["shortened", {"seen": "4,9E+11"}],
        ["unclosed", {}],
    ]
    page = read(client, asked)
    assert "„4,9E+11“ ist keine Nummer mehr: Ein Tabellenprogramm hat sie gekürzt." in page
    assert "Dort wird ein Anführungszeichen geöffnet und nicht geschlossen" in page
    assert "2 Zeilen zu prüfen" in page and "Zeile 2" in page
    company.alice.language = "en"
    company.alice.save()
    assert "“4,9E+11” is no number any more: a spreadsheet has shortened it." in read(client, asked)


def test_a_file_that_is_none_is_said_so_in_german(client: Client) -> None:
    page = read(client, send(client, b"%PDF-1.7", name="a.pdf"))
    assert "Das ist eine PDF-Datei. Erwartet wird eine CSV-Datei" in page


def test_why_an_import_ended_is_said_with_german_figures(client: Client) -> None:
    with (
        patch("phone.contacts.keeping.CONTACTS_AT_MOST", 1),
        patch.object(importing, "CONTACTS_AT_MOST", 1000),
    ):
        asked = send(client, "Name,Phone\nA,+49302312001\nB,+49302312002\n")
    page = read(client, asked)
    assert (
        "Mehr als 1.000 Kontakte haben keinen Platz. Die ab Zeile 3 der Datei wurden nicht übernommen."
        in page
    )


@pytest.mark.django_db
def test_what_was_kept_before_problems_had_names_stays_a_sentence(client: Client, company: Company) -> None:
    asked = ContactImport.objects.create(
        user=company.alice,
        account=company.account,
        is_shared=False,
        file_name="old.csv",
        problems=[[7, "Zoë", "It cannot be read as a card."]],
        problem_count=1,
        fault="[Something] broke on our side.",
        ended_at="2026-01-01T00:00:00Z",
    )
    page = read(client, asked)
    assert "It cannot be read as a card." in page and "[Something] broke on our side." in page


@pytest.mark.parametrize("slug", WORDS)
def test_every_problem_can_be_kept_and_said(slug: str) -> None:
    problem = build_problem(slug, seen="Straße", most=50_000, line=1022)
    english = problem.words
    with translation.override("de"):
        german = problem.words
        assert read_kept(problem.as_json()) == read_kept(problem.as_text()) == german
    assert "{" not in english + german and english != german
    assert read_kept(problem.as_text()) == english


@pytest.mark.parametrize("kept", [["no such name", {}], ["shortened"], {"a": 1}, 7, "{}", "[]", "[1, 2]"])
def test_what_nobody_kept_breaks_no_page(kept: Any) -> None:
    assert isinstance(read_kept(kept), str)


def test_a_label_in_a_note_is_in_its_owners_language(client: Client) -> None:
    card = "BEGIN:VCARD\nVERSION:3.0\nFN:Zoë\nTITLE:Chefin\nTEL;TYPE=HOME:keine\nEMAIL:niemand\nEND:VCARD\n"
    send(client, card, name="zoe.vcf")
    assert Contact.objects.get().note == "Titel: Chefin\nPrivat: keine\nE-Mail: niemand"


def test_contacts_that_seem_to_be_one_say_why(client: Client, company: Company) -> None:
    for name, numbers in (("Zoë Meier", (PARIS,)), ("Meier, Zoë", (PARIS, BERLIN))):
        keep(company.alice, company.account, build_card(name, *numbers))
    page = show(client, "/phone/contacts/duplicates/")
    assert "Sie haben dieselbe Nummer und denselben Namen." in page and "Arbeit: +49 30 23125000" in page


def test_what_is_wrong_with_what_was_typed(client: Client) -> None:
    typed = {"name": "", "emails": "niemand", "number": ["ruf mich an"], "kind": ["work"]}
    answer = client.post("/phone/contacts/new/", typed, headers=HX)
    assert answer.status_code == 422
    for said in (
        "Noch ist nichts gespeichert: Prüfen Sie die markierten Nummern.",
        "„ruf mich an“ ist weder ein Kollege noch eine Telefonnummer.",
        "„niemand“ ist keine E-Mail-Adresse wie name@example.com.",
        "Dieses Feld ist zwingend erforderlich.",
        '<option value="mobile">Mobil</option>',
    ):
        assert said in answer.text, said


def test_a_suggestion_names_what_its_number_is_for(client: Client, company: Company) -> None:
    keep(company.alice, company.account, build_card("Zoë", f"{PARIS},227"))
    [found] = client.get("/phone/suggestions/?q=zo").json()["found"]
    assert found["detail"] == "Arbeit +33 1 42 68 53 00, dann 227"


def test_the_files_that_leave_are_the_same_in_every_language(client: Client, company: Company) -> None:
    keep(company.alice, company.account, build_card("Zoë", PARIS), is_shared=True)
    rows = b"".join(client.get("/phone/contacts/export.csv").streaming_content).decode()
    assert "First Name,Organization Name,Notes,Labels" in rows
    assert "* myContacts ::: Shared with the company" in rows and "Work,'+33142685300" in rows
