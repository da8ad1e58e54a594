"""What a number is called: by each person otherwise, and never by anybody else's contacts."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from phone.contacts.contacts import Contact
from phone.contacts.names import find_names, find_names_of
from tests.integration.contacts.book import BERLIN, LONDON, PARIS, Company, build_card, keep


def test_a_number_is_called_by_ones_own_name_for_it_else_by_the_shared_one(company: Company) -> None:
    keep(company.alice, company.account, build_card("Mum", LONDON))
    keep(company.bob, company.account, build_card("Acme, London", LONDON, PARIS), is_shared=True)
    keep(company.mallory, company.elsewhere, build_card("Mallory's", LONDON, BERLIN))
    keep(company.mallory, company.elsewhere, build_card("Their company's", PARIS, BERLIN), is_shared=True)
    numbers = [LONDON, PARIS, BERLIN, "client:dnb_1", "withheld", ""]
    with CaptureQueriesContext(
        connection,
    ) as asked:
        names = find_names(company.alice, company.account, numbers)
    assert names == {LONDON: "Mum", PARIS: "Acme, London"}
    assert len(asked) == 1
    assert find_names(company.bob, company.account, numbers) == {
        LONDON: "Acme, London",
        PARIS: "Acme, London",
    }
    assert find_names(company.mallory, company.elsewhere, numbers) == {
        LONDON: "Mallory's",
        PARIS: "Their company's",
        BERLIN: "Mallory's",
    }
    with CaptureQueriesContext(connection) as asked:
        assert find_names(company.alice, company.account, ["withheld", "client:x"]) == {}
    assert len(asked) == 0


def test_many_people_are_told_in_one_query_each_by_their_own_contacts(company: Company) -> None:
    keep(company.alice, company.account, build_card("Mum", LONDON))
    keep(company.alice, company.account, build_card("Acme", LONDON), is_shared=True)
    people = [company.alice.pk, company.bob.pk, company.mallory.pk]
    with CaptureQueriesContext(connection) as asked:
        names = find_names_of(people, [LONDON])
    assert names == {(company.alice.pk, LONDON): "Mum", (company.bob.pk, LONDON): "Acme"}
    assert len(asked) == 1


def test_of_two_contacts_with_a_number_the_one_changed_last_names_it(company: Company) -> None:
    first = keep(company.alice, company.account, build_card("First", LONDON))
    second = keep(company.alice, company.account, build_card("Second", LONDON))
    assert find_names(company.alice, company.account, [LONDON]) == {LONDON: "Second"}
    Contact.objects.filter(pk=second.pk).update(deleted_at=first.changed_at)
    assert find_names(company.alice, company.account, [LONDON]) == {LONDON: "First"}


def test_own_contacts_go_with_their_person_and_shared_ones_stay_with_the_account(company: Company) -> None:
    keep(company.alice, company.account, build_card("Mum", LONDON))
    keep(company.alice, company.account, build_card("Acme", PARIS), is_shared=True)
    credentials = company.alice.twilio_credentials
    credentials.account = company.elsewhere
    credentials.save()
    assert find_names_of([company.alice.pk], [LONDON, PARIS]) == {(company.alice.pk, LONDON): "Mum"}
    assert find_names(company.bob, company.account, [LONDON, PARIS]) == {PARIS: "Acme"}
    credentials.delete()
    assert find_names_of([company.alice.pk], [LONDON, PARIS]) == {(company.alice.pk, LONDON): "Mum"}
    company.alice.delete()
    assert [contact.name for contact in Contact.objects.all()] == ["Acme"]
