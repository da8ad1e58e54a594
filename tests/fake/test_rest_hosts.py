"""Which of Twilio's hosts answer, and what happens where the host is missing or dead."""

import pytest
import requests

from fake_twilio import catalogue
from tests.fake.rest_fake import V2010, RestFake, token_login

ACCOUNT = f"{V2010}/Accounts/{catalogue.account_sid(catalogue.DEMO)}.json"


@pytest.mark.parametrize(
    ("host", "region"),
    [
        ("api.twilio.com", "us1"),
        ("API.Twilio.com:443", "us1"),
        ("api.us1.twilio.com", "us1"),
        ("api.ashburn.us1.twilio.com", "us1"),
        ("api.dublin.us1.twilio.com", "us1"),
        ("api.dublin.ie1.twilio.com", "ie1"),
        ("api.sydney.au1.twilio.com", "au1"),
    ],
)
def test_living_hosts_answer_for_their_region(rest: RestFake, host: str, region: str) -> None:
    login = token_login(region=region)  # type: ignore[arg-type]
    assert rest.ask(ACCOUNT, login, host=host).json()["auth_token"] == login[1]


@pytest.mark.parametrize(
    "host",
    [
        *(f"api.{region}.twilio.com" for region in ("ie1", "au1", "br1", "de1", "jp1", "sg1", "us2")),
        "api.sydney.ie1.twilio.com",
        "api.nowhere.us1.twilio.com",
        "nonsense.twilio.com",
    ],
)
def test_dead_and_unknown_hosts_are_unreachable(rest: RestFake, host: str) -> None:
    with pytest.raises(requests.ConnectionError):
        rest.ask(ACCOUNT, host=host)


@pytest.mark.parametrize("host", ["", "twilio.com", "api.twilio.com.example.com", "localhost"])
def test_a_request_that_names_no_host_of_twilios_is_refused(rest: RestFake, host: str) -> None:
    response = rest.ask(ACCOUNT, host=host)
    assert response.status_code == 400
    assert "X-Twilio-Host" in response.json()["message"]
    assert "Twilio-Request-Id" not in response.headers


def test_a_path_belongs_to_its_product(rest: RestFake) -> None:
    assert rest.ask("/v1/Alerts", host="api.twilio.com").status_code == 404
    assert rest.ask(ACCOUNT, host="monitor.twilio.com").status_code == 404
