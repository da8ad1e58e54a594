"""Every refusal in words nobody has listed: said to an Auth Token, to a key, to both, and never held wrongly
against what was typed."""

import pytest

from accounts.twilio import check
from accounts.twilio.check import MOST_REQUESTS
from accounts.twilio.forms import ConnectForm
from accounts.twilio.ladder import verify_credentials
from fake_twilio.store import make_sid
from tests.check_situations import WRONG, key, key_alone, typed
from tests.fake_control import FakeTwilio
from tests.situations import situation
from tests.verdict_texts import find_contradictions
from tests.worded_situations import BLAME, KEY, TOKEN, WORDED, Worded

SAID_TO = {
    "token": (typed(), TOKEN),
    "key": (key_alone("demo standard"), KEY),
    "both": (typed(**key("demo standard")), TOKEN),
}


@pytest.mark.parametrize("who", SAID_TO)
@pytest.mark.parametrize("what", WORDED, ids=lambda what: what.name)
def test_a_refusal_is_held_against_nobody_whom_it_does_not_name(
    what: Worded, who: str, fake_twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    monkeypatch.setattr(check.random, "uniform", lambda *_: 0.0)
    fake_twilio.control("POST", "faults", **what.fault)
    login, blamed = SAID_TO[who]
    right = blamed if what.right == BLAME else what.right
    verdict = verify_credentials(ConnectForm(login).candidate).verdict
    truth = verdict.code if verdict.code in right else min(right)
    with situation("worded", f"{what.name} to {who}", truth) as outcome:
        outcome.found, outcome.is_blamed = verdict.code, verdict.blames_credentials
    assert verdict.twilio.message == what.message
    assert find_contradictions(verdict) == []
    assert len(fake_twilio.requests()) <= MOST_REQUESTS


def test_vague_words_to_token_and_key_alike_are_about_the_account(fake_twilio: FakeTwilio, db: None) -> None:
    fake_twilio.add_fault("told", message="Authentication is required", code=20003)
    both = verify_credentials(ConnectForm(typed(**key("demo standard"))).candidate).verdict
    assert (both.code, both.blames_credentials) == ("unclear", False)
    alone = verify_credentials(ConnectForm(typed()).candidate).verdict
    assert alone.code == "wrong_auth_token" and not alone.is_sure


def test_a_key_that_is_not_there_is_no_restricted_one_because_every_region_refuses_it_alike(
    fake_twilio: FakeTwilio, db: None
) -> None:
    fake_twilio.add_fault("told", message="No assertions", code=70051, path="/Calls.json")
    gone = typed(api_key_sid=make_sid("SK", "gone"), api_key_secret=WRONG)
    verdict = verify_credentials(ConnectForm(gone).candidate).verdict
    assert (verdict.code, verdict.is_sure) == ("api_key_not_found", True)
    assert len(fake_twilio.requests()) <= MOST_REQUESTS
