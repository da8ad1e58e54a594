"""What Prometheus reads at `/metrics`, and who may."""

import re
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from accounts.failures.alarms import Alarm, find_group
from accounts.failures.recording import record_login_failure
from accounts.people import User
from accounts.rate_limits import RateLimit
from accounts.tasks.background import enqueue
from accounts.tasks.nightly import forget_ended_sessions
from accounts.verdicts.verdict import build_verdict
from dognbone.metrics import asking, stored, views
from phone.calls.call import Call
from phone.device.presence import DevicePresence
from tests.conftest import signed_in
from tests.connections import connect
from tests.fake_control import FakeTwilio

TOKEN = "a token that Prometheus alone has"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def token(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN


class AskingHere:
    """In the test's own transaction, which a thread beside it would not see."""

    def ask(self) -> list[Any]:
        return stored.ask_database()


@pytest.fixture(autouse=True)
def asking_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "asking", AskingHere())


def scrape(client: Client | None = None) -> dict[tuple[str, ...], float]:
    """Each figure by its name and labels: ("dognbone_seats", "state=ready") -> 1."""
    response = (client or Client()).get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert response.status_code == 200
    return {
        (sample.name, *(f"{name}={value}" for name, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(response.content.decode())
        for sample in family.samples
    }


@contextmanager
def grown(*figure: str, by: float = 1) -> Iterator[None]:
    """That the block makes a count grow by so much: other tests of the process have counted before."""
    before = scrape().get(figure, 0)
    yield
    assert scrape().get(figure, 0) - before == by


def test_without_a_token_set_there_is_no_such_address(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = ""
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {TOKEN}"}):
        assert client.get("/metrics", headers=headers).status_code == 404


@pytest.mark.parametrize(
    "sent", [None, "", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer", "Bearer ", "Bearer ä"]
)
def test_whoever_does_not_send_the_token_reads_nothing(client: Client, sent: str | None) -> None:
    response = client.get("/metrics", headers={} if sent is None else {"Authorization": sent})
    assert (response.status_code, response.content) == (401, b"Unauthorized")
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_an_admin_without_the_token_reads_nothing(admin_user: User) -> None:
    assert signed_in(admin_user).get("/metrics").status_code == 401


def test_whoever_sends_the_token_reads_figures_that_are_not_kept(client: Client) -> None:
    response = client.get("/metrics", headers={"Authorization": f"bearer {TOKEN}"})
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/plain")
    assert "no-store" in response.headers["Cache-Control"]
    assert client.post("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 405


def open_page(user: User, state: str, seconds_ago: int = 0) -> None:
    DevicePresence.objects.create(
        user=user,
        page_session=uuid.uuid4(),
        socket=uuid.uuid4(),
        state=state,
        last_alive_at=timezone.now() - timedelta(seconds=seconds_ago),
    )


def test_a_person_is_one_seat_in_the_best_state_of_their_pages(alice: User, bob: User) -> None:
    open_page(alice, "offline")
    open_page(alice, "ready")
    open_page(bob, "error")
    open_page(bob, "ready", seconds_ago=300)
    figures = scrape()
    seats = {state: figures["dognbone_seats", f"state={state}"] for state in ("ready", "error", "offline")}
    assert seats == {"ready": 1, "error": 1, "offline": 0}


def test_failed_logins_of_the_last_minutes_are_told_by_verdict(alice: User) -> None:
    for _ in range(2):
        record_login_failure(shown_by="check", verdict=build_verdict("wrong_auth_token"), user=alice)
    name = "dognbone_login_failures_lately"
    assert scrape()[name, "shown_by=check", "verdict=wrong_auth_token"] == 2


def test_calls_are_told_by_what_they_came_to_and_how_many_go_on(alice: User, fake_twilio: FakeTwilio) -> None:
    account = connect(alice).account

    def call(number: int, **fields: Any) -> None:
        sid = f"CA{number:032x}"
        Call.objects.create(call_sid=sid, account=account, from_address="+15005550006", **fields)

    now = timezone.now()
    call(1, direction="outgoing", status="failed", cause="webhook_failed", ended_at=now)
    call(2, direction="outgoing", status="in-progress")
    call(3, direction="incoming", status="completed", cause="answered", started_at=now - timedelta(hours=1))
    figures = scrape()
    assert figures["dognbone_calls_lately", "cause=webhook_failed", "direction=outgoing"] == 1
    assert figures["dognbone_calls_lately", "cause=going_on", "direction=outgoing"] == 1
    assert ("dognbone_calls_lately", "cause=answered", "direction=incoming") not in figures
    assert figures["dognbone_calls_going_on", "direction=outgoing"] == 1


def test_tasks_that_wait_and_how_long_are_told(pass_time: Any) -> None:
    enqueue(forget_ended_sessions)
    enqueue(forget_ended_sessions, after=timedelta(hours=1))
    pass_time(timedelta(minutes=10))
    figures = scrape()
    assert figures["dognbone_tasks_waiting",] == 1
    assert 600 <= figures["dognbone_oldest_task_seconds",] < 660


def test_an_alarm_stands_until_it_is_dismissed(alice: User) -> None:
    failure = record_login_failure(shown_by="check", verdict=build_verdict("unclear"), user=alice)
    alarm = Alarm.objects.create(kind="many_people", key="unclear", facts={"people": 5, "minutes": 10})
    alarm.groups.set(find_group(failure))
    assert scrape()["dognbone_alarms_standing", "kind=many_people"] == 1
    Alarm.objects.dismiss(alice)
    assert scrape()["dognbone_alarms_standing", "kind=many_people"] == 0


def test_refusals_for_the_rate_are_counted_by_limit() -> None:
    limit = RateLimit("of-this-test", limit=1, seconds=60)
    with grown("dognbone_rate_limited_total", "limit=of-this-test", by=2):
        for _ in range(3):
            limit.take("somebody")


def test_refused_webhooks_are_counted_by_reason(client: Client) -> None:
    with grown("dognbone_webhooks_refused_total", "reason=Unknown address"):
        assert client.post("/phone/webhooks/nobody/voice/").status_code == 403


def test_tokens_are_timed_by_what_was_answered(alice: User) -> None:
    """Nothing is connected: 409."""
    with grown("dognbone_token_seconds_count", "handed=asked", "status=409"):
        assert signed_in(alice).post("/phone/token/").status_code == 409


def test_no_figure_names_anybody(alice: User, fake_twilio: FakeTwilio) -> None:
    credentials = connect(alice)
    open_page(alice, "ready")
    record_login_failure(
        shown_by="check",
        verdict=build_verdict("wrong_auth_token"),
        user=alice,
        account_sid=credentials.account.account_sid,
    )
    client = signed_in(alice)
    client.post("/phone/token/")
    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()
    for named in (alice.email, alice.identity, credentials.account.account_sid, "127.0.0.1", TOKEN):
        assert named not in text


# Few rows, of which most are asked for: one for each alarm that was ever raised.
SMALL = ("accounts_alarm",)


def test_each_figure_is_read_from_an_index(db: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        stored.ask_database()
    asked = [one["sql"] for one in queries if one["sql"].startswith("SELECT")]
    assert len(asked) >= 6
    for statement in asked:
        for table in find_scanned(statement):
            assert table in SMALL, f"{table} is read whole by {statement}"


def find_scanned(statement: str) -> list[str]:
    """The tables that would be read from their beginning to their end."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {statement}")
            return re.findall(r"Seq Scan on (\w+)", "\n".join(line for (line,) in cursor.fetchall()))
        cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
        plan = "\n".join(row[3] for row in cursor.fetchall())
        return [
            table
            for table, rest in re.findall(r"SCAN (\w+)(.*)", plan)
            if "USING" not in rest and "_" in table
        ]


def test_the_database_is_asked_beside_the_request(
    transactional_db: None, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "asking", asking.Asking())
    open_page(alice, "ready")
    assert scrape()["dognbone_seats", "state=ready"] == 1


def test_what_the_processes_count_is_told_without_the_database(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    RateLimit("of-this-test", limit=0, seconds=60).take("somebody")
    RateLimit("of-this-test", limit=0, seconds=60).take("somebody")

    def refuse() -> list[Any]:
        raise OperationalError("the database is down")

    monkeypatch.setattr(views, "asking", asking.Asking())
    monkeypatch.setattr(asking, "ask_database", refuse)
    figures = scrape(client)
    assert figures["dognbone_database_up",] == 0
    assert not [name for name, *_ in figures if name == "dognbone_seats"]
    assert [name for name, *_ in figures if name.startswith("dognbone_rate_limited")]


def test_a_database_that_hangs_keeps_no_scrape_and_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    awake, asked = threading.Event(), []

    def hang() -> list[Any]:
        asked.append(1)
        awake.wait(30)
        return []

    monkeypatch.setattr(asking, "ask_database", hang)
    one = asking.Asking()
    assert [one.ask(0.05) for _ in range(3)] == [None, None, None]
    awake.set()
    assert one.ask(30) == []
    assert len(asked) == 1
