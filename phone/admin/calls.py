"""Calls in the admin, with the numbers masked."""

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.db.models.functions import Right
from django.http import HttpRequest

from accounts.admin.search import SID, TAIL, find_people, read_sid_tail
from accounts.admin.unmasking import MaskedAdmin
from accounts.masking import mask_phone_number
from phone.models import Call

STATUSES = (
    "queued",
    "initiated",
    "ringing",
    "in-progress",
    "completed",
    "busy",
    "no-answer",
    "canceled",
    "failed",
)


class StatusFilter(admin.SimpleListFilter):
    """Twilio's CallStatus values by name: the table is not asked for those it holds."""

    title = parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [(status, status) for status in STATUSES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Call]) -> QuerySet[Call]:
        return queryset.filter(status=self.value()) if self.value() else queryset


@admin.register(Call)
class CallAdmin(MaskedAdmin):
    masked = ("from_address", "to_address")
    export_as = {"from_address": mask_phone_number, "to_address": mask_phone_number}
    newest_by = "started_at"
    list_display = (
        "started_at",
        "user",
        "direction",
        "masked_from",
        "masked_to",
        "status",
        "account",
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
        "status",
        "error_code",
        "started_at",
        "answered_at",
        "ended_at",
    )
    readonly_fields = ("masked_from", "masked_to")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Call], search_term: str
    ) -> tuple[QuerySet[Call], bool]:
        words = search_term.strip()
        if not words:
            return queryset, False
        if SID.fullmatch(words):
            return queryset.filter(call_sid=words), False
        meanings = Q(user__in=find_people(words)) | Q(from_address=words) | Q(to_address=words)
        if tail := read_sid_tail(words):
            queryset = queryset.alias(sid_tail=Right("call_sid", TAIL))
            meanings |= Q(sid_tail=tail[-TAIL:], call_sid__endswith=tail)
        return queryset.filter(meanings), False

    @admin.display(description="from")
    def masked_from(self, call: Call) -> str:
        return mask_phone_number(call.from_address)

    @admin.display(description="to")
    def masked_to(self, call: Call) -> str:
        return mask_phone_number(call.to_address)

    @admin.display(description="Call SID")
    def sid_tail(self, call: Call) -> str:
        return f"…{call.call_sid[-6:]}"
