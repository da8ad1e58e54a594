"""What a sentence is about, and that the words of every verdict are so whatever sentence led to it."""

import pytest

from accounts.verdicts.device_codes import DEVICE_CODES
from accounts.verdicts.device_rules import verdict_of_device_report
from accounts.verdicts.rest_rules import REST_RULES, verdict_of_answer
from accounts.verdicts.sentences import choose_sentence, is_same_sentence, read_subject
from accounts.verdicts.verdict import TwilioAnswer, build_verdict
from fake_twilio.variation import WORDINGS
from tests.verdict_texts import SAID, find_contradictions
from tests.worded_situations import BLAMED, NAMED, UNBLAMED, WORDED, WORDLESS

QUESTIONS = ("account", "key", "key_lookup", "key_kind", "twiml_app")
OF_CREDENTIALS = {"user_name", "api_key", "auth_token", "credentials", "authentication"}
OF_THE_ACCOUNT = {"closed", "suspended", "not_active", "under_review", "trial"}


@pytest.mark.parametrize("worded", BLAMED, ids=lambda worded: worded.name)
def test_a_sentence_about_authentication_is_known_in_any_words(worded):
    assert read_subject(worded.message) in OF_CREDENTIALS


@pytest.mark.parametrize("worded", [*UNBLAMED, *NAMED, *WORDLESS], ids=lambda worded: worded.name)
def test_a_sentence_that_speaks_of_anything_else_is_not_about_authentication(worded):
    assert read_subject(worded.message) not in OF_CREDENTIALS


@pytest.mark.parametrize("kind", ["inactive", "under_review", "trial"])
def test_the_accounts_state_is_read_in_any_words(kind):
    for status in ("suspended", "closed"):
        for wording in WORDINGS[kind]:
            assert read_subject(wording.format(status=status)) in OF_THE_ACCOUNT, wording


@pytest.mark.parametrize(
    ("message", "subject"),
    [
        ("Authentication Error - invalid username", "user_name"),
        ("Invalid user name", "user_name"),
        ("Account SID not found", "user_name"),
        ("Invalid username or password", "credentials"),
        ("Your AccountSid or AuthToken was incorrect.", "credentials"),
        ("Authenticate", "auth_token"),
        ("Wrong auth-token", "auth_token"),
        ("The API key was revoked", "api_key"),
        ("Key is suspended", "other"),
        ("Number is closed", "other"),
        ("Connection closed", "other"),
        ("This feature is disabled for your account", "other"),
        ("Please review your request", "other"),
        ("No credentials were sent", "not_sent"),
        ("Account closed. If you have questions, ask Support.", "closed"),
        ("Your account isn’t active", "not_active"),
    ],
)
def test_near_sentences_are_told_apart(message, subject):
    assert read_subject(message) == subject


@pytest.mark.parametrize(
    ("texts", "chosen"),
    [
        (["Unauthorized", "Account closed", ""], 1),
        (["Authenticate", "This account has been suspended"], 1),
        (["", "See your console.", "Account under review"], 2),
        (["Authenticate", "Too many failed attempts from this address"], 1),
        (["Authenticate", "More in the documentation"], 0),
        (["Authenticate", "Check that your account is not suspended"], 0),
        (["Unauthorized", "Forbidden"], 0),
        (["Unauthorized", "Invalid basic auth"], 1),
    ],
)
def test_of_several_texts_the_one_that_names_the_cause_is_taken(texts, chosen):
    assert choose_sentence(texts) == texts[chosen]
    assert choose_sentence(["", ""]) == ""


def test_the_same_sentence_may_name_other_sids_and_times():
    assert is_same_sentence("Account AC12 is odd since 10:42", "account AC99 is odd since 11:07")
    assert not is_same_sentence("Account AC12 is odd", "Account AC12 is even")


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_sentence_of_twilios_leads_to_words_that_are_not_so(question):
    for worded in WORDED:
        answer = TwilioAnswer(worded.status, worded.code, worded.message)
        assert find_contradictions(verdict_of_answer(question, answer, "twilio")) == [], worded.name
    for code in (20003, 20005, 10001, 90010, 20403, 20404, 20008, 70051, None):
        for status in (400, 401, 403, 404):
            verdict = verdict_of_answer(question, TwilioAnswer(status, code, ""), "twilio")
            assert find_contradictions(verdict) == [], (status, code)


def test_no_rule_and_no_code_of_a_device_leads_to_words_that_are_not_so():
    for rule in REST_RULES:
        assert find_contradictions(rule.build(TwilioAnswer(401, 20003, "…"))) == [], rule
    for code in DEVICE_CODES:
        verdict = verdict_of_device_report(code=code, original_code=None, message="")
        assert verdict is None or find_contradictions(verdict) == [], code


def test_a_contradiction_would_be_found():
    for cause, verdict in zip(SAID, ("api_key_not_found",) * 2 + ("wrong_auth_token",) * 5, strict=True):
        twice = build_verdict(verdict, other_causes=(cause, cause))
        assert find_contradictions(twice), cause
