"""A file is taken, and a worker takes the contacts out of it: whole, once, told to its owner alone."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django_tasks_db.models import DBTaskResult

from accounts.countries import get_country_name
from accounts.rate_limits import RateLimit
from accounts.twilio.credentials import TwilioCredentials
from phone.contacts.contacts import Contact
from phone.contacts.exchange import importing
from phone.contacts.exchange.importing import import_contacts
from phone.contacts.exchange.imports import MOST_BYTES, ContactImport, ContactImportFile
from phone.contacts.numbers import NumberReader
from tests.conftest import signed_in
from tests.integration.contacts.book import Company
from tests.tasks import run_tasks

ADDRESS = "/phone/contacts/import/"
FRAGMENT = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def client(company: Company) -> Client:
    return signed_in(company.alice)


def send(
    client: Client, content: str | bytes, *, name: str = "people.csv", whose: str = "mine"
) -> ContactImport:
    """Its import, once a worker has done all that it was asked."""
    asked = post(client, content, name=name, whose=whose)
    run_tasks()
    asked.refresh_from_db()
    return asked


def post(
    client: Client, content: str | bytes, *, name: str = "people.csv", whose: str = "mine"
) -> ContactImport:
    body = content.encode() if isinstance(content, str) else content
    answer = client.post(ADDRESS, {"file": SimpleUploadedFile(name, body), "whose": whose}, **FRAGMENT)
    assert answer.status_code == 302, answer.content.decode()
    found: ContactImport = ContactImport.objects.newest()[0]
    assert answer["Location"] == f"/phone/contacts/imports/{found.pk}/"
    return found


def read(client: Client, asked: ContactImport) -> str:
    answer = client.get(f"/phone/contacts/imports/{asked.pk}/", **FRAGMENT)
    assert answer.status_code == 200
    return answer.content.decode()


def make_list(count: int) -> str:
    return "Name,Phone\n" + "".join(f"Person {number},+49302312{number:04}\n" for number in range(count))


def test_contacts_come_in_and_bad_lines_are_named(client: Client, company: Company) -> None:
    text = 'Name,Phone,E-mail\nJörg Müller,+49 30 23125000,j@example.com\nLost,"4,9E+11",\nOdd,ask Anna,\n'
    asked = post(client, text)
    waiting = read(client, asked)
    assert 'data-import="running"' in waiting and 'value="0"' in waiting
    run_tasks()
    asked.refresh_from_db()
    assert (asked.added, asked.known, asked.left_out, asked.noted) == (2, 0, 1, 1)
    names = list(Contact.objects.visible_to(company.alice, company.account).values_list("name", "owner"))
    assert sorted(names) == [("Jörg Müller", company.alice.pk), ("Odd", company.alice.pk)]
    assert "ask Anna" in Contact.objects.get(name="Odd").note
    shown = read(client, asked)
    assert 'data-import="over"' in shown
    assert "Line 3, Lost" in shown and "4,9E+11" in shown
    # Why a number may be none: by which country it was read.
    assert (
        f"of your home country: {get_country_name(NumberReader(company.alice, company.account).home)}."
        in shown
    )
    assert not ContactImportFile.objects.exists()


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_a_file_is_read_a_piece_at_a_time_and_whole(
    client: Client, company: Company, monkeypatch: pytest.MonkeyPatch, more: int
) -> None:
    """It ends within a piece, with one, and just after one."""
    text = make_list(40)
    monkeypatch.setattr(importing, "PIECE_BYTES", len(text) // 4 + more)
    assert send(client, text).added == 40
    assert Contact.objects.filter(name="Person 39").exists()


def test_the_same_file_again_adds_nobody(client: Client) -> None:
    vcard = "BEGIN:VCARD\nVERSION:3.0\nFN:Anna\nTEL:+493023125000\nEND:VCARD\n"
    assert send(client, vcard, name="a.vcf").added == 1
    again = send(client, vcard * 2, name="a.vcf")
    assert (again.added, again.known) == (0, 2)


def test_for_the_company_is_for_the_company(client: Client, company: Company) -> None:
    send(client, make_list(1), whose="company")
    assert Contact.objects.visible_to(company.bob, company.account).count() == 1
    assert Contact.objects.visible_to(company.mallory, company.elsewhere).count() == 0


def test_nobody_else_sees_an_import(client: Client, company: Company) -> None:
    asked = send(client, "Name,Phone\nSecret,\n" + make_list(1), whose="company")
    for person in (company.bob, company.mallory):
        assert signed_in(person).get(f"/phone/contacts/imports/{asked.pk}/").status_code == 404
        assert asked.file_name not in signed_in(person).get(ADDRESS).content.decode()
    assert Client().get(f"/phone/contacts/imports/{asked.pk}/").status_code == 302
    assert Client().post(ADDRESS, {}).status_code == 302
    assert asked.file_name in client.get(ADDRESS).content.decode()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Choose the file"),
        ({"file": "people.csv"}, "Choose the file"),
        ({"file": SimpleUploadedFile("a.csv", b"")}, "The file is empty."),
        ({"file": SimpleUploadedFile("a.csv", b"x"), "whose": "every\0body"}, "for you, or for the company"),
    ],
)
def test_what_is_no_file_is_refused_with_a_reason(client: Client, fields: dict[str, Any], said: str) -> None:
    answer = client.post(ADDRESS, fields, **FRAGMENT)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not ContactImport.objects.exists()


def test_a_file_that_is_too_large_is_not_kept(client: Client) -> None:
    body = SimpleUploadedFile("a.csv", b"x")
    with patch("phone.contacts.exchange.views.MOST_BYTES", 0):
        answer = client.post(ADDRESS, {"file": body}, **FRAGMENT)
    assert answer.status_code == 422
    assert "at most are taken" in answer.content.decode()
    assert MOST_BYTES == 25 * 1024 * 1024


def test_a_file_of_another_kind_says_which_it_is(client: Client) -> None:
    asked = send(client, b"PK\x03\x04", name="\0<b>people.xlsx")
    assert asked.is_over
    shown = read(client, asked)
    assert "Excel workbook" in shown and "<b>people" not in shown
    assert not ContactImportFile.objects.exists()


def test_too_many_files_are_refused_for_a_while(client: Client) -> None:
    with patch("phone.contacts.exchange.views.IMPORTS", RateLimit("none", limit=0, seconds=61)):
        client.post(ADDRESS, {"file": SimpleUploadedFile("a.csv", b"x")}, **FRAGMENT)
        answer = client.post(ADDRESS, {"file": SimpleUploadedFile("a.csv", b"x")}, **FRAGMENT)
    assert answer.status_code == 429
    assert "wait 2 minutes" in answer.content.decode()


@pytest.fixture
def worker_that_dies() -> Iterator[None]:
    """In its third batch, after it has kept the contacts."""
    calls = []

    def keep(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        kept = importing_keep_cards(*args, **kwargs)
        if len(calls) == 3:
            raise RuntimeError("killed")
        return kept

    importing_keep_cards = importing.keep_cards
    with patch.object(importing, "keep_cards", keep):
        yield


def test_what_a_worker_leaves_half_done_is_gone_on_with(
    client: Client, company: Company, worker_that_dies: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 5)
    asked = send(client, make_list(20))
    assert (asked.done, asked.added, asked.is_over) == (10, 10, False)
    assert asked.percent == 47 and "47 %" in read(client, asked)
    import_contacts.call(str(asked.pk))
    import_contacts.call(str(asked.pk))
    asked.refresh_from_db()
    assert (asked.done, asked.added, asked.known, asked.is_over) == (20, 20, 0, True)
    assert Contact.objects.visible_to(company.alice, company.account).count() == 20


def test_an_import_that_is_given_up_says_so_and_lets_go_of_the_file(client: Client) -> None:
    asked = post(client, make_list(1))
    importing.give_up(str(asked.pk))
    asked.refresh_from_db()
    assert "broke on our side" in read(client, asked)
    assert not ContactImportFile.objects.exists()
    run_tasks()
    assert not Contact.objects.exists()


def test_whoever_has_left_the_company_adds_nobody_to_it(client: Client, company: Company) -> None:
    asked = post(client, make_list(1), whose="company")
    TwilioCredentials.objects.filter(user=company.alice).delete()
    run_tasks()
    asked.refresh_from_db()
    assert "do not use the company" in asked.fault_words
    assert not Contact.objects.exists()


def test_where_there_is_no_room_the_line_is_named(client: Client) -> None:
    with patch("phone.contacts.keeping.CONTACTS_AT_MOST", 3), patch.object(importing, "CONTACTS_AT_MOST", 3):
        asked = send(client, make_list(5))
    assert asked.added == 3
    assert "from line 5 of the file on" in asked.fault_words


def test_a_thousand_bad_lines_are_told_and_the_others_counted(client: Client) -> None:
    asked = send(client, "Name,Phone\n" + 'Lost,"4,9E+11"\n' * 1100)
    assert (asked.problem_count, len(asked.problems), asked.left_out) == (1100, 1000, 1100)
    assert "And 100 more" in read(client, asked)


def test_nothing_of_a_file_is_in_the_log_or_in_the_queue(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with patch.object(importing, "keep_cards", side_effect=ValueError("Secret +49301")):
        asked = send(client, "Name,Phone\nSecret,+49301\n", name="private.csv")
    (row,) = DBTaskResult.objects.all()
    told = caplog.text + row.traceback + str(row.args_kwargs) + str(asked)
    assert "ValueError" in row.traceback
    assert not [word for word in ("Secret", "49301", "private") if word in told]
