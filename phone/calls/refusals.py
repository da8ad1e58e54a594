"""The webhooks that were turned away."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.audit.append_only import AppendOnlyModel, AppendOnlyRule, KeptFor
from accounts.moments import write_moment


class WebhookRefusal(AppendOnlyModel):
    """A request to a webhook that was answered 403, and why."""

    append_only = AppendOnlyRule(KeptFor("refused_at", days=180), may_change=("count", "last_at"))

    refused_at = models.DateTimeField(_("refused at"), default=timezone.now, db_index=True)
    reason = models.CharField(_("reason"), max_length=200)
    path = models.CharField(_("path"), max_length=400)
    account_sid = models.CharField("Account SID", max_length=64, blank=True, help_text=_("As posted."))
    call_sid = models.CharField(_("call sid"), max_length=64, blank=True, help_text=_("As posted."))
    ip_address = models.GenericIPAddressField(_("ip address"), null=True)
    last_at = models.DateTimeField(
        _("last at"), null=True, help_text=_("The last of several that one row counts.")
    )
    count = models.PositiveIntegerField(
        _("count"),
        default=1,
        db_default=1,
        help_text=_("What is beyond sixty rows a minute counts as one row."),
    )

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
        verbose_name = _("webhook refusal")
        verbose_name_plural = _("webhook refusals")

    def __str__(self) -> str:
        words = gettext("{reason} at {moment}")
        return words.format(reason=self.reason, moment=write_moment(self.refused_at))
