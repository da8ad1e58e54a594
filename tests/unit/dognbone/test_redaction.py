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


WEBHOOK_KEY, RESET_KEY, SESSION = (
    "Zk3-_x7Qw9Rt2Yp5Lm8Nb1Vc4Xz6As0D",
    "cq1x7f-0a1b2c3d4e5f60718293a4b5",
    "k7" * 16,
)


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ('127.0.0.1:5 - "GET /accounts/password/reset/key/4-{}/ HTTP/1.1" 302', RESET_KEY),
        ("http://x/accounts/password/reset/key/4-{}", RESET_KEY),
        ("GET /accounts/confirm-email/MQ:1tABcd:{}/", SESSION),
        ('"POST /phone/webhooks/{}/voice/ HTTP/1.1" 403', WEBHOOK_KEY),
        ("Internal Server Error: /phone/webhooks/{}/dial/?step=1", WEBHOOK_KEY),
        ("Not Found: /phone/webhooks/{}", WEBHOOK_KEY),
        ("/phone/webhooks/{}x/voice/", "short"),
        ("/accounts/invitations/{}/", "short-" + WEBHOOK_KEY),
        ("/some/new/address/{}/", WEBHOOK_KEY),
        ("< Cookie: sessionid={}; csrftoken=abc", SESSION),
        ("< cookie: a=b; other={}", SESSION),
        ("Set-Cookie: sessionid={}; HttpOnly; Path=/", SESSION),
        ("(b'cookie', b'sessionid={}; csrftoken=x')", SESSION),
        ("{{'HTTP_COOKIE': 'x=1; sessionid={}'}}", SESSION),
        ('{{"csrfmiddlewaretoken": "{}"}}', SESSION),
        ("dnb_device={}", SESSION),
        ("X-Twilio-Signature: {}=", "0a1b2c3d4e5f6071"),
        ("x-csrftoken: {}", SESSION),
        ("GET /somewhere/?next=/&token={}&a=b", "t0ken"),
    ],
)
def test_what_lets_somebody_in_is_not_logged(line: str, secret: str) -> None:
    shown = redact(line.format(secret))
    assert secret not in shown and "[redacted]" in shown


@pytest.mark.parametrize(
    "line",
    [
        '127.0.0.1:5 - "GET /ws/device/?page_session=0b9c0d0a-5f3e-4c53-8a39-0e5ad3c9d9f1" [accepted]',
        f'"POST /phone/calls/{make_sid("CA", "call")}/hold/ HTTP/1.1" 200',
        '"GET /accounts/password/reset/key/done/ HTTP/1.1" 200'.replace("key/done/", "done/"),
        '"GET /admin/timeline/page/0b9c0d0a-5f3e-4c53-8a39-0e5ad3c9d9f1/ HTTP/1.1" 200',
        '"GET /static/phone.0123456789ab.js HTTP/1.1" 200',
        "A cookie was refused.",
    ],
)
def test_what_tells_one_page_from_another_stays(line: str) -> None:
    assert redact(line) == line


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
