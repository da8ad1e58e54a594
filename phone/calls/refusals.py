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
        indexes = [
            models.Index(fields=["account_sid", "-refused_at", "-id"], name="webhook_refusal_of_account"),
            models.Index(fields=["call_sid"], name="webhook_refusal_of_call"),
            models.Index(fields=["ip_address", "-refused_at", "-id"], name="webhook_refusal_of_address"),
            # Found by how they begin, which the order of a language's own alphabet cannot answer.
            models.Index(
                fields=["reason"], name="webhook_refusal_of_reason", opclasses=["varchar_pattern_ops"]
            ),
        ]
        ordering = ["-refused_at", "-id"]

    def __str__(self) -> str:
        return f"{self.reason} at {self.refused_at:%Y-%m-%d %H:%M:%S}"
