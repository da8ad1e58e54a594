"""Why a party is not in a call that goes on without them, told from what Twilio says of their leg."""

import pytest

from phone.calls.legs import CallLeg
from phone.causes.codes import is_of_party
from phone.causes.describing import describe_party
from phone.causes.evidence import Evidence, Explanation
from phone.causes.explaining import explain, explain_leg
from phone.causes.facts import read_leg

NUMBER, SHOWN = "+12025550123", "+1 202-555-0123"


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
        ("client", "no-answer", 480, None, "nobody_available"),
    ],
)
@pytest.mark.parametrize("role", ["consulted", "added", "transferred_to"])
def test_the_code_comes_before_the_line_and_the_line_before_the_status(
    role: str, route: str, status: str, sip: int | None, code: int | None, cause: str
) -> None:
    leg = CallLeg(role=role, route=route, status=status, sip_response_code=sip, error_code=code)
    assert explain_leg(read_leg(leg), Evidence(is_answered=True)).slug == cause


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("busy", "Bob is busy."),
        ("declined", "Bob declined the call."),
        ("no_answer", "Bob did not answer."),
        ("unclear", "Bob could not be called, and Twilio does not say why."),
        ("number_unreachable", f"The telephone network cannot reach {SHOWN}."),
        ("country_not_allowed", "Calls to United States are not switched on for this Twilio account."),
    ],
)
def test_words_name_the_party(slug: str, words: str) -> None:
    cause = describe_party(slug, NUMBER, "Bob")
    assert cause is not None and cause.words == words


@pytest.mark.parametrize("slug", ["", "answered", "answered_elsewhere", "canceled"])
def test_whom_nothing_has_kept_from_the_call_has_no_fault(slug: str) -> None:
    assert describe_party(slug, NUMBER, "Bob") is None


def test_what_is_in_the_log_about_a_webhook_says_nothing_of_a_party() -> None:
    assert is_of_party(13224) and is_of_party(21219)
    assert not is_of_party(11200) and not is_of_party(12100) and not is_of_party(7)


def test_a_call_that_nobody_took_up_again_was_not_hung_up_by_anybody() -> None:
    seen = Evidence(is_answered=True, status="completed", hung_up_by="caller", is_left_alone=True)
    assert explain(seen) == Explanation("answered", "left_alone")
