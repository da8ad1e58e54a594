"""Who stands at the door: which account is meant, from where, and whether its person is known there."""

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from allauth.account.utils import filter_users_by_email
from django.http import HttpRequest
from django.utils import timezone

from accounts.audit.journal import AccountEvent
from accounts.clients import get_client_info
from accounts.entrance.devices import read_device
from accounts.people import User

KNOWN_FOR = timedelta(days=90)
# Who signs in more often than that in the time is known by the latest.
MOST_SIGN_INS = 500
# What one household or server is given, and may take addresses from at will.
IPV6_PREFIX = 64


@dataclass(frozen=True)
class Visitor:
    """One request that means one account."""

    request: HttpRequest
    email: str

    @cached_property
    def person(self) -> User | None:
        found = filter_users_by_email(self.email, prefer_verified=True)
        return min(found, key=lambda one: one.pk, default=None)

    @cached_property
    def account(self) -> str:
        """A key of the account, also of one that does not exist; says nothing about its owner."""
        name = f"person:{self.person.pk}" if self.person else f"email:{self.email.lower()}"
        return hashlib.sha256(name.encode()).hexdigest()

    @cached_property
    def network(self) -> str:
        return get_network(get_client_info(self.request).ip_address)

    @cached_property
    def device(self) -> str:
        """This browser's id, if the person is known in it; else empty."""
        device = read_device(self.request)
        return device.id if self.person and self.person.pk in device.people else ""

    @cached_property
    def is_known_here(self) -> bool:
        """Whether the person has signed in from this address before."""
        if self.person is None or not self.network:
            return False
        sign_ins = AccountEvent.objects.filter(
            user=self.person,
            kind=AccountEvent.Kind.SIGNED_IN,
            happened_at__gt=timezone.now() - KNOWN_FOR,
        )
        addresses = sign_ins.values_list("ip_address", flat=True)[:MOST_SIGN_INS]
        return self.network in {get_network(address) for address in addresses}


def get_public_network(address: str | None) -> str:
    """The same, but none for this machine's own: a proxy that does not say for whom it asks would be all."""
    return "" if not address or ipaddress.ip_address(address).is_loopback else get_network(address)


def get_network(address: str | None) -> str:
    """An IPv4 address itself, an IPv6 address's /64; empty where there is none."""
    if not address:
        return ""
    parsed = ipaddress.ip_address(address)
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.IPv6Network((int(parsed), IPV6_PREFIX), strict=False).network_address)
