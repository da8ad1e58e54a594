"""Whose page opened a socket. A browser sends cookies with any page's socket, so the Origin decides."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host

DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def is_own_origin(scope: dict[str, Any]) -> bool:
    """Whether a socket's Origin (RFC 6454) is `PUBLIC_URL`'s, or the very host that was asked.

    Where the site is https, so must the page be: whoever is on the network writes what an http page of its
    name says.
    """
    origins = get_headers(scope, b"origin")
    if len(origins) != 1:
        return False
    scheme, separator, host = origins[0].lower().partition("://")
    if not separator or scheme not in DEFAULT_PORTS or not host:
        return False
    public = urlsplit(settings.PUBLIC_URL)
    if public.scheme == "https" and scheme != "https":
        return False
    if (scheme, drop_default_port(scheme, host)) == (
        public.scheme,
        drop_default_port(public.scheme, public.netloc),
    ):
        return True
    hosts = get_headers(scope, b"host")
    return (
        len(hosts) == 1
        and drop_default_port(scheme, hosts[0].lower()) == drop_default_port(scheme, host)
        and is_allowed(hosts[0])
    )


def is_allowed(host: str) -> bool:
    """Whether Django would answer to this Host."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        # Half of an IPv6 address.
        return False
    allowed = settings.ALLOWED_HOSTS or ["localhost", "127.0.0.1", "::1"]
    return validate_host(name, allowed)


def get_headers(scope: dict[str, Any], name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def drop_default_port(scheme: str, host: str) -> str:
    return host.removesuffix(DEFAULT_PORTS.get(scheme, "\n"))
