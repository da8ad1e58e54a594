"""A contact while it is gathered from a file, and what becomes of it as a card. Pure.

Nothing that somebody wrote down is lost: what has no place on a card becomes a line of its note. A value that
is no number, or no e-mail address, does too, by whoever keeps the card (`phone/contacts/keeping.py`).
"""

import re
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from phone.contacts.card import NAME_LENGTH, NOTE_LENGTH, CardNumber, ContactCard, Kind

# All control characters but the tab and the line end: databases refuse some of them, and nobody sees any.
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")
# What is said before everybody's name, and would sort all of them under one letter.
SALUTATIONS = frozenset(
    {"mr", "mrs", "ms", "miss", "herr", "frau", "m", "mme", "mlle", "sr", "sra", "srta", "dhr", "mevr"}
)
# More of one kind are in no contact, but in a file that is made to be one.
MOST_VALUES = 100


@dataclass
class Draft:
    """What a file says of one contact, as it is read."""

    formatted: str = ""
    prefix: str = ""
    given: str = ""
    middle: str = ""
    family: str = ""
    suffix: str = ""
    nickname: str = ""
    filed_as: str = ""
    company: str = ""
    numbers: list[CardNumber] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    is_favourite: bool = False

    def add_number(self, typed: str, kind: Kind) -> None:
        typed = tidy(typed)
        if typed and len(self.numbers) < MOST_VALUES:
            self.numbers.append(CardNumber(typed, kind))

    def add_email(self, email: str) -> None:
        email = tidy(email)
        if email and len(self.emails) < MOST_VALUES:
            self.emails.append(email)

    def add_note(self, text: str, label: str = "") -> None:
        text = tidy_lines(text)
        if text:
            self.notes.append(f"{tidy(label)}: {text}" if label else text)

    @property
    def own_name(self) -> str:
        """As the file has it; empty where it has none."""
        prefix = "" if self.prefix.strip(" .").casefold() in SALUTATIONS else self.prefix
        parts = map(tidy, (prefix, self.given, self.middle, self.family, self.suffix))
        candidates = (
            self.formatted,
            " ".join(filter(None, parts)),
            self.filed_as,
            self.nickname,
            self.company,
        )
        return next((found for one in candidates if (found := tidy(one))), "")

    @property
    def name(self) -> str:
        """What the contact is called, if by its number; empty where there is nothing to call it by."""
        others = (*self.emails[:1], *(one.typed for one in self.numbers[:1]))
        return cut(self.own_name or next(iter(others), ""), NAME_LENGTH)

    def build(self) -> ContactCard | None:
        """None where nobody could tell whose it is."""
        name = self.name
        if not name:
            return None
        notes = list(self.notes)
        if len(self.own_name) > NAME_LENGTH:
            notes.append(self.own_name)
        nickname = tidy(self.nickname)
        if nickname and nickname.casefold() not in name.casefold():
            notes.append(_("Nickname: {nickname}").format(nickname=nickname))
        return ContactCard(
            name=name,
            company=cut(tidy(self.company), NAME_LENGTH),
            numbers=tuple(dict.fromkeys(self.numbers)),
            emails=tuple(dict.fromkeys(self.emails)),
            note=cut("\n".join(dict.fromkeys(notes)), NOTE_LENGTH),
            is_favourite=self.is_favourite,
        )


def tidy(text: str) -> str:
    """On one line, without what cannot be seen."""
    return " ".join(CONTROLS.sub("", text).split())


def tidy_lines(text: str) -> str:
    """With its lines, without what cannot be seen."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return CONTROLS.sub("", text).strip()


def cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"
