"""Every gate of the REST API: its status, code and exact words, and which comes first."""

import pytest
import requests

from fake_twilio import catalogue
from tests.fake.rest_fake import HOSTS, V2010, Login, RestFake, key_login, token_login

TRIAL_TEXT = "This feature is not available on a Trial account. Please upgrade your account to gain access."
DEMO = catalogue.account_sid(catalogue.DEMO)
WRONG = "0" * 32


def assert_refused(response: requests.Response, status: int, code: int, message: str) -> None:
    assert response.status_code == status
    assert response.json() == {
        "code": code,
        "message": message,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    assert response.headers["X-Twilio-Error-Code"] == str(code)
    assert response.headers["Twilio-Request-Id"].startswith("RQ")


@pytest.mark.parametrize(
    ("login", "message"),
    [
        (None, "Authentication Error - No credentials provided"),
        (("", ""), "Authentication Error - No credentials provided"),
        ((catalogue.account_sid("nobody"), WRONG), "Authentication Error - invalid username"),
        ((f" {DEMO}", catalogue.auth_token("demo")), "Authentication Error - invalid username"),
        ((f"{DEMO}:x", catalogue.auth_token("demo")), "Authenticate"),
        (("alice", "secret"), "Authentication Error - invalid username"),
        ((DEMO, WRONG), "Authenticate"),
        ((DEMO, ""), "Authenticate"),
        ((DEMO, catalogue.key_secret("demo standard")), "Authenticate"),
        ((DEMO, catalogue.auth_token("demo", "ie1")), "Authenticate"),
        ((catalogue.key_sid("demo standard"), WRONG), "Authenticate"),
        ((catalogue.key_sid(catalogue.DELETED_KEY), WRONG), "Authenticate"),
        (key_login("demo ireland"), "Authenticate"),
        (key_login("other standard"), "Authenticate"),
        (token_login("other"), "Authenticate"),
    ],
)
def test_bad_credentials_are_told_apart_by_their_words(rest: RestFake, login: Login, message: str) -> None:
    response = rest.of_account("/Calls.json", login)
    assert_refused(response, 401, 20003, message)
    assert response.headers["WWW-Authenticate"] == 'Basic realm="Twilio API"'


def test_another_kind_of_authorization_counts_as_none(rest: RestFake) -> None:
    response = rest.of_account("/Calls.json", None, headers={"Authorization": "Bearer abc"})
    assert_refused(response, 401, 20003, "Authentication Error - No credentials provided")


def test_broken_basic_authorization_counts_as_none(rest: RestFake) -> None:
    response = rest.of_account("/Calls.json", None, headers={"Authorization": "Basic %%%"})
    assert_refused(response, 401, 20003, "Authentication Error - No credentials provided")


@pytest.mark.parametrize("region", ["us1", "ie1", "au1"])
def test_each_region_takes_its_own_auth_token_and_keys_only(rest: RestFake, region: str) -> None:
    keys = {"us1": "demo standard", "ie1": "demo ireland", "au1": "demo australia"}
    for other, host in HOSTS.items():
        expected = 200 if other == region else 401
        assert rest.of_account("/Calls.json", key_login(keys[region]), host=host).status_code == expected
        login = token_login(region=region)  # type: ignore[arg-type]
        assert rest.of_account(".json", login, host=host).status_code == expected


def test_the_secondary_token_opens_rest_beside_the_primary_one(rest: RestFake) -> None:
    sid = catalogue.account_sid("rotating")
    for token in (catalogue.auth_token("rotating"), catalogue.secondary_auth_token("rotating")):
        assert rest.of_account(".json", (sid, token), name="rotating").status_code == 200


@pytest.mark.parametrize(
    "path", [".json", "/Keys.json", "/Applications.json", "/Calls.json", "/Nonsense.json"]
)
def test_test_credentials_reach_nothing_but_their_three_resources(rest: RestFake, path: str) -> None:
    response = rest.of_account(path, token_login("test"), name="test")
    assert_refused(response, 403, 20008, "Resource not accessible with Test Account Credentials")


@pytest.mark.parametrize(
    ("path", "is_open"),
    [
        (".json", True),
        ("/Calls.json", True),
        ("/IncomingPhoneNumbers.json", True),
        ("/Keys.json", False),
        ("/Applications.json", False),
        ("/OutgoingCallerIds.json", False),
        ("/Balance.json", False),
        ("/Usage/Records.json", False),
        ("/AvailablePhoneNumbers.json", False),
    ],
)
def test_trial_accounts_reach_what_twilio_leaves_them(rest: RestFake, path: str, is_open: bool) -> None:
    response = rest.of_account(path, token_login("trial"), name="trial")
    if is_open:
        assert response.status_code == 200
    else:
        assert_refused(response, 401, 20003, TRIAL_TEXT)


def test_trial_accounts_may_not_read_alerts_or_key_policies(rest: RestFake) -> None:
    sid = catalogue.key_sid("trial standard")
    for host, path in (("monitor.twilio.com", "/v1/Alerts"), ("iam.twilio.com", f"/v1/Keys/{sid}")):
        assert_refused(rest.ask(path, token_login("trial"), host=host), 401, 20003, TRIAL_TEXT)


@pytest.mark.parametrize("key", ["demo standard", catalogue.RESTRICTED_KEY])
@pytest.mark.parametrize("path", [".json", "/Keys.json", f"/Keys/{catalogue.key_sid('demo standard')}.json"])
def test_keys_may_not_ask_about_accounts_and_keys(rest: RestFake, key: str, path: str) -> None:
    response = rest.of_account(path, key_login(key))
    assert_refused(response, 401, 20003, "Authentication Error - invalid username")


def test_a_main_key_may_do_what_the_auth_token_may(rest: RestFake) -> None:
    for path in (".json", "/Keys.json", "/Calls.json", "/Applications.json"):
        assert rest.of_account(path, key_login("demo main")).status_code == 200


def test_a_restricted_key_may_do_only_what_its_policy_names(rest: RestFake) -> None:
    message = "Authorization Error: actor doesn't have any assertions"
    assert_refused(rest.of_account("/Calls.json", key_login(catalogue.RESTRICTED_KEY)), 401, 70051, message)
    permitted = key_login(catalogue.RESTRICTED_KEY_FOR_CALLS)
    assert rest.of_account("/Calls.json", permitted).status_code == 200
    assert_refused(rest.of_account("/Applications.json", permitted), 401, 70051, message)


def test_a_parents_token_reaches_a_subaccount_and_its_key_does_not(rest: RestFake) -> None:
    assert rest.of_account("/Calls.json", token_login(), name="subaccount").status_code == 200
    for login in (key_login("demo standard"), key_login("demo main")):
        response = rest.of_account("/Calls.json", login, name="subaccount")
        assert_refused(response, 401, 20003, "Authenticate")


def test_a_subaccount_does_not_reach_its_parent(rest: RestFake) -> None:
    for login in (token_login("subaccount"), key_login("subaccount standard")):
        assert_refused(rest.of_account("/Calls.json", login), 401, 20003, "Authenticate")


def test_an_account_under_review_fails_policy_evaluation(rest: RestFake) -> None:
    for path in (".json", "/Calls.json"):
        response = rest.of_account(path, token_login("under review"), name="under review")
        assert_refused(response, 401, 20003, "Policy evaluation failed")


@pytest.mark.parametrize(
    "path",
    [
        f"/Applications/{catalogue.app_sid('nobody')}.json",
        f"/Applications/{catalogue.app_sid(catalogue.APP_OF_OTHER)}.json",
        f"/Applications/{catalogue.app_sid(catalogue.APP_IN_IRELAND)}.json",
        f"/Keys/{catalogue.key_sid(catalogue.DELETED_KEY)}.json",
        f"/Keys/{catalogue.key_sid('demo ireland')}.json",
        f"/Applications/{catalogue.key_sid('demo standard')}.json",
        "/Applications/AP123.json",
        "/Nonsense.json",
        "/keys.json",
    ],
)
def test_what_is_not_there_is_named_by_its_path(rest: RestFake, path: str) -> None:
    message = f"The requested resource {V2010}/Accounts/{DEMO}{path} was not found"
    assert_refused(rest.of_account(path), 404, 20404, message)


def test_an_account_that_is_not_there_is_not_ours(rest: RestFake) -> None:
    assert_refused(rest.of_account(".json", name="nobody"), 401, 20003, "Authenticate")


def test_an_account_sid_of_the_wrong_shape_is_no_resource(rest: RestFake) -> None:
    path = f"{V2010}/Accounts/{DEMO}0/Calls.json"
    assert_refused(rest.ask(path), 404, 20404, f"The requested resource {path} was not found")


@pytest.mark.parametrize(
    ("path", "method"), [("/Calls.json", "DELETE"), (".json", "PUT"), ("/Balance.json", "POST")]
)
def test_methods_that_a_resource_does_not_know_are_refused(rest: RestFake, path: str, method: str) -> None:
    response = rest.of_account(path, method=method)
    assert_refused(response, 405, 20004, "Method not allowed")
    assert "GET" in response.headers["Allow"]


@pytest.mark.parametrize(
    ("method", "path", "sent", "code"),
    [
        ("GET", "/Calls.json", {"params": {"Nonsense": "1"}}, 20001),
        ("GET", "/Calls.json", {"params": {"PageSize": "1001"}}, 20007),
        ("GET", "/Calls.json", {"params": {"PageSize": "many"}}, 20007),
        ("GET", "/Calls.json", {"params": {"PageToken": "PAnonsense"}}, 20006),
        ("GET", "/Calls.json", {"params": {"Status": "asleep"}}, 20001),
        ("GET", "/Calls.json", {"params": {"StartTime": "yesterday"}}, 20001),
        ("GET", "/Calls.json", {"params": [("To", "a"), ("To", "b")]}, 20001),
        ("POST", "/Applications.json", {"data": {"VoiceUrl": "not a url"}}, 21402),
        ("POST", "/Applications.json", {"data": {"VoiceMethod": "PUT"}}, 21403),
        ("POST", "/Applications.json", {"data": {"VoiceCallerIdLookup": "perhaps"}}, 20001),
        ("POST", "/Applications.json", {"data": {"FriendlyName": "x" * 65}}, 20001),
        ("POST", "/Keys.json", {"data": {"Sid": "SK"}}, 20001),
        ("POST", "/OutgoingCallerIds.json", {"data": {}}, 21201),
        ("POST", "/OutgoingCallerIds.json", {"data": {"PhoneNumber": "555"}}, 21401),
        ("POST", "/OutgoingCallerIds.json", {"data": {"PhoneNumber": catalogue.DEMO_VERIFIED_NUMBER}}, 21450),
        ("POST", "/Tokens.json", {"data": {"Ttl": "86401"}}, 20001),
        ("POST", ".json", {"data": {"Status": "suspended"}}, 20001),
    ],
)
def test_parameters_twilio_would_not_take_are_refused(
    rest: RestFake, method: str, path: str, sent: dict, code: int
) -> None:
    response = rest.of_account(path, method=method, **sent)
    assert (response.status_code, response.json()["code"]) == (400, code)


def test_a_json_body_is_not_taken(rest: RestFake) -> None:
    assert rest.of_account("/Keys.json", method="POST", json={"FriendlyName": "x"}).status_code == 415


class TestOrder:
    """Each request would fail at two gates; the earlier one must answer."""

    def test_the_host_comes_before_credentials(self, rest: RestFake) -> None:
        with pytest.raises(requests.ConnectionError):
            rest.of_account(".json", None, host="api.ie1.twilio.com")

    def test_credentials_come_before_everything_about_the_account(self, rest: RestFake) -> None:
        for name in ("test", "trial", "suspended", "closed", "under review"):
            response = rest.of_account("/Keys.json", (catalogue.account_sid(name), WRONG), name=name)
            assert_refused(response, 401, 20003, "Authenticate")

    def test_test_credentials_come_before_the_account_of_the_path(self, rest: RestFake) -> None:
        assert rest.of_account(".json", token_login("test")).json()["code"] == 20008

    def test_trial_comes_before_the_kind_of_key(self, rest: RestFake) -> None:
        response = rest.of_account("/Keys.json", key_login("trial standard"), name="trial")
        assert_refused(response, 401, 20003, TRIAL_TEXT)

    def test_the_kind_of_key_comes_before_the_account_of_the_path(self, rest: RestFake) -> None:
        response = rest.of_account(".json", key_login("demo standard"), name="other")
        assert response.json()["message"] == "Authentication Error - invalid username"

    def test_the_account_of_the_path_comes_before_its_resources(self, rest: RestFake) -> None:
        for path in ("/Nonsense.json", f"/Applications/{catalogue.app_sid('nobody')}.json"):
            assert_refused(rest.of_account(path, token_login("other")), 401, 20003, "Authenticate")

    def test_the_resource_comes_before_parameters(self, rest: RestFake) -> None:
        path = f"/Applications/{catalogue.app_sid('nobody')}.json"
        assert rest.of_account(path, method="POST", data={"Nonsense": "1"}).status_code == 404

    def test_parameters_come_before_the_rate_limit(self, rest: RestFake) -> None:
        rest.control("POST", "faults", fault="rate limited")
        assert rest.of_account("/Calls.json", params={"Nonsense": "1"}).status_code == 400
        assert_refused(rest.of_account("/Calls.json"), 429, 20429, "Too Many Requests")

    def test_what_is_rate_limited_is_not_done(self, rest: RestFake) -> None:
        before = len(rest.account().keys)
        rest.control("POST", "faults", fault="rate limited")
        assert rest.of_account("/Keys.json", method="POST").status_code == 429
        assert len(rest.account().keys) == before
