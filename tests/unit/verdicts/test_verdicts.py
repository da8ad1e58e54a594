import json
from pathlib import Path

import pytest

from accounts.verdicts.device_codes import DEVICE_CODES, list_page_codes
from accounts.verdicts.device_rules import verdict_of_device_report
from accounts.verdicts.rest_rules import REST_RULES, verdict_of_answer
from accounts.verdicts.texts import TEXTS, UNREACHABLE_REASONS
from accounts.verdicts.verdict import (
    BROWSER_VERDICTS,
    TwilioAnswer,
    build_own_limit_verdict,
    build_unreachable_verdict,
    build_verdict,
)

PAGE_CODES = Path(__file__).parents[2] / "js" / "page-codes.json"

# The table of the contract: slug, and whether it blames the credentials.
BLAMED = {
    "malformed",
    "unknown_account",
    "wrong_auth_token",
    "wrong_api_secret",
    "api_key_not_found",
    "wrong_region",
    "restricted_key",
    "test_credentials",
}
NOT_BLAMED = {
    "ok",
    "account_suspended",
    "account_closed",
    "account_under_review",
    "trial_limit",
    "twiml_app_missing",
    "twiml_app_misconfigured",
    "token_invalid",
    "token_expired",
    "token_too_long",
    "bad_identity",
    "clock_skew",
    "rate_limited",
    "twilio_unavailable",
    "server_network",
    "browser_network",
    "media_blocked",
    "microphone_denied",
    "microphone_missing",
    "device_silent",
    "transient",
    "unclear",
}
OF_SIGNING_IN = {"sign_in_failed", "sign_in_throttled", "second_factor_failed"}


def test_the_table_has_every_verdict_of_the_contract_and_no_other():
    assert set(TEXTS) == BLAMED | NOT_BLAMED | OF_SIGNING_IN


@pytest.mark.parametrize("code", sorted(TEXTS))
def test_each_verdict_says_what_happened_and_one_thing_to_do(code):
    verdict = build_verdict(code)
    assert verdict.title and verdict.explanation and verdict.remedy
    assert verdict.blames_credentials == (code in BLAMED)
    for text in (verdict.title, verdict.explanation, verdict.remedy):
        assert "{" not in text and "  " not in text
    assert len(verdict.title) <= 60
    assert verdict.explanation.endswith(".") and verdict.remedy.endswith(".")


def test_the_json_has_the_shape_of_the_contract():
    twilio = TwilioAnswer(401, 20003, "Authenticate", "RQ1")
    body = build_verdict("wrong_auth_token", twilio=twilio, other_causes=("a",)).as_json()
    assert json.loads(json.dumps(body)) == body
    assert body["code"] == "wrong_auth_token"
    assert body["blames_credentials"] is True
    assert body["twilio"] == {
        "status": 401,
        "code": 20003,
        "message": "Authenticate",
        "request_id": "RQ1",
    }
    assert {"title", "explanation", "remedy", "field", "link", "sure", "other_causes"} <= body.keys()


@pytest.mark.parametrize("which", sorted(UNREACHABLE_REASONS))
def test_an_unreachable_twilio_is_our_networks_matter_and_says_which(which):
    verdict = build_unreachable_verdict(which)
    assert verdict.code == "server_network"
    assert not verdict.blames_credentials and not verdict.is_judged
    assert str(UNREACHABLE_REASONS[which]) in verdict.explanation


def test_a_limit_of_ours_is_not_blamed_on_twilio():
    verdict = build_own_limit_verdict(limit="10 attempts", period="5 minutes")
    assert verdict.code == "rate_limited"
    assert "Twilio was not asked" in verdict.explanation


def test_a_page_gets_only_verdicts_that_exist():
    assert set(BROWSER_VERDICTS) <= set(TEXTS)


QUESTIONS = ("account", "key", "key_lookup", "key_kind", "twiml_app")


OUTAGES = [*range(300, 400), 407, 408, 426, 429, *range(500, 600)]


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("sender", ["twilio", "page", "unknown"])
def test_no_outage_blames_the_credentials_whatever_its_words(question, sender):
    for status in OUTAGES:
        for message in ("", "Authenticate", "Authentication Error - invalid username"):
            verdict = verdict_of_answer(question, TwilioAnswer(status, None, message), sender)
            assert not verdict.blames_credentials, (status, message)
            assert not verdict.is_judged


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("sender", ["page", "unknown"])
def test_what_bears_no_mark_of_twilios_never_blames_the_credentials(question, sender):
    for status in range(200, 600):
        assert not verdict_of_answer(question, TwilioAnswer(status), sender).blames_credentials


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_code_that_nobody_knows_is_unclear(question):
    for status in (400, 401, 402, 403, 404, 405, 409, 410, 418, 451):
        answer = TwilioAnswer(status, 20999, "Some new wording")
        assert verdict_of_answer(question, answer, "twilio").code == "unclear"


def test_a_wrong_token_is_never_an_outage():
    for message in ("Authenticate", "authenticate", "Your AccountSid or AuthToken was incorrect.", ""):
        verdict = verdict_of_answer("account", TwilioAnswer(401, 20003, message), "twilio")
        assert verdict.code == "wrong_auth_token"


def test_the_same_words_mean_another_thing_for_another_question():
    answer = TwilioAnswer(401, 20003, "Authentication Error - invalid username")
    assert verdict_of_answer("account", answer, "twilio").code == "unknown_account"
    assert verdict_of_answer("key", answer, "twilio").code == "api_key_not_found"


DEVICE = [
    (20101, 31204, "token_invalid"),
    (20104, 31205, "token_expired"),
    (31205, None, "token_expired"),
    (20151, 31201, "token_invalid"),
    (31202, None, "wrong_api_secret"),
    (53000, 31202, "wrong_api_secret"),
    (31203, None, "account_suspended"),
    (31207, None, "token_too_long"),
    (31105, None, "bad_identity"),
    (31206, None, "rate_limited"),
    (20105, None, "clock_skew"),
    (31000, 53001, "browser_network"),
    (31000, None, "browser_network"),
    (53001, None, "browser_network"),
    (53000, None, "unclear"),
    (53000, 20403, "account_suspended"),
    (31001, None, "twiml_app_missing"),
    (31005, 21218, "twiml_app_missing"),
    (31401, None, "microphone_denied"),
    (31402, None, "microphone_missing"),
    (53405, None, "media_blocked"),
    (99999, None, "unclear"),
]


@pytest.mark.parametrize(("code", "original_code", "expected"), DEVICE)
def test_a_device_report_means_by_itself(code, original_code, expected):
    verdict = verdict_of_device_report(code=code, original_code=original_code, message="")
    assert verdict is not None
    assert verdict.code == expected
    assert verdict.twilio.code == (original_code or code)


@pytest.mark.parametrize("code", [31002, 31003, 31008, 31404, 31480, 31486, 31603, 31400, 53400, None])
def test_a_callee_who_hangs_up_is_no_matter_of_logging_in(code):
    assert verdict_of_device_report(code=code, original_code=None, message="Decline") is None


def test_a_dead_socket_is_told_apart_from_a_call_that_was_hung_up():
    message = "Websocket connection to Twilio's signaling servers were unexpectedly ended."
    socket = verdict_of_device_report(code=31005, original_code=None, message=message)
    assert socket is not None and socket.code == "browser_network"
    hangup = "Error sent from gateway in HANGUP"
    assert verdict_of_device_report(code=31005, original_code=None, message=hangup) is None


def test_every_rule_leads_to_a_verdict_that_exists():
    slugs = {rule.verdict for rule in REST_RULES}
    slugs |= {code.rule.verdict for code in DEVICE_CODES.values() if code.rule}
    assert slugs <= set(TEXTS)


def test_the_page_s_modules_are_tested_with_the_codes_that_pages_are_given() -> None:
    # After a change of the table: write `dict(list_page_codes())` to the file.
    assert json.loads(PAGE_CODES.read_text()) == dict(list_page_codes())
