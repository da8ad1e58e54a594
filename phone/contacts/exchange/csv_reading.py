"""A CSV file as entries, whichever program wrote it. Pure.

Python's csv reads the lines; which mark divides them is the one by which the first line has most columns
that are known. A line whose quotation mark is never closed would take all that follow with it: it is named,
and the reading goes on with the line after it.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice, zip_longest

from django.utils.translation import gettext as _

from phone.contacts.card import ContactCard
from phone.contacts.exchange.columns import Column, read_column
from phone.contacts.exchange.decoding import choose_page, decode_lines
from phone.contacts.exchange.drafts import Draft, cut, tidy
from phone.contacts.exchange.entries import Entry, NotContacts
from phone.contacts.exchange.kinds import find_kind
from phone.contacts.exchange.problems import Problem, build_problem
from phone.contacts.exchange.roles import TELLING, Role

MARKS = ",;\t|"
# Excel's own line before the first: which mark divides.
SEP = re.compile(r"sep=(.)\s*$", re.IGNORECASE)
# A note of more lines is a mark that nobody has closed.
MOST_LINES = 200
MOST_COLUMNS = 1000
# Each is looked for over so many lines: after these, marks are what they look like, and every line is one.
MOST_UNCLOSED = 500
# Among so many lines a file without titles shows what its columns are.
SAMPLE = 50
# Nobody's birthday: what Outlook writes where there is none.
EMPTY_DATES = frozenset({"0/0/00", "0.0.00", "00.00.00", "00/00/00", "0.0.0000"})
# What our own export says of those that are the company's.
SHARED_LABEL = "Shared with the company"
GOOGLES_MARK = re.compile(r" ?::: ?")
# Excel's ways of keeping a number from being one: ="+49 30", and an apostrophe before it.
FORMULA = re.compile(r'="(.*)"', re.DOTALL)
NEUTRALISED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")
SHORTENED = re.compile(r"[+-]?\d+([.,]\d+)?E\+?\d+", re.IGNORECASE)
NUMBERED = re.compile(r"[+(]?[\d\s().\-/+]{5,}")
EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")

UNCLOSED = build_problem("unclosed")
TOO_LONG = build_problem("too_long", most=csv.field_size_limit())
EMPTY = build_problem("empty")


@dataclass(frozen=True)
class Row:
    line: int
    cells: list[str]
    problem: Problem | None = None


def read_csv(content: bytes, country: str) -> Iterator[Entry]:
    """Raises NotContacts, before the first entry, for what is no such file."""
    text = io.StringIO("".join(decode_lines(content, choose_page(content, country))), newline="")
    mark = find_mark(text)
    rows = read_rows(text, mark)
    first = next((row for row in rows if not row.problem), None)
    if first is None:
        raise NotContacts(EMPTY)
    columns = [read_column(clean(cell)) for cell in first.cells]
    if is_header(columns, first.cells):
        yield from (read_entry(row, columns) for row in rows)
        return
    sample = [first]
    sample.extend(islice(rows, SAMPLE))
    is_titled = not any(is_number(clean(cell)) or is_email(clean(cell)) for cell in first.cells)
    columns = guess_columns(sample[is_titled:])
    if not any(column.role in (Role.NUMBER, Role.EMAIL) for column in columns):
        seen = cut(", ".join(map(tidy, first.cells)), 100)
        raise NotContacts(build_problem("unknown_columns", seen=seen))
    if is_titled:
        columns = [
            replace(column, title=tidy(clean(cell))) for column, cell in zip_titles(columns, first.cells)
        ]
    for row in sample[is_titled:]:
        yield read_entry(row, columns)
    yield from (read_entry(row, columns) for row in rows)


def find_mark(text: io.StringIO) -> str:
    """Which mark divides the columns; leaves `text` at its first line."""
    start = text.tell()
    told = SEP.fullmatch(text.readline())
    if told:
        return told[1]
    text.seek(start)
    sample = text.read(100_000)
    text.seek(start)
    marks = {mark: judge(sample, mark) for mark in MARKS}
    mark = max(MARKS, key=marks.__getitem__)
    if not sample.strip():
        raise NotContacts(EMPTY)
    if marks[mark] == (0, 0, 0):
        raise NotContacts(build_problem("one_column"))
    return mark


def judge(sample: str, mark: str) -> tuple[int, int, int]:
    """How well `mark` divides: columns that are known, rows alike, columns at all."""
    rows = read_rows(io.StringIO(sample, newline=""), mark)
    first, *others = list(islice(rows, 10)) or [Row(1, [])]
    known = sum(1 for cell in first.cells if read_column(clean(cell)).role is not Role.NOTED)
    alike = sum(1 for row in others if len(row.cells) == len(first.cells) > 1)
    columns = len(first.cells) - 1
    return (known if columns or known else 0, alike, columns)


def read_rows(text: io.StringIO, mark: str) -> Iterator[Row]:
    """Every row that has something in it."""
    numbers, unclosed = Lines(text), 0
    while True:
        numbers.begin()
        try:
            if unclosed < MOST_UNCLOSED:
                cells = next(csv.reader(numbers, delimiter=mark))
            else:
                cells = next(csv.reader(numbers, delimiter=mark, quoting=csv.QUOTE_NONE))
        except StopIteration:
            return
        except csv.Error:
            # Longer than anything that a person writes: within a line, or by a mark that nobody has closed.
            unclosed += 1
            yield Row(numbers.begun, numbers.see(), TOO_LONG if numbers.count == 1 else UNCLOSED)
            numbers.go_back()
            continue
        if numbers.is_too_long or numbers.is_over:
            unclosed += 1
            yield Row(numbers.begun, numbers.see(), UNCLOSED)
            numbers.go_back()
        elif len(cells) > MOST_COLUMNS:
            problem = build_problem("too_many_values", seen=len(cells), most=MOST_COLUMNS)
            yield Row(numbers.begun, cells[:1], problem)
        elif any(cell.strip() for cell in cells):
            yield Row(numbers.begun, cells)


class Lines:
    """A text's lines for csv.reader, which can be gone back on to the second line of what was read last."""

    def __init__(self, text: io.StringIO) -> None:
        self.text = text
        self.number = 0
        self.begin()

    def begin(self) -> None:
        self.begun, self.second, self.first = self.number + 1, 0, ""
        self.count = 0
        # Both within a quotation only: a row that is complete asks for no other line.
        self.is_over = self.is_too_long = False

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        if self.count >= MOST_LINES:
            self.is_too_long = True
            raise StopIteration
        line = self.text.readline()
        if not line:
            self.is_over = True
            raise StopIteration
        self.number += 1
        self.count += 1
        if self.count == 1:
            self.second, self.first = self.text.tell(), line
        return line

    def see(self) -> list[str]:
        return [cut(self.first.strip(), 60)]

    def go_back(self) -> None:
        self.text.seek(self.second)
        self.number = self.begun


def clean(cell: str) -> str:
    """What a spreadsheet shows of a cell that has been kept from being a formula, or a number."""
    cell = cell.strip()
    if found := FORMULA.fullmatch(cell):
        return found[1].replace('""', '"')
    return cell[1:] if NEUTRALISED.match(cell) else cell


def is_header(columns: list[Column], cells: list[str]) -> bool:
    is_told = any(column.role in TELLING for column in columns)
    return is_told and not any(is_number(clean(cell)) for cell in cells)


def is_number(cell: str) -> bool:
    return bool(NUMBERED.fullmatch(cell.lstrip("'")))


def is_email(cell: str) -> bool:
    return bool(EMAIL.fullmatch(cell))


def zip_titles(columns: list[Column], cells: list[str]) -> Iterator[tuple[Column, str]]:
    for column, cell in zip_longest(columns, cells, fillvalue=None):
        yield column or Column(Role.NOTED), cell or ""


def guess_columns(rows: list[Row]) -> list[Column]:
    """By what stands in them, where no title says it: the first text is the name."""
    width = max((len(row.cells) for row in rows), default=0)
    columns, is_named = [], False
    for place in range(width):
        cells = [clean(row.cells[place]) for row in rows if len(row.cells) > place]
        cells = [cell for cell in cells if cell]
        if sum(map(is_number, cells)) * 2 > len(cells):
            columns.append(Column(Role.NUMBER, group=str(place)))
        elif sum(map(is_email, cells)) * 2 > len(cells):
            columns.append(Column(Role.EMAIL))
        elif cells and not is_named:
            columns.append(Column(Role.FORMATTED))
            is_named = True
        else:
            columns.append(Column(Role.NOTED))
    return columns


def read_entry(row: Row, columns: list[Column]) -> Entry:
    if row.problem:
        return Entry(row.line, None, cut(tidy(row.cells[0]), 60), row.problem)
    cells = [clean(cell) for cell in row.cells]
    draft, problem = make_draft(cells, columns)
    if problem and not (draft.numbers or draft.emails):
        return Entry(row.line, None, draft.name, problem)
    card: ContactCard | None = draft.build()
    if card is None:
        seen = cut(" ".join(filter(None, map(tidy, cells))), 60)
        return Entry(row.line, None, "", build_problem("nameless_line", seen=seen))
    return Entry(row.line, card, card.name, problem)


def make_draft(cells: list[str], columns: list[Column]) -> tuple[Draft, Problem | None]:
    """The contact, and what of it is lost."""
    draft = Draft()
    problem: Problem | None = None
    labels: dict[str, str] = {}
    addresses: dict[str, list[str]] = {}
    for place, cell in enumerate(cells):
        if not cell:
            continue
        column = columns[place] if place < len(columns) else Column(Role.NOTED)
        match column.role:
            case Role.NUMBER:
                problem = add_numbers(draft, cell, column, labels) or problem
            case Role.NUMBER_LABEL:
                labels[column.group] = cell.removeprefix("* ")
            case Role.EMAIL:
                for email in GOOGLES_MARK.split(cell):
                    draft.add_email(email)
            case Role.NOTE:
                draft.add_note(cell)
            case Role.ADDRESS:
                addresses.setdefault(column.group, []).append(tidy(cell))
            case Role.LABELS:
                add_labels(draft, cell)
            case Role.NOTED if cell not in EMPTY_DATES:
                draft.add_note(", ".join(GOOGLES_MARK.split(cell)), labels.get(column.group) or column.title)
            case Role.NOTED | Role.LEFT_OUT:
                pass
            case role if not getattr(draft, role.value):
                setattr(draft, role.value, cell)
            case _:
                draft.add_note(cell, column.title)
    for title, parts in addresses.items():
        draft.add_note(", ".join(parts), title)
    return draft, problem


def add_numbers(draft: Draft, cell: str, column: Column, labels: dict[str, str]) -> Problem | None:
    """Says so where a spreadsheet has made something else of the number."""
    label = labels.get(column.group, "")
    kind = find_kind([label]) if label else column.kind
    problem = None
    for typed in GOOGLES_MARK.split(cell):
        typed = typed.strip().removeprefix("'")
        if SHORTENED.fullmatch(typed):
            problem = build_problem("shortened", seen=cut(tidy(typed), 40))
        else:
            draft.add_number(typed, kind)
    return problem


def add_labels(draft: Draft, cell: str) -> None:
    """Google's groups: the starred ones are favourites, `* myContacts` is everybody."""
    for label in GOOGLES_MARK.split(cell):
        name = tidy(label)
        if name.casefold().strip("* ") == "starred":
            draft.is_favourite = True
        elif not name.startswith("*") and name != SHARED_LABEL:
            draft.add_note(name, _("Label"))
