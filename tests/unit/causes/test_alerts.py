"""What is kept of an entry in Twilio's log: enough to tell the cause, and nothing that is secret."""

from typing import Any

import pytest

from phone.causes.asking import build_alert

KEY = "h4yW0Rk3nTw1t3rLQ8s7d6f5"
SID = "CA" + "0f" * 16


@pytest.mark.parametrize(
    ("text", "http"),
    [
        ("HTTP retrieval failure: got HTTP 502 response", 502),
        ("Msg=Bad+Gateway&httpResponse=502&ErrorCode=11200&LogLevel=ERROR", 502),
        ("Document parse failure", None),
        ("", None),
        (None, None),
    ],
)
def test_the_status_is_read_from_twilios_words(text: Any, http: int | None) -> None:
    assert build_alert(11200, {"message_text": text})["http"] == http


def test_neither_addresses_nor_numbers_nor_sids_are_kept(settings: Any) -> None:
    settings.PUBLIC_URL = "https://phone.example.com"
    text = f"url=https://phone.example.com/phone/webhooks/{KEY}/dial/ To +442071838750, {SID}, a@example.com"
    url = f"https://phone.example.com/phone/webhooks/{KEY}/dial/"
    kept = build_alert(11200, {"alert_text": text, "request_url": url, "log_level": "error"})
    for secret in (KEY, "2071838750", SID, "a@example.com"):
        assert secret not in str(kept)
    assert (kept["where"], kept["is_warning"]) == ("", False)


def test_another_server_is_named_without_its_path_and_password() -> None:
    kept = build_alert(11237, {"request_url": f"https://u:{KEY}@old.example.com/{KEY}", "log": "1"})
    assert (kept["where"], kept["is_warning"]) == ("old.example.com", True)
    assert KEY not in str(kept)


@pytest.mark.parametrize(
    "odd", [{}, {"message_text": 7, "request_url": ["x"], "log": None}, {"request_url": "http://["}]
)
def test_an_odd_entry_is_read_as_far_as_it_goes(odd: dict[str, Any]) -> None:
    assert build_alert(13227, odd)["code"] == 13227
