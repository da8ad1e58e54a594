import logging

import pytest

from dognbone.redaction import RedactingFormatter, redact
from fake_twilio.store import make_secret, make_sid

SECRET = make_secret("something that must not be logged")
JWT = ".".join(("eyJ" + "hbGciOiJIUzI1NiJ9", "eyJ" + "zdWIiOiJhIn0", "c2lnbmF0dXJl"))


@pytest.mark.parametrize(
    "line",
    [
        "auth_token={}",
        "Auth Token: {}",
        "{{'api_key_secret': '{}'}}",
        "the API key secret is {}",
        "Authorization: Basic {}",
        "'Authorization': 'Bearer {}'",
        "password={}&next=/",
        "redis://someone:{}@127.0.0.1:6379/0",
    ],
)
def test_what_stands_where_a_secret_stands_is_not_logged(line: str) -> None:
    assert SECRET not in redact(line.format(SECRET))


def test_a_token_is_not_logged_wherever_it_stands() -> None:
    assert redact(f"registering with {JWT} at ashburn") == "registering with [redacted] at ashburn"


def test_what_helps_to_find_a_fault_stays() -> None:
    line = f"Account {make_sid('AC', 'demo')}: request RQ12 answered 401, code 20003, token refused"
    assert redact(line) == line


def test_a_traceback_is_redacted_too() -> None:
    formatter = RedactingFormatter("{levelname} {message}", style="{")
    try:
        raise ValueError(f"auth_token={SECRET}")
    except ValueError as error:
        record = logging.LogRecord(
            "a", logging.ERROR, "a.py", 1, "it failed", (), (type(error), error, error.__traceback__)
        )
    text = formatter.format(record)
    assert "it failed" in text and "ValueError" in text
    assert SECRET not in text
