"""Pages that stopped answering while their Device was registered, in the admin."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.admin.read_only import ReadOnlyAdmin
from accounts.admin.search import read_person_or_email
from phone.device.silences import DeviceSilence


@admin.register(DeviceSilence)
class DeviceSilenceAdmin(ReadOnlyAdmin):
    exclude = ("identity",)
    newest_by = "began_at"
    list_display = ("began_at", "email", "noticed_at", "ended_at", "page_session")
    list_filter = (("began_at", admin.DateFieldListFilter),)
    search_fields = ("email",)
    search_help_text = _("E-mail or page session.")
    ordering = ("-began_at", "-id")

    def read_words(self, rows: QuerySet[Any], words: str) -> Iterator[QuerySet[Any]]:
        return read_person_or_email(rows, words)
