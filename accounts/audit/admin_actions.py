"""What admins did in the admin: each action on failures, each look at a full phone number, each export."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.audit.append_only import AppendOnlyModel, AppendOnlyRule, KeptFor

# What each action was, as it is told of somebody.
WORDS = {
    "acknowledge": pgettext_lazy("did", "acknowledged"),
    "resolve": pgettext_lazy("did", "resolved"),
    "reopen": pgettext_lazy("did", "reopened"),
    "assign": pgettext_lazy("did", "assigned"),
    "add_note": pgettext_lazy("did", "noted"),
    "review": pgettext_lazy("did", "reviewed"),
    "unmask": pgettext_lazy("did", "looked at the full numbers"),
    "export": pgettext_lazy("did", "exported the list"),
    "dismiss": pgettext_lazy("did", "dismissed"),
    "change": pgettext_lazy("did", "changed"),
    "reset_factor": pgettext_lazy("did", "removed the second factor"),
    "appoint_owner": pgettext_lazy("did", "made the owner of a company"),
}


class AdminAction(AppendOnlyModel):
    """One thing an admin did to one row, or to a list of them."""

    append_only = AppendOnlyRule(KeptFor("done_at", days=1095))

    done_at = models.DateTimeField(_("done at"), default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("actor"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="admin_actions",
    )
    actor_email = models.CharField(_("actor email"), max_length=254)
    action = models.CharField(
        _("action"), max_length=40, help_text=_("acknowledge, resolve, reopen, assign, note, review …")
    )
    target_type = models.CharField(
        _("target type"), max_length=60, help_text=_("The model, as app_label.model_name.")
    )
    target_id = models.CharField(
        _("target id"), max_length=64, blank=True, help_text=_("Blank: a list of rows.")
    )
    count = models.PositiveIntegerField(_("count"), default=1, help_text=_("How many rows it reached."))
    note = models.TextField(_("note"), blank=True)
    detail = models.JSONField(
        _("detail"), default=dict, help_text=_("What was before and after, or which rows.")
    )
    ip_address = models.GenericIPAddressField(_("ip address"), null=True)

    class Meta:
        indexes = [
            models.Index(fields=["-done_at", "-id"], name="admin_action_newest"),
            models.Index(fields=["target_type", "target_id", "-done_at"], name="admin_action_of_target"),
        ]
        ordering = ["-done_at", "-id"]
        verbose_name = _("admin action")
        verbose_name_plural = _("admin actions")

    def __str__(self) -> str:
        return f"{self.actor_email}: {self.words}"

    @property
    def words(self) -> str:
        return str(WORDS.get(self.action, self.action.replace("_", " ")))

    @property
    def words_with_assignee(self) -> str:
        """The same, and to whom where it was assigned to somebody."""
        assignee = self.detail.get("assignee")
        return (
            gettext("{did} to {assignee}").format(did=self.words, assignee=assignee)
            if assignee
            else self.words
        )


def build_admin_action(
    request: HttpRequest, *, action: str, target: models.Model | type[models.Model], **fields: Any
) -> AdminAction:
    """A row, not yet stored, for what `request.user` does to `target`: a row, or a model for a list."""
    person: Any = request.user
    return AdminAction(
        actor=person,
        actor_email=person.email,
        action=action,
        target_type=target._meta.label_lower,
        target_id="" if isinstance(target, type) else str(target.pk),
        ip_address=request.META.get("REMOTE_ADDR") or None,
        **fields,
    )


def record_admin_action(
    request: HttpRequest, *, action: str, target: models.Model | type[models.Model], **fields: Any
) -> None:
    build_admin_action(request, action=action, target=target, **fields).save()


def record_admin_actions(actions: Iterable[AdminAction]) -> None:
    AdminAction.objects.bulk_create(actions)
