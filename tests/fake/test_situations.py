"""Each situation of the catalogue really is what it says, as raw questions to the fake show."""

import pytest
import requests

from fake_twilio.situations import SITUATIONS, Situation
from tests.fake.rest_fake import HOSTS, V2010, RestFake

GENEROUS = 3


class Questions:
    """What can be asked with the credentials of one situation."""

    def __init__(self, rest: RestFake, typed: Situation) -> None:
        self.rest = rest
        self.typed = typed
        self.token = (typed.account_sid, typed.auth_token)
        self.key = (typed.api_key_sid, typed.api_key_secret)

    def ask(
        self, path: str, login: tuple[str, str], region: str = "", timeout: float = GENEROUS
    ) -> requests.Response:
        path = f"{V2010}/Accounts/{self.typed.account_sid}{path}"
        return self.rest.ask(path, login, host=HOSTS[region or self.typed.region], timeout=timeout)

    def account(self, timeout: float = GENEROUS) -> requests.Response:
        return self.ask(".json", self.token, timeout=timeout)

    def calls(self, region: str = "") -> requests.Response:
        return self.ask("/Calls.json?PageSize=1", self.key, region)

    def key_resource(self) -> requests.Response:
        return self.ask(f"/Keys/{self.typed.api_key_sid}.json", self.token)

    def app(self) -> requests.Response:
        return self.ask(f"/Applications/{self.typed.twiml_app_sid}.json", self.token)


def is_ok(questions: Questions) -> bool:
    account = questions.account()
    return account.status_code == 200 and (
        not questions.typed.api_key_sid or questions.calls().status_code == 200
    )


def is_restricted(questions: Questions) -> bool:
    calls = questions.calls()
    if calls.status_code == 401:
        return bool(calls.json()["code"] == 70051)
    path = f"/v1/Keys/{questions.typed.api_key_sid}"
    return bool(questions.rest.ask(path, questions.token, host="iam.twilio.com").json()["policy"])


def is_misconfigured(questions: Questions) -> bool:
    app = questions.app().json()
    url = app["voice_url"] or ""
    return not url.startswith("https://") or "phone.example.com" in url or app["voice_method"] == "GET"


def is_unreachable(questions: Questions) -> bool:
    try:
        questions.account(timeout=0.3)
    except requests.RequestException:
        return True
    return False


def wrong_region(questions: Questions) -> bool:
    statuses = {region: questions.calls(region).status_code for region in HOSTS}
    return questions.key_resource().status_code == 404 and sorted(statuses.values()) == [200, 401, 401]


SIGNS = {
    "ok": is_ok,
    "unknown_account": lambda q: q.account().json()["message"].endswith("invalid username"),
    "wrong_auth_token": lambda q: q.account().json()["message"] == "Authenticate",
    "wrong_api_secret": lambda q: (q.calls().status_code, q.key_resource().status_code) == (401, 200),
    "api_key_not_found": lambda q: (
        {q.calls(region).status_code for region in HOSTS} == {401} and q.key_resource().status_code == 404
    ),
    "wrong_region": wrong_region,
    "restricted_key": is_restricted,
    "test_credentials": lambda q: q.account().json()["code"] == 20008,
    "account_suspended": lambda q: q.account().json()["status"] == "suspended",
    "account_closed": lambda q: q.account().json()["status"] == "closed",
    "account_under_review": lambda q: q.account().json()["message"] == "Policy evaluation failed",
    "twiml_app_missing": lambda q: q.app().status_code == 404,
    "twiml_app_misconfigured": is_misconfigured,
    "rate_limited": lambda q: q.account().status_code == 429,
    "twilio_unavailable": lambda q: q.account().status_code >= 500,
    "server_network": is_unreachable,
}


@pytest.mark.parametrize(
    "typed", [one for one in SITUATIONS if one.verdict], ids=lambda one: f"{one.verdict}: {one.title}"
)
def test_a_situation_shows_the_signs_of_its_verdict(rest: RestFake, typed: Situation) -> None:
    assert SIGNS[typed.verdict](Questions(rest, typed))
