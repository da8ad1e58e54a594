"""The cast and the stage: alice, her colleague bob, mallory the outsider, and a fake Twilio."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.conf import settings
from django.core.cache import cache
from django.core.management.commands import flush
from django.db import connection
from django.test import Client
from django.utils import timezone
from structlog.contextvars import clear_contextvars

from accounts.people import User
from dognbone.redis.breaker import breaker
from phone.calls.webhooks import REMEMBERED
from tests.emptying import Emptier
from tests.fake_control import FakeTwilio, run_fake_twilio
from tests.migrated import begin_with_copy

PASSWORD = "dog-and-bone"
# Count the situations in which a login can be and a call can end, and say so at the end of a run.
pytest_plugins = ["tests.situations", "tests.call_situations"]


@pytest.fixture(scope="session")
def fake_twilio_process() -> Iterator[FakeTwilio]:
    with run_fake_twilio() as fake:
        yield fake


@pytest.fixture
def fake_twilio(fake_twilio_process: FakeTwilio, settings: Any) -> FakeTwilio:
    """The fake Twilio, as new, with the product pointed at it by its two settings."""
    fake_twilio_process.reset()
    settings.TWILIO_BASE_URL = fake_twilio_process.base_url
    settings.TWILIO_SIGNALLING = fake_twilio_process.host_port
    return fake_twilio_process


@pytest.fixture(autouse=True)
def fresh_cache() -> None:
    """Rate limits live in the cache, and one test's must not reach the next; nor its Redis's absence."""
    breaker.note_success()
    cache.clear()
    REMEMBERED.clear()


@pytest.fixture(autouse=True)
def fresh_log() -> None:
    """What lines of the log are bound to, such as a page, is of one request, and of no later test."""
    clear_contextvars()


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb: bool, django_db_modify_db_settings: None) -> bool:
    """A database that begins as a copy has all tables already; the copy after it takes its place."""
    return begin_with_copy(connection) or django_db_keepdb


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Tests with real transactions leave the database as they found it."""
    with django_db_blocker.unblock():
        emptier = Emptier()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush.Command, "handle", lambda command, **options: emptier.empty())
        yield


@pytest.fixture
def pass_time(time_machine: Any) -> Callable[[timedelta], None]:
    """Puts the clock forward, and Redis's with it; it goes on from there."""

    def pass_time(passed: timedelta) -> None:
        time_machine.move_to(timezone.now() + passed)
        if settings.REDIS_URL:
            age_redis(passed)

    return pass_time


def age_redis(passed: timedelta) -> None:
    """What Redis keeps for a time runs out that much sooner: it has a clock of its own."""
    milliseconds = int(passed.total_seconds() * 1000)
    with redis.Redis.from_url(settings.CACHES["default"]["LOCATION"]) as server:
        for key in server.scan_iter():
            left = server.pttl(key)
            if left > milliseconds:
                server.pexpire(key, left - milliseconds)
            elif left >= 0:
                # At once: a test that goes on within the millisecond would still find it.
                server.delete(key)


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice@example.com", PASSWORD, name="Alice")


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob@example.com", PASSWORD, name="Bob")


@pytest.fixture
def mallory(db: None) -> User:
    return User.objects.create_user("mallory@example.com", PASSWORD, name="Mallory")


@pytest.fixture
def admin_user(db: None) -> User:
    return User.objects.create_superuser("admin@example.com", PASSWORD, name="Admin")


@pytest.fixture
def alice_client(alice: User) -> Client:
    return signed_in(alice)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client
