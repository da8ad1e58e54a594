"""One service for all tests of a file; each test finds its neighbours well."""

from collections.abc import Iterator

import pytest

from tests.machine import find_postgresql, find_redis
from tests.service.service import Service, run_service


@pytest.fixture(scope="module")
def running_service() -> Iterator[Service]:
    if not (find_postgresql() and find_redis()):
        pytest.skip("PostgreSQL or Redis is missing")
    with run_service() as service:
        yield service


@pytest.fixture
def service(running_service: Service) -> Iterator[Service]:
    """The service with all its neighbours there; they are put right again afterwards."""
    yield running_service
    for server in (running_service.postgresql, running_service.redis):
        server.wake()
        if server.process is None:
            server.start()
    running_service.mail.fall_silent()
    running_service.twilio.control("DELETE", "faults")
    # Each worker finds out by itself, and either may take the next request.
    running_service.wait_for(
        lambda: all(running_service.ready().status == 200 for _ in range(8)), "a ready service"
    )
