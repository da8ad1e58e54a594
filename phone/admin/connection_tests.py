"""What people's tests of their connection came to, and their echo tests, in the admin."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.html import format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.read_only import ReadOnlyAdmin
from accounts.admin.search import read_person_or_email
from phone.connection_tests.connection_test import ConnectionTest
from phone.connection_tests.results import name_result
from phone.echo_tests.echo_test import EchoTest


class HowItWent(admin.SimpleListFilter):
    title = _("how it went")
    parameter_name = "went"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [("bad", gettext("Something was bad")), ("not-bad", gettext("Nothing was bad"))]

    def queryset(self, request: Any, queryset: QuerySet[ConnectionTest]) -> QuerySet[ConnectionTest]:
        match self.value():
            case "bad":
                return queryset.filter(bad__gt=0)
            case "not-bad":
                return queryset.filter(bad=0)
        return queryset


@admin.register(ConnectionTest)
class ConnectionTestAdmin(ReadOnlyAdmin):
    exclude = ("identity", "lines", "bad", "test_id")
    readonly_fields = ("sum", "all_lines")
    newest_by = "received_at"
    list_display = ("received_at", "email", "sum", "is_in_call", "page_session")
    list_filter = (HowItWent, ("received_at", admin.DateFieldListFilter))
    search_fields = ("email",)
    search_help_text = _("E-mail or page session.")
    ordering = ("-received_at", "-id")

    def read_words(self, rows: QuerySet[Any], words: str) -> Iterator[QuerySet[Any]]:
        return read_person_or_email(rows, words)

    @admin.display(description=_("What it came to"))
    def sum(self, test: ConnectionTest) -> str:
        return test.sum

    @admin.display(description=_("Line by line"))
    def all_lines(self, test: ConnectionTest) -> str:
        lines = ((name, name_result(result), words) for name, result, words in test.describe_lines())
        return format_html_join("\n", "<p><b>{}: {}.</b> {}</p>", lines)


@admin.register(EchoTest)
class EchoTestAdmin(ReadOnlyAdmin):
    fields = ("begun_at", "ended_at", "result", "user", "account", "is_given_up")
    # Nor does the export say by which SIDs Twilio has it, and how far it got.
    exclude = (
        *("call_sid", "recording_sid", "seconds"),
        *("is_recorded", "is_fetched", "is_cleared", "asked_at"),
    )
    newest_by = "begun_at"
    list_display = ("begun_at", "user", "result", "ended_at", "is_given_up")
    list_filter = ("result", "is_given_up", ("begun_at", admin.DateFieldListFilter))
    list_select_related = ("user",)
    ordering = ("-begun_at", "-id")
