"""Every address of the product, as Django's resolver has it."""

from collections.abc import Iterator
from typing import NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver

WEBHOOKS = "phone/webhooks/"
ADMIN = "admin/"


class Address(NamedTuple):
    """`pattern` as it is written in urls.py; `name` as reverse() takes it, "" without one."""

    pattern: str
    name: str


def list_addresses(
    resolver: URLResolver | None = None, before: str = "", space: str = ""
) -> Iterator[Address]:
    for entry in (resolver or get_resolver()).url_patterns:
        pattern = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from list_addresses(entry, pattern, inner)
        elif isinstance(entry, URLPattern):
            yield Address(pattern, f"{space}{entry.name}" if entry.name else "")


def list_pages() -> list[Address]:
    """For people: neither the admin nor what Twilio calls. Of two with one pattern, the first answers."""
    pages = {one.pattern: one for one in reversed(list(list_addresses()))}
    return [one for one in reversed(pages.values()) if not one.pattern.startswith((WEBHOOKS, ADMIN))]


def list_webhooks() -> list[Address]:
    return [one for one in list_addresses() if one.pattern.startswith(WEBHOOKS)]


def list_admin_pages() -> list[Address]:
    return [one for one in list_addresses() if one.pattern.startswith(ADMIN)]
