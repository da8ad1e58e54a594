"""What people type and paste, as what is dialled: the cases that the page's tests read as well."""

import json
from pathlib import Path
from typing import Any

import pytest

from phone.dialling.emergency import build_emergency_patterns
from phone.dialling.faults import Fault
from phone.dialling.plans import get_country_of_e164
from phone.dialling.reading import Reading, build_send_digits, read
from phone.dialling.reasons import build_sentence

TABLES = Path(__file__).parents[2] / "dialling"


def load(name: str) -> Any:
    return json.loads((TABLES / name).read_text())


def describe(reading: Reading) -> dict[str, Any]:
    """A reading as the table of cases writes it: what is empty is left out."""
    fault = reading.fault
    described = {
        "number": reading.number,
        "after": reading.after,
        "reason": fault.reason if fault else "",
        "about": fault.country if fault else "",
        "words": reading.is_words,
    }
    return {key: value for key, value in described.items() if value}


CASES = [(kind, case) for kind, cases in load("cases.json").items() for case in cases]


@pytest.mark.parametrize(
    "case", [case for _, case in CASES], ids=[f"{kind}: {case['typed'][:30]!a}" for kind, case in CASES]
)
def test_what_is_typed_is_read_whole_or_refused_whole(case: dict[str, Any]) -> None:
    typed = {"typed", "home", "countries"}
    expected = {key: value for key, value in case.items() if key not in typed}
    reading = read(case["typed"], home=case["home"], countries=case.get("countries", ()))
    assert describe(reading) == expected


def test_the_pages_tests_know_the_emergency_numbers_that_the_server_hands_over() -> None:
    assert load("emergency.json") == build_emergency_patterns()


def test_a_reason_is_said_in_the_same_words_as_by_the_page() -> None:
    for row in load("sentences.json"):
        assert build_sentence(Fault(row["reason"], row["country"]), row["typed"]) == row["sentence"]


@pytest.mark.parametrize("country", build_emergency_patterns())
def test_every_countrys_own_emergency_numbers_are_refused_at_home(country: str) -> None:
    for number in ("112", "911", "999"):
        assert describe(read(number, home=country)) == {"reason": "emergency"}


def test_a_pause_is_two_seconds_of_twilios_waiting() -> None:
    assert build_send_digits(read("+1 415 555 0132,,227#", home="US").after) == "wwwwwwww227#"


@pytest.mark.parametrize(
    ("number", "country"), [("+442079460018", "GB"), ("+12025550123", "US"), ("+80012345678", ""), ("", "")]
)
def test_the_country_of_a_number(number: str, country: str) -> None:
    assert get_country_of_e164(number) == country
