"""A Twilio that takes requests and does not answer, on PostgreSQL with the pool at its real size."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from fake_twilio import catalogue
from tests.service.service import Person, Service, Timed

DEMO_SID = catalogue.account_sid(catalogue.DEMO)
TOKENS, CONNECTIONS = 40, 24
SECONDS = 40


@contextmanager
def all_at_once(asks: list[Callable[[], Timed]]) -> Iterator[list["Future[Timed]"]]:
    """All of `asks` under way; the block runs beside them."""
    with ThreadPoolExecutor(max_workers=len(asks)) as threads:
        yield [threads.submit(ask) for ask in asks]


def wait_for_hanging(service: Service, number: int) -> None:
    """Until Twilio holds so many requests that it does not answer."""
    service.wait_for(lambda: count_held(service) >= number, f"{number} hanging requests")


def count_held(service: Service) -> int:
    """Connections to the fake that are open: each hanging request has one."""
    port = int(service.twilio.base_url.rpartition(":")[2])
    established = "01"
    return sum(
        line.split()[1].endswith(f":{port:04X}") and line.split()[3] == established
        for line in open("/proc/net/tcp").read().splitlines()[1:]
    )


@pytest.fixture
def people(service: Service) -> dict[str, Person]:
    return {name: service.sign_in(name) for name in ("alice", "bob", "carol", "dave")}


def end_all_proofs(service: Service) -> None:
    service.query("UPDATE accounts_twiliocredentials SET proven_until = NULL")


def test_forty_tokens_that_hang_hold_up_nobody(service: Service, people: dict[str, Person]) -> None:
    end_all_proofs(service)
    service.twilio.add_fault("hang", account_sid=DEMO_SID)
    asks = [people[name].ask_token for name in ("alice", "bob") for _ in range(TOKENS // 2)]
    typed = {"account_sid": DEMO_SID, "auth_token": catalogue.auth_token(catalogue.DEMO), "region": "us1"}
    asks += [
        lambda name=name: people[name].post("/accounts/twilio/", typed)  # type: ignore[misc]
        for name in ("alice", "bob", "dave")
        for _ in range(CONNECTIONS // 3)
    ]
    with all_at_once(asks) as hanging:
        wait_for_hanging(service, 16)
        ready = [service.ready() for _ in range(10)]
        called = [service.call_webhook() for _ in range(10)]
        others = [people["carol"].ask_token() for _ in range(3)]
        assert not all(one.done() for one in hanging[:TOKENS])
        answers = [one.result(SECONDS) for one in hanging]
    assert {one.status for one in (*ready, *called, *others)} == {200}
    assert median(ready) <= 0.2 and median(called) <= 0.5
    assert max(one.seconds for one in others) <= 3
    assert {one.status for one in answers} == {503}
    for one in answers[:TOKENS]:
        assert one.response is not None
        verdict = one.response.json()["verdict"]
        assert verdict["code"] in ("server_network", "twilio_unavailable")
        assert not verdict["blames_credentials"]
    assert "Traceback" not in service.read_log()


def median(answers: list[Timed]) -> float:
    """Of several: two cores serve the test as well as the service."""
    return sorted(one.seconds for one in answers)[len(answers) // 2]


def test_no_connection_to_the_database_is_held_meanwhile(service: Service, people: dict[str, Person]) -> None:
    end_all_proofs(service)
    service.twilio.add_fault("hang")
    asks = [people[name].ask_token for name in ("alice", "bob", "carol") for _ in range(TOKENS // 4)]
    with all_at_once(asks) as hanging:
        wait_for_hanging(service, 6)
        in_transaction = list_transactions(service)
        # Were a connection held by each, two pools of ten would be used up, and these wait.
        with all_at_once([people["dave"].ask_token] * 10 + [service.ready] * 10) as quick:
            assert {one.result(SECONDS).status for one in quick} == {200, 409}
        assert not in_transaction & list_transactions(service)
        assert not any(one.done() for one in hanging)
        assert {one.result(SECONDS).status for one in hanging} == {503}


def list_transactions(service: Service) -> set[tuple[int, str]]:
    """Those that wait for the program to go on; one that is there twice has been held meanwhile."""
    rows = service.query(
        "SELECT pid, xact_start::text FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid() AND state = 'idle in transaction'"
    )
    return {(pid, since) for pid, since in rows}
