"""Where a request or a socket came from, and what was sent."""

import ipaddress
from dataclasses import dataclass

from django.http import HttpRequest, RawPostDataException

# Of a request that came over no network, where there has to be one.
NO_ADDRESS = "0.0.0.0"


@dataclass(frozen=True)
class ClientInfo:
    """Where a request came from."""

    ip_address: str | None = None
    user_agent: str = ""


def get_client_info(request: HttpRequest) -> ClientInfo:
    """The client as the server in front of Django vouches for it.

    Only `REMOTE_ADDR`: uvicorn sets it from the proxies it was told to trust, while a header
    such as `X-Forwarded-For` says whatever its sender likes.
    """
    return build_client_info(request.META.get("REMOTE_ADDR"), request.META.get("HTTP_USER_AGENT", ""))


def build_client_info(address: str | None, user_agent: str) -> ClientInfo:
    """The same for a socket's scope; an address that is none, such as a Unix socket's, is None."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return ClientInfo(None, user_agent[:400])
    # What a socket that listens for both calls an IPv4 address: ::ffff:192.0.2.7.
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return ClientInfo(str(mapped or parsed), user_agent[:400])


def get_body(request: HttpRequest) -> bytes:
    """What was sent, for a view that takes no form; nothing where a form with parts was sent all the same.

    That one has been read already, to look for a CSRF token in it.
    """
    try:
        return request.body
    except RawPostDataException:
        return b""
