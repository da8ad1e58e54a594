"""A seed decides in which words, bodies and order the fake refuses; what it refuses stays the same."""

import pytest

from fake_twilio import catalogue
from fake_twilio.variation import WORDINGS
from tests.fake.rest_fake import RestFake, key_login, token_login

WRONG = (catalogue.account_sid(catalogue.DEMO), "0" * 32)
SEEDS = range(12)


def refuse(rest: RestFake, seed: int | None) -> tuple[int, dict[str, object]]:
    rest.control("POST", "variation", seed=seed).raise_for_status()
    response = rest.of_account(".json", WRONG)
    return response.status_code, response.json()


def test_without_a_seed_twilios_own_words_are_used(rest: RestFake) -> None:
    status, body = refuse(rest, None)
    assert (status, body["code"], body["message"]) == (401, 20003, "Authenticate")


def test_every_seed_refuses_the_same_in_words_of_its_own_and_always_in_the_same(rest: RestFake) -> None:
    answers = [refuse(rest, seed) for seed in SEEDS]
    assert answers == [refuse(rest, seed) for seed in SEEDS]
    assert {status for status, _ in answers} == {401}
    said = {str(body.get("message") or body.get("detail") or body.get("title")) for _, body in answers}
    assert len(said) > 2 and said <= set(WORDINGS["authenticate"])
    assert {frozenset(body) for _, body in answers} > {frozenset(answers[0][1])}


@pytest.mark.parametrize("seed", SEEDS)
def test_whom_it_lets_in_is_no_matter_of_words(rest: RestFake, seed: int) -> None:
    rest.control("POST", "variation", seed=seed).raise_for_status()
    assert rest.of_account(".json", token_login()).status_code == 200
    assert rest.of_account("/Calls.json", key_login("demo standard")).status_code == 200
    assert rest.of_account("/Calls.json", key_login(catalogue.RESTRICTED_KEY)).status_code in (401, 403)
    assert rest.of_account(".json", token_login("trial"), name="trial").status_code == 200
    assert rest.of_account("/Keys.json", token_login("trial"), name="trial").status_code in (401, 403)


def test_a_reset_takes_the_seed_back(rest: RestFake) -> None:
    refuse(rest, 3)
    rest.control("POST", "reset").raise_for_status()
    assert rest.of_account(".json", WRONG).json()["message"] == "Authenticate"


def test_a_refusal_can_be_told_word_for_word(rest: RestFake) -> None:
    told = {"fault": "told", "status": 403, "code": 20999, "message": "Computer says no"}
    rest.control("POST", "faults", **told).raise_for_status()
    response = rest.of_account(".json", token_login())
    assert (response.status_code, response.json()["code"]) == (403, 20999)
    assert response.json()["message"] == "Computer says no"


def test_a_refusal_may_have_neither_words_nor_code(rest: RestFake) -> None:
    rest.control("POST", "faults", fault="told").raise_for_status()
    response = rest.of_account(".json", token_login())
    assert (response.status_code, response.text) == (401, "")
    assert "X-Twilio-Error-Code" not in response.headers
