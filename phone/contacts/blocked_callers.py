"""The table of callers who are not wanted: by everybody of an account, or by one person alone.

Numbers are an account's and shared, and so are those who may not call them: anybody of the account may block
for all, and take it back, and all see who did. Whoever blocks for themselves alone is not rung any more, and
nobody else is told.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.audit.append_only import KeptFor
from accounts.people import User
from accounts.twilio.credentials import TwilioAccount

# How long a block that somebody has taken back can be had again, as it was.
SECOND_THOUGHTS = timedelta(minutes=10)
# As `Call.from_address` has them.
LONGEST_ADDRESS = 140


class BlockedCallerQuerySet(models.QuerySet["BlockedCaller"]):
    def of(self, account: TwilioAccount, person: User) -> "BlockedCallerQuerySet":
        """Those that concern `person`: everybody's, and their own."""
        return self.filter(models.Q(person=None) | models.Q(person=person), account=account)

    def standing(self) -> "BlockedCallerQuerySet":
        return self.filter(unblocked_at=None)


class BlockedCaller(models.Model):
    """That calls from somewhere are not taken. A row that was taken back is kept for a while."""

    kept_for = KeptFor("unblocked_at", days=365)

    account = models.ForeignKey(
        TwilioAccount, verbose_name=_("account"), on_delete=models.CASCADE, related_name="blocked_callers"
    )
    caller = models.CharField(
        max_length=LONGEST_ADDRESS, help_text="As a call has it: E.164, or withheld for all without a number."
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="blocked_callers",
        help_text="For whom alone; empty: for everybody of the account.",
    )
    blocked_at = models.DateTimeField(_("blocked at"), default=timezone.now)
    blocked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("blocked by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    unblocked_at = models.DateTimeField(_("unblocked at"), null=True, blank=True)
    unblocked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("unblocked by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    objects: ClassVar[BlockedCallerQuerySet] = BlockedCallerQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "caller"],
                condition=models.Q(person=None, unblocked_at=None),
                name="one_block_for_all_per_caller",
            ),
            models.UniqueConstraint(
                fields=["account", "caller", "person"],
                condition=models.Q(person__isnull=False, unblocked_at=None),
                name="one_block_per_person_and_caller",
            ),
        ]
        indexes = [
            # What each call that comes in asks.
            models.Index(
                fields=["account", "caller"],
                condition=models.Q(unblocked_at=None),
                name="blocked_caller_standing",
            ),
            models.Index(fields=["account", "-id"], name="blocked_caller_of_account"),
            models.Index(fields=["-blocked_at", "-id"], name="blocked_caller_newest"),
            models.Index(
                fields=["unblocked_at"],
                condition=models.Q(unblocked_at__isnull=False),
                name="blocked_caller_taken_back",
            ),
        ]
        ordering = ["-blocked_at", "-id"]
        verbose_name = _("blocked caller")
        verbose_name_plural = _("blocked callers")

    def __str__(self) -> str:
        if self.person_id is None:
            return gettext("A caller blocked for everybody")
        return gettext("A caller blocked for one person")

    @property
    def is_for_all(self) -> bool:
        return self.person_id is None


@dataclass(frozen=True)
class Blocks:
    """Who does not want calls of one caller: everybody, or these, by their keys."""

    is_for_all: bool = False
    people: frozenset[int] = field(default_factory=frozenset)

    def covers(self, called: Collection[int]) -> bool:
        """Whether none of those whom a call is for want it."""
        return self.is_for_all or (bool(called) and self.people.issuperset(called))


def find_blocks(account: TwilioAccount, caller: str) -> Blocks:
    """Who does not want a call of `caller`, an address as a call has it; one query."""
    standing = BlockedCaller.objects.standing().filter(account=account, caller=caller)
    people = set(standing.order_by().values_list("person_id", flat=True))
    return Blocks(is_for_all=None in people, people=frozenset(people - {None}))


def leave_out_blockers(
    people: "models.QuerySet[User]", account: TwilioAccount, caller: str
) -> "models.QuerySet[User]":
    """Those of `people` who have not blocked `caller` for themselves."""
    own = BlockedCaller.objects.standing().filter(
        account=account, caller=caller, person=models.OuterRef("pk")
    )
    return people.exclude(models.Exists(own)) if caller else people


def find_block(account: TwilioAccount, person: User, caller: str) -> BlockedCaller | None:
    """The block of `caller` that concerns `person`, everybody's first."""
    found = BlockedCaller.objects.of(account, person).standing().filter(caller=caller)
    return found.select_related("blocked_by").order_by(models.F("person_id").asc(nulls_first=True)).first()
