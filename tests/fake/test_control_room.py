"""The page for people who try the demo."""

import pytest

from fake_twilio import catalogue
from fake_twilio.control_room import FILES
from tests.fake.conftest import Fake


@pytest.mark.parametrize("path", FILES)
async def test_the_page_and_its_parts_are_served_under_a_strict_policy(fake: Fake, path: str) -> None:
    async with fake.session.get(f"{fake.url}{path}") as answer:
        text = await answer.text()
    assert answer.status == 200
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "style=" not in text and "onclick" not in text and "innerHTML" not in text


async def test_what_the_page_reads_holds_no_secret(fake: Fake) -> None:
    secrets = {token for account in fake.store.accounts.values() for token in account.auth_tokens.values()}
    secrets |= {key.secret for account in fake.store.accounts.values() for key in account.keys.values()}
    for path in ("state", "gateway", "calls", "registrations", "webhooks"):
        text = str(await fake.control("GET", path))
        assert not [secret for secret in secrets if secret in text]


async def test_the_gateways_faults_are_listed_by_name(fake: Fake) -> None:
    gateway = await fake.control("GET", "gateway")
    assert gateway == {"fault": "", "faults": catalogue.GATEWAY_FAULTS}
