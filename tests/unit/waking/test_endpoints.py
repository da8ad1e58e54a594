"""Which addresses a push service may have: what is typed, and what it is found to be."""

import socket
import threading
from contextlib import suppress
from typing import Any

import pytest
import requests

from phone.waking import endpoints
from phone.waking.endpoints import BadEndpoint, check_endpoint, is_public, post


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/abc:def",
        "https://updates.push.services.mozilla.com:443/wpush/v2/gAAA",
        "https://web.push.apple.com/QGuQ",
        "https://8.8.8.8/x",
        "https://[2001:4860:4860::8888]/x",
    ],
)
def test_a_push_services_address_is_taken(endpoint: str) -> None:
    assert check_endpoint(endpoint) == endpoint


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example.net/x",
        "https://push.example.net:8443/x",
        "https://me@push.example.net/x",
        "https://localhost/x",
        "https://db.internal/x",
        "https://printer.local./x",
        "https://127.0.0.1/x",
        "https://10.0.0.7/x",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/x",
        "https://224.0.0.1/x",
        "https://[::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://[fe80::1]/x",
        "https://[fd00::1]/x",
        "https://push.example.net:port/x",
        "https://",
        "//push.example.net/x",
        "file:///etc/passwd",
        "https://push.example.net/\x00",
        "https://push.example.net/a b",
        "https://püsh.example.net/x",
        "https://push.example.net/" + "x" * 1000,
    ],
)
def test_whatever_is_none_is_refused_in_words(endpoint: str) -> None:
    with pytest.raises(BadEndpoint, match=r"^The endpoint .*\.$"):
        check_endpoint(endpoint)


@pytest.mark.parametrize(
    "address", ["192.168.1.1", "0.0.0.0", "::", "2002:7f00:1::", "64:ff9b::a00:1", "fe80::1%eth0"]
)
def test_addresses_of_this_network_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("found", [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], []])
def test_a_public_name_that_leads_into_this_network_is_not_connected_to(
    monkeypatch: pytest.MonkeyPatch, found: list[str]
) -> None:
    def resolve(host: str, port: int, **kwargs: Any) -> list[Any]:
        assert host == "rebound.example.net"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    def connect(*args: Any, **kwargs: Any) -> socket.socket:
        raise AssertionError("connected to something")

    monkeypatch.setattr(endpoints.socket, "getaddrinfo", resolve)
    monkeypatch.setattr(endpoints.socket, "create_connection", connect)

    with pytest.raises(requests.ConnectionError, match="not at a public address"):
        post("https://rebound.example.net/x", {}, b"")


def test_what_was_looked_at_is_what_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def resolve(host: str, port: int, **kwargs: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", port))]

    def connect(address: Any, timeout: Any) -> socket.socket:
        asked.append((address, timeout))
        raise ConnectionRefusedError

    monkeypatch.setattr(endpoints.socket, "getaddrinfo", resolve)
    monkeypatch.setattr(endpoints.socket, "create_connection", connect)

    with pytest.raises(requests.ConnectionError, match="not connected"):
        post("https://push.example.net/x", {}, b"")
    assert asked == ["push.example.net", (("8.8.8.8", 443), endpoints.CONNECT_SECONDS)]


def test_there_is_no_way_to_anything_but_https() -> None:
    with pytest.raises(requests.exceptions.InvalidSchema):
        post("http://push.example.net/x", {}, b"")


MOST_DRIPPED = 200


def test_whoever_drips_an_answer_is_not_waited_for_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here within TLS's own greeting, where each byte comes soon enough after the one before."""
    monkeypatch.setattr(endpoints, "is_public", lambda address: True)
    monkeypatch.setattr(endpoints, "ANSWERED_WITHIN_SECONDS", 0.3)
    dripped = 0
    is_left = threading.Event()

    def drip(listener: socket.socket) -> None:
        nonlocal dripped
        connected, _ = listener.accept()
        with connected, suppress(OSError):
            # The head of a record of TLS that is never whole.
            for byte in b"\x16\x03\x03\x3f\xff" + bytes(MOST_DRIPPED):
                connected.sendall(bytes([byte]))
                dripped += 1
                if is_left.wait(0.05):
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,), daemon=True)
        thread.start()
        with pytest.raises(requests.RequestException):
            post(f"https://127.0.0.1:{listener.getsockname()[1]}/x", {}, b"")
        is_left.set()
        thread.join(timeout=10)
    assert 0 < dripped < MOST_DRIPPED
