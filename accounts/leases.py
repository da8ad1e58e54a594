"""A piece of work that must never run twice at once, whatever the database and however many servers."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Lease(models.Model):
    """Who does the work called `name`, and until when they count as alive without a word."""

    name = models.CharField(max_length=64, primary_key=True)
    holder = models.UUIDField(null=True)
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = _("lease")
        verbose_name_plural = _("leases")

    def __str__(self) -> str:
        return f"{self.name} until {self.expires_at:%Y-%m-%d %H:%M:%S}"


class LeaseTaken(Exception):
    """Somebody else does the work, or has taken it over from a holder who was silent for too long."""


class HeldLease:
    """A lease in one's hands."""

    def __init__(self, name: str, lifetime: timedelta) -> None:
        self.name = name
        self.lifetime = lifetime
        self.holder = uuid.uuid4()

    def take(self) -> None:
        """Raises LeaseTaken while another holder is alive."""
        # Made first, so that the one statement that decides is the same for all who come at once.
        Lease.objects.bulk_create([Lease(name=self.name, expires_at=LONG_AGO)], ignore_conflicts=True)
        free = Lease.objects.filter(name=self.name, expires_at__lte=timezone.now())
        if not free.update(holder=self.holder, expires_at=timezone.now() + self.lifetime):
            raise LeaseTaken(self.name)

    def renew(self) -> None:
        """Raises LeaseTaken where it had run out and somebody else has taken it."""
        mine = Lease.objects.filter(name=self.name, holder=self.holder)
        if not mine.update(expires_at=timezone.now() + self.lifetime):
            raise LeaseTaken(self.name)

    def give_back(self) -> None:
        Lease.objects.filter(name=self.name, holder=self.holder).update(holder=None, expires_at=LONG_AGO)


@contextmanager
def hold_lease(name: str, lifetime: timedelta) -> Iterator[HeldLease]:
    """Holds the lease `name`; a process that dies loses it after `lifetime`. Raises LeaseTaken."""
    lease = HeldLease(name, lifetime)
    lease.take()
    try:
        yield lease
    finally:
        lease.give_back()
