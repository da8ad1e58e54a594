"""Failures grouped, in the admin: what is open, whose it is, and what was done about it."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timesince import timesince

from accounts.admin.action_form import NoteForm, RequiredNoteForm, ask, bind_form
from accounts.admin.charts import draw_spark
from accounts.admin.filters import AssignedFilter, GroupStateFilter, SeenFilter, VerdictFilter
from accounts.admin.group_list import GroupChangeList, read_opened
from accounts.admin.read_only import ReadOnlyAdmin
from accounts.admin.search import search_failure_groups
from accounts.admin.trails import build_trail_address
from accounts.admin.verdict_badge import show_verdict
from accounts.audit.admin_actions import AdminAction, build_admin_action, record_admin_actions
from accounts.failures.groups import FailureGroup, FailureGroupQuerySet, get_spark_days
from accounts.failures.login_failures import LoginFailure
from accounts.masking import mask_sid
from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from accounts.verdicts.words import describe_verdict

OCCURRENCES_SHOWN = 20
DONE = {
    "acknowledge": "Acknowledged",
    "resolve": "Resolved",
    "reopen": "Reopened",
    "assign": "Assigned",
    "add_note": "Noted on",
}


# What can be done to a failure in each state; "e" resolves and "r" reopens, by a key.
POSSIBLE: dict[str, tuple[str, ...]] = {
    FailureGroup.State.OPEN: ("acknowledge", "resolve", "assign", "add_note"),
    FailureGroup.State.ACKNOWLEDGED: ("resolve", "reopen", "assign", "add_note"),
    FailureGroup.State.RESOLVED: ("reopen", "assign", "add_note"),
}


class AssignForm(NoteForm):
    assignee = forms.ModelChoiceField(
        User.objects.filter(is_staff=True, is_active=True).order_by("email"),
        required=False,
        empty_label="Nobody",
    )
    field_order = ("assignee", "note")


@admin.register(FailureGroup)
class FailureGroupAdmin(ReadOnlyAdmin):
    everything = "state=all"
    newest_by = "last_seen_at"
    preserve_filters = False
    change_list_template = "admin/accounts/failuregroup/change_list.html"
    change_form_template = "admin/accounts/failuregroup/change_form.html"
    list_display = ("failure", "state_badge", "times", "spark", "last_seen", "assignee")
    list_filter = (GroupStateFilter, AssignedFilter, SeenFilter, VerdictFilter)
    list_select_related = ("user", "assigned_to")
    search_fields = ("email",)
    search_help_text = "E-mail, Account SID or its last characters, Twilio code, or verdict."
    ordering = ("-last_seen_at", "-id")
    actions = ("acknowledge", "resolve", "reopen", "assign", "add_note")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return GroupChangeList

    def prepare_rows(self, rows: Sequence[FailureGroup]) -> None:
        """Gives each group the counts of its last fourteen days."""
        days = get_spark_days(rows, timezone.now().date())
        for group in rows:
            group.spark_days = days[group.pk]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        key = read_opened(request)
        group = self.get_object(request, str(key)) if key and self.has_view_permission(request) else None
        extra = self.describe_group(request, group) if group else {}
        return super().changelist_view(request, {"title": "Failures", **(extra_context or {}), **extra})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        group = self.get_object(request, object_id)
        is_seen = group is not None and self.has_view_permission(request, group)
        extra = {**self.describe_group(request, group), "title": group, "subtitle": None} if is_seen else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra})

    def describe_group(self, request: HttpRequest, group: FailureGroup) -> dict[str, Any]:
        """All that is told of one group, and what may be done to it by whoever asks."""
        permitted = {name for name, _ in self.list_row_actions(request)}
        account = TwilioAccount.objects.filter(account_sid=group.account_sid).first()
        return {
            "group": group,
            "verdict": describe_verdict(group.verdict),
            "spark": draw_spark(group.spark_days),
            "who": self.who(group),
            "account": (account.friendly_name if account else "") or "Twilio account",
            "account_tail": mask_sid(group.account_sid),
            "resolution": self.resolution(group),
            "timeline": self.timeline_address(group),
            "permitted": permitted & set(POSSIBLE[group.state]),
            "assign_form": AssignForm(initial={"assignee": group.assigned_to_id}, auto_id="assign-%s"),
            "occurrences": find_occurrences(group)[:OCCURRENCES_SHOWN],
            "history": AdminAction.objects.filter(
                target_type=group._meta.label_lower, target_id=str(group.pk)
            )[:50],
        }

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[FailureGroup], search_term: str
    ) -> tuple[QuerySet[FailureGroup], bool]:
        words = search_term.strip()
        return (search_failure_groups(queryset, words) if words else queryset), False

    @admin.display(description="failure", ordering="verdict")
    def failure(self, group: FailureGroup) -> str:
        """What failed, and under it for whom: the row's link."""
        account = f" · {mask_sid(group.account_sid)}" if group.account_sid else ""
        return format_html(
            '<span id="group-{}" class="group{}">{}<span class="group-who">{}{}</span></span>',
            group.pk,
            " is-opened" if group.is_opened else "",
            show_verdict(group.verdict),
            self.who(group),
            account,
        )

    @admin.display(description="state", ordering="state")
    def state_badge(self, group: FailureGroup) -> str:
        return format_html('<span class="state state-{}">{}</span>', group.state, group.get_state_display())

    def who(self, group: FailureGroup) -> str:
        return group.user.email if group.user else group.email or "unknown"

    @admin.display(description="times", ordering="count")
    def times(self, group: FailureGroup) -> str:
        return f"{group.count}, back {group.reopened}×" if group.reopened else str(group.count)

    @admin.display(description="last 14 days")
    def spark(self, group: FailureGroup) -> str:
        return draw_spark(group.spark_days)

    @admin.display(description="last seen", ordering="last_seen_at")
    def last_seen(self, group: FailureGroup) -> str:
        seen = group.last_seen_at
        ago = timesince(seen, depth=1)
        return format_html(
            '<time datetime="{}" title="{}">{} ago</time>', seen.isoformat(), f"{seen:%c} UTC", ago
        )

    def resolution(self, group: FailureGroup) -> str:
        if group.state != FailureGroup.State.RESOLVED:
            return ""
        return group.resolved_by.email if group.resolved_by else "itself: the Device became ready"

    @admin.display(description="assigned to", ordering="assigned_to")
    def assignee(self, group: FailureGroup) -> str:
        return group.assigned_to.display_name if group.assigned_to else ""

    def timeline_address(self, group: FailureGroup) -> str:
        return build_trail_address(
            page_session=group.last_page_session,
            user_id=group.user_id,
            email=group.email,
            at=group.last_seen_at,
        )

    def has_acknowledge_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("accounts.acknowledge_failuregroup"))

    def has_resolve_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("accounts.resolve_failuregroup"))

    def has_reopen_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("accounts.reopen_failuregroup"))

    def has_assign_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("accounts.assign_failuregroup"))

    def has_note_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("accounts.note_failuregroup"))

    @admin.action(description="Acknowledge…", permissions=["acknowledge"])
    def acknowledge(self, request: HttpRequest, queryset: FailureGroupQuerySet) -> HttpResponse | None:
        chosen = queryset.filter(state=FailureGroup.State.OPEN)
        return self.act(request, chosen, "acknowledge", NoteForm, lambda groups, _: groups.acknowledge())

    @admin.action(description="Resolve…", permissions=["resolve"])
    def resolve(self, request: HttpRequest, queryset: FailureGroupQuerySet) -> HttpResponse | None:
        chosen = queryset.unresolved()
        person: Any = request.user
        return self.act(request, chosen, "resolve", NoteForm, lambda groups, _: groups.resolve(person))

    @admin.action(description="Reopen…", permissions=["reopen"])
    def reopen(self, request: HttpRequest, queryset: FailureGroupQuerySet) -> HttpResponse | None:
        chosen = queryset.exclude(state=FailureGroup.State.OPEN)
        return self.act(request, chosen, "reopen", NoteForm, lambda groups, _: groups.reopen())

    @admin.action(description="Assign…", permissions=["assign"])
    def assign(self, request: HttpRequest, queryset: FailureGroupQuerySet) -> HttpResponse | None:
        return self.act(
            request, queryset, "assign", AssignForm, lambda groups, sent: groups.assign(sent["assignee"])
        )

    @admin.action(description="Add a note…", permissions=["note"])
    def add_note(self, request: HttpRequest, queryset: FailureGroupQuerySet) -> HttpResponse | None:
        return self.act(request, queryset, "add_note", RequiredNoteForm, lambda groups, _: groups.count())

    def act(
        self,
        request: HttpRequest,
        queryset: FailureGroupQuerySet,
        action: str,
        form_class: type[NoteForm],
        change: Callable[[FailureGroupQuerySet, dict[str, Any]], int],
    ) -> HttpResponse | None:
        """Asks, does it, and leaves one audit row for each group it reached."""
        form = bind_form(form_class, request)
        if not form.is_valid():
            return ask(self, request, queryset, action=action, form=form)
        sent = form.cleaned_data
        with transaction.atomic():
            groups = list(queryset.order_by("pk").select_related(None).select_for_update())
            chosen = FailureGroup.objects.filter(pk__in=[group.pk for group in groups])
            count = change(chosen, sent)
            record_admin_actions(
                build_admin_action(
                    request,
                    action=action,
                    target=group,
                    note=sent["note"],
                    detail=describe_change(group, sent),
                )
                for group in groups
            )
        self.message_user(request, say_done(action, groups, count), messages.SUCCESS)
        return None


def say_done(action: str, groups: Sequence[FailureGroup], count: int) -> str:
    if len(groups) == 1 and count == 1:
        return f"{DONE[action]}: {groups[0]}"
    return f"{DONE[action]}: {count} failures."


def describe_change(group: FailureGroup, sent: dict[str, Any]) -> dict[str, Any]:
    """What an audit row keeps of a group: as it was before, and whom it was given to."""
    detail: dict[str, Any] = {"group": str(group), "state_before": group.state}
    if "assignee" in sent:
        detail["assignee"] = sent["assignee"].email if sent["assignee"] else None
        detail["assignee_before"] = group.assigned_to_id
    return detail


def find_occurrences(group: FailureGroup) -> QuerySet[LoginFailure]:
    """The failures that a group counts, newest first."""
    failures = LoginFailure.objects.filter(verdict=group.verdict, account_sid=group.account_sid)
    if group.user_id:
        return failures.filter(user=group.user_id)
    return failures.filter(user=None, email__iexact=group.email)
