"""The table of calls to the telephone network that were asked for: what limits are counted by.

One row for each leg that a call makes to a number, whether it was allowed or not, written under the lock of
the account's limits and before Twilio is told to make it.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Count, Q, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.audit.append_only import KeptFor
from accounts.people import User
from accounts.statements import Given, Question
from accounts.twilio.credentials import TwilioAccount
from phone.calling_limits.rules import Used

NUMBER_LENGTH = 20
# Not in the key of a call that a person makes, who may have been deleted since.
FORWARDED = ":"


def build_forward_key(call_sid: str, step: int) -> str:
    """The key of the leg by which step `step` of a number's rules forwards a call that came in."""
    return f"{call_sid}{FORWARDED}{step}"


class PlacedCallQuerySet(models.QuerySet["PlacedCall"]):
    def allowed(self) -> "PlacedCallQuerySet":
        return self.filter(refused_for="")

    def going_on(self, now: datetime) -> "PlacedCallQuerySet":
        """As far as is known. One that nothing is known of counts no longer than it may have lasted."""
        return self.allowed().filter(ended_at=None, expires_at__gt=now)


class PlacedCall(models.Model):
    """A call to a number. `granted_seconds` is how long it may be talked, `seconds` how long it was."""

    kept_for = KeptFor("begun_at", days=365)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(
        max_length=80, unique=True, help_text="What Twilio is told once, however often it asks."
    )
    account = models.ForeignKey(TwilioAccount, on_delete=models.CASCADE, related_name="placed_calls")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="placed_calls",
        help_text="Who asked for it; empty for a call that came in and is forwarded.",
    )
    call_sid = models.CharField(max_length=34, help_text="The Call's that it is a part of.")
    leg_id = models.UUIDField(null=True, help_text="The CallLeg's, where that was there before.")
    number = models.CharField(max_length=NUMBER_LENGTH, help_text="E.164")
    country = models.CharField(max_length=2, blank=True)
    is_abroad = models.BooleanField()
    is_new = models.BooleanField(help_text="Nobody of the account had called it before.")
    refused_for = models.CharField(max_length=24, blank=True)
    day = models.DateField(help_text="By the company's clock.")
    begun_at = models.DateTimeField(default=timezone.now, db_index=True)
    granted_seconds = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField(help_text="By then it is over, whatever was told.")
    seconds = models.PositiveIntegerField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects: ClassVar[PlacedCallQuerySet] = PlacedCallQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes = [
            models.Index(fields=["account", "number"], name="placed_call_of_number"),
            models.Index(fields=["account", "person", "day"], name="placed_call_of_day"),
            models.Index(
                fields=["account", "expires_at"], name="placed_call_going_on", condition=Q(ended_at=None)
            ),
            models.Index(fields=["call_sid"], name="placed_call_of_call"),
        ]

    def __str__(self) -> str:
        return f"{'refused' if self.refused_for else 'placed'} at {self.begun_at:%Y-%m-%d %H:%M}"


@dataclass(frozen=True)
class Found:
    """What goes on and was used; whether the number was called before, and whether the key was asked for."""

    used: Used
    is_known: bool
    has_key: bool


def count(
    account: TwilioAccount, person: User | None, *, number: str, key: str, now: datetime, day: date
) -> Found:
    """What goes on now, and what `person`, or whatever is nobody's, has used of `day`: one query."""
    given = {"account": account.pk, "number": number[:NUMBER_LENGTH], "key": key, "now": now, "day": day}
    rows = OF_PERSON.ask_values(person=person.pk, **given) if person else OF_NOBODY.ask_values(**given)
    *used, called, asked = rows[0] if rows else (0,) * 8
    return Found(Used(*used), bool(called), bool(asked))


def build_counts(whose: Q) -> "models.QuerySet[PlacedCall, Any]":
    """What `Used` holds, in its order, of the rows that are `whose`; how often the number, and the key, are
    there. One row, or none.
    """
    moment, key = models.DateTimeField(), Q(key=Given("key", models.CharField()))
    allowed = Q(refused_for="")
    going_on = allowed & Q(ended_at=None, expires_at__gt=Given("now", moment))
    today = allowed & whose & Q(day=Given("day", models.DateField()))
    called = allowed & Q(number=Given("number", models.CharField()))
    taken = Coalesce("seconds", "granted_seconds")
    rows = PlacedCall.objects.filter(account=Given("account", models.UUIDField()))
    return (
        rows.filter(going_on | today | called | key)
        .order_by()
        .values("account")
        .annotate(
            calls=Count("pk", filter=going_on),
            calls_of_person=Count("pk", filter=going_on & whose),
            all_seconds=Coalesce(Sum(taken, filter=today), Value(0)),
            abroad=Coalesce(Sum(taken, filter=today & Q(is_abroad=True)), Value(0)),
            new=Count("pk", filter=today & Q(is_new=True)),
            new_abroad=Count("pk", filter=today & Q(is_new=True, is_abroad=True)),
            called=Count("pk", filter=called),
            asked=Count("pk", filter=key),
        )
        .values_list(
            "calls", "calls_of_person", "all_seconds", "abroad", "new", "new_abroad", "called", "asked"
        )
    )


OF_PERSON = Question(lambda: build_counts(Q(person=Given("person", models.BigIntegerField()))))
OF_NOBODY = Question(lambda: build_counts(Q(person=None, key__contains=FORWARDED)))
