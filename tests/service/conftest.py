"""One service for all tests of a file; each test finds its neighbours well."""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.machine import find_postgresql, find_redis
from tests.nginx import make_first_start
from tests.servers import get_free_port
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


@dataclass
class Documented:
    """A service as docs/operations.md has it: settings and certificate of `first_start.py` in `folder`,
    started by `python -m dognbone`. `url`: where nginx is to be in front of it.
    """

    service: Service
    folder: Path
    url: str
    settings: dict[str, str]


@pytest.fixture(scope="session")
def documented() -> Iterator[Documented]:
    """One for all files that look at it."""
    if not (find_postgresql() and find_redis()):
        pytest.skip("PostgreSQL or Redis is missing")
    url = f"https://localhost:{get_free_port()}"
    folder = Path(tempfile.mkdtemp(prefix="dognbone-documented-"))
    try:
        # nginx's workers are nobody in particular.
        folder.chmod(0o755)
        make_first_start(folder, url)
        settings = read_settings(folder / "keys" / "env")
        # The database's address is this service's own.
        given = {name: value for name, value in settings.items() if name != "DATABASE_URL"}
        counts = folder / "counts"
        counts.mkdir()
        (counts / "counter_1.db").write_bytes(b"not what prometheus_client writes")
        with run_service(
            begins=("-m", "dognbone"), PUBLIC_URL=url, PROMETHEUS_MULTIPROC_DIR=str(counts), **given
        ) as service:
            yield Documented(service, folder, url, settings)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def read_settings(path: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in path.read_text().splitlines())
