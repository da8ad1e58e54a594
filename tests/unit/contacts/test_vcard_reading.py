"""vCard files as phones write them: every version, encoding and fault that was met."""

import time

import pytest

from phone.contacts.card import CardNumber, ContactCard, Kind
from phone.contacts.exchange.entries import Entry
from phone.contacts.exchange.reading import read_file


def read(text: str | bytes, country: str = "DE") -> list[Entry]:
    return list(read_file(text.encode() if isinstance(text, str) else text, country))


def read_one(*lines: str, version: str = "3.0") -> ContactCard:
    text = "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""])
    (entry,) = read(text)
    assert entry.card is not None, entry
    assert not entry.problem
    return entry.card


def test_a_card_of_2_1_with_quoted_printable_in_soft_lines() -> None:
    card = read_one(
        "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=4D=C3=BC=6C=",
        "=6C=65=72;=4A=C3=B6=72=67;;;",
        "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=4A=C3=B6=72=67=20=4D=C3=",
        "=BC=6C=6C=65=72",
        "TEL;CELL;PREF:+49 151 1234567",
        "TEL;WORK;FAX:030 1234",
        "NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=utf-8:Knocks twice.=0D=0A=",
        "Then waits.",
        version="2.1",
    )
    assert card.name == "Jörg Müller"
    assert card.numbers == (CardNumber("+49 151 1234567", Kind.MOBILE), CardNumber("030 1234", Kind.FAX))
    assert card.note == "Knocks twice.\nThen waits."


def test_quoted_printable_that_is_folded_as_well() -> None:
    card = read_one("FN;ENCODING=QUOTED-PRINTABLE:=D0=9A=D0=BE=D0=", " =BC=D0=BC", version="2.1")
    assert card.name == "Комм"


def test_a_line_ended_by_an_equals_sign_does_not_take_the_end_of_the_card_along() -> None:
    card = read_one("FN;QUOTED-PRINTABLE:Anna=", version="2.1")
    assert card.name == "Anna"


def test_a_character_set_that_is_named_one_that_is_not_and_one_that_nobody_knows() -> None:
    latin = "BEGIN:VCARD\nVERSION:2.1\nORG;CHARSET=ISO-8859-15;QUOTED-PRINTABLE:M=FCller=A4\nEND:VCARD\n"
    raw = "BEGIN:VCARD\nVERSION:2.1\nFN:Jörg\nEND:VCARD\n".encode("cp1252")
    strange = "BEGIN:VCARD\nVERSION:2.1\nFN;CHARSET=X-NOBODYS;QUOTED-PRINTABLE:J=F6rg\nEND:VCARD\n"
    utf8 = "BEGIN:VCARD\nVERSION:3.0\nFN:Zoë\nEND:VCARD\n"
    names = [entry.name for entry in read(latin.encode() + raw + strange.encode() + utf8.encode())]
    assert names == ["Müller€", "Jörg", "Jörg", "Zoë"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_every_unicode_and_every_line_end(encoding: str, end: str) -> None:
    text = end.join(["BEGIN:VCARD", "VERSION:3.0", "FN:Jörg Müller", "TEL:+4930", "END:VCARD", ""])
    (entry,) = read(text.encode(encoding))
    assert entry.card == ContactCard("Jörg Müller", numbers=(CardNumber("+4930"),))


def test_folds_even_within_a_letter() -> None:
    whole = "FN:Jörg Müller".encode()
    at = whole.index("ö".encode()) + 1
    content = b"BEGIN:VCARD\r\nVERSION:3.0\r\n" + whole[:at] + b"\r\n " + whole[at:] + b"\r\nEND:VCARD\r\n"
    assert read(content)[0].name == "Jörg Müller"


def test_a_card_of_4_0_with_addresses_for_numbers_groups_and_preferences() -> None:
    card = read_one(
        'item1.TEL;VALUE=uri;PREF=2;TYPE="voice,work":tel:+49-30-1234;ext=12',
        "TEL;VALUE=uri;PREF=1;TYPE=cell:tel:+49-151-99",
        "item2.TEL:+49 40 1",
        "item2.X-ABLabel:_$!<Home>!$_",
        "FN:Anna",
        "EMAIL;PREF=1:mailto:anna@example.com",
        version="4.0",
    )
    assert card.numbers == (
        CardNumber("+49-151-99", Kind.MOBILE),
        CardNumber("+49-30-1234 ext. 12", Kind.WORK),
        CardNumber("+49 40 1", Kind.HOME),
    )
    assert card.emails == ("anna@example.com",)


def test_commas_and_backslashes_that_nobody_has_escaped() -> None:
    card = read_one("FN:Smith, Anna B.\\", "NOTE:one, two\\, three\\: four\\n\\\\five")
    assert card.name == "Smith, Anna B."
    assert card.note == "one, two, three: four\n\\five"


def test_a_name_from_whatever_there_is() -> None:
    assert read_one("N:Müller;Jörg;Emil;Dr.;jun.").name == "Dr. Jörg Emil Müller jun."
    assert read_one("FN:", "N:;;;;", "ORG:ACME\\, Inc.;Sales").name == "ACME, Inc."
    assert read_one("NICKNAME:Jo", "EMAIL:j@example.com").name == "Jo"
    assert read_one("EMAIL:j@example.com").name == "j@example.com"
    assert read_one("TEL:+49 30 1").name == "+49 30 1"


def test_what_has_no_place_on_a_card_is_a_line_of_its_note() -> None:
    card = read_one(
        "FN:Anna",
        "NICKNAME:Änne",
        "ORG:ACME;Sales;North",
        "TITLE:Head of it",
        "ADR;TYPE=WORK:;;Main St. 1;Berlin;;10115;Germany",
        "URL:https://example.com",
        "BDAY:1980-01-02",
        "UID:4711",
        "X-STRANGE:what",
    )
    assert card.company == "ACME"
    assert card.note.split("\n") == [
        "Department: Sales, North",
        "Title: Head of it",
        "Website: https://example.com",
        "Birthday: 1980-01-02",
        "Address: Main St. 1, 10115, Berlin, Germany",
        "Nickname: Änne",
    ]


def test_a_favourite_is_one_that_is_starred() -> None:
    assert read_one("FN:Anna", "CATEGORIES:myContacts,starred").is_favourite
    assert not read_one("FN:Anna", "CATEGORIES:myContacts").is_favourite


def test_other_groups_are_kept_as_labels() -> None:
    card = read_one("FN:Anna", "CATEGORIES:myContacts,Family,starred,Book club")
    assert card.note == "Label: Family\nLabel: Book club"
    assert not read_one("FN:Anna", "CATEGORIES:Shared with the company").note


def test_an_assistants_card_within_a_card_is_not_this_one() -> None:
    card = read_one(
        "FN:Boss", "AGENT:", "BEGIN:VCARD", "VERSION:2.1", "FN:Assistant", "TEL:99", "END:VCARD", "TEL:11"
    )
    assert card == ContactCard("Boss", numbers=(CardNumber("11"),))


def test_pictures_are_passed_over_however_they_are_broken() -> None:
    picture = ["/9j/4AAQSkZJRgABAQ=="] * 3
    folded = ["PHOTO;ENCODING=b;TYPE=JPEG:AAAA", *(f" {line}" for line in picture)]
    unfolded = ["PHOTO;ENCODING=BASE64;JPEG:", *picture, ""]
    address = ["PHOTO;VALUE=uri:https://example.com/p.jpg", "LOGO:data:image/png;base64,AAAA"]
    for lines in (folded, unfolded, address):
        assert read_one(*lines, "FN:Anna", "TEL:1234").numbers == (CardNumber("1234"),)


def test_megabytes_of_pictures_take_no_time() -> None:
    picture = b"PHOTO;ENCODING=b:" + b"\r\n ".join([b"A" * 74] * 100_000)
    content = b"BEGIN:VCARD\r\nVERSION:3.0\r\n" + picture + b"\r\nFN:Anna\r\nEND:VCARD\r\n"
    begun = time.process_time()
    assert [entry.name for entry in read(content)] == ["Anna"]
    assert time.process_time() - begun < 5


def test_several_cards_of_several_versions_of_which_some_are_bad() -> None:
    text = "\n".join(
        [
            "Exported by my phone",
            "BEGIN:VCARD",
            "VERSION:2.1",
            "N:One",
            "END:VCARD",
            "begin:vcard",
            "version:3.0",
            "PHOTO:x",
            "end:vcard",
            "BEGIN:VCARD",
            "VERSION:3.0",
            "FN:Friends",
            "X-ADDRESSBOOKSERVER-KIND:group",
            "END:VCARD",
            "BEGIN:VCARD",
            "VERSION:4.0",
            "FN:Two",
            "BEGIN:VCARD",
            "VERSION:3.0",
            "FN:Three",
        ]  # fmt: skip
    )
    entries = read(text.replace("Exported", "FN is\nExported").replace("FN is\n", ""))
    told = [(entry.line, entry.name, entry.card is not None, bool(entry.problem)) for entry in entries]
    assert told == [
        (1, "", False, True),
        (2, "One", True, False),
        (6, "", False, True),
        (10, "Friends", False, True),
        (15, "Two", True, True),
        (18, "Three", True, True),
    ]
    assert "END:VCARD is missing" in entries[4].problem.words
    assert "middle of this card" in entries[5].problem.words


def test_lines_that_would_take_vobject_for_ever() -> None:
    begun = time.process_time()
    card = read_one("FN:Anna", "TEL;a" + "," * 5000 + '"', "TEL" + ";A=" * 20_000 + ":1", "X" + ";" * 50_000)
    assert card.name == "Anna"
    assert time.process_time() - begun < 5


def test_what_databases_do_not_keep_is_not_there() -> None:
    card = read_one(
        "FN:An\x00na\x07", "NOTE:\ud800a\x0bb".encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    )
    assert card.name == "Anna"
    assert "\x0b" not in card.note
