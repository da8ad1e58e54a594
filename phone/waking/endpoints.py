"""Which addresses of push services are asked: a browser names its own, and a liar may name any.

Only https at a public host. What the name resolves to is looked at when it is connected to, and that very
address is what is connected to: a name may say one thing when it is checked and another when it is used.
"""

import ipaddress
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError
from urllib3.poolmanager import PoolManager

NAT64 = ipaddress.ip_network("64:ff9b::/96")
LONGEST = 1000
CONNECT_SECONDS = 3.05
READ_SECONDS = 5.0
# For all of an answer: READ_SECONDS is from one byte of it to the next.
ANSWERED_WITHIN_SECONDS = 10.0


class BadEndpoint(ValueError):
    """The text says what was seen and what is expected."""


def check_endpoint(endpoint: str) -> str:
    """`endpoint`, where it may be a push service's. Raises BadEndpoint. Nothing is looked up."""
    if len(endpoint) > LONGEST:
        raise BadEndpoint(
            f"The endpoint has {len(endpoint)} characters, where {LONGEST} at most are expected."
        )
    if not endpoint.isascii() or not endpoint.isprintable() or " " in endpoint:
        raise BadEndpoint("The endpoint has characters that no address has.")
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise BadEndpoint("The endpoint is not an address.") from None
    if parts.scheme != "https" or parts.username or port not in (None, 443):
        raise BadEndpoint("The endpoint is not an https address of a push service.")
    if not is_name_of_others(host):
        raise BadEndpoint("The endpoint is not at a public host.")
    return endpoint


def is_name_of_others(host: str) -> bool:
    """Whether a host can be a public one, by what it is called."""
    try:
        return is_public(host)
    except ValueError:
        labels = host.rstrip(".").split(".")
        return len(labels) > 1 and labels[-1] not in ("localhost", "local", "internal", "lan", "home", "arpa")


def is_public(address: str) -> bool:
    """Raises ValueError for what is no IP address."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    return all(one.is_global and not one.is_multicast for one in (ip, *list_within(ip)))


def list_within(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    """The IPv4 addresses that one of IPv6 leads to: mapped, by 6to4, by Teredo, or by NAT64 (RFC 6052)."""
    if isinstance(ip, ipaddress.IPv4Address):
        return []
    translated = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in NAT64 else None
    found = (ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ()), translated)
    return [one for one in found if one is not None]


class PublicConnection(HTTPSConnection):
    """Connects to public addresses alone, and waits for no more than so long for whoever drips."""

    lifeline: socket.socket | None = None

    def connect(self) -> None:
        with self.hurried():
            super().connect()

    def getresponse(self) -> Any:
        with self.hurried():
            return super().getresponse()

    def close(self) -> None:
        super().close()
        if self.lifeline is not None:
            self.lifeline.close()
            self.lifeline = None

    @contextmanager
    def hurried(self) -> Iterator[None]:
        patience = threading.Timer(ANSWERED_WITHIN_SECONDS, self.break_off)
        patience.daemon = True
        patience.start()
        try:
            yield
        finally:
            patience.cancel()

    def break_off(self) -> None:
        """Ends the connection under whoever reads from it, also within TLS's own greeting."""
        with suppress(OSError):
            if self.lifeline is not None:
                self.lifeline.shutdown(socket.SHUT_RDWR)

    def _new_conn(self) -> socket.socket:
        try:
            found = socket.getaddrinfo(self._dns_host, self.port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise NewConnectionError(self, f"not resolved: {type(error).__name__}") from None
        public = [str(one[4][0]) for one in found if is_public(str(one[4][0]))]
        if len(public) < len(found) or not public:
            raise NewConnectionError(self, "not at a public address")
        try:
            connected = socket.create_connection((public[0], self.port or 443), self.timeout)
            # TLS takes the socket itself over.
            self.lifeline = connected.dup()
            return connected
        except OSError as error:
            raise NewConnectionError(self, f"not connected: {type(error).__name__}") from None


class PublicPool(HTTPSConnectionPool):
    ConnectionCls = PublicConnection


class PublicAdapter(HTTPAdapter):
    """Requests' adapter over such connections; no proxy stands between."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = {"https": PublicPool}


@lru_cache(maxsize=1)
def get_session() -> requests.Session:
    """This process's own: without cookies, proxies or `~/.netrc`, and with no way to anything but https."""
    session = requests.Session()
    session.trust_env = False
    session.adapters.clear()
    session.mount("https://", PublicAdapter(pool_connections=8, pool_maxsize=32))
    return session


def post(endpoint: str, headers: dict[str, str], body: bytes) -> int:
    """The status that the push service answers. Raises requests.RequestException. Its words are not read."""
    limits = (CONNECT_SECONDS, READ_SECONDS)
    response = get_session().post(
        endpoint, data=body, headers=headers, timeout=limits, allow_redirects=False, stream=True
    )
    response.close()
    return response.status_code
