"""Numbers of contacts are read as whatever is dialled is, only sooner."""

import json
from pathlib import Path
from typing import Any

import pytest

from phone.contacts.card import Kind
from phone.contacts.numbers import NumberReader
from phone.dialling.reading import read

CASES = json.loads((Path(__file__).parents[2] / "dialling" / "cases.json").read_text())
EMERGENCY = json.loads((Path(__file__).parents[2] / "dialling" / "emergency.json").read_text())


def list_typed(found: Any) -> list[str]:
    """Every text among the cases that somebody types."""
    if isinstance(found, str):
        return [found]
    if isinstance(found, dict):
        return [text for one in (*found.keys(), *found.values()) for text in list_typed(one)]
    return [text for one in found for text in list_typed(one)] if isinstance(found, list) else []


@pytest.mark.parametrize("home", ["GB", "US", "MX"])
def test_a_contacts_number_is_what_would_be_called(home: str) -> None:
    reader = NumberReader.__new__(NumberReader)
    reader.home, reader.countries = home, ("US",)
    plain = 0
    for typed in {*list_typed(CASES), *list_typed(EMERGENCY)}:
        kept = reader.read_kept(typed, Kind.WORK)
        expected = read(typed, home=home, countries=["US"])
        assert (kept.number if kept else "") == expected.number, typed
        plain += bool(reader.read_plain(typed))
    assert plain > 10
