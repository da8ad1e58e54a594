from datetime import timedelta
from typing import Any

import pytest
from channels.layers import get_channel_layer
from django.db import OperationalError, connection
from django.test import AsyncClient, Client
from django.test.utils import CaptureQueriesContext

from accounts.people import User
from accounts.tasks.background import enqueue
from accounts.tasks.nightly import forget_ended_sessions
from dognbone.serving import serving
from tests.conftest import signed_in
from tests.tasks import run_tasks

UNREACHABLE_REDIS = {
    "default": {
        "BACKEND": "dognbone.redis.channel_layer.ChannelLayer",
        "CONFIG": {"address": "redis://127.0.0.1:1/0"},
    }
}
READY = {"database": True, "channel_layer": True, "oldest_task_seconds": 0}


def refuse(*arguments: Any) -> Any:
    raise OperationalError("the database is down")


def test_a_living_process_says_so_without_the_database(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"alive")


@pytest.mark.parametrize("path", ["/healthz", "/service-worker.js", "/manifest.webmanifest", "/offline/"])
def test_what_needs_no_database_is_answered_without_it_to_a_browser_that_is_signed_in(
    alice: User, path: str
) -> None:
    client = signed_in(alice)
    there = client.get(path)
    with connection.execute_wrapper(refuse):
        response = client.get(path)
    assert (response.status_code, response.content) == (200, there.content)


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_nobody_is_looked_for_who_asks_whether_all_is_well(alice: User, path: str) -> None:
    client = signed_in(alice)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    assert not any("django_session" in one["sql"] for one in queries)


def test_ready_when_database_and_channel_layer_answer(db: None, client: Client) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, READY)


@pytest.mark.django_db(transaction=True)
async def test_ready_on_the_event_loop_of_the_server(async_client: AsyncClient) -> None:
    for _ in range(3):
        response = await async_client.get("/readyz")
        assert response.status_code == 200


def test_a_worker_that_is_down_is_told_and_changes_no_status(
    db: None, client: Client, pass_time: Any
) -> None:
    enqueue(forget_ended_sessions)
    enqueue(forget_ended_sessions, after=timedelta(hours=1))
    pass_time(timedelta(minutes=10))
    response = client.get("/readyz")
    assert response.status_code == 200
    assert 600 <= response.json()["oldest_task_seconds"] < 660
    run_tasks()
    assert client.get("/readyz").json() == READY


async def test_asking_leaves_nothing_behind_in_the_channel_layer(async_client: AsyncClient, db: None) -> None:
    await async_client.get("/readyz")
    layer: Any = get_channel_layer()
    assert not [name for name in getattr(layer, "channels", {}) if "readyz" in name]


def test_not_ready_without_the_database(alice: User) -> None:
    client = signed_in(alice)
    with connection.execute_wrapper(refuse):
        response = client.get("/readyz")
    told = {"database": False, "channel_layer": True, "oldest_task_seconds": None}
    assert (response.status_code, response.json()) == (503, told)


def test_not_ready_without_redis(db: None, client: Client, settings: Any) -> None:
    settings.CHANNEL_LAYERS = UNREACHABLE_REDIS
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (503, {**READY, "channel_layer": False})


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_never_cached_and_takes_no_post(db: None, client: Client, path: str) -> None:
    assert "no-store" in client.get(path).headers["Cache-Control"]
    assert client.post(path).status_code == 405


def test_not_ready_before_the_stored_secrets_were_seen(
    db: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "is_held_back", True)
    response = client.get("/readyz")
    expected = {"database": False, "channel_layer": True, "oldest_task_seconds": None}
    assert (response.status_code, response.json()) == (503, expected)
