"""Login failures grouped, in the admin: whose login fails, how, and since when."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.filters import AssignedFilter, GroupStateFilter, SeenFilter, VerdictFilter
from accounts.admin.groups import OCCURRENCES_SHOWN, GroupAdmin, Meaning, Occurrence, name_account
from accounts.admin.search import search_failure_groups
from accounts.admin.trails import build_trail_address
from accounts.admin.verdict_badge import show_verdict
from accounts.failures.groups import FailureGroup
from accounts.failures.login_failures import LoginFailure
from accounts.masking import mask_sid
from accounts.twilio.credentials import TwilioAccount
from accounts.verdicts.words import describe_verdict

TIMELINE = ("phone.view_deviceevent", "accounts.view_loginfailure")


@admin.register(FailureGroup)
class FailureGroupAdmin(GroupAdmin):
    list_filter = (GroupStateFilter, AssignedFilter, SeenFilter, VerdictFilter)
    list_select_related = ("user", "assigned_to")
    search_fields = ("email",)
    search_help_text = _("E-mail, Account SID or its last characters, Twilio code, or verdict.")
    ended_by_itself = _("itself: the Device became ready")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[FailureGroup], search_term: str
    ) -> tuple[QuerySet[FailureGroup], bool]:
        words = search_term.strip()
        return (search_failure_groups(queryset, words) if words else queryset), False

    @admin.display(description=_("failure"), ordering="verdict")
    def failure(self, group: FailureGroup) -> str:  # type: ignore[override]
        return super().failure(group)

    def explain(self, group: FailureGroup) -> Meaning:
        verdict = describe_verdict(group.verdict)
        return Meaning(show_verdict(group.verdict), verdict.remedy, verdict.explanation)

    def place(self, group: FailureGroup) -> str:
        account = f" · {mask_sid(group.account_sid)}" if group.account_sid else ""
        return f"{self.who(group)}{account}"

    def who(self, group: FailureGroup) -> str:
        return group.user.email if group.user else group.email or gettext("unknown")

    def list_facts(self, request: HttpRequest, group: FailureGroup) -> list[tuple[str, str]]:
        facts = [(gettext("Who"), self.link_person(request, group))]
        if group.account_sid:
            account = TwilioAccount.objects.filter(account_sid=group.account_sid).first()
            name = account.friendly_name if account else ""
            facts.append((gettext("Account"), name_account(name, mask_sid(group.account_sid))))
        said = [str(number) for number in (group.twilio_status, group.twilio_code) if number]
        return [*facts, (gettext("Twilio said"), " / ".join(said))] if said else facts

    def link_person(self, request: HttpRequest, group: FailureGroup) -> str:
        if not group.user_id or not request.user.has_perm("accounts.view_user"):
            return self.who(group)
        address = reverse("admin:accounts_user_change", args=[group.user_id])
        return format_html('<a href="{}">{}</a>', address, self.who(group))

    def list_occurrences(self, request: HttpRequest, group: FailureGroup) -> list[Occurrence]:
        may_look = request.user.has_perm("accounts.view_loginfailure")
        return [
            Occurrence(
                failure.failed_at,
                reverse("admin:accounts_loginfailure_change", args=[failure.pk]) if may_look else "",
                describe_occurrence(failure),
                failure.twilio_message,
            )
            for failure in find_occurrences(group)[:OCCURRENCES_SHOWN]
        ]

    def find_trail(self, request: HttpRequest, group: FailureGroup) -> str:
        if not request.user.has_perms(TIMELINE):
            return ""
        return build_trail_address(
            page_session=group.last_page_session,
            user_id=group.user_id,
            email=group.email,
            at=group.last_seen_at,
        )


def describe_occurrence(failure: LoginFailure) -> str:
    where = str(failure.get_shown_by_display())
    if not failure.ip_address:
        return where
    return gettext("{where} from {address}").format(where=where, address=failure.ip_address)


def find_occurrences(group: FailureGroup) -> "QuerySet[Any]":
    """The failures that a group counts, newest first."""
    failures = LoginFailure.objects.filter(verdict=group.verdict, account_sid=group.account_sid)
    if group.user_id:
        return failures.filter(user=group.user_id)
    return failures.filter(user=None, email__iexact=group.email)
