"""What people and strangers were not let do, in the admin: read-only."""

import ipaddress
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.admin.read_only import ReadOnlyAdmin
from accounts.admin.search import find_people
from accounts.audit.refusals import Refusal


@admin.register(Refusal)
class RefusalAdmin(ReadOnlyAdmin):
    newest_by = "refused_at"
    list_display = ("refused_at", "what", "about", "email", "ip_address", "count")
    list_filter = ("what", ("refused_at", admin.DateFieldListFilter))
    search_fields = ("email",)
    search_help_text = _("E-mail or IP address.")
    ordering = ("-refused_at", "-id")

    def read_words(self, rows: QuerySet[Any], words: str) -> Iterator[QuerySet[Any]]:
        if people := find_people(words):
            yield rows.filter(user__in=people)
        if is_address(words):
            yield rows.filter(ip_address=words)
        yield rows.filter(email=words.lower())


def is_address(words: str) -> bool:
    try:
        ipaddress.ip_address(words)
    except ValueError:
        return False
    return True
