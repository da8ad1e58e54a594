"""What two processes count, read from either, with the database there, hung, and away."""

import time
from pathlib import Path

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from tests.service.conftest import Documented
from tests.service.service import Service


@pytest.fixture(scope="module")
def running_service(documented: Documented) -> Service:
    return documented.service


def scrape(service: Service, seconds: float = 5) -> dict[str, float]:
    answer = requests.get(
        f"{service.url}/metrics",
        headers={"Authorization": f"Bearer {service.environment['METRICS_TOKEN']}"},
        timeout=seconds,
    )
    assert answer.status_code == 200
    figures: dict[str, float] = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            assert sample.name + str(sample.labels) not in figures, "told twice"
            figures[sample.name + str(sample.labels)] = sample.value
    return figures


def refuse_webhook(service: Service) -> requests.Response:
    """As what stands in front passes it on, which has ended https."""
    address = f"{service.url}/phone/webhooks/nobody/voice/"
    return requests.post(address, headers={"X-Forwarded-Proto": "https"}, timeout=10)


def count_refusals(service: Service) -> float:
    return scrape(service).get("dognbone_webhooks_refused_total{'reason': 'Unknown address'}", 0)


def test_every_scrape_tells_what_all_processes_have_counted(service: Service) -> None:
    folder, before, sent = Path(service.environment["PROMETHEUS_MULTIPROC_DIR"]), count_refusals(service), 0

    def has_each_counted() -> bool:
        nonlocal sent
        sent += 1
        assert refuse_webhook(service).status_code == 403
        pids = {int(file.stem.rpartition("_")[2]) for file in folder.glob("counter_*.db")}
        return set(service.list_workers()) <= pids

    service.wait_for(has_each_counted, "a count of each process", 30)
    assert {count_refusals(service) - before for _ in range(10)} == {sent}


def test_a_process_that_dies_takes_nothing_along(service: Service) -> None:
    before = count_refusals(service)
    for _ in range(10):
        refuse_webhook(service)
    workers = service.list_workers()
    service.kill_worker(workers[0])
    service.wait_for(lambda: len(set(service.list_workers()) - {workers[0]}) == 2, "a new worker", 30)
    service.wait_for(lambda: service.ready().status == 200, "a ready service")
    assert count_refusals(service) == before + 10


def test_a_database_that_hangs_keeps_no_scrape(service: Service) -> None:
    assert scrape(service)["dognbone_database_up{}"] == 1
    service.postgresql.hang()
    for _ in range(4):
        begun = time.monotonic()
        assert scrape(service, 9)["dognbone_database_up{}"] == 0
        # Prometheus gives up after ten seconds.
        assert time.monotonic() - begun < 9
    service.postgresql.wake()
    service.wait_for(lambda: scrape(service)["dognbone_database_up{}"] == 1, "a database that answers")
