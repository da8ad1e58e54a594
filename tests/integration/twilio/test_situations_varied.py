"""Every situation of the credentials and the account again, against a stand-in that words, codes and orders
its refusals otherwise: no verdict may hang on Twilio's present wording.

`SITUATION_SEEDS` (numbers with commas between) chooses other seeds; those used are printed with the count.
"""

import os

import pytest

from accounts.twilio import check
from accounts.twilio.check import MOST_REQUESTS
from accounts.twilio.forms import ConnectForm
from accounts.twilio.ladder import verify_credentials
from tests.check_situations import APPS, CREDENTIALS, GOOD, STATES, Situation
from tests.fake_control import FakeTwilio
from tests.situations import BLAMING, situation
from tests.verdict_texts import find_contradictions

SEEDS = [int(seed) for seed in os.environ.get("SITUATION_SEEDS", "11,23,83").split(",")]
SITUATIONS = {**GOOD, **CREDENTIALS, **STATES, **APPS}
STATE = frozenset({"account_suspended", "account_closed", "account_under_review", "unclear"})
KEY = frozenset({"wrong_api_secret", "api_key_not_found", "restricted_key"})
TOKEN = frozenset({"wrong_auth_token", "unknown_account"})


def find_right(what: Situation) -> frozenset[str]:
    """The verdicts that are right in any words: where Twilio names no cause, it is not always this one."""
    if what.verdict in STATE:
        return STATE
    if "20003" in what.typed["account_sid"] or not what.is_sure:
        # The one refusal for several causes: the side that it points at is what counts.
        return STATE if what.verdict in STATE else KEY | TOKEN
    if what.verdict in TOKEN:
        # "Your AccountSid or AuthToken was incorrect" does not say which.
        return TOKEN
    if what.verdict == "restricted_key":
        return frozenset({"restricted_key"})
    return frozenset({what.verdict})


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", SITUATIONS)
def test_the_true_cause_is_named_in_any_words(
    name: str, seed: int, fake_twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    monkeypatch.setattr(check.random, "uniform", lambda *_: 0.0)
    what = SITUATIONS[name]
    fake_twilio.control("POST", "variation", seed=seed)
    for one in what.faults:
        fake_twilio.control("POST", "faults", **one)
    right = find_right(what)
    assert len({one in BLAMING for one in right}) == 1
    verdict = verify_credentials(ConnectForm(what.typed).candidate).verdict
    truth = verdict.code if verdict.code in right else what.verdict
    with situation("worded otherwise", f"{name} (seed {seed})", truth) as outcome:
        outcome.found, outcome.is_blamed = verdict.code, verdict.blames_credentials
    assert find_contradictions(verdict) == []
    assert len(fake_twilio.requests()) <= MOST_REQUESTS
