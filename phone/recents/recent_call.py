"""The table of recent calls: one row for each person and each call that they had a part in.

Everything in a row but the note, and when it was seen, is told by the call and its legs (`keeping.py`), as it
looks from this person's side. It is kept in a row of its own so that a person's list, however long, is read
from one index.
"""

from collections.abc import Collection
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.audit.append_only import KeptFor
from accounts.people import User
from accounts.statements import GivenMany, Question
from phone.calls.call import Call
from phone.calls.unread import counted

NOTE_LENGTH = 2000
# The cause of a call whose caller has left a message.
VOICEMAIL = "voicemail"
# A row of PostgreSQL's index holds 2,700 bytes at most, and a character may take four.
SEARCHED_LENGTH = 600


class RecentCallQuerySet(models.QuerySet["RecentCall"]):
    def of(self, user: User) -> "RecentCallQuerySet":
        return self.filter(user=user)

    def missed(self) -> "RecentCallQuerySet":
        return self.filter(is_missed=True)

    def unseen(self) -> "RecentCallQuerySet":
        """As `is_unseen`."""
        return self.filter(is_missed=True, seen_at=None).exclude(cause=VOICEMAIL)


class RecentCall(models.Model):
    """One call as one person had it."""

    kept_for = KeptFor("started_at", days=730)

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recent_calls")
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="recents")
    direction = models.CharField(max_length=10, choices=Call.Direction)
    address = models.CharField(
        max_length=140, help_text="The other end: E.164, client:identity, withheld, or what was typed."
    )
    name = models.CharField(
        max_length=160,
        blank=True,
        help_text="What the other end is called: a colleague as they were then, a number as by the contacts.",
    )
    our_number = models.CharField(
        max_length=140, blank=True, help_text="Which of our numbers was called, or shown to whom was called."
    )
    started_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    cause = models.CharField(
        max_length=32, blank=True, help_text="Why it ended, for this person; empty while it goes on."
    )
    is_missed = models.BooleanField(default=False, help_text="It came in, and nobody took it.")
    seen_at = models.DateTimeField(null=True, help_text="When a missed call was seen in the list.")
    note = models.CharField(max_length=NOTE_LENGTH, blank=True)
    has_recording = models.BooleanField(default=False)
    has_voicemail = models.BooleanField(default=False)
    searched = models.CharField(
        max_length=SEARCHED_LENGTH, blank=True, help_text="Names, numbers in every writing, and the note."
    )

    objects: ClassVar[RecentCallQuerySet] = RecentCallQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "call"], name="one_recent_per_person_and_call")
        ]
        indexes = [
            # With what is searched in it, a search reads nothing but the index until it has found a page.
            models.Index(fields=["user", "-started_at", "-id", "searched"], name="recent_of_person"),
            models.Index(
                fields=["user", "-started_at", "-id"],
                condition=models.Q(is_missed=True),
                name="recent_missed",
            ),
            models.Index(
                fields=["user"], condition=models.Q(is_missed=True, seen_at=None), name="recent_unseen"
            ),
            # Whom a person talked to, and what they were called: read through when a contact changes.
            models.Index(fields=["user", "address", "name"], name="recent_of_address"),
        ]
        ordering = ["-started_at", "-id"]
        verbose_name = _("recent call")
        verbose_name_plural = _("recent calls")

    def __str__(self) -> str:
        is_incoming = self.direction == Call.Direction.INCOMING
        words = (
            gettext("incoming call of {person}, {cause}")
            if is_incoming
            else gettext("outgoing call of {person}, {cause}")
        )
        return words.format(person=self.user_id, cause=self.cause or gettext("going on"))

    @property
    def is_unseen(self) -> bool:
        """Whether it is counted as missed: a message that was left is counted already, as that.

        The list of missed calls has it all the same.
        """
        return self.is_missed and self.seen_at is None and self.cause != VOICEMAIL


@counted("missed")
def count_missed(people: Collection[int]) -> dict[int, int]:
    return dict(UNSEEN.ask_values(people=people))


def build_unseen() -> "models.QuerySet[Any]":
    theirs = RecentCall.objects.filter(user__among=GivenMany("people", models.BigIntegerField()))
    return theirs.unseen().order_by().values_list("user").annotate(models.Count("pk"))


UNSEEN: "Question[Any]" = Question(build_unseen)
