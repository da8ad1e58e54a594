"""A contact as it comes in and goes out, whichever file or form it is written in."""

from dataclasses import dataclass
from enum import StrEnum

NAME_LENGTH = 160
NUMBERS_AT_MOST = 20
EMAILS_AT_MOST = 10
NOTE_LENGTH = 2000


class Kind(StrEnum):
    """What a number is for."""

    MOBILE = "mobile"
    WORK = "work"
    HOME = "home"
    MAIN = "main"
    FAX = "fax"
    OTHER = "other"


@dataclass(frozen=True)
class CardNumber:
    """`typed` is what was written, as it was written; who keeps it reads it by the person's home country."""

    typed: str
    kind: Kind = Kind.OTHER


@dataclass(frozen=True)
class ContactCard:
    """What is known of somebody. `name` is never empty; the rest may be."""

    name: str
    company: str = ""
    numbers: tuple[CardNumber, ...] = ()
    emails: tuple[str, ...] = ()
    note: str = ""
    is_favourite: bool = False
