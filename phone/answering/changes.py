"""The audit trail of who changed what about being called."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.audit.append_only import AppendOnlyModel, AppendOnlyRule, KeptFor
from accounts.moments import write_moment
from accounts.people import User
from accounts.twilio.credentials import TwilioAccount


class AnsweringChange(AppendOnlyModel):
    """One change: of a number's rules, somebody's greeting, or one of their switches."""

    append_only = AppendOnlyRule(KeptFor("changed_at", days=365))

    class Subject(models.TextChoices):
        NUMBER = "number", _("Who answers a number")
        GREETING = "greeting", _("Greeting")
        DO_NOT_DISTURB = "do_not_disturb", _("Do not disturb")
        ONE_DEVICE = "one_device", _("Ring on one device only")

    changed_at = models.DateTimeField(_("changed at"), default=timezone.now)
    subject = models.CharField(_("subject"), max_length=16, choices=Subject)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="answering_changes"
    )
    email = models.CharField(_("email"), max_length=254)
    account_sid = models.CharField("Account SID", max_length=34, blank=True)
    phone_number = models.CharField(max_length=20, blank=True, help_text="E.164, where it is a number's.")
    before = models.JSONField(_("before"), default=dict)
    after = models.JSONField(_("after"), default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["-changed_at", "-id"], name="answering_change_newest"),
            models.Index(fields=["user", "-changed_at"], name="answering_change_of_person"),
            models.Index(fields=["email", "-changed_at", "-id"], name="answering_change_of_email"),
        ]
        ordering = ["-changed_at", "-id"]
        verbose_name = _("answering change")
        verbose_name_plural = _("answering changes")

    def __str__(self) -> str:
        words = gettext("{email}: {what} at {moment}")
        moment = write_moment(self.changed_at)
        return words.format(email=self.email, what=self.get_subject_display(), moment=moment)


def record_change(
    *,
    subject: str,
    user: User,
    account: TwilioAccount | None,
    before: dict[str, Any],
    after: dict[str, Any],
    phone_number: str = "",
) -> None:
    """Writes one row of what is another than before; none where nothing is."""
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if changed:
        AnsweringChange.objects.create(
            subject=subject,
            user=user,
            email=user.email,
            account_sid=account.account_sid if account else "",
            phone_number=phone_number,
            before={name: before.get(name) for name in changed},
            after={name: after.get(name) for name in changed},
        )
