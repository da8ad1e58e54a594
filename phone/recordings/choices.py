"""Whose calls are recorded by themselves: nobody's, until a person or a company chooses it."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.people import User
from accounts.statements import Given, Question
from accounts.twilio.credentials import TwilioAccount


class RecordingChoice(models.Model):
    """That calls are recorded: one person's on this account, or everybody's where no person is named."""

    account = models.ForeignKey(
        "accounts.TwilioAccount",
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="recording_choices",
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="recording_choices",
    )
    is_on = models.BooleanField(_("is on"), default=False)
    changed_at = models.DateTimeField(_("changed at"), default=timezone.now)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("changed by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="recording_choices_made",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "user"], name="one_recording_choice_a_person"),
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(user=None), name="one_recording_choice_a_company"
            ),
        ]
        verbose_name = _("recording choice")
        verbose_name_plural = _("recording choices")

    def __str__(self) -> str:
        words = (
            gettext("{who} on {account}: recorded")
            if self.is_on
            else gettext("{who} on {account}: not recorded")
        )
        return words.format(who=self.user or gettext("Everybody"), account=self.account)


def is_wanted(account: TwilioAccount, people: Iterable[int]) -> bool:
    """Whether calls of any of `people`, by their keys, are recorded by themselves on this account."""
    people = list(people)
    if len(people) > 2:
        whose = models.Q(user=None) | models.Q(user__in=people)
        return RecordingChoice.objects.filter(whose, account=account, is_on=True).exists()
    one, other = (*people, None, None)[:2]
    return bool(OF_TWO.ask_values(account=account.pk, one=one, other=other))


def build_wanted_of(people: Iterable[Any]) -> "models.QuerySet[RecordingChoice, Any]":
    """For a `Question` that is told the `account`: `people` are expressions of their keys."""
    whose = models.Q(user=None)
    for person in people:
        whose |= models.Q(user=person)
    account = Given("account", models.UUIDField())
    return RecordingChoice.objects.filter(whose, account=account, is_on=True).values_list("pk")[:1]


# Of a call between two people, or fewer.
OF_TWO = Question(lambda: build_wanted_of(Given(name, models.BigIntegerField()) for name in ("one", "other")))


def get_choice(account: TwilioAccount, person: User | None) -> RecordingChoice:
    """The row, or how things are without one."""
    found = RecordingChoice.objects.select_related("changed_by").filter(account=account, user=person).first()
    return found or RecordingChoice(account=account, user=person)


def build_recording_settings(person: User, account: TwilioAccount) -> dict[str, Any]:
    """What the template `phone/settings/recording.html` needs."""
    return {"recording": {"mine": get_choice(account, person), "everybody": get_choice(account, None)}}


@transaction.atomic
def choose(*, account: TwilioAccount, person: User | None, is_on: bool, by: User) -> None:
    """Keeps whether the calls of `person`, or of everybody, are recorded from now on."""
    values: dict[str, Any] = {"is_on": is_on, "changed_at": timezone.now(), "changed_by": by}
    RecordingChoice.objects.update_or_create(account=account, user=person, defaults=values)
