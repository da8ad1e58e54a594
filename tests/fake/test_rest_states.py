"""Accounts that are suspended or closed, in every variant that Twilio's documentation allows."""

import pytest

from fake_twilio import catalogue
from fake_twilio.rest.account_states import VARIANTS
from tests.fake.rest_fake import RestFake, key_login, token_login

ANSWERS = {
    "20003": (401, 20003, "Authenticate"),
    "20005": (401, 20005, "Account not active"),
    "20403": (403, 20403, "Forbidden"),
    "10001": (403, 10001, "Account is not active"),
    "70051": (401, 70051, "Authorization Error: actor doesn't have any assertions"),
    "90010": (400, 90010, "Account is not active"),
}


def test_a_suspended_account_shows_its_status_and_nothing_else(rest: RestFake) -> None:
    account = rest.of_account(".json", token_login("suspended"), name="suspended")
    assert (account.status_code, account.json()["status"]) == (200, "suspended")
    for login in (token_login("suspended"), key_login("suspended standard")):
        response = rest.of_account("/Calls.json", login, name="suspended")
        assert (response.status_code, response.json()["code"]) == (403, 20403)


def test_a_suspended_account_cannot_wake_itself(rest: RestFake) -> None:
    login, data = token_login("suspended"), {"Status": "active"}
    response = rest.of_account(".json", login, name="suspended", method="POST", data=data)
    assert response.status_code == 403


def test_a_closed_account_is_not_active(rest: RestFake) -> None:
    for path in (".json", "/Calls.json"):
        response = rest.of_account(path, token_login("closed"), name="closed")
        assert (response.status_code, response.json()["code"]) == (401, 20005)


@pytest.mark.parametrize("status", ["suspended", "closed"])
@pytest.mark.parametrize("variant", sorted(ANSWERS))
def test_every_documented_answer_can_be_had(rest: RestFake, status: str, variant: str) -> None:
    name = f"{status} {variant}"
    for path in (".json", "/Calls.json"):
        response = rest.of_account(path, token_login(name), name=name)
        body = response.json()
        assert (response.status_code, body["code"], body["message"]) == ANSWERS[variant]


def test_a_closed_account_can_show_its_status_too(rest: RestFake) -> None:
    response = rest.of_account(".json", token_login("closed status"), name="closed status")
    assert response.json()["status"] == "closed"


def test_the_catalogue_has_an_account_for_every_variant() -> None:
    assert set(catalogue.INACTIVE_VARIANTS) == set(VARIANTS) == {*ANSWERS, "status"}


def test_a_subaccount_is_suspended_with_its_parent(rest: RestFake) -> None:
    response = rest.of_account(".json", token_login("orphan"), name="orphan")
    assert response.json()["status"] == "suspended"
    assert rest.of_account("/Calls.json", key_login("orphan standard"), name="orphan").status_code == 403
