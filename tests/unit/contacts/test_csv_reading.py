"""CSV files as Google, Outlook, Excel and people write them."""

import csv
import io
import time

import pytest

from phone.contacts.card import CardNumber, ContactCard, Kind
from phone.contacts.exchange import csv_reading
from phone.contacts.exchange.entries import Entry, NotContacts
from phone.contacts.exchange.reading import read_file


def read(text: str | bytes, country: str = "DE") -> list[Entry]:
    return list(read_file(text.encode() if isinstance(text, str) else text, country))


def cards(text: str | bytes, country: str = "DE") -> list[ContactCard]:
    entries = read(text, country)
    assert not [entry.problem for entry in entries if entry.problem]
    return [entry.card for entry in entries if entry.card]


def write(titles: list[str], *rows: dict[str, str], mark: str = ",") -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, titles, delimiter=mark)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def titles(text: str) -> list[str]:
    return " ".join(text.split()).split(" | ")


GOOGLE_NEW = titles(
    """
    First Name | Middle Name | Last Name | Phonetic First Name | Phonetic Middle Name | Phonetic Last
    Name | Name Prefix | Name Suffix | Nickname | File As | Organization Name | Organization Title |
    Organization Department | Birthday | Notes | Photo | Labels | E-mail 1 - Label | E-mail 1 - Value |
    E-mail 2 - Label | E-mail 2 - Value | Phone 1 - Label | Phone 1 - Value | Phone 2 - Label | Phone 2
    - Value | Address 1 - Label | Address 1 - Formatted | Address 1 - Street | Website 1 - Label |
    Website 1 - Value
    """
)
GOOGLE_OLD = titles(
    """
    Name | Given Name | Additional Name | Family Name | Yomi Name | Given Name Yomi | Name Prefix | Name
    Suffix | Initials | Nickname | Short Name | Birthday | Gender | Location | Sensitivity | Priority |
    Notes | Language | Photo | Group Membership | E-mail 1 - Type | E-mail 1 - Value | Phone 1 - Type |
    Phone 1 - Value | Phone 2 - Type | Phone 2 - Value | Organization 1 - Type | Organization 1 - Name |
    Organization 1 - Title
    """
)
OUTLOOK_GERMAN = titles(
    """
    Anrede | Vorname | Weitere Vornamen | Nachname | Suffix | Firma | Abteilung | Position | Straße
    geschäftlich | Ort geschäftlich | Postleitzahl geschäftlich | Land/Region geschäftlich | Straße
    privat | Ort privat | Telefon Assistent | Fax geschäftlich | Telefon geschäftlich | Telefon
    geschäftlich 2 | Rückmeldung | Autotelefon | Telefon Firma | Fax privat | Telefon privat | ISDN |
    Mobiltelefon | Weiteres Telefon | Pager | Haupttelefon | E-Mail-Adresse | E-Mail-Typ | E-Mail:
    Angezeigter Name | E-Mail 2: Adresse | Geburtstag | Geschlecht | Initialen | Kategorien | Notizen |
    Priorität | Privat | Vertraulichkeit | Webseite
    """
)
OUTLOOK_ENGLISH = titles(
    """
    Title | First Name | Middle Name | Last Name | Suffix | Company | Department | Job Title | Business
    Street | Business City | Business Postal Code | Business Country/Region | Assistant's Phone |
    Business Fax | Business Phone | Business Phone 2 | Callback | Car Phone | Company Main Phone | Home
    Fax | Home Phone | ISDN | Mobile Phone | Other Phone | Pager | Primary Phone | Radio Phone | TTY/TDD
    Phone | Telex | Account | Anniversary | Birthday | Categories | E-mail Address | E-mail Type |
    E-mail Display Name | E-mail 2 Address | Gender | Government ID Number | Initials | Notes | Priority
    | Private | Sensitivity | Web Page
    """
)
OUTLOOK_FRENCH = titles(
    """
    Titre | Prénom | Deuxième prénom | Nom | Suffixe | Société | Service | Rue (bureau) | Ville (bureau)
    | Télécopie (bureau) | Téléphone (bureau) | Téléphone 2 (bureau) | Téléphone (domicile) | Tél.
    mobile | Téléphone principal | Télex | Adresse de messagerie | Type de messagerie | Nom complet de
    l'adresse de messagerie | Anniversaire | Notes | Priorité
    """
)
OUTLOOK_SPANISH = titles(
    """
    Nombre | Segundo nombre | Apellidos | Organización | Puesto | Calle del trabajo | Ciudad de trabajo
    | Teléfono del trabajo | Teléfono del trabajo 2 | Particular | Teléfono móvil | Otro teléfono |
    Categorías | Dirección de correo electrónico | Dirección del correo electrónico 3 | Notas | Página
    web
    """
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_googles_columns_as_they_are_now(encoding: str) -> None:
    text = write(
        GOOGLE_NEW,
        {
            "First Name": "Jörg",
            "Last Name": "Müller",
            "Name Prefix": "Dr.",
            "Organization Name": "ACME",
            "Organization Title": "Boss",
            "Notes": "two\nlines, and a comma",
            "Photo": "https://x",
            "Labels": "* myContacts ::: * starred ::: Family",
            "E-mail 1 - Label": "* Work",
            "E-mail 1 - Value": "a@example.com ::: b@example.com",
            "Phone 1 - Label": "Mobile",
            "Phone 1 - Value": "+49 151 1 ::: +49 151 2",
            "Phone 2 - Label": "Work Fax",
            "Phone 2 - Value": "030 12",
            "Address 1 - Label": "Home",
            "Address 1 - Formatted": "Main St. 1\nBerlin",
            "Address 1 - Street": "Main St. 1",
            "Website 1 - Value": "https://example.com",
        },
    )
    assert cards(text.encode(encoding)) == [
        ContactCard(
            "Dr. Jörg Müller",
            "ACME",
            (
                CardNumber("+49 151 1", Kind.MOBILE),
                CardNumber("+49 151 2", Kind.MOBILE),
                CardNumber("030 12", Kind.FAX),
            ),
            ("a@example.com", "b@example.com"),
            "Title: Boss\ntwo\nlines, and a comma\nLabel: Family\nAddress: Main St. 1\nBerlin\n"
            "Website: https://example.com",
            is_favourite=True,
        )
    ]


def test_what_google_has_a_label_for_is_called_by_it() -> None:
    text = write(
        titles("""
        First Name | Relation 1 - Label | Relation 1 - Value | Event 1 - Label | Event 1 - Value |
        Custom Field 1 - Label | Custom Field 1 - Value | Custom Field 2 - Label | Custom Field 2 - Value
        """),
        {
            "First Name": "Anna",
            "Relation 1 - Label": "Spouse",
            "Relation 1 - Value": "Bo",
            "Event 1 - Label": "* Anniversary",
            "Event 1 - Value": "2001-01-01",
            "Custom Field 1 - Label": "Customer number",
            "Custom Field 1 - Value": "4711",
            "Custom Field 2 - Value": "blue",
        },
    )
    (card,) = cards(text.encode())
    assert card.note.split("\n") == [
        "Spouse: Bo",
        "Anniversary: 2001-01-01",
        "Customer number: 4711",
        "Custom field: blue",
    ]


def test_googles_columns_as_they_were() -> None:
    text = write(
        GOOGLE_OLD,
        {
            "Name": "Anna Smith",
            "Given Name": "Anna",
            "Family Name": "Smith",
            "Gender": "x",
            "Priority": "y",
            "Group Membership": "* myContacts",
            "E-mail 1 - Type": "*",
            "E-mail 1 - Value": "a@example.com",
            "Phone 1 - Type": "Home",
            "Phone 1 - Value": "030 1",
            "Phone 2 - Type": "Main",
            "Phone 2 - Value": "030 2",
            "Organization 1 - Name": "ACME",
            "Organization 1 - Title": "Boss",
        },
    )
    numbers = (CardNumber("030 1", Kind.HOME), CardNumber("030 2", Kind.MAIN))
    assert cards(text) == [ContactCard("Anna Smith", "ACME", numbers, ("a@example.com",), "Title: Boss")]


def test_outlooks_columns_in_german_in_its_own_code_page() -> None:
    text = write(
        OUTLOOK_GERMAN,
        {
            "Anrede": "Herr",
            "Vorname": "Jörg",
            "Nachname": "Weiß",
            "Firma": "Bäcker AG",
            "Abteilung": "Einkauf",
            "Straße geschäftlich": "Hauptstr. 1",
            "Ort geschäftlich": "Köln",
            "Fax geschäftlich": "0221 2",
            "Telefon geschäftlich": "0221 1",
            "Telefon Firma": "0221 0",
            "Telefon privat": "0221 3",
            "Mobiltelefon": "0170 1",
            "E-Mail-Adresse": "j@example.com",
            "E-Mail-Typ": "SMTP",
            "E-Mail: Angezeigter Name": "Jörg Weiß (j@example.com)",
            "E-Mail 2: Adresse": "w@example.com",
            "Geburtstag": "0.0.00",
            "Geschlecht": "Keine Angabe",
            "Initialen": "J.W.",
            "Priorität": "Normal",
            "Privat": "Aus",
            "Vertraulichkeit": "Normal",
            "Notizen": "Kommt später.",
            "Webseite": "example.com",
        },
    )
    assert cards(text.encode("cp1252")) == [
        ContactCard(
            "Jörg Weiß",
            "Bäcker AG",
            (
                CardNumber("0221 2", Kind.FAX),
                CardNumber("0221 1", Kind.WORK),
                CardNumber("0221 0", Kind.MAIN),
                CardNumber("0221 3", Kind.HOME),
                CardNumber("0170 1", Kind.MOBILE),
            ),
            ("j@example.com", "w@example.com"),
            "Abteilung: Einkauf\nKommt später.\nWebseite: example.com\nAddress (work): Hauptstr. 1, Köln",
        )
    ]


def test_outlooks_columns_in_english() -> None:
    text = write(
        OUTLOOK_ENGLISH,
        {
            "Title": "Mr.",
            "First Name": "Tom",
            "Last Name": "Ford",
            "Company": "ACME",
            "Business Phone": "1111",
            "Home Phone": "2222",
            "Mobile Phone": "3333",
            "Company Main Phone": "4444",
            "Business Fax": "5555",
            "Callback": "6666",
            "E-mail Address": "t@example.com",
            "E-mail Type": "SMTP",
            "Birthday": "0/0/00",
            "E-mail Display Name": "Tom (t@example.com)",
            "Gender": "Unspecified",
            "Priority": "Normal",
            "Private": "False",
            "Sensitivity": "Normal",
            "Initials": "T.F.",
            "Notes": "tall",
        },
    )
    (card,) = cards(text)
    assert (card.name, card.company, card.emails, card.note) == (
        "Tom Ford",
        "ACME",
        ("t@example.com",),
        "tall",
    )
    assert {one.typed: one.kind.value for one in card.numbers} == {
        "1111": "work",
        "2222": "home",
        "3333": "mobile",
        "4444": "main",
        "5555": "fax",
        "6666": "other",
    }


def test_outlooks_columns_in_french_and_spanish() -> None:
    french = write(
        OUTLOOK_FRENCH,
        {
            "Titre": "M.",
            "Prénom": "André",
            "Nom": "Lefèvre",
            "Société": "ACME",
            "Service": "Achats",
            "Téléphone (bureau)": "0123456789",
            "Téléphone (domicile)": "0145",
            "Tél. mobile": "0612345678",
            "Télécopie (bureau)": "0199",
            "Adresse de messagerie": "a@example.com",
            "Priorité": "Normal",
        },
        mark=";",
    )
    (card,) = cards(french.encode("cp1252"), "FR")
    assert (card.name, card.note, card.emails) == ("André Lefèvre", "Service: Achats", ("a@example.com",))
    assert {one.kind.value for one in card.numbers} == {"work", "home", "mobile", "fax"}
    spanish = write(
        OUTLOOK_SPANISH,
        {
            "Nombre": "José",
            "Apellidos": "Núñez",
            "Organización": "ACME",
            "Teléfono del trabajo": "911",
            "Particular": "912",
            "Teléfono móvil": "600",
            "Dirección de correo electrónico": "j@example.com",
            "Notas": "sí",
            "Calle del trabajo": "Mayor 1",
            "Ciudad de trabajo": "Madrid",
        },
        mark=";",
    )
    (card,) = cards(spanish.encode("cp1252"), "ES")
    assert (card.name, card.note) == ("José Núñez", "sí\nAddress (work): Mayor 1, Madrid")
    assert [one.kind.value for one in card.numbers] == ["work", "home", "mobile"]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("told", ["", "sep={}\r\n"])
def test_a_plain_list_with_any_separator(mark: str, told: str) -> None:
    rows = [("Name", "Phone"), ("Smith, Anna", "+49 30 1234"), ("Bob; & Co", "030 1 2 3")]
    text = io.StringIO()
    csv.writer(text, delimiter=mark).writerows(rows)
    found = cards(told.format(mark) + text.getvalue())
    assert [(card.name, card.numbers[0].typed) for card in found] == rows[1:]


def test_a_list_without_titles_and_one_whose_titles_nobody_knows() -> None:
    untitled = "Jörg Müller;+49 30 12345;likes tea;j@example.com\nAnna Smith;030 / 222 33;;a@example.com\n"
    assert len(cards(untitled * 60)) == 120
    found = cards(untitled)
    assert [(card.name, card.numbers[0].typed) for card in found] == [
        ("Jörg Müller", "+49 30 12345"),
        ("Anna Smith", "030 / 222 33"),
    ]
    assert (found[0].emails, found[0].note) == (("j@example.com",), "likes tea")
    strange = "Vārds;Piezīme;Numurs\nJānis;draugs;+371 20000000\n"
    assert cards(strange) == [
        ContactCard("Jānis", numbers=(CardNumber("+371 20000000"),), note="Piezīme: draugs")
    ]


def test_columns_that_nobody_knows_are_lines_of_the_note() -> None:
    assert cards("Name,Phone,Customer no.,Shoe size\nAnna,030 123456,17,42\n")[0].note == (
        "Customer no.: 17\nShoe size: 42"
    )


def test_what_spreadsheets_do_to_keep_a_number() -> None:
    text = 'Name,Phone\nA,"=""+49 30 1"""\nB,\'+49 30 2\nC,\'0151 3\nD,"\'=1+2"\n'
    assert [one.typed for card in cards(text) for one in card.numbers] == [
        "+49 30 1", "+49 30 2", "0151 3", "=1+2"
    ]  # fmt: skip


@pytest.mark.parametrize("seen", ["4,91512E+11", "4.91512E+11", "4,9E+12", "5E+10"])
def test_a_number_that_a_spreadsheet_has_shortened_is_named(seen: str) -> None:
    lost, kept, good = read(f'Name,Phone,E-mail\nAnna,"{seen}",\nBen,"{seen}",b@example.com\nCleo,0301,\n')
    assert (lost.line, lost.name, lost.card) == (2, "Anna", None)
    assert f"“{seen}” is no number any more" in lost.problem.words
    assert kept.card == ContactCard("Ben", emails=("b@example.com",))
    assert kept.problem == lost.problem
    assert good.card is not None and not good.problem


def test_a_quotation_that_nobody_closes_costs_its_own_line_alone() -> None:
    rows = "".join(f"Person {number},030 {number:06}\n" for number in range(3000))
    entries = read(f'Name,Phone\nAnna,"030 1\n{rows}Eve,"030 2')
    assert [entry.line for entry in entries if entry.card is None] == [2, 3003]
    assert sum(1 for entry in entries if entry.card) == 3000


def test_a_value_without_end_is_named_for_what_it_is() -> None:
    first, second = read_file(b"Name,Phone\n" + b"A" * 200_000 + b",0301\nBob,0302\n", "DE")
    assert first.problem and first.problem.slug == "too_long" and "131,072 letters" in first.problem.words
    assert second.card and second.card.name == "Bob"


def test_a_file_of_a_mac_is_read_by_its_own_code_page() -> None:
    (card,) = cards("Name;Telefon geschäftlich\rJürgen Größ;030 1\r".encode("mac_roman"), "DE")
    assert (card.name, card.numbers) == ("Jürgen Größ", (CardNumber("030 1", Kind.WORK),))
    (card,) = cards("Name;Telefon\rJürgen;030 1\r".encode(), "DE")
    assert card.name == "Jürgen"


def test_rows_with_nothing_in_them_and_rows_with_nobody_in_them() -> None:
    entries = read("Name,Phone,Gender\n\n,,\n,,female\nAnna,030 1,\n")
    assert [(entry.line, bool(entry.card)) for entry in entries] == [(4, False), (5, True)]
    assert "“female”" in entries[0].problem.words


@pytest.mark.parametrize(
    ("encoding", "country", "name"),
    [
        ("cp1252", "US", "Jürgen Müßig"),
        ("cp1250", "PL", "Małgorzata Święty"),
        ("cp1251", "RU", "Иван Петров"),
        ("cp1251", "US", "Иван Петров"),
        ("cp1253", "GR", "Γιώργος Παπαδόπουλος"),
        ("cp932", "JP", "田中太郎"),
        ("gb18030", "CN", "王小明"),
    ],
)
def test_code_pages_by_the_persons_country_or_by_what_is_plain(
    encoding: str, country: str, name: str
) -> None:
    text = "Name;Phone\n" + f"{name};+49 30 1\n" * 20
    assert {card.name for card in cards(text.encode(encoding), country)} == {name}


def test_a_file_of_two_encodings_is_read_line_by_line() -> None:
    content = "Name,Phone\nJörg,0301\n".encode() + "Änne,0302\n".encode("cp1252")
    assert [card.name for card in cards(content)] == ["Jörg", "Änne"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\xff\xfe", "empty"),
        (b"  \r\n\r\n", "empty"),
        (b"PK\x03\x04...", "Excel"),
        (b"\xd0\xcf\x11\xe0...", "Excel"),
        (b"%PDF-1.7", "PDF"),
        (b"<html>", "web page"),
        (b"\n <html>", "web page"),
        (b'{"a": 1}', "JSON"),
        (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR", "calendar"),
        (b"hello there", "nothing in it divides"),
        (b"a,b\n1,2\n", "a, b"),
        (b"\x01\x02\x00\x03,\x04\n\x00", "no text"),
    ],
)
def test_what_is_no_list_of_contacts_is_said_by_name(content: bytes, said: str) -> None:
    with pytest.raises(NotContacts, match=said):
        read(content)


def test_lines_that_are_made_to_take_for_ever() -> None:
    begun = time.process_time()
    entries = read("Name,Phone\n" + 'a,"\n' * 20_000 + "," * 100_000 + "\nAnna,0301\n")
    assert entries[-1].name == "Anna"
    assert time.process_time() - begun < 10


def test_marks_that_are_opened_in_every_line_cost_no_more_than_the_first_of_them() -> None:
    looked = 0
    line = csv_reading.Lines.__next__

    def count(self: csv_reading.Lines) -> str:
        nonlocal looked
        looked += 1
        return line(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_reading.Lines, "__next__", count)
        entries = read("Name,Phone\n" + 'a"b,"c\n' * 20_000 + "Anna,0301\n")
    assert entries[-1].name == "Anna"
    assert len(entries) == 20_001
    assert looked < 20_001 + 3 * csv_reading.MOST_UNCLOSED * csv_reading.MOST_LINES
