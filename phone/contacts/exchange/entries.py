"""What a file is read as: one entry after the other, each from a line that people find again."""

from dataclasses import dataclass

from phone.contacts.card import ContactCard


class NotContacts(Exception):
    """The file is none that contacts are read from. Its text, for people, says what it is."""


@dataclass(frozen=True)
class Entry:
    """One contact of a file, from the line `line` on.

    Without a card it does not come in; `problem` says why, or what of it does not.
    """

    line: int
    card: ContactCard | None
    name: str = ""
    problem: str = ""
