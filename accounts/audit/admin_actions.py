"""What admins did in the admin: each action on failures, each look at a full phone number, each export."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models
from django.http import HttpRequest
from django.utils import timezone

from accounts.audit.append_only import AppendOnlyModel, AppendOnlyRule, KeptFor

# What each action was, as it is told of somebody.
WORDS = {
    "acknowledge": "acknowledged",
    "resolve": "resolved",
    "reopen": "reopened",
    "assign": "assigned",
    "add_note": "noted",
    "review": "reviewed",
    "unmask": "looked at the full numbers",
    "export": "exported the list",
    "dismiss": "dismissed",
    "change": "changed",
}


class AdminAction(AppendOnlyModel):
    """One thing an admin did to one row, or to a list of them."""

    append_only = AppendOnlyRule(KeptFor("done_at", days=1095))

    done_at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="admin_actions"
    )
    actor_email = models.CharField(max_length=254)
    action = models.CharField(max_length=40, help_text="acknowledge, resolve, reopen, assign, note, review …")
    target_type = models.CharField(max_length=60, help_text="The model, as app_label.model_name.")
    target_id = models.CharField(max_length=64, blank=True, help_text="Blank: a list of rows.")
    count = models.PositiveIntegerField(default=1, help_text="How many rows it reached.")
    note = models.TextField(blank=True)
    detail = models.JSONField(default=dict, help_text="What was before and after, or which rows.")
    ip_address = models.GenericIPAddressField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["-done_at", "-id"], name="admin_action_newest"),
            models.Index(fields=["target_type", "target_id", "-done_at"], name="admin_action_of_target"),
        ]
        ordering = ["-done_at", "-id"]

    def __str__(self) -> str:
        return f"{self.actor_email}: {self.words}"

    @property
    def words(self) -> str:
        return WORDS.get(self.action, self.action.replace("_", " "))


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
