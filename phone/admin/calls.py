"""Calls in the admin, with the numbers masked: why each ended, and what became of each party."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.admin.search import SID, filter_by_tail, find_people, read_sid_tail
from accounts.admin.unmasking import MaskedAdmin
from accounts.masking import mask_phone_number, mask_sid, mask_text
from phone.admin.cause_badge import show_cause
from phone.calls.attestation import describe_attestation
from phone.calls.call import Call
from phone.calls.conferences import Conference
from phone.calls.legs import CallLeg
from phone.calls.parties import get_names, name_caller, name_party, put_names
from phone.calls.statuses import STATUSES, name_status, title_status
from phone.causes.cause import list_titles
from phone.causes.describing import describe_cause
from phone.timeline.call_stories import describe_leg, name_leg


class StatusFilter(admin.SimpleListFilter):
    """Twilio's CallStatus values by name: the table is not asked for those it holds."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [(status, str(words.title)) for status, words in STATUSES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Call]) -> QuerySet[Call]:
        return queryset.filter(status=self.value()) if self.value() else queryset


class CauseFilter(admin.SimpleListFilter):
    """The causes that are known, by name: an index has the calls of each, the newest first."""

    title = _("cause")
    parameter_name = "cause"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [(slug, str(title)) for slug, title in list_titles().items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Call]) -> QuerySet[Call]:
        return queryset.filter(cause=self.value()) if self.value() else queryset


@admin.register(Call)
class CallAdmin(MaskedAdmin):
    change_form_template = "admin/call_form.html"
    masked = ("from_address", "to_address", "caller_id", "ending", "cause_facts")
    export_as = {
        "from_address": lambda call: call.shown_from,
        "to_address": lambda call: call.shown_to,
        "caller_id": lambda call: mask_phone_number(call.caller_id),
        "ending": lambda call: mask_text(call.ending),
        "cause_facts": lambda call: mask_facts(call.cause_facts),
    }
    newest_by = "started_at"
    list_display = (
        "started_at",
        "user",
        "direction",
        "masked_from",
        "masked_to",
        "status_words",
        "cause_words",
        "account_tail",
        "sid_tail",
    )
    list_filter = ("direction", StatusFilter, CauseFilter, ("started_at", admin.DateFieldListFilter))
    list_select_related = ("user", "account", "conference")
    search_fields = ("call_sid",)
    search_help_text = _("Call SID or its last characters, e-mail, or a whole number in E.164.")
    ordering = ("-started_at", "-id")
    fields = (
        "call_sid",
        "account",
        "user",
        "direction",
        "masked_from",
        "masked_to",
        "attestation",
        "stir_verstat",
        "status_words",
        "why",
        "masked_facts",
        "masked_ending",
        "error_code",
        "room",
        "started_at",
        "answered_at",
        "ended_at",
        "asked_at",
    )
    readonly_fields = (
        *("masked_from", "masked_to", "attestation", "status_words"),
        *("why", "masked_facts", "masked_ending", "room"),
    )

    def prepare_rows(self, rows: Sequence[Call]) -> None:
        """Gives each call the names, or masked numbers, of its two ends."""
        names = get_names(address for call in rows for address in (call.from_address, call.to_address))
        for call in rows:
            call.shown_from = name_caller(call.from_address, names)
            call.shown_to = name_party(call.to_address, names)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        call = self.get_object(request, object_id)
        parties = list_parties(call) if call and self.has_view_permission(request, call) else []
        context = {"parties": parties, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def show_in_full(self, row: Call, name: str) -> str:
        if name == "cause_facts":
            return json.dumps(row.cause_facts, ensure_ascii=False) if row.cause_facts else ""
        address = str(getattr(row, name))
        return put_names(address, get_names([address]))

    def list_in_full(self, row: Call) -> list[tuple[str, str]]:
        """The call's own ends, and every party's."""
        legs = list(row.legs.all())
        names = get_names(leg.address for leg in legs)
        parties = [(str(leg.get_role_display()), put_names(leg.address, names)) for leg in legs]
        return [*super().list_in_full(row), *parties]

    def read_words(self, rows: QuerySet[Call], words: str) -> Iterator[QuerySet[Call]]:
        return read_call(rows, words)

    @admin.display(description=_("from"))
    def masked_from(self, call: Call) -> str:
        return call.shown_from

    @admin.display(description=pgettext_lazy("call", "to"))
    def masked_to(self, call: Call) -> str:
        return call.shown_to

    @admin.display(description=_("status"), ordering="status")
    def status_words(self, call: Call) -> str:
        return title_status(call.status)

    @admin.display(description=_("cause"), ordering="cause")
    def cause_words(self, call: Call) -> str:
        return show_cause(call.cause, is_incoming=call.direction == "incoming") if call.cause else ""

    @admin.display(description=_("why it ended"))
    def why(self, call: Call) -> str:
        """The cause, and under it the same closer, as its person was told, without anybody's number."""
        if not call.cause:
            return ""
        shown = show_cause(call.cause, is_incoming=call.direction == "incoming")
        return format_html("{}<br>{}", shown, mask_text(describe_cause(call).words))

    @admin.display(description=_("told from"))
    def masked_facts(self, call: Call) -> str:
        facts = mask_facts(call.cause_facts)
        return format_html("<code>{}</code>", facts) if facts else ""

    @admin.display(description=_("ending"))
    def masked_ending(self, call: Call) -> str:
        return mask_text(call.ending)

    @admin.display(description=_("conference"))
    def room(self, call: Call) -> str:
        return describe_conference(call.conference) if call.conference else ""

    @admin.display(description=_("account"), ordering="account")
    def account_tail(self, call: Call) -> str:
        return call.account.friendly_name or mask_sid(call.account.account_sid)

    @admin.display(description=_("caller"))
    def attestation(self, call: Call) -> str:
        return describe_attestation(call.stir_verstat) or "-"

    @admin.display(description="Call SID")
    def sid_tail(self, call: Call) -> str:
        return f"…{call.call_sid[-6:]}"


@dataclass(frozen=True)
class Party:
    """One leg of a call, as its page shows it."""

    leg: CallLeg
    who: str
    role: str
    status: str
    became: str


def list_parties(call: Call) -> list[Party]:
    """Every leg of a call, in the order in which they were asked."""
    legs = list(call.legs.select_related("user", "conference"))
    names = get_names(leg.address for leg in legs)
    return [
        Party(leg, name_leg(leg, names), leg.role_words, name_status(leg.status), describe_leg(leg))
        for leg in legs
    ]


def mask_facts(facts: dict[str, Any]) -> str:
    """What a cause was told from, as it is kept, without numbers, secrets and whole SIDs."""
    return mask_text(json.dumps(facts, ensure_ascii=False)) if facts else ""


def describe_conference(conference: Conference) -> str:
    """`dnb-1f… (CF…1a2b), 10:01:05 to 10:04:10`."""
    sid = f" (CF{mask_sid(conference.conference_sid)})" if conference.conference_sid else ""
    began = conference.started_at or conference.created_at
    until = f"{conference.ended_at:%H:%M:%S}" if conference.ended_at else gettext("now")
    words = gettext("{name}, {began} to {until} UTC")
    return words.format(name=f"{conference.name}{sid}", began=f"{began:%H:%M:%S}", until=until)


def read_call(calls: QuerySet[Call], words: str) -> Iterator[QuerySet[Call]]:
    """As a Call SID, a person, a whole number, the end of a Call SID."""
    if SID.fullmatch(words):
        yield calls.filter(call_sid=words)
    if people := find_people(words):
        yield calls.filter(user__in=people)
    yield calls.filter(Q(from_address=words) | Q(to_address=words))
    if tail := read_sid_tail(words):
        yield filter_by_tail(calls, "call_sid", tail)
