import errno
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.ports import find_trouble, get_free_port, is_port_free, try_port


def has_ipv6() -> bool:
    with socket.socket(socket.AF_INET6) as listener:
        try:
            listener.bind(("::1", 0))
        except OSError:
            return False
    return True


@pytest.fixture(params=["127.0.0.1", "0.0.0.0", "::1"])
def taken_port(request: pytest.FixtureRequest) -> Iterator[int]:
    """A browser that is sent to localhost may go to any of these."""
    if request.param == "::1" and not has_ipv6():
        pytest.skip("this machine has no IPv6")
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    with socket.socket(family) as listener:
        listener.bind((request.param, 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_port_in_use_is_seen_and_another_is_found(taken_port: int) -> None:
    assert not is_port_free(taken_port)
    assert f"port {taken_port} is in use by" in find_trouble(taken_port)
    assert get_free_port(after=taken_port - 1) != taken_port


@pytest.mark.skipif(sys.platform != "linux", reason="only /proc tells whose a port is")
def test_whoever_has_the_port_is_named_without_their_arguments(taken_port: int) -> None:
    name = Path("/proc/self/comm").read_text().strip()
    assert find_trouble(taken_port).endswith(f"in use by {name} (process {os.getpid()})")


def test_a_free_port_is_no_trouble() -> None:
    assert find_trouble(get_free_port(after=20000)) == ""


def test_a_port_that_the_system_keeps_is_not_called_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.ports.try_port", lambda family, address, port: errno.EACCES)
    assert (
        find_trouble(80) == "port 80 may not be used by you: those below 1024 are often kept for the system"
    )


def test_a_family_of_addresses_that_the_machine_lacks_takes_no_port() -> None:
    # An address of the documentation's, which no machine has.
    assert try_port(socket.AF_INET, "192.0.2.1", 0) == errno.EADDRNOTAVAIL
