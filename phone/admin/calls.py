"""Calls in the admin, with the numbers masked."""

from collections.abc import Iterator, Sequence

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from accounts.admin.search import SID, filter_by_tail, find_people, read_sid_tail
from accounts.admin.unmasking import MaskedAdmin
from accounts.masking import mask_sid
from phone.calls.call import Call
from phone.calls.parties import get_names, name_party, put_names

STATUSES = {
    "queued": "Queued",
    "initiated": "Being placed",
    "ringing": "Ringing",
    "in-progress": "Talking",
    "completed": "Completed",
    "busy": "Busy",
    "no-answer": "Not answered",
    "canceled": "Given up",
    "failed": "Failed",
}


class StatusFilter(admin.SimpleListFilter):
    """Twilio's CallStatus values by name: the table is not asked for those it holds."""

    title = parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return list(STATUSES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Call]) -> QuerySet[Call]:
        return queryset.filter(status=self.value()) if self.value() else queryset


@admin.register(Call)
class CallAdmin(MaskedAdmin):
    masked = ("from_address", "to_address")
    export_as = {"from_address": lambda call: call.shown_from, "to_address": lambda call: call.shown_to}
    newest_by = "started_at"
    list_display = (
        "started_at",
        "user",
        "direction",
        "masked_from",
        "masked_to",
        "status_words",
        "account_tail",
        "sid_tail",
    )
    list_filter = ("direction", StatusFilter, ("started_at", admin.DateFieldListFilter))
    list_select_related = ("user", "account")
    search_fields = ("call_sid",)
    search_help_text = "Call SID or its last characters, e-mail, or a whole number in E.164."
    ordering = ("-started_at", "-id")
    fields = (
        "call_sid",
        "account",
        "user",
        "direction",
        "masked_from",
        "masked_to",
        "status_words",
        "ending",
        "error_code",
        "started_at",
        "answered_at",
        "ended_at",
    )
    readonly_fields = ("masked_from", "masked_to", "status_words")

    def prepare_rows(self, rows: Sequence[Call]) -> None:
        """Gives each call the names, or masked numbers, of its two ends."""
        names = get_names(address for call in rows for address in (call.from_address, call.to_address))
        for call in rows:
            call.shown_from = name_party(call.from_address, names)
            call.shown_to = name_party(call.to_address, names)

    def show_in_full(self, row: Call, name: str) -> str:
        address = str(getattr(row, name))
        return put_names(address, get_names([address]))

    def read_words(self, rows: QuerySet[Call], words: str) -> Iterator[QuerySet[Call]]:
        return read_call(rows, words)

    @admin.display(description="from")
    def masked_from(self, call: Call) -> str:
        return call.shown_from

    @admin.display(description="to")
    def masked_to(self, call: Call) -> str:
        return call.shown_to

    @admin.display(description="status", ordering="status")
    def status_words(self, call: Call) -> str:
        return STATUSES.get(call.status, call.status)

    @admin.display(description="account", ordering="account")
    def account_tail(self, call: Call) -> str:
        return call.account.friendly_name or mask_sid(call.account.account_sid)

    @admin.display(description="Call SID")
    def sid_tail(self, call: Call) -> str:
        return f"…{call.call_sid[-6:]}"


def read_call(calls: QuerySet[Call], words: str) -> Iterator[QuerySet[Call]]:
    """As a Call SID, a person, a whole number, the end of a Call SID."""
    if SID.fullmatch(words):
        yield calls.filter(call_sid=words)
    if people := find_people(words):
        yield calls.filter(user__in=people)
    yield calls.filter(Q(from_address=words) | Q(to_address=words))
    if tail := read_sid_tail(words):
        yield filter_by_tail(calls, "call_sid", tail)
