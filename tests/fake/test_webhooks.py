"""The requests to a customer's server: signed, journalled, retried, redirected, and given up."""

import socket

import pytest
from aiohttp import web
from twilio.request_validator import RequestValidator

from fake_twilio import catalogue, webhooks
from fake_twilio.signatures import build_signature
from fake_twilio.store import Account
from fake_twilio.webhooks import WEBHOOKS, Hook, WebhookFailed
from tests.fake.conftest import Fake
from tests.fake.customer import Customer
from tests.fake.tokens import DEMO_SID


def test_the_signature_of_twilios_documentation_is_reproduced() -> None:
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675310",
        "Digits": "1234",
        "From": "+14158675310",
        "To": "+18005551212",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert build_signature("12345", url, fields) == "GvWf1cFY/Q7PnoempGyD5oXAezc="


@pytest.mark.parametrize("fields", [{}, {"To": "", "From": "client:é b", "a": " x ", "A": "+1"}])
@pytest.mark.parametrize("url", ["http://localhost:8000/x/", "https://example.com/y?z=1&q=%20"])
def test_signatures_satisfy_the_official_validator(url: str, fields: dict[str, str]) -> None:
    signature = build_signature("secret", url, fields)
    assert RequestValidator("secret").validate(url, fields, signature)
    assert not RequestValidator("other").validate(url, fields, signature)


async def test_a_request_is_a_signed_form_that_names_its_sender(
    fake: Fake, account: Account, customer: Customer
) -> None:
    answer = await fake.app[WEBHOOKS].fetch(account, Hook(f"{customer.url}/x?a=1#rc=2"), {"b": "é &"})
    assert answer.status == 200
    assert customer.requests == [("/x", {"a": "1", "b": "é &"})]
    headers = customer.headers[0]
    assert headers["User-Agent"] == "TwilioProxy/1.1"
    assert len(headers["I-Twilio-Idempotency-Token"]) == 32
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"


async def test_a_get_has_its_fields_in_the_address(fake: Fake, account: Account, customer: Customer) -> None:
    await fake.app[WEBHOOKS].fetch(account, Hook(f"{customer.url}/x?a=1", "GET"), {"b": "é &"})
    assert customer.requests == [("/x", {"a": "1", "b": "é &"})]


async def test_the_journal_shows_what_was_sent_and_said_until_it_is_cleared(
    fake: Fake, account: Account, customer: Customer
) -> None:
    customer.answers["/x"] = "<Hangup/>"
    await fake.app[WEBHOOKS].fetch(account, Hook(f"{customer.url}/x"), {"CallSid": "CA1"})
    (row,) = await fake.control("GET", "webhooks")
    assert (row["account_sid"], row["call_sid"], row["status"]) == (DEMO_SID, "CA1", 200)
    assert (row["url"], row["params"]) == (f"{customer.url}/x", {"CallSid": "CA1"})
    assert "<Hangup/>" in row["body"] and row["ms"] > 0
    assert catalogue.auth_token(catalogue.DEMO) not in str(row)
    await fake.control("DELETE", "webhooks")
    assert await fake.control("GET", "webhooks") == []


async def test_a_redirect_is_followed_with_a_signature_of_its_own(
    fake: Fake, account: Account, customer: Customer
) -> None:
    customer.answers["/old"] = web.Response(status=302, headers={"Location": "/new?x=1"})
    answer = await fake.app[WEBHOOKS].fetch(account, Hook(f"{customer.url}/old"), {"a": "1"})
    assert answer.url == f"{customer.url}/new?x=1"
    assert customer.requests == [("/old", {"a": "1"}), ("/new", {"x": "1"})]


async def failure(fake: Fake, account: Account, url: str) -> int:
    with pytest.raises(WebhookFailed) as failed:
        await fake.app[WEBHOOKS].fetch(account, Hook(url), {})
    (row,) = [row for row in await fake.control("GET", "webhooks") if row["error"] or row["status"] != 200][
        -1:
    ]
    assert row["error"] or row["status"] >= 300
    return failed.value.code


@pytest.mark.parametrize("status", [400, 404, 500, 503])
async def test_an_error_status_is_a_failed_retrieval(
    fake: Fake, account: Account, customer: Customer, status: int
) -> None:
    customer.answers["/x"] = web.Response(status=status)
    assert await failure(fake, account, f"{customer.url}/x") == 11200


async def test_redirects_without_end_are_given_up(
    fake: Fake, account: Account, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "MAX_REDIRECTS", 0)
    customer.answers["/x"] = web.Response(status=302, headers={"Location": "/x"})
    assert await failure(fake, account, f"{customer.url}/x") == 11215


async def test_a_body_over_64_kb_is_too_large(fake: Fake, account: Account, customer: Customer) -> None:
    customer.answers["/x"] = "x" * 70_000
    assert await failure(fake, account, f"{customer.url}/x") == 11750


async def test_a_refused_connection_is_tried_twice_and_named(fake: Fake, account: Account) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        assert await failure(fake, account, f"http://127.0.0.1:{closed.getsockname()[1]}/x") == 11205


async def test_a_server_that_never_answers_is_given_up(
    fake: Fake, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "TOTAL_SECONDS", 0.1)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(WebhookFailed) as failed:
            url = f"http://127.0.0.1:{silent.getsockname()[1]}/x"
            await fake.app[WEBHOOKS].fetch(account, Hook(url), {})
    assert failed.value.code == 11205


async def test_an_untrusted_certificate_or_plain_port_is_named(
    fake: Fake, account: Account, customer: Customer
) -> None:
    assert await failure(fake, account, customer.url.replace("http:", "https:") + "/x") == 11237


@pytest.mark.parametrize("url", ["", "ftp://127.0.0.1/x", "/relative", "http://"])
async def test_an_address_that_is_none_is_named(fake: Fake, account: Account, url: str) -> None:
    with pytest.raises(WebhookFailed) as failed:
        await fake.app[WEBHOOKS].fetch(account, Hook(url), {})
    assert failed.value.code == 11100


async def test_a_password_in_an_address_stays_out_of_the_journal(
    fake: Fake, account: Account, customer: Customer
) -> None:
    url = customer.url.replace("http://", "http://user:pass@")
    with pytest.raises(WebhookFailed):
        await fake.app[WEBHOOKS].fetch(account, Hook(f"{url}/x"), {})
    customer.bad_signatures.clear()
    assert "pass" not in str(await fake.control("GET", "webhooks"))
