"""The tables of `docs/security.md`, read as they are written, to be compared with what the product does."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from django.conf import settings

Row = Sequence[str]


def read_table(heading: str) -> list[str]:
    """The rows of the first table behind the line `heading`, without its head."""
    path = Path(settings.BASE_DIR) / "docs" / "security.md"
    lines = iter(path.read_text().splitlines())
    for line in lines:
        if line.lstrip("#").strip() == heading and line.startswith("#"):
            break
    else:
        pytest.fail(f"docs/security.md has no part “{heading}”.")
    rows: list[str] = []
    for line in lines:
        if line.startswith("|"):
            rows.append(tidy(line))
        elif rows or line.startswith("#"):
            break
    return rows[2:]


def write_row(cells: Row) -> str:
    return tidy("| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |")


def tidy(line: str) -> str:
    return " ".join(line.split())


def compare(heading: str, found: Iterable[Row]) -> None:
    """Fails with each row that is in only one of the two: what is found is what has to be judged."""
    written, seen = read_table(heading), [write_row(cells) for cells in found]
    twice = sorted(line for line in set(written) if written.count(line) > 1)
    missing = [line for line in seen if line not in written]
    untrue = [line for line in written if line not in seen]
    if twice or missing or untrue:
        parts = (("found, and not in the table", missing), ("in the table, and not found", untrue))
        said = [f"{words}:\n" + "\n".join(lines) for words, lines in (*parts, ("twice", twice)) if lines]
        pytest.fail(
            f"docs/security.md, “{heading}”: is this how it is to be? Then change the table.\n\n"
            + "\n\n".join(said),
            pytrace=False,
        )
