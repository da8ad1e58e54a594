"""What a test does at the fake by Twilio's own REST API, as the demo account."""

from typing import Any

import requests

from fake_twilio import catalogue
from tests.fake_control import FakeTwilio

DEMO_SID = catalogue.account_sid(catalogue.DEMO)


def ask(fake: FakeTwilio, path: str, **data: str) -> Any:
    """The JSON that the account's `path` answers: to a GET, or to a POST of `data`."""
    answer = requests.request(
        "POST" if data else "GET",
        f"{fake.base_url}/2010-04-01/Accounts/{DEMO_SID}{path}",
        headers={"X-Twilio-Host": "api.twilio.com"},
        auth=(DEMO_SID, catalogue.auth_token(catalogue.DEMO)),
        data=data or None,
        timeout=10,
    )
    answer.raise_for_status()
    return answer.json()


def point_number(fake: FakeTwilio, url: str) -> None:
    """Has `url` asked what to do with calls to the demo number."""
    listed = ask(fake, "/IncomingPhoneNumbers.json")["incoming_phone_numbers"]
    sid = next(one["sid"] for one in listed if one["phone_number"] == catalogue.DEMO_NUMBER)
    ask(fake, f"/IncomingPhoneNumbers/{sid}.json", VoiceUrl=url, VoiceApplicationSid="")


def list_recordings(fake: FakeTwilio) -> list[dict[str, Any]]:
    return list(ask(fake, "/Recordings.json")["recordings"])
