"""What is wrong with a line of a file, or with all of it: a name with its facts, put into words when read.

A worker finds it, and the person reads it later, in their own language: so the name is kept, and no sentence.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from accounts.translated import Words

Fact = str | int

EXPECTED = _("Expected: a CSV file, as Google, Outlook and spreadsheets save it, or a vCard file (.vcf).")
SAVE_AS_CSV = _("Open it there, and save it as CSV.")

# Of a line, by name: the sentences, one after the other.
OF_A_LINE: Mapping[str, tuple[Words, ...]] = {
    "shortened": (
        _(
            "“{seen}” is no number any more: a spreadsheet has shortened it. Have the column shown as text"
            " there, and save the file again with all digits."
        ),
    ),
    "unclosed": (
        _("A quotation mark is opened there and not closed, so that nobody can tell where the line ends."),
    ),
    "too_long": (_("A value in it has more than {most} letters, more than a contact has."),),
    "too_many_values": (_("There are {seen} values in it, more than {most} columns."),),
    "nameless": (_("There is no name, number or e-mail address in it, one of which a contact needs."),),
    "nameless_line": (
        _("There is no name, number or e-mail address in it, one of which a contact needs. Seen: “{seen}”."),
    ),
    "stray": (_("This is no part of a card: a card lies between BEGIN:VCARD and END:VCARD."),),
    "endless": (_("The card has no end; END:VCARD is missing. What is there has come in."),),
    "cut_off": (_("The file ends in the middle of this card. What is there has come in."),),
    "grouped": (_("This is a list of other contacts, which the phone has no use for."),),
    "unreadable": (_("It cannot be read as a card: its lines should each be a name, a colon and a value."),),
}
# Of a file from which nothing comes in.
OF_A_FILE: Mapping[str, tuple[Words, ...]] = {
    "empty": (_("The file is empty."),),
    "one_column": (
        _(
            "This is a text, but no list of contacts: nothing in it divides names from numbers. Expected: a"
            " CSV file with commas, semicolons or tabs, or a vCard file."
        ),
    ),
    "unknown_columns": (
        _(
            "No column of this file is known to hold names, numbers or e-mail addresses. Seen in its first"
            " line: “{seen}”. Expected: titles such as Name, Phone and E-mail."
        ),
    ),
    "workbook": (_("This is an Excel workbook, or another zipped file."), SAVE_AS_CSV, EXPECTED),
    "old_workbook": (
        _("This is an old Excel workbook, or another of Office's own files."),
        SAVE_AS_CSV,
        EXPECTED,
    ),
    "outlook": (
        _("This is Outlook's own data file. In Outlook, export the contacts as CSV."),
        EXPECTED,
    ),
    "pdf": (_("This is a PDF file."), EXPECTED),
    "compressed": (_("This is a compressed file. Unpack it first."), EXPECTED),
    "picture": (_("This is a picture."), EXPECTED),
    "database": (_("This is a database."), EXPECTED),
    "json": (_("This is JSON."), EXPECTED),
    "markup": (_("This is a web page, or XML."), EXPECTED),
    "calendar": (_("This is a calendar."), EXPECTED),
    "no_text": (_("This is no text."), EXPECTED),
}
# Of an import that ended before the file's end.
OF_AN_IMPORT: Mapping[str, tuple[Words, ...]] = {
    "not_theirs": (
        _("You do not use the company's Twilio connection any more, so nothing was added to its contacts."),
    ),
    "broken": (
        _(
            "Something broke on our side, and the import stopped. What came in until then is in your"
            " contacts; the same file again adds only what is missing."
        ),
    ),
    "full": (
        _(
            "There is no room for more than {most} contacts. Those from line {line} of the file on have"
            " not come in."
        ),
    ),
}
WORDS: Mapping[str, tuple[Words, ...]] = {**OF_A_LINE, **OF_A_FILE, **OF_AN_IMPORT}


@dataclass(frozen=True)
class Problem:
    slug: str
    facts: Mapping[str, Fact] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """For the person, in the language that is spoken."""
        facts = {name: show_fact(name, fact) for name, fact in self.facts.items()}
        return " ".join(str(sentence) for sentence in WORDS[self.slug]).format_map(facts)

    def as_json(self) -> list[Any]:
        return [self.slug, dict(self.facts)]

    def as_text(self) -> str:
        return json.dumps(self.as_json(), ensure_ascii=False)


def build_problem(slug: str, **facts: Fact) -> Problem:
    return Problem(slug, facts)


def show_fact(name: str, fact: Fact) -> str:
    """Numbers as people group them; a line is found by its digits."""
    if isinstance(fact, int) and name != "line":
        return str(number_format(fact, force_grouping=True))
    return str(fact)


def read_kept(kept: Any) -> str:
    """In words what `as_json` or `as_text` has kept; from before there were names, the sentence itself."""
    if isinstance(kept, str):
        try:
            kept = json.loads(kept)
        except ValueError:
            return str(kept)
    match kept:
        case [str(slug), dict(facts)] if slug in WORDS:
            return Problem(slug, facts).words
    return str(kept)
