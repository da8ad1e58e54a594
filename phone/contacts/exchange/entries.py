"""What a file is read as: one entry after the other, each from a line that people find again."""

from dataclasses import dataclass

from phone.contacts.card import ContactCard
from phone.contacts.exchange.problems import Problem


class NotContacts(Exception):
    """The file is none that contacts are read from; `problem` says what it is."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.slug)
        self.problem = problem

    def __str__(self) -> str:
        return self.problem.words


@dataclass(frozen=True)
class Entry:
    """One contact of a file, from the line `line` on.

    Without a card it does not come in; `problem` says why, or what of it does not.
    """

    line: int
    card: ContactCard | None
    name: str = ""
    problem: Problem | None = None
