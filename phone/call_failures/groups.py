"""Failed calls grouped: account × cause."""

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.audit.append_only import KeptFor
from accounts.failures.alarms import Alarm
from accounts.failures.grouping import (
    Group,
    GroupDay,
    GroupQuerySet,
    build_newest_indexes,
    build_permissions,
)
from accounts.masking import mask_sid
from phone.calls.call import Call
from phone.causes.cause import build_cause


class CallFailureGroupQuerySet(GroupQuerySet):
    def reopen(self, **more: Any) -> int:
        return super().reopen(opened_at=timezone.now(), **more)


class CallFailureGroup(Group):
    """All calls of one account that ended for the same cause."""

    kept_for = KeptFor("last_seen_at", days=365, only={"state": "resolved"})
    ALARM_SIDE = "call_groups"

    account = models.ForeignKey(
        "accounts.TwilioAccount", on_delete=models.CASCADE, related_name="call_failure_groups"
    )
    cause = models.CharField(max_length=32, help_text="A slug of phone/causes/.")
    opened_at = models.DateTimeField(
        help_text="The first failure since no call has shown that it works, nor an admin ended it."
    )
    last_call = models.ForeignKey(Call, null=True, on_delete=models.SET_NULL, related_name="+")
    alarms = models.ManyToManyField(Alarm, related_name="call_groups", help_text="Of what it is a reason.")

    objects: ClassVar[Any] = CallFailureGroupQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "cause"], name="one_call_group_per_account_cause")
        ]
        indexes = [
            *build_newest_indexes("call_group"),
            models.Index(fields=["cause", "-last_seen_at"], name="call_group_of_cause"),
            models.Index(fields=["account", "-last_seen_at"], name="call_group_of_account"),
        ]
        ordering = ["-last_seen_at", "-id"]
        permissions = build_permissions("callfailuregroup", "groups of failed calls")
        verbose_name = _("call failure group")
        verbose_name_plural = _("call failure groups")

    def __str__(self) -> str:
        name = self.account.friendly_name or gettext("Twilio account")
        return f"{build_cause(self.cause).title}: {name} {mask_sid(self.account.account_sid)}"

    def identify(self) -> dict[str, str]:
        return {"cause": self.cause, "account": mask_sid(self.account.account_sid)}


class CallFailureDay(GroupDay):
    kept_for = KeptFor("day", days=90)

    group = models.ForeignKey(CallFailureGroup, on_delete=models.CASCADE, related_name="days")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "day"], name="one_row_per_call_group_and_day")
        ]
        verbose_name = _("call failure day")
        verbose_name_plural = _("call failure days")


class CallFailure(models.Model):
    """That a call was counted: in which group, as of when. A call is counted once, whatever is told again."""

    kept_for = KeptFor("failed_at", days=90)

    call = models.OneToOneField(Call, primary_key=True, on_delete=models.CASCADE, related_name="failure")
    group = models.ForeignKey(
        CallFailureGroup, on_delete=models.CASCADE, related_name="failures", db_index=False
    )
    failed_at = models.DateTimeField(db_index=True)

    class Meta:
        indexes = [models.Index(fields=["group", "-failed_at"], name="call_failure_of_group")]
        ordering = ["-failed_at"]
        verbose_name = _("call failure")
        verbose_name_plural = _("call failures")

    def __str__(self) -> str:
        return f"{self.group.cause} at {self.failed_at:%Y-%m-%d %H:%M:%S}"
