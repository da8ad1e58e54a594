"""The pane of contacts: whom one sees there, finds, adds, changes, deletes; and nobody else's."""

import re
import uuid
from html import unescape
from typing import Any

import pytest
from django.test import Client

from phone.contacts import changing, listing
from phone.contacts.card import Kind
from phone.contacts.contacts import Contact, FavouriteContact
from phone.contacts.forms import build_seen
from phone.contacts.keeping import keep_cards, read_cards
from phone.contacts.merging import merge_contacts
from phone.dialling.writing import format_number
from tests.conftest import signed_in
from tests.integration.contacts.book import BERLIN, LONDON, PARIS, Company, build_card, keep
from tests.told import Told, read_told

PANE = "/phone/contacts/"
HX = {"hx-request": "true"}


@pytest.fixture
def client(company: Company) -> Client:
    return signed_in(company.alice)


def read(client: Client, address: str = PANE) -> str:
    response = client.get(address, headers=HX)
    assert response.status_code == 200, address
    return response.content.decode()


def list_names(page: str) -> list[str]:
    return [unescape(name) for name in re.findall(r'<a id="contact-[^>]*>([^<]*)</a>', page)]


def list_headings(page: str) -> list[str]:
    return [unescape(heading) for heading in re.findall(r"<h3[^>]*>([^<]*)</h3>", page)]


def post(client: Client, address: str, **fields: Any) -> Any:
    return client.post(address, fields, headers=HX, follow=True)


def fill(contact: Contact | None = None, **fields: Any) -> dict[str, Any]:
    """A form of one number, as it is posted."""
    seen = {"seen": build_seen(contact)} if contact else {}
    return {"name": "Ida", "number": [LONDON], "kind": ["work"], **seen, **fields}


def test_favourites_come_first_and_then_all_under_their_letters(company: Company, client: Client) -> None:
    for name in ("zoë", "Äsop", "anna", "(Bert)", "42 Club", "Жанна", "Ærø"):
        keep(company.alice, company.account, build_card(name, LONDON))
    star = keep(company.alice, company.account, build_card("Mum", PARIS, is_favourite=True))
    page = read(client)
    assert list_headings(page) == ["Favourites", "#", "A", "B", "Z", "Æ", "Ж"]
    assert list_names(page) == ["Mum", "42 Club", "anna", "Äsop", "(Bert)", "zoë", "Ærø", "Жанна"]
    assert f'data-call-back="{PARIS}"' in page
    # To search is to look through all of them.
    assert list_headings(read(client, f"{PANE}?q=mum")) == ["M"]
    post(client, f"{PANE}{star.pk}/favourite/", is_on="off")
    assert "Favourites" not in list_headings(read(client))


def test_a_favourite_is_a_persons_own_mark_on_a_shared_contact(company: Company, client: Client) -> None:
    shared = keep(company.bob, company.account, build_card("Acme", LONDON), is_shared=True)
    page = post(client, f"{PANE}{shared.pk}/favourite/", is_on="on").content.decode()
    assert 'aria-pressed="true"' in page
    post(client, f"{PANE}{shared.pk}/favourite/", is_on="on")
    assert FavouriteContact.objects.get().user == company.alice
    assert list_headings(read(client)) == ["Favourites"]
    assert list_headings(read(signed_in(company.bob))) == ["A"]


@pytest.mark.parametrize(
    "query",
    [
        "grete",
        "GRÉTE  ang",
        "acme",
        "7946",
        "020 7946",
        "+44 (0)20",
        "004420",
        "grete@acme",
        "blue",
        "strom g",
    ],
)
def test_a_contact_is_found_by_all_that_is_known(company: Company, client: Client, query: str) -> None:
    card = build_card(
        "Grete Ångström", LONDON, company="Acme", emails=("grete@acme.example",), note="blue door"
    )
    keep(company.alice, company.account, card)
    keep(company.alice, company.account, build_card("Somebody", BERLIN))
    found = read(client, f"{PANE}?q={query.replace('+', '%2B')}")
    assert list_names(found) == ["Grete Ångström"]


@pytest.mark.parametrize("query", ["nobody", "%", "_", "\x00", "\ud7ff", "x" * 10_000, "'\"<script>"])
def test_a_search_for_nobody_says_so(company: Company, client: Client, query: str) -> None:
    keep(company.alice, company.account, build_card("Grete", LONDON))
    page = client.get(PANE, {"q": query}, headers=HX).content.decode()
    assert list_names(page) == (["Grete"] if query in ("\x00", "\ud7ff") else [])
    assert "<script>" not in page


def test_a_long_list_is_read_on_behind_whoever_was_last(
    company: Company, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE", 4)
    names = ["Ada", "Ada", "Bea", "Bob", "Cem", "Dan", "Eva", "Eva", "Fay"]
    for at, name in enumerate(names):
        keep(company.alice, company.account, build_card(name, f"+4420794600{at:02}"), is_shared=at % 2 == 0)
    shown, headings, address, pages = [], [], PANE, 0
    while address:
        page = read(client, address)
        shown += list_names(page)
        headings += list_headings(page)
        more = re.search(r'hx-get="([^"]*after=[^"]*)"', page)
        # Whoever was last may be deleted by the time that somebody reads on.
        if more and pages == 0:
            Contact.objects.filter(pk=more[1].partition("after=")[2][:36]).update(sort_name="bob")
        address, pages = unescape(more[1]) if more else "", pages + 1
    assert shown == names and headings == ["A", "B", "C", "D", "E", "F"] and pages == 3
    assert list_names(read(client, f"{PANE}?whose=own")) == names[1::2]
    assert list_names(read(client, f"{PANE}?whose=shared&after=nobody")) == names[0:8:2]


def test_a_contact_is_added_with_its_numbers_and_shown_with_a_button_for_each(
    company: Company, client: Client
) -> None:
    company.alice.home_country = "GB"
    company.alice.save()
    assert 'value="+44 20 7946 0000"' in read(client, f"{PANE}new/?number=%2B442079460000")
    fields = fill(
        name="Ida  Berger",
        number=["020 7946 0000", "", "+33 1 42 68 53 00"],
        kind=["work", "home", "mobile"],
        emails="ida@acme.example; ida@home.example\n",
        note="Knows\r\nthe way",
    )
    response = post(client, f"{PANE}new/", **fields)
    page = response.content.decode()
    assert read_told(response)[0].words == "Ida Berger is added." and "Yours alone" in page
    assert re.findall(r'data-call-back="([^"]*)"', page) == [LONDON, PARIS]
    [card] = read_cards(company.alice, company.account)
    assert [one.kind for one in card.numbers] == [Kind.WORK, Kind.MOBILE]
    assert card.emails == ("ida@acme.example", "ida@home.example") and card.note == "Knows\nthe way"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": " "}, "This field is required."),
        ({"name": "\x00"}, "Null characters"),
        ({"name": "n" * 161}, "160"),
        ({"number": ["hello"]}, "“hello” is neither a colleague nor a phone number."),
        ({"number": ["112"]}, "emergency"),
        ({"number": ["1" * 10_000], "kind": ["?"]}, "phone number"),
        ({"number": [f"+12025550{at}" for at in range(100, 121)]}, "20 numbers at most"),
        ({"emails": "not one"}, "“not one” is no e-mail address"),
        ({"emails": "\n".join(f"{at}@acme.example" for at in range(11))}, "10 are kept at most"),
        ({"note": "n" * 2001}, "2000"),
    ],
)
def test_what_cannot_be_kept_is_said_and_what_was_typed_stays(
    company: Company, client: Client, fields: dict[str, Any], words: str
) -> None:
    typed = fill(company="Typed before", **{"name": "Ida", **fields})
    response = client.post(f"{PANE}new/", typed, headers=HX)
    page = unescape(response.content.decode())
    assert response.status_code == 422 and words in page and "Typed before" in page
    assert not Contact.objects.exists()


def test_rows_of_numbers_are_added_and_taken_away_without_a_script(company: Company, client: Client) -> None:
    def count(**fields: Any) -> list[str]:
        page = client.post(f"{PANE}new/", {**fill(), **fields}, headers=HX)
        assert page.status_code == 200 and not Contact.objects.exists()
        return re.findall(r'name="number" value="([^"]*)"', page.content.decode())

    two = {"number": [LONDON, "x"], "kind": ["work", "home"]}
    assert count(add="number", **two) == [LONDON, "x", ""]
    assert count(remove="0", **two) == ["x"]
    assert count(remove="0") == [""]


def test_a_contact_is_changed_unless_somebody_else_has_changed_it_meanwhile(
    company: Company, client: Client
) -> None:
    contact = keep(company.alice, company.account, build_card("Acme", LONDON), is_shared=True)
    edit = f"{PANE}{contact.pk}/edit/"
    assert 'name="number" value="+44 20 7946 0000"' in read(client, edit)
    bob = signed_in(company.bob)
    fields = fill(contact, name="Acme Ltd", number=[PARIS])
    assert read_told(post(bob, edit, **fields))[0].words == "Acme Ltd is saved."
    response = client.post(edit, fill(contact, name="Acme Inc"), headers=HX)
    page = response.content.decode()
    assert response.status_code == 422 and "Bob has changed this contact meanwhile." in page
    assert 'value="Acme Inc"' in page
    [seen] = re.findall(r'name="seen" value="([^"]*)"', page)
    contact.refresh_from_db()
    assert contact.name == "Acme Ltd" and seen == build_seen(contact)
    post(client, edit, **fill(name="Acme Inc", seen=seen))
    contact.refresh_from_db()
    assert contact.name == "Acme Inc" and contact.changed_by == company.alice
    assert [one.number for one in contact.numbers.all()] == [LONDON]


def test_ones_own_contact_can_be_shared_and_a_shared_one_stays_so(company: Company, client: Client) -> None:
    contact = keep(company.alice, company.account, build_card("Acme", LONDON))
    post(client, f"{PANE}{contact.pk}/edit/", **fill(contact, is_shared="on"))
    contact.refresh_from_db()
    assert contact.is_shared and contact.numbers.get().account == company.account
    assert list_names(read(signed_in(company.bob))) == ["Ida"]
    post(client, f"{PANE}{contact.pk}/edit/", **fill(contact))
    contact.refresh_from_db()
    assert contact.is_shared


def test_no_way_leads_into_a_full_book(
    company: Company, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changing, "CONTACTS_AT_MOST", 1)
    keep(company.bob, company.account, build_card("Ours"), is_shared=True)
    contact = keep(company.alice, company.account, build_card("Acme", LONDON))
    full = "More than 50,000 contacts are not kept: delete some first."
    page = client.post(f"{PANE}{contact.pk}/edit/", fill(contact, is_shared="on"), headers=HX)
    assert full in page.content.decode()
    contact.refresh_from_db()
    assert not contact.is_shared
    post(client, f"{PANE}{contact.pk}/delete/")
    keep(company.alice, company.account, build_card("In its place"))
    [refused] = read_told(post(client, f"{PANE}{contact.pk}/undo/"))
    assert refused.words == full and refused.is_bad
    contact.refresh_from_db()
    assert contact.deleted_at is not None


def test_what_was_merged_is_taken_apart_by_nobody_whose_it_was_not(company: Company, client: Client) -> None:
    parts = [
        keep(company.alice, company.account, build_card("Ida", LONDON)),
        keep(company.alice, company.account, build_card("Ida", PARIS, note="Hers alone")),
    ]
    seen = {one.pk: build_seen(one) for one in parts}
    merged = merge_contacts(company.alice, company.account, seen)
    post(client, f"{PANE}{merged.pk}/edit/", **fill(merged, is_shared="on"))
    bobs = signed_in(company.bob)
    assert "Merged from" not in read(bobs, f"{PANE}{merged.pk}/")
    assert bobs.post(f"{PANE}{merged.pk}/undo/", headers=HX).status_code in (302, 404)
    merged.refresh_from_db()
    assert merged.deleted_at is None
    assert all(one.deleted_at is not None for one in Contact.objects.filter(pk__in=seen))


def test_what_was_deleted_can_be_taken_back(company: Company, client: Client) -> None:
    contact = keep(company.alice, company.account, build_card("Ida", LONDON))
    response = post(client, f"{PANE}{contact.pk}/delete/")
    undo = f"{PANE}{contact.pk}/undo/"
    assert read_told(response) == [Told("Ida is deleted.", is_bad=False, deeds={"Undo": undo})]
    assert list_names(response.content.decode()) == []
    assert client.get(f"{PANE}{contact.pk}/", headers=HX).status_code == 404
    assert client.post(f"{PANE}{contact.pk}/delete/", headers=HX).status_code == 404
    assert client.get(f"{PANE}{contact.pk}/edit/", headers=HX).status_code == 404
    response = post(client, undo)
    assert [told.words for told in read_told(response)] == ["Ida is back."]
    assert list_names(read(client)) == ["Ida"]
    # Said once; and on a page of its own where there is no script.
    assert read_told(client.get(PANE, headers=HX)) == []
    page = client.post(f"{PANE}{contact.pk}/delete/", follow=True).content.decode()
    assert f'<form method="post" action="{undo}" data-toast-deed>' in page
    assert "Ida is deleted." not in client.get(PANE).content.decode()


def test_duplicates_are_found_shown_as_one_merged_and_taken_apart_again(
    company: Company, client: Client
) -> None:
    cards = [
        build_card("Ida Berger", LONDON, note="Knows the way", is_favourite=True),
        build_card("BERGER, Ida", PARIS, company="Acme", emails=("ida@acme.example",)),
        build_card("I. B.", BERLIN, emails=("IDA@acme.example", "i@home.example")),
        build_card("Somebody else", "+12025550123"),
        # Many who have one number are an office.
        *(build_card(f"Clerk {name}", "+12025550177") for name in "ABCD"),
    ]
    keep_cards(company.alice, company.account, cards, is_shared=False)
    # Another book has nothing to do with it.
    keep(company.alice, company.account, build_card("Ida Berger", LONDON), is_shared=True)
    page = unescape(read(client, f"{PANE}duplicates/"))
    [form] = re.findall(r"<form[^>]*data-duplicate>.*?</form>", page, re.DOTALL)
    assert "the same e-mail address and the same name" in form and "Clerk" not in page
    chosen = re.findall(r'name="contact" value="([^"]*)"', form)
    preview = form.partition("duplicate-merged")[2]
    for words in (
        *map(format_number, (LONDON, PARIS, BERLIN)),
        "Acme",
        "i@home.example",
        "Knows the way",
        "Also: ",
    ):
        assert words in preview
    merged = post(client, f"{PANE}duplicates/", contact=chosen)
    [told] = read_told(merged)
    assert "is one contact now" in told.words and "Merged from 3 contacts." in merged.content.decode()
    own = [card for card in read_cards(company.alice, company.account) if card.is_favourite]
    assert len(own) == 1 and {one.typed for one in own[0].numbers} == {LONDON, PARIS, BERLIN}
    assert "No contact is here twice." in read(client, f"{PANE}duplicates/")
    one = Contact.objects.get(name=own[0].name, owner=company.alice, deleted_at=None)
    part = one.merged_from.first()
    assert client.get(f"{PANE}{part.pk}/", headers=HX).headers["Location"] == f"{PANE}{one.pk}/"
    assert told.deeds == {"Undo": f"{PANE}{one.pk}/undo/"}
    assert [told.words for told in read_told(post(client, told.deeds["Undo"]))] == [
        "They are 3 contacts again."
    ]
    assert "Ida Berger" in list_names(read(client, f"{PANE}?whose=own"))
    assert client.post(f"{PANE}{one.pk}/undo/", headers=HX).status_code in (302, 404)


def test_what_cannot_be_merged_is_said(company: Company, client: Client) -> None:
    first = keep(company.alice, company.account, build_card("Ida", LONDON))
    second = keep(company.alice, company.account, build_card("ida", PARIS))
    shared = keep(company.alice, company.account, build_card("Ida", BERLIN), is_shared=True)
    others = keep(company.mallory, company.elsewhere, build_card("Ida", BERLIN))

    def refuse(*chosen: str) -> str:
        response = client.post(f"{PANE}duplicates/", {"contact": chosen}, headers=HX)
        assert response.status_code == 422
        return unescape(response.content.decode())

    def choose(contact: Contact) -> str:
        return f"{contact.pk} {build_seen(contact)}"

    assert "two contacts at least" in refuse() and "two contacts at least" in refuse(choose(first))
    assert "changed meanwhile" in refuse(choose(first), f"{second.pk} long ago")
    assert "stay apart" in refuse(choose(first), choose(shared))
    assert "deleted meanwhile" in refuse(choose(first), choose(others))
    assert "no contact" in refuse("\x00", "x")
    assert Contact.objects.filter(deleted_at=None).count() == 4


def test_nobody_sees_or_touches_what_is_anothers(company: Company) -> None:
    own = keep(company.alice, company.account, build_card("Very Private", LONDON))
    shared = keep(company.alice, company.account, build_card("Company Only", PARIS), is_shared=True)
    bob, mallory = signed_in(company.bob), signed_in(company.mallory)
    for client, hidden in ((bob, [own]), (mallory, [own, shared])):
        names = [one.name for one in hidden]
        for address in ("", "?q=o", "?whose=own", f"?after={own.pk}", f"?deleted={own.pk}", "duplicates/"):
            page = read(client, PANE + address)
            assert not any(name in page for name in names)
        for contact in hidden:
            for name in ("", "edit/"):
                assert client.get(f"{PANE}{contact.pk}/{name}", headers=HX).status_code == 404
            for name in ("edit/", "favourite/", "delete/", "undo/"):
                answer = client.post(f"{PANE}{contact.pk}/{name}", fill(contact), headers=HX)
                assert answer.status_code == 404
    assert client.get(f"{PANE}{uuid.uuid4()}/", headers=HX).status_code == 404
    assert Contact.objects.filter(deleted_at=None).count() == 2
    # Deleted, it is still nobody else's to see.
    signed_in(company.alice).post(f"{PANE}{own.pk}/delete/")
    assert "Very Private" not in read(bob, f"{PANE}?deleted={own.pk}")
    assert bob.post(f"{PANE}{own.pk}/undo/", headers=HX).status_code == 404
    assert Client().get(PANE).status_code == 302


def test_the_pane_is_a_page_of_its_own_and_says_so_to_caches(company: Company, client: Client) -> None:
    contact = keep(company.alice, company.account, build_card("Ida & Co", LONDON))
    for address in (
        PANE,
        f"{PANE}{contact.pk}/",
        f"{PANE}{contact.pk}/edit/",
        f"{PANE}new/",
        f"{PANE}duplicates/",
    ):
        whole, part = client.get(address), client.get(address, headers=HX)
        assert 'id="handset"' in whole.content.decode() and "HX-Request" in whole["Vary"]
        assert 'id="handset"' not in part.content.decode() and "HX-Request" in part["Vary"]
        assert "no-store" in whole["Cache-Control"]
    assert "<title>Ida &amp; Co · Dog n Bone</title>" in client.get(f"{PANE}{contact.pk}/").content.decode()
    assert client.get("/phone/contacts/not-one/").status_code == 404
