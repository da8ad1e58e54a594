"""The table of rehearsals names nothing that does not exist."""

import re
from pathlib import Path

import pytest

from accounts.verdicts.texts import TEXTS
from demo.causes import NORMAL, AccountChanged
from demo.rehearsal import CallRehearsal, Rehearsal
from demo.rehearsals import GROUPS, REHEARSALS
from fake_twilio import catalogue
from fake_twilio.control import CHOICES
from phone.causes.cause import SLUGS
from phone.causes.texts import VARIANTS

SCRIPT = Path(__file__).parents[3] / "demo" / "static" / "demo" / "rehearsal.js"
# The failures that the demo has promised to show.
PROMISED = {
    "wrong-secret",
    "rotated",
    "suspended",
    "token-expired",
    "clock-off",
    "wifi-cut",
    "socket-blocked",
    "gateway-silent",
    "unavailable",
    "rate-limited",
    "slow",
    "microphone-denied",
}

every_rehearsal = pytest.mark.parametrize("rehearsal", REHEARSALS.values(), ids=lambda one: one.slug)


def test_every_promised_failure_is_there_and_none_twice() -> None:
    assert set(REHEARSALS) >= PROMISED
    assert len(REHEARSALS) == sum(len(group.rehearsals) for group in GROUPS) >= 18
    assert len({one.title for one in REHEARSALS.values()}) == len(REHEARSALS)


def test_every_cause_of_a_calls_end_has_a_call() -> None:
    calls = [one for one in REHEARSALS.values() if isinstance(one, CallRehearsal)]
    assert {one.ends for one in calls} == set(SLUGS)
    # With a number to dial; those that come in are made in the fake's control room.
    assert {one.ends for one in calls if not one.dials} == {
        "missed",
        "answered_elsewhere",
        "do_not_disturb",
        "voicemail",
    }
    assert all((one.ends, one.variant) in VARIANTS for one in calls if one.variant)


def test_every_number_of_the_fake_that_fails_is_called() -> None:
    dialled = {one.dials for one in REHEARSALS.values() if isinstance(one, CallRehearsal)}
    answering = {
        catalogue.STRANGER_NUMBER,
        catalogue.SLOW_NUMBER,
        catalogue.KEYPAD_NUMBER,
        catalogue.MACHINE_NUMBER,
    }
    assert set(catalogue.NUMBERS) - answering <= dialled


@every_rehearsal
def test_a_rehearsal_expects_a_verdict_that_exists_and_says_it_in_words(rehearsal: Rehearsal) -> None:
    assert rehearsal.verdict in TEXTS
    assert rehearsal.expected and "{" not in rehearsal.expected


@every_rehearsal
def test_what_is_changed_about_an_account_the_fake_can_do_and_undo(rehearsal: Rehearsal) -> None:
    if not isinstance(rehearsal.cause, AccountChanged):
        return
    for name, value in rehearsal.cause.fields.items():
        assert value in CHOICES[name]
        assert NORMAL[name] in CHOICES[name]
        assert NORMAL[name] != value


def test_normal_is_what_an_account_of_the_fake_begins_with() -> None:
    demo = catalogue.build_store().accounts[catalogue.account_sid(catalogue.DEMO)]
    assert {name: getattr(demo, name) for name in NORMAL} == NORMAL


@every_rehearsal
def test_an_outage_is_not_expected_to_be_blamed_on_the_credentials(rehearsal: Rehearsal) -> None:
    is_credential = rehearsal.slug in {one.slug for one in GROUPS[0].rehearsals}
    assert is_credential or not TEXTS[rehearsal.verdict].blames_credentials


@every_rehearsal
def test_the_script_in_the_browser_knows_its_parts(rehearsal: Rehearsal) -> None:
    if rehearsal.in_browser:
        assert re.search(rf'"{rehearsal.in_browser}"', SCRIPT.read_text())
