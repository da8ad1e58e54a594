"""Contacts that seem to be one and are not: said once, kept for both, and taken back."""

from html import unescape
from typing import Any

import pytest

from phone.contacts.apart import ContactsApart, forget_apart, keep_apart
from phone.contacts.contacts import Contact, ContactNumber
from phone.contacts.duplicates import find_duplicates
from phone.contacts.merging import CannotMerge
from phone.contacts.plain import make_plain
from tests.conftest import signed_in
from tests.integration.contacts.book import BERLIN, LONDON, PARIS, Company, build_card, keep

PANE = "/phone/contacts/duplicates/"
HX = {"HX-Request": "true"}


def list_groups(company: Company, *, is_shared: bool = False) -> list[set[str]]:
    book = {"account": company.account} if is_shared else {"owner": company.alice}
    groups, _ = find_duplicates(book, at_most=20)  # type: ignore[arg-type]
    return [{contact.name for contact in group.contacts} for group in groups]


def keep_two(company: Company, **fields: Any) -> tuple[Contact, Contact]:
    """Mother and daughter, with one telephone."""
    first = keep(company.alice, company.account, build_card("Ann Lee", PARIS), **fields)
    return first, keep(company.alice, company.account, build_card("Beth Lee", PARIS), **fields)


def test_two_that_are_no_duplicates_are_not_offered_again_and_undone_they_are(company: Company) -> None:
    two = keep_two(company)
    assert list_groups(company) == [{"Ann Lee", "Beth Lee"}]
    client = signed_in(company.alice)
    page = unescape(client.get(PANE, headers=HX).content.decode())
    assert "These are no duplicates" in page
    chosen = [f"{one.pk} whichever" for one in two]
    answer = client.post(PANE, {"contact": chosen, "apart": "yes"}, headers=HX)
    assert (answer.status_code, answer["Location"]) == (302, PANE)
    assert list_groups(company) == []
    assert "No contact is here twice." in client.get(PANE, headers=HX).content.decode()

    [said_as] = set(ContactsApart.objects.values_list("said_as", flat=True))
    undo = f"{PANE}{said_as}/undo/"
    # Nobody else's to take back, nor by a link.
    assert signed_in(company.bob).post(undo, headers=HX).status_code == 404
    assert client.get(undo, headers=HX).status_code == 302 and list_groups(company) == []
    assert client.post(undo, headers=HX).status_code == 302
    assert list_groups(company) == [{"Ann Lee", "Beth Lee"}]
    assert client.post(undo, headers=HX).status_code == 404


def test_a_number_or_a_name_more_in_common_makes_them_a_new_pair(company: Company) -> None:
    one, other = keep_two(company)
    keep_apart(company.alice, company.account, [one.pk, other.pk])
    for number, contacts in ((LONDON, [one]), (BERLIN, [other])):
        for contact in contacts:
            add_number(contact, number)
    assert list_groups(company) == []
    add_number(other, LONDON)
    assert list_groups(company) == [{"Ann Lee", "Beth Lee"}]
    keep_apart(company.alice, company.account, [one.pk, other.pk])
    assert list_groups(company) == []
    Contact.objects.filter(pk=other.pk).update(name="Lee, Ann", sort_name=make_plain("Lee, Ann"))
    assert list_groups(company) == [{"Ann Lee", "Lee, Ann"}]


def add_number(contact: Contact, number: str) -> None:
    ContactNumber.objects.create(
        contact=contact, owner=contact.owner, number=number, typed=number, kind="work", position=5
    )


def test_a_third_is_offered_with_each_of_two_that_are_apart(company: Company) -> None:
    one, other = keep_two(company)
    keep_apart(company.alice, company.account, [one.pk, other.pk])
    keep(company.alice, company.account, build_card("Cid Lee", PARIS))
    assert list_groups(company) == [{"Ann Lee", "Beth Lee", "Cid Lee"}]
    keep_apart(company.alice, company.account, Contact.objects.values_list("pk", flat=True))
    assert list_groups(company) == []


def test_shared_ones_are_everybodys_of_the_account_to_decide_about(company: Company) -> None:
    one, other = keep_two(company, is_shared=True)
    said_as = keep_apart(company.bob, company.account, [one.pk, other.pk])
    assert list_groups(company, is_shared=True) == []
    assert not forget_apart(company.mallory, company.elsewhere, said_as)
    assert forget_apart(company.alice, company.account, said_as)
    assert list_groups(company, is_shared=True) == [{"Ann Lee", "Beth Lee"}]


def test_nobody_decides_about_what_is_not_theirs_or_is_not_there(company: Company) -> None:
    one, other = keep_two(company)
    shared = keep(company.alice, company.account, build_card("Ann Lee", PARIS), is_shared=True)
    for person, account, keys in (
        (company.bob, company.account, [one.pk, other.pk]),
        (company.mallory, company.elsewhere, [one.pk, other.pk]),
        (company.alice, company.account, [one.pk]),
        (company.alice, company.account, [one.pk, shared.pk]),
    ):
        with pytest.raises(CannotMerge):
            keep_apart(person, account, keys)
    assert not ContactsApart.objects.exists()
    client = signed_in(company.bob)
    chosen = [f"{one.pk} 1", f"{other.pk} 1"]
    assert client.post(PANE, {"contact": chosen, "apart": "yes"}, headers=HX).status_code == 422


def test_what_was_said_is_kept_once_and_what_is_new_of_it_beside_it(company: Company) -> None:
    one, other = keep_two(company)
    keep_apart(company.alice, company.account, [one.pk, other.pk])
    with pytest.raises(CannotMerge):
        keep_apart(company.alice, company.account, [other.pk, one.pk])
    for contact in (one, other):
        add_number(contact, LONDON)
    again = keep_apart(company.alice, company.account, [one.pk, other.pk])
    assert [row.common for row in ContactsApart.objects.order_by("said_at")] == [
        [f"number {PARIS}"],
        [f"number {LONDON}"],
    ]
    forget_apart(company.alice, company.account, again)
    assert list_groups(company) == [{"Ann Lee", "Beth Lee"}]


def test_two_with_nothing_in_common_are_refused_and_left_out_of_what_is_kept(company: Company) -> None:
    one, other = keep_two(company)
    alone = keep(company.alice, company.account, build_card("Dora", BERLIN))
    with pytest.raises(CannotMerge):
        keep_apart(company.alice, company.account, [one.pk, alone.pk])
    keep_apart(company.alice, company.account, [one.pk, other.pk, alone.pk])
    [row] = ContactsApart.objects.all()
    assert {row.first_id, row.second_id} == {one.pk, other.pk}


def test_ten_at_most_are_kept_apart_at_once(company: Company) -> None:
    cards = [keep(company.alice, company.account, build_card(f"Lee {number}", PARIS)) for number in range(11)]
    with pytest.raises(CannotMerge):
        keep_apart(company.alice, company.account, [one.pk for one in cards])
    keep_apart(company.alice, company.account, [one.pk for one in cards[:10]])
    assert ContactsApart.objects.count() == 45


def test_a_book_has_so_many_pairs_at_most(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = keep_two(company)
    monkeypatch.setattr("phone.contacts.apart.PAIRS_AT_MOST", 0)
    with pytest.raises(CannotMerge):
        keep_apart(company.alice, company.account, [one.pk, other.pk])
    assert not ContactsApart.objects.exists()


def test_finding_costs_the_same_however_many_are_apart(
    company: Company, django_assert_max_num_queries: Any
) -> None:
    one, other = keep_two(company)
    keep_apart(company.alice, company.account, [one.pk, other.pk])
    third = keep(company.alice, company.account, build_card("Cid Lee", PARIS))
    keep_apart(company.alice, company.account, [one.pk, other.pk, third.pk])
    with django_assert_max_num_queries(5):
        list_groups(company)
