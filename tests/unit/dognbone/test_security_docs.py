"""docs/security-asvs.md: every requirement has a row, and every test and file that a row names is there."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from accounts.entrance.passwords import WORDS

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "docs" / "security-asvs.md").read_text()
STATES = ("met", "partly", "not met", "n/a")
# The last of levels 1 and 2 in each section of ASVS 5.0.0; those of level 3 come after them.
SECTIONS = {
    1: {1: 2, 2: 9, 3: 11, 4: 3, 5: 2},
    2: {1: 3, 2: 3, 3: 4, 4: 1},
    3: {2: 2, 3: 4, 4: 6, 5: 5, 7: 2},
    4: {1: 3, 2: 1, 3: 2, 4: 4},
    5: {1: 1, 2: 3, 3: 2, 4: 3},
    6: {1: 3, 2: 12, 3: 4, 4: 4, 5: 5, 6: 3, 8: 4},
    7: {1: 3, 2: 4, 3: 2, 4: 5, 5: 2, 6: 2},
    8: {1: 2, 2: 3, 3: 1, 4: 1},
    9: {1: 3, 2: 4},
    10: {1: 2, 2: 2, 3: 4, 4: 11, 5: 5, 6: 2, 7: 3},
    11: {1: 2, 2: 3, 3: 3, 4: 4, 5: 1, 6: 1},
    12: {1: 3, 2: 2, 3: 4},
    13: {1: 1, 2: 5, 3: 2, 4: 5},
    14: {1: 2, 2: 4, 3: 3},
    15: {1: 3, 2: 3, 3: 7},
    16: {1: 1, 2: 5, 3: 4, 4: 3, 5: 3},
    17: {1: 1, 2: 4, 3: 2},
}
ROW = re.compile(r"^\| V(\d+\.\d+\.\d+) \| ([^|]*) \| ([^|]*) \|([^|]*)\|$", re.MULTILINE)
TEST = re.compile(r"`((?:unit|integration|service|browser|fake|js)/[\w./-]+\.(?:py|js))(?:::(\w+))?`")
FILE = re.compile(r"`((?:accounts|dognbone|phone|deploy|static|templates|tests|tools)/[\w./-]*)")


def list_sums() -> Iterator[str]:
    states = [(int(number.partition(".")[0]), state) for number, state, *_ in ROW.findall(TEXT)]
    for chapter in SECTIONS:
        counts = Counter(state for found, state in states if found == chapter)
        yield f"| V{chapter} | " + " | ".join(str(counts[state]) for state in STATES) + " |"
    counts = Counter(state for _, state in states)
    yield "| all | " + " | ".join(str(counts[state]) for state in STATES) + " |"


def test_every_requirement_has_one_row_in_its_order() -> None:
    expected = [
        f"{chapter}.{section}.{number}"
        for chapter, sections in SECTIONS.items()
        for section, last in sections.items()
        for number in range(1, last + 1)
    ]
    assert [number for number, *_ in ROW.findall(TEXT)] == expected


def test_every_row_says_one_of_four_things_and_why() -> None:
    for number, state, why, _ in ROW.findall(TEXT):
        assert state in STATES, number
        assert why, number


def test_the_sums_are_right() -> None:
    for line in list_sums():
        assert line in TEXT.splitlines()


def test_each_test_is_there() -> None:
    found = sorted(set(TEST.findall(TEXT)))
    assert [f"{path}::{function}" for path, function in found if not is_there(path, function)] == []


def is_there(path: str, function: str) -> bool:
    file = ROOT / "tests" / path
    return file.is_file() and bool(
        re.search(rf"^ *(?:async )?def {function}\(" if function else "", file.read_text(), re.MULTILINE)
    )


def test_each_file_is_there() -> None:
    missing = [path for path in sorted(set(FILE.findall(TEXT))) if not (ROOT / path).exists()]
    assert missing == []


def test_each_heading_that_is_led_to_is_there() -> None:
    headings = {
        heading.lower().replace(" ", "-").replace(",", "")
        for heading in re.findall(r"^#+ (.*)$", TEXT, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([\w-]+)\)", TEXT)) <= headings


def test_the_words_that_are_no_passwords_are_written_down() -> None:
    assert f"{', '.join(WORDS)}\n" in TEXT
