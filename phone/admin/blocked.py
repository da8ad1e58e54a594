"""Who has blocked whom, in the admin, with the numbers masked."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.read_only import ReadOnlyAdmin
from accounts.admin.search import find_people
from phone.calls.parties import name_caller
from phone.contacts.blocked_callers import BlockedCaller


@admin.register(BlockedCaller)
class BlockedCallerAdmin(ReadOnlyAdmin):
    newest_by = "blocked_at"
    masked = ("caller",)
    export_as = {"caller": lambda row: name_caller(row.caller, {})}
    list_display = ("blocked_at", "masked_caller", "whom", "blocked_by", "unblocked_at", "unblocked_by")
    list_filter = (("blocked_at", admin.DateFieldListFilter), ("unblocked_at", admin.EmptyFieldListFilter))
    list_select_related = ("person", "blocked_by", "unblocked_by")
    search_fields = ("blocked_by__email",)
    search_help_text = _("E-mail of whoever has blocked, or unblocked.")
    ordering = ("-blocked_at", "-id")
    fields = ("account", "masked_caller", "whom", "blocked_at", "blocked_by", "unblocked_at", "unblocked_by")
    readonly_fields = ("masked_caller", "whom")

    def read_words(self, rows: QuerySet[Any], words: str) -> Iterator[QuerySet[Any]]:
        if people := find_people(words):
            yield rows.filter(blocked_by__in=people)
            yield rows.filter(unblocked_by__in=people)

    @admin.display(description=_("Caller"))
    def masked_caller(self, row: BlockedCaller) -> str:
        return name_caller(row.caller, {})

    @admin.display(description=_("For"))
    def whom(self, row: BlockedCaller) -> str:
        return gettext("everybody") if row.is_for_all else str(row.person)
