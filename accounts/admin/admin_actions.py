"""What admins did, what went well for people, and what was pruned: read-only."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.admin.read_only import ReadOnlyAdmin
from accounts.admin.search import read_person_or_email
from accounts.audit.admin_actions import AdminAction
from accounts.audit.journal import AccountEvent
from accounts.audit.retention import PruneRun


@admin.register(AdminAction)
class AdminActionAdmin(ReadOnlyAdmin):
    newest_by = "done_at"
    list_display = ("done_at", "actor_email", "what", "target", "count", "note")
    list_filter = (("done_at", admin.DateFieldListFilter),)
    search_fields = ("^actor_email", "=target_id", "=action")
    ordering = ("-done_at", "-id")

    @admin.display(description=_("did"), ordering="action")
    def what(self, action: AdminAction) -> str:
        return action.words

    @admin.display(description=_("to"))
    def target(self, action: AdminAction) -> str:
        """The kind of row in words, and which."""
        app_label, _, name = action.target_type.partition(".")
        try:
            kind = str(apps.get_model(app_label, name)._meta.verbose_name)
        except LookupError:
            kind = name
        return f"{kind} {action.target_id}".strip()


@admin.register(AccountEvent)
class AccountEventAdmin(ReadOnlyAdmin):
    newest_by = "happened_at"
    list_display = ("happened_at", "email", "kind", "account_sid", "ip_address")
    list_filter = ("kind", ("happened_at", admin.DateFieldListFilter))
    search_fields = ("email",)
    search_help_text = _("E-mail or page session.")
    ordering = ("-happened_at", "-id")

    def read_words(self, rows: QuerySet[Any], words: str) -> Iterator[QuerySet[Any]]:
        return read_person_or_email(rows, words)


@admin.register(PruneRun)
class PruneRunAdmin(ReadOnlyAdmin):
    list_display = ("started_at", "kind", "older_than", "rows", "finished_at")
    ordering = ("-started_at", "-id")
