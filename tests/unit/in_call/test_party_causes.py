"""Why a party is not in a call, told from what Twilio says of its leg."""

import pytest

from phone.calls.legs import CallLeg
from phone.in_call.party_causes import CODES, REMEDIES, SIP_CODES, STATUSES, WORDS, describe, find_cause


@pytest.mark.parametrize(
    ("route", "status", "sip", "code", "cause"),
    [
        ("number", "busy", 486, None, "busy"),
        ("number", "busy", 603, None, "declined"),
        ("number", "failed", 603, None, "declined"),
        ("number", "no-answer", 487, None, "no_answer"),
        ("number", "no-answer", 480, None, "no_answer"),
        ("number", "failed", 404, None, "number_unreachable"),
        ("number", "failed", 608, None, "caller_id_refused"),
        ("number", "failed", None, 13224, "number_unreachable"),
        ("number", "busy", 486, 13227, "country_not_allowed"),
        ("number", "canceled", 487, None, "canceled"),
        ("number", "failed", None, None, "unclear"),
        ("client", "busy", 603, None, "declined"),
        ("client", "busy", None, None, "declined"),
        ("client", "no-answer", 480, None, "no_answer"),
    ],
)
def test_the_code_comes_before_the_line_and_the_line_before_the_status(
    route: str, status: str, sip: int | None, code: int | None, cause: str
) -> None:
    leg = CallLeg(route=route, status=status, sip_response_code=sip, error_code=code)
    assert find_cause(leg) == cause


def test_every_cause_has_words_that_name_the_party() -> None:
    causes = {*CODES.values(), *SIP_CODES.values(), *STATUSES.values(), "unclear"} - {"canceled"}
    assert causes == set(WORDS)
    assert set(REMEDIES) <= causes
    assert describe("busy", "Bob") == "Bob is busy."
    assert describe("answered", "Bob") == ""
