"""The stage of calls: the fake in the test's own event loop, the product around it."""

import os
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from django.db import connection

from accounts.people import User
from fake_twilio import catalogue
from tests.calling_limits import allow_calls
from tests.fake.conftest import Fake, account, fake, open_device, open_peer, package
from tests.integration.in_call.stage import Stage, run_worker
from tests.site import run_site
from tests.webhook_requests import add_number, make_member

# The tests look at rows while they wait for sound.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

__all__ = ["account", "fake", "open_device", "open_peer", "package"]

KEY = {
    "api_key_sid": catalogue.key_sid("demo standard"),
    "api_key_secret": catalogue.key_secret("demo standard"),
}


@pytest.fixture
def members(transactional_db: None, alice: User, bob: User) -> Any:
    """Alice and Bob, connected to the demo account; the account."""
    tenant = make_member(alice, **KEY)
    make_member(bob, **KEY)
    add_number(tenant, catalogue.DEMO_NUMBER)
    allow_calls(tenant)
    return tenant


@pytest.fixture
def site(transactional_db: None, settings: Any) -> Iterator[str]:
    with run_site(settings) as url:
        yield url


@pytest.fixture
def worker(site: str) -> Iterator[None]:
    with run_worker():
        yield


@pytest.fixture
async def stage(
    fake: Fake, site: str, members: Any, settings: Any, open_device: Any, open_peer: Any
) -> AsyncIterator[Stage]:
    settings.TWILIO_BASE_URL = fake.url
    # Made here, for the whole test: each of its tasks would make one of its own, which nobody gives back.
    connection.ensure_connection()
    stage = Stage(fake, site, members, open_device, open_peer)
    stage.point_here()
    yield stage
    connection.close()
