"""Who changed what about being called, in the admin, with the numbers masked."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.admin.read_only import ReadOnlyAdmin
from accounts.admin.search import read_person_or_email
from accounts.masking import mask_phone_number
from phone.answering.changes import AnsweringChange


@admin.register(AnsweringChange)
class AnsweringChangeAdmin(ReadOnlyAdmin):
    newest_by = "changed_at"
    masked = ("phone_number",)
    export_as = {"phone_number": lambda change: mask_phone_number(change.phone_number)}
    list_display = ("changed_at", "email", "subject", "masked_number")
    list_filter = ("subject", ("changed_at", admin.DateFieldListFilter))
    search_fields = ("email",)
    search_help_text = _("E-mail.")
    ordering = ("-changed_at", "-id")
    fields = ("changed_at", "email", "subject", "masked_number", "before", "after")
    readonly_fields = ("masked_number",)

    @admin.display(description=_("Number"))
    def masked_number(self, change: AnsweringChange) -> str:
        return mask_phone_number(change.phone_number) if change.phone_number else ""

    def read_words(self, rows: QuerySet[Any], words: str) -> Iterator[QuerySet[Any]]:
        return read_person_or_email(rows, words)
