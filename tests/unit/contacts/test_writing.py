"""What is written is read again as what it was, whatever stands in it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from phone.contacts.card import NAME_LENGTH, CardNumber, ContactCard, Kind
from phone.contacts.exchange.entries import NotContacts
from phone.contacts.exchange.reading import read_file
from phone.contacts.exchange.writing import Exported, write_csv, write_vcards

LETTERS = st.characters(exclude_categories=("Cc", "Cs", "Cn"), exclude_characters="\ufeff")


def is_tidy(text: str) -> bool:
    return text == " ".join(text.split()) and not any(part in text for part in (":::", "\x85"))


WORDS = st.text(LETTERS | st.sampled_from("=+-@';,:\\\"/()#"), min_size=1, max_size=20).filter(is_tidy)
NUMBERS = st.builds("+{}{}".format, st.integers(1, 10**14), st.sampled_from(["", ",12", ",,3#"]))
EMAILS = st.from_regex(r"[a-z'+=-][a-z0-9.'+-]{0,10}@[a-z0-9]{1,9}\.(com|de)", fullmatch=True)
NOTES = st.lists(WORDS, max_size=4, unique=True).map("\n".join)
CARDS = st.builds(
    ContactCard,
    name=WORDS.filter(lambda name: len(name) <= NAME_LENGTH),
    company=WORDS | st.just(""),
    numbers=st.lists(
        st.builds(CardNumber, NUMBERS, st.sampled_from(Kind)), max_size=6, unique_by=lambda one: one.typed
    ).map(tuple),
    emails=st.lists(EMAILS, max_size=3, unique_by=str.casefold).map(tuple),
    note=NOTES,
    is_favourite=st.booleans(),
)
EXPORTED = st.lists(st.builds(Exported, CARDS, st.booleans()), min_size=1, max_size=2)


def read(text: str) -> list[ContactCard | None]:
    entries = list(read_file(text.encode(), "DE"))
    assert not [entry.problem for entry in entries if entry.problem]
    return [entry.card for entry in entries]


def group_numbers(card: ContactCard) -> ContactCard:
    """As Google's columns have them: those of one kind together, in the order of the first of each."""
    kinds = list(dict.fromkeys(one.kind for one in card.numbers))
    numbers = sorted(card.numbers, key=lambda one: kinds.index(one.kind))
    return ContactCard(card.name, card.company, tuple(numbers), card.emails, card.note, card.is_favourite)


@settings(max_examples=30, deadline=None)
@given(EXPORTED)
def test_vcards_come_back_as_they_were(contacts: list[Exported]) -> None:
    assert read("".join(write_vcards(contacts))) == [one.card for one in contacts]


@settings(max_examples=30, deadline=None)
@given(EXPORTED)
def test_csv_comes_back_as_it_was(contacts: list[Exported]) -> None:
    assert read("".join(write_csv(contacts))) == [group_numbers(one.card) for one in contacts]


def test_a_cell_that_a_spreadsheet_would_run_is_guarded() -> None:
    for name in ("=1+2", "+49", "-1", "@SUM(A1)", "'=1", "＝1"):
        line = list(write_csv([Exported(ContactCard(name))]))[1]
        assert line.startswith(f"'{name},")
    assert list(write_csv([Exported(ContactCard("O'Neill"))]))[1].startswith("O'Neill,")


def test_lines_are_folded_and_shared_ones_marked() -> None:
    card = ContactCard("Jörg " * 30 + "Müller", note="ä" * 300)
    text = "".join(write_vcards([Exported(card, is_shared=True)]))
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 76
    assert "CATEGORIES:Shared with the company" in text
    assert "N:Müller;Jörg Jörg" in text
    assert "Shared with the company" in list(write_csv([Exported(card, is_shared=True)]))[1]


PIECES = """
    BEGIN:VCARD~|END:VCARD~|VERSION:2.1~|FN|TEL|N|ADR|ORG|NOTE|;ENCODING=QUOTED-PRINTABLE|;CHARSET=|utf-16|;BASE64
    |:|;|,|=~|=C3|"|\\|~| |a|1|+|AGENT:|sep=|Name,Phone~|Phone 1 - Value|item1.|'|4,9E+11
""".strip()
SPLIT = [piece.strip(" \n").replace("~", "\n").encode() for piece in PIECES.split("|")]
ODD = [b"\xff", b"\0", b"\xff\xfe", b"\r", b" ", b"\t"]


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300) | st.lists(st.sampled_from(SPLIT + ODD), max_size=40).map(b"".join))
def test_whatever_a_file_holds_it_is_read_or_named(content: bytes) -> None:
    try:
        entries = list(read_file(content, "DE"))
    except NotContacts as error:
        assert str(error)
    else:
        assert all(entry.line >= 1 and (entry.card or entry.problem) for entry in entries)


def test_a_file_that_is_cut_off_anywhere_is_read_as_far_as_it_goes() -> None:
    contacts = [
        Exported(ContactCard('Jörg "=" O\'Neill', "A;B", (CardNumber("+4930"),), ("a@b.de",), "x\ny"))
    ]
    for text in ("".join(write_vcards(contacts)), "".join(write_csv(contacts))):
        content = text.encode()
        for end in range(1, len(content)):
            try:
                list(read_file(content[:end], "DE"))
            except NotContacts as error:
                assert str(error)
