"""A TwiML App is judged fit exactly where a call through its very Voice URL is answered."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from accounts.people import User
from accounts.twilio.app_fitness import find_app_fault
from tests.webhook_requests import DEMO_TOKEN, build_call_sid, make_member, sign

PUBLIC = "https://phone.example.com"
# What becomes of `{voice_url}`, this account's own address, in an app; `{key}` is its unguessable part.
SPELLINGS = {
    "as it is": "{url}",
    "with a query": "{url}?a=1&b=%C3%A9",
    "with an empty query": "{url}?",
    "with the default port": "{scheme}://{host}:443{path}",
    "without the slash at its end": "{bare}",
    "with two slashes at its end": "{url}/",
    "without the slash, with a query": "{bare}?a=1",
    "with two slashes in the middle": "{scheme}://{host}/{path}",
    "with a key in capitals": "{loud}",
    "of another key": "{other}",
    "with a letter as a code": "{coded}",
    "with its host in capitals": "{scheme}://PHONE.example.com{path}",
    "with another port": "{scheme}://{host}:8443{path}",
    "with a login": "{scheme}://a:b@{host}{path}",
    "unencrypted": "http://{host}{path}",
    "of another server": "{scheme}://elsewhere.example{path}",
    "of a server below this one": "{scheme}://{host}.elsewhere.example{path}",
    "of the front page": "{scheme}://{host}/",
    "of the status callback": "{status}",
    "with a space at its end": "{url} ",
    "no address": "https://[::1",
    "a word": "phone",
}


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("name", SPELLINGS)
def test_an_app_is_fit_exactly_if_a_call_through_its_address_is_answered(
    name: str, method: str, alice: User, settings: Any
) -> None:
    settings.PUBLIC_URL = PUBLIC
    settings.ALLOWED_HOSTS = ["*"]
    account = make_member(alice)
    url, key = account.voice_url, account.webhook_key
    parts = urlsplit(url)
    assert url.endswith("/")
    other = make_other_key(key)
    spelt = SPELLINGS[name].format(
        url=url,
        bare=url.rstrip("/"),
        scheme=parts.scheme,
        host=parts.netloc,
        path=parts.path,
        loud=url.replace(key, key.swapcase()),
        other=url.replace(key, other),
        coded=url.replace(key, f"%{ord(key[0]):02X}{key[1:]}"),
        status=url.replace("/voice/", "/status/") if "/voice/" in url else f"{url}status/",
    )
    fault = find_app_fault({"voice_url": spelt, "voice_method": method}, url)
    assert (fault == "") == is_answered(spelt, method, account.account_sid), fault
    assert key not in fault and other not in fault


def make_other_key(key: str) -> str:
    return key[::-1] if key[::-1] != key else f"{key}x"


def is_answered(url: str, method: str, account_sid: str) -> bool:
    """What Twilio would get there: asked as it asks, signed as it signs, at this server alone."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if parts.hostname is None or parts.hostname.lower() != urlsplit(PUBLIC).hostname:
        return False
    form = {
        "AccountSid": account_sid,
        "CallSid": build_call_sid(),
        "From": "+12025550170",
        "To": "+12025550123",
    }
    signature = sign(url, form if method == "POST" else {}, DEMO_TOKEN)
    ask = Client().post if method == "POST" else Client().get
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    response = ask(path, form, headers={"X-Twilio-Signature": signature}, secure=parts.scheme == "https")
    return response.status_code == 200 and b"<Response" in response.content


def test_without_an_account_that_is_known_here_no_app_is_fit(settings: Any) -> None:
    settings.PUBLIC_URL = PUBLIC
    fault = find_app_fault({"voice_url": f"{PUBLIC}/voice/"}, "")
    assert "not to this account's address" in fault


@pytest.mark.parametrize("method", [None, "", "post", "POST"])
def test_twilios_own_default_is_to_post(method: str | None, alice: User, settings: Any) -> None:
    account = make_member(alice)
    assert find_app_fault({"voice_url": account.voice_url, "voice_method": method}, account.voice_url) == ""


def test_what_is_meant_for_twilio_alone_is_no_fault(alice: User) -> None:
    url = make_member(alice).voice_url
    assert find_app_fault({"voice_url": f"{url}#rc=3"}, url) == ""
