"""The webhooks that were turned away."""

from django.db import models
from django.utils import timezone

from accounts.audit.append_only import AppendOnlyModel, AppendOnlyRule, KeptFor


class WebhookRefusal(AppendOnlyModel):
    """A request to a webhook that was answered 403, and why."""

    append_only = AppendOnlyRule(KeptFor("refused_at", days=180))

    refused_at = models.DateTimeField(default=timezone.now, db_index=True)
    reason = models.CharField(max_length=200)
    path = models.CharField(max_length=400)
    account_sid = models.CharField("Account SID", max_length=64, blank=True, help_text="As posted.")
    call_sid = models.CharField(max_length=64, blank=True, help_text="As posted.")
    ip_address = models.GenericIPAddressField(null=True)

    class Meta:
        ordering = ["-refused_at", "-id"]

    def __str__(self) -> str:
        return f"{self.reason} at {self.refused_at:%Y-%m-%d %H:%M:%S}"
