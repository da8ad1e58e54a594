"""What became of each party of a call, in words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from phone.calls.legs import CallLeg
from phone.timeline.call_stories import describe_end, describe_leg, has_left_early, name_leg

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, "is being called"),
        ({"rung_at": NOON}, "rings"),
        ({"answered_at": NOON}, "is in the call"),
        ({"answered_at": NOON, "is_held": True}, "is held"),
        ({"answered_at": NOON, "ended_at": after(65)}, "talked for 1 min 5 s"),
        ({"answered_at": NOON, "ended_at": after(65), "cause": "answered"}, "talked for 1 min 5 s"),
        (
            {"answered_at": NOON, "ended_at": after(5), "cause": "connection_lost", "error_code": 31003},
            "talked for 5 s, then: Connection lost (error 31003)",
        ),
        ({"ended_at": NOON, "cause": "busy", "sip_response_code": 486}, "Busy (SIP 486)"),
        ({"ended_at": NOON, "sip_response_code": 487}, "was not reached (SIP 487)"),
        ({"ended_at": NOON}, "was not reached"),
    ],
)
def test_a_party_is_told_by_what_became_of_it(facts: dict[str, Any], words: str) -> None:
    assert describe_leg(CallLeg(role="called", **facts)) == words


def test_an_end_says_its_codes_and_nothing_while_it_is_not_known() -> None:
    assert describe_end("") == ""
    assert describe_end("busy") == "Busy"
    assert describe_end("busy", sip=486, error=13224) == "Busy (SIP 486, error 13224)"


def test_a_party_is_named_or_masked() -> None:
    names = {"dnb_bob": "Bob"}
    assert name_leg(CallLeg(address="client:dnb_bob"), names) == "Bob"
    assert name_leg(CallLeg(address="client:dnb_gone"), names) == "a former person"
    assert name_leg(CallLeg(address="+442071838750"), names) == "+•••••••••750"
    assert name_leg(CallLeg(address="withheld"), names) == "withheld"


def test_who_leaves_with_the_end_has_not_left_early() -> None:
    leg = CallLeg(left_at=after(60))
    assert has_left_early(leg, None)
    assert has_left_early(leg, after(120))
    assert not has_left_early(leg, after(61))
    assert not has_left_early(CallLeg(), after(61))
