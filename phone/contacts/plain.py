"""Text as contacts are searched and sorted by: small, without accents, nothing that cannot be seen.

The two texts are compared byte by byte, on every database: a place in the list, and a piece that is looked
for, mean the same on each, and both are read from an index.
"""

import unicodedata
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

OTHER = "#"


class BytewiseCharField(models.CharField[str, str]):
    """A text whose order is that of its bytes, as it is in SQLite anyway; PostgreSQL's is the machine's."""

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, Any]:
        parameters: dict[str, Any] = super().db_parameters(connection)
        if connection.vendor == "postgresql":
            parameters["collation"] = "C"
        return parameters


@BytewiseCharField.register_lookup
class Holds(models.Lookup[Any]):
    """`contains` for such a text: its bytes are looked for as they are.

    LIKE goes through each text letter by letter, for its pattern: of 20,000 that takes three times as long.
    Of a function, PostgreSQL expects a third of the rows, and so reads a page from the index of its order,
    whatever is looked for.
    """

    lookup_name = "contains"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        held, held_params = self.process_lhs(compiler, connection)
        sought, sought_params = self.process_rhs(compiler, connection)
        find = "STRPOS" if connection.vendor == "postgresql" else "INSTR"
        return f"{find}({held}, {sought}) > 0", (*held_params, *sought_params)


def make_plain(text: str) -> str:
    """Small letters without accents, ordinary digits, one space between words."""
    if text.isascii():
        plain = text.lower()
    else:
        apart = unicodedata.normalize("NFKD", text.casefold())
        plain = "".join(
            str(unicodedata.decimal(letter, letter))
            for letter in apart
            if unicodedata.category(letter) != "Mn"
        )
    if not plain.isprintable():
        plain = "".join(letter if letter.isprintable() else " " for letter in plain)
    return " ".join(plain.split())


def make_sort_name(name: str, *, length: int) -> str:
    """What `name` is sorted by: without what stands before its first letter or digit."""
    plain = make_plain(name)
    first = next((at for at, letter in enumerate(plain) if letter.isalnum()), 0)
    return plain[first : first + length]


def find_letter(sort_name: str) -> str:
    """The heading that a contact stands under: its first letter, or `#` for whatever is none."""
    return sort_name[:1].upper() if sort_name[:1].isalpha() else OTHER


def cut_bytes(text: str, most: int) -> str:
    """`text`, or so much of its beginning as has `most` bytes in UTF-8."""
    return text if len(text) * 4 <= most else text.encode("utf-8", "ignore")[:most].decode("utf-8", "ignore")
