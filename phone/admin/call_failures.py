"""Failed calls grouped, in the admin: which account's calls fail, why, and whose it is to mend."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.filters import (
    AssignedFilter,
    ColumnFilter,
    CountedFilter,
    GroupStateFilter,
    SeenFilter,
)
from accounts.admin.groups import OCCURRENCES_SHOWN, GroupAdmin, Meaning, Occurrence, name_account
from accounts.admin.search import SID, filter_by_tail, read_sid_tail
from accounts.admin.trails import build_trail_address
from accounts.masking import mask_sid
from accounts.twilio.credentials import TwilioAccount
from phone.admin.cause_badge import show_cause
from phone.call_failures.blame import (
    TO_MEND,
    WHOSE,
    find_causes,
    get_remedy,
    get_side,
    list_causes_of,
    list_failures,
)
from phone.call_failures.groups import CallFailureGroup
from phone.calls.call import Call
from phone.causes.cause import build_cause
from phone.timeline.call_stories import describe_call, describe_call_end, get_call_names

TIMELINE = ("phone.view_deviceevent", "accounts.view_loginfailure")


class WhoseFilter(CountedFilter):
    """What somebody may have to mend is shown first; what people and the other side do is only counted."""

    title = _("whose it is")
    parameter_name = "whose"
    start = "mend"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        sides = [(side, str(words)) for side, words in WHOSE.items()]
        return [("mend", gettext("To mend")), *sides, ("all", gettext("All"))]

    def condition(self, value: str) -> Q:
        if value in WHOSE:
            return Q(cause__in=list_causes_of(value))
        return Q() if value == "all" else Q(cause__in=sorted(TO_MEND))


class GroupCauseFilter(ColumnFilter):
    title = _("cause")
    parameter_name = column = "cause"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("all", gettext("Any")), *list_failures()]


@admin.register(CallFailureGroup)
class CallFailureGroupAdmin(GroupAdmin):
    everything = "state=all&whose=all"
    title = _("Failed calls")
    ended_by_itself = _("itself: a later call got through")
    exclude = ("last_call", "alarms")
    list_filter = (GroupStateFilter, WhoseFilter, AssignedFilter, SeenFilter, GroupCauseFilter)
    list_select_related = ("account", "assigned_to")
    search_fields = ("cause",)
    search_help_text = _("The account's name, Account SID or its last characters, or a cause.")

    def read_words(self, rows: QuerySet[Any], words: str) -> Iterator[QuerySet[Any]]:
        return read_group(rows, words)

    @admin.display(description=_("failure"), ordering="cause")
    def failure(self, group: CallFailureGroup) -> str:  # type: ignore[override]
        return super().failure(group)

    def explain(self, group: CallFailureGroup) -> Meaning:
        cause = build_cause(group.cause)
        return Meaning(show_cause(group.cause), get_remedy(cause), cause.words)

    def place(self, group: CallFailureGroup) -> str:
        account = group.account
        return f"{account.friendly_name or gettext('Twilio account')} · {mask_sid(account.account_sid)}"

    def list_facts(self, request: HttpRequest, group: CallFailureGroup) -> list[tuple[str, str]]:
        account = group.account
        facts = [
            (gettext("Account"), name_account(account.friendly_name, mask_sid(account.account_sid))),
            (gettext("Whose it is"), str(WHOSE[get_side(group.cause)])),
        ]
        if request.user.has_perm("phone.view_call"):
            query = urlencode({"account": account.pk, "cause": group.cause})
            address = f"{reverse('admin:phone_call_changelist')}?{query}"
            link = format_html('<a href="{}">{}</a>', address, gettext("All of these calls"))
            facts.append((gettext("Calls"), link))
        return facts

    def list_occurrences(self, request: HttpRequest, group: CallFailureGroup) -> list[Occurrence]:
        may_look = request.user.has_perm("phone.view_call")
        failures = group.failures.select_related("call__user").prefetch_related("call__legs")
        newest = list(failures[:OCCURRENCES_SHOWN])
        names = get_call_names(failure.call for failure in newest)
        return [
            Occurrence(
                failure.failed_at,
                reverse("admin:phone_call_change", args=[failure.call_id]) if may_look else "",
                describe_occurrence(failure.call, describe_call(failure.call, names)),
                describe_call_end(failure.call),
            )
            for failure in newest
        ]

    def find_trail(self, request: HttpRequest, group: CallFailureGroup) -> str:
        call = group.last_call
        if call is None or call.user_id is None or not request.user.has_perms(TIMELINE):
            return ""
        return build_trail_address(page_session=None, user_id=call.user_id, email="", at=call.started_at)


def describe_occurrence(call: Call, title: str) -> str:
    if call.user is None:
        return title
    return gettext("{call}, of {email}").format(call=title, email=call.user.email)


def read_group(groups: QuerySet[Any], words: str) -> Iterator[QuerySet[Any]]:
    """As an account, by its SID, its name or its end; as a cause."""
    accounts = TwilioAccount.objects.all()
    if SID.fullmatch(words):
        yield groups.filter(account__in=accounts.filter(account_sid=words))
    if causes := find_causes(words):
        yield groups.filter(cause__in=causes)
    yield groups.filter(account__in=accounts.filter(friendly_name__icontains=words))
    if tail := read_sid_tail(words):
        yield groups.filter(account__in=filter_by_tail(accounts, "account_sid", tail))
