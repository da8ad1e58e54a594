"""Contacts that are kept by the batch, and given out again."""

import pytest

from phone.contacts import keeping
from phone.contacts.card import NOTE_LENGTH, NUMBERS_AT_MOST, CardNumber, ContactCard, Kind
from phone.contacts.changes import contacts_changed
from phone.contacts.contacts import Contact, ContactNumber
from phone.contacts.keeping import BookFull, Kept, keep_cards, read_cards
from tests.integration.contacts.book import LONDON, PARIS, Company, build_card, keep


def test_numbers_are_read_by_the_home_country_and_what_is_none_stands_in_the_note(company: Company) -> None:
    company.alice.home_country = "GB"
    card = ContactCard(
        name="  Grete\x00 Ångström ",
        company="Acme",
        numbers=(
            CardNumber("(020) 7946 0000", Kind.WORK),
            CardNumber("020 7946 0000", Kind.HOME),
            CardNumber("+1 202 555 0123 ext. 7", Kind.MOBILE),
            CardNumber("ask at the desk", Kind.FAX),
            CardNumber("112", Kind.OTHER),
        ),
        emails=("grete@acme.example", "GRETE@acme.example", "not one"),
        note="Knows the way",
        is_favourite=True,
    )
    assert keep_cards(company.alice, company.account, [card], is_shared=False) == Kept(added=1, noted=3)
    [kept] = read_cards(company.alice, company.account)
    assert kept == ContactCard(
        name="Grete Ångström",
        company="Acme",
        numbers=(CardNumber(LONDON, Kind.WORK), CardNumber("+12025550123,7", Kind.MOBILE)),
        emails=("grete@acme.example",),
        note="Knows the way\nFax: ask at the desk\nOther: 112\nE-mail: not one",
        is_favourite=True,
    )
    assert ContactNumber.objects.filter(typed="(020) 7946 0000", kind="work", position=0).exists()


def test_what_was_given_out_comes_in_again_as_the_same(company: Company) -> None:
    cards = [build_card("Grete", LONDON, "+12025550123,,7"), build_card("Ida"), build_card("Ida", PARIS)]
    assert keep_cards(company.alice, company.account, [*cards, cards[0]], is_shared=True) == Kept(3, 1, 0)
    given_out = list(read_cards(company.alice, company.account))
    assert keep_cards(company.bob, company.account, given_out, is_shared=True) == Kept(0, 3, 0)
    # The other book does not know them.
    assert keep_cards(company.bob, company.account, given_out, is_shared=False) == Kept(3, 0, 0)


@pytest.mark.parametrize("name", ["", "\x00", "\ud800", " \n "])
def test_a_card_without_a_name_is_called_by_what_it_has(company: Company, name: str) -> None:
    cards = [
        ContactCard(name=name, company="Acme", numbers=(CardNumber(LONDON),)),
        ContactCard(name=name, emails=("grete@acme.example",)),
        ContactCard(name=name, numbers=(CardNumber(PARIS),)),
        ContactCard(name=name),
    ]
    keep_cards(company.alice, company.account, cards, is_shared=False)
    names = set(Contact.objects.values_list("name", flat=True))
    assert names == {"Acme", "grete@acme.example", PARIS, "No name"}


def test_what_is_too_long_or_too_much_is_cut_and_nothing_typed_is_lost(company: Company) -> None:
    numbers = [f"+120255501{at:02}" for at in range(NUMBERS_AT_MOST + 1)]
    card = ContactCard(
        name="\U0001f600" * 500,
        company="c" * 500,
        numbers=tuple(CardNumber(one) for one in [*numbers, "9" * 500]),
        note="n" * 5000,
    )
    keep_cards(company.alice, company.account, [card], is_shared=False)
    contact = Contact.objects.get()
    assert len(contact.name) == 160 and len(contact.company) == 160 and len(contact.note) == NOTE_LENGTH
    assert contact.note.endswith(f"Other: {numbers[-1]}\nOther: " + "9" * 500)
    assert contact.numbers.count() == NUMBERS_AT_MOST


def test_a_book_that_is_full_takes_what_there_is_room_for_and_says_so(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "CONTACTS_AT_MOST", 3)
    monkeypatch.setattr(keeping, "BATCH", 2)
    keep(company.alice, company.account, build_card("Zoe"))
    with pytest.raises(BookFull) as full:
        keep_cards(company.alice, company.account, (build_card(f"N{at}") for at in range(9)), is_shared=False)
    assert full.value.kept == Kept(added=2) and Contact.objects.count() == 3
    keep_cards(company.alice, company.account, [build_card("Shared")], is_shared=True)


def test_whoever_sees_them_is_told_once(company: Company) -> None:
    told: list[frozenset[int]] = []

    def hear(sender: object, people: frozenset[int], **kwargs: object) -> None:
        told.append(people)

    contacts_changed.connect(hear)
    try:
        cards = [build_card("A"), build_card("B")]
        keep_cards(company.alice, company.account, cards, is_shared=False)
        keep_cards(company.alice, company.account, cards, is_shared=True)
        keep_cards(company.alice, company.account, cards, is_shared=True)
    finally:
        contacts_changed.disconnect(hear)
    assert told == [{company.alice.pk}, {company.alice.pk, company.bob.pk}]


def test_each_gives_out_their_own_and_what_their_company_shares(company: Company) -> None:
    keep(company.alice, company.account, build_card("Own of Alice"))
    keep(company.alice, company.account, build_card("Shared", is_favourite=True), is_shared=True)
    keep(company.mallory, company.elsewhere, build_card("Elsewhere"), is_shared=True)
    alices, bobs, mallorys = (
        [(card.name, card.is_favourite) for card in read_cards(person, account)]
        for person, account in (
            (company.alice, company.account),
            (company.bob, company.account),
            (company.mallory, company.elsewhere),
        )
    )
    assert alices == [("Own of Alice", False), ("Shared", True)]
    # The mark is hers.
    assert bobs == [("Shared", False)]
    assert mallorys == [("Elsewhere", False)]
