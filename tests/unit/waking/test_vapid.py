"""The server's key for Web Push, and what browsers are called."""

from typing import Any

import pytest

from phone.waking.browsers import name_browser
from phone.waking.vapid import BadVapidKey, get_contact, get_public_key, is_offered, make_vapid_key

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"


def test_without_a_key_nobody_is_offered_it(settings: Any) -> None:
    settings.VAPID_PRIVATE_KEY = ""
    assert not is_offered()
    assert get_public_key() == ""


def test_the_public_half_is_a_point_of_the_curve(settings: Any) -> None:
    settings.VAPID_PRIVATE_KEY = make_vapid_key()
    assert is_offered()
    # 65 bytes, the first of which is 4.
    assert len(get_public_key()) == 87
    assert get_public_key().startswith("B")


@pytest.mark.parametrize("key", ["x", "not a key at all", "A" * 43, "é" * 43, "A" * 20])
def test_what_is_no_key_is_said_to_be_none(settings: Any, key: str) -> None:
    settings.VAPID_PRIVATE_KEY = key
    with pytest.raises(BadVapidKey):
        get_public_key()


def test_a_push_service_is_told_whom_to_ask(settings: Any) -> None:
    settings.PUBLIC_URL = "https://phone.example.com"
    assert get_contact() == "https://phone.example.com"
    settings.PUBLIC_URL, settings.DEFAULT_FROM_EMAIL = "http://localhost:8000", "Phone <phone@example.com>"
    assert get_contact() == "mailto:phone@example.com"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (CHROME, "Chrome on Windows"),
        (CHROME + " Edg/130.0", "Edge on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            "Safari on iPhone",
        ),
        ("", "A browser"),
    ],
)
def test_a_browser_has_a_name_that_people_know(agent: str, name: str) -> None:
    assert name_browser(agent) == name
