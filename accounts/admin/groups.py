"""Failures grouped, in the admin, whatever it is that failed: what is open, and what was done about it."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.action_form import NoteForm, RequiredNoteForm, ask, bind_form
from accounts.admin.charts import draw_spark
from accounts.admin.group_list import GroupChangeList, read_opened
from accounts.admin.read_only import ReadOnlyAdmin
from accounts.audit.admin_actions import AdminAction, build_admin_action, record_admin_actions
from accounts.failures.grouping import Group, GroupQuerySet, get_spark_days
from accounts.moments import describe_ago
from accounts.people import User
from accounts.translated import Words

OCCURRENCES_SHOWN = 20
# What is said once it is done: to one failure, by what it is called, or to several.
DONE_TO_ONE = {
    "acknowledge": _("Acknowledged: {failure}"),
    "resolve": _("Resolved: {failure}"),
    "reopen": _("Reopened: {failure}"),
    "assign": _("Assigned: {failure}"),
    "add_note": _("Noted on: {failure}"),
}
DONE_TO_SEVERAL = {
    "acknowledge": _("Acknowledged: {count} failures."),
    "resolve": _("Resolved: {count} failures."),
    "reopen": _("Reopened: {count} failures."),
    "assign": _("Assigned: {count} failures."),
    "add_note": _("Noted on: {count} failures."),
}

# What can be done to a failure in each state; "e" resolves and "r" reopens, by a key.
POSSIBLE: dict[str, tuple[str, ...]] = {
    Group.State.OPEN: ("acknowledge", "resolve", "assign", "add_note"),
    Group.State.ACKNOWLEDGED: ("resolve", "reopen", "assign", "add_note"),
    Group.State.RESOLVED: ("reopen", "assign", "add_note"),
}


class AssignForm(NoteForm):
    assignee = forms.ModelChoiceField(
        User.objects.filter(is_staff=True, is_active=True).order_by("email"),
        label=_("Assignee"),
        required=False,
        empty_label=_("Nobody"),
    )
    field_order = ("assignee", "note")


@dataclass(frozen=True)
class Meaning:
    """What the failures of a group mean: a badge, the one thing to do, and why."""

    badge: str
    remedy: str
    explanation: str


@dataclass(frozen=True)
class Occurrence:
    """One failure of a group: when, the page that shows it ("" where one may not see it), and what it was."""

    at: datetime
    address: str
    words: str
    note: str = ""


class GroupAdmin(ReadOnlyAdmin):
    everything = "state=all"
    newest_by = "last_seen_at"
    preserve_filters = False
    change_list_template = "admin/group_list.html"
    change_form_template = "admin/group_form.html"
    list_display: tuple[str, ...] = ("failure", "state_badge", "times", "spark", "last_seen", "assignee")
    ordering = ("-last_seen_at", "-id")
    actions: tuple[str, ...] = ("acknowledge", "resolve", "reopen", "assign", "add_note")
    # What the list is called, and how its groups end by themselves.
    title: Words = _("Failures")
    ended_by_itself: Words = ""

    @abstractmethod
    def explain(self, group: Any) -> Meaning: ...

    @abstractmethod
    def list_facts(self, request: HttpRequest, group: Any) -> list[tuple[str, str]]:
        """What is told of a group beside how often and when: a name and what it is, each."""

    @abstractmethod
    def list_occurrences(self, request: HttpRequest, group: Any) -> list[Occurrence]:
        """The newest of the failures that a group counts, `OCCURRENCES_SHOWN` at most."""

    @abstractmethod
    def place(self, group: Any) -> str:
        """Whose it is and where, as the second line of a row."""

    def find_trail(self, request: HttpRequest, group: Any) -> str:
        """The address of the timeline around the newest failure; "" where there is none to see."""
        return ""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return GroupChangeList

    def prepare_rows(self, rows: Sequence[Group]) -> None:
        """Gives each group the counts of its last fourteen days."""
        days = get_spark_days(rows, timezone.now().date())
        for group in rows:
            group.spark_days = days[group.pk]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        key = read_opened(request)
        group = self.get_object(request, str(key)) if key and self.has_view_permission(request) else None
        extra = self.describe_group(request, group) if group else {}
        return super().changelist_view(request, {"title": self.title, **(extra_context or {}), **extra})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        group = self.get_object(request, object_id)
        is_seen = group is not None and self.has_view_permission(request, group)
        extra = {**self.describe_group(request, group), "title": group, "subtitle": None} if is_seen else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra})

    def describe_group(self, request: HttpRequest, group: Group) -> dict[str, Any]:
        """All that is told of one group, and what may be done to it by whoever asks."""
        permitted = {name for name, _ in self.list_row_actions(request)}
        return {
            "group": group,
            "meaning": self.explain(group),
            "spark": draw_spark(group.spark_days),
            "facts": self.list_facts(request, group),
            "resolution": self.resolution(group),
            "timeline": self.find_trail(request, group),
            "everything": self.everything,
            "list_address": f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist",
            "own_address": f"admin:{self.opts.app_label}_{self.opts.model_name}_change",
            "permitted": permitted & set(POSSIBLE[group.state]),
            "assign_form": AssignForm(initial={"assignee": group.assigned_to_id}, auto_id="assign-%s"),
            "occurrences": self.list_occurrences(request, group),
            "history": AdminAction.objects.filter(
                target_type=group._meta.label_lower, target_id=str(group.pk)
            )[:50],
        }

    @admin.display(description=_("failure"))
    def failure(self, group: Group) -> str:
        """What failed, and under it where: the row's link."""
        return format_html(
            '<span id="group-{}" class="group{}">{}<span class="group-who">{}</span></span>',
            group.pk,
            " is-opened" if group.is_opened else "",
            self.explain(group).badge,
            self.place(group),
        )

    @admin.display(description=_("state"), ordering="state")
    def state_badge(self, group: Group) -> str:
        return format_html('<span class="state state-{}">{}</span>', group.state, group.get_state_display())

    @admin.display(description=_("times"), ordering="count")
    def times(self, group: Group) -> str:
        if not group.reopened:
            return str(group.count)
        return gettext("{count}, back {times}×").format(count=group.count, times=group.reopened)

    @admin.display(description=_("last 14 days"))
    def spark(self, group: Group) -> str:
        return draw_spark(group.spark_days)

    @admin.display(description=_("last seen"), ordering="last_seen_at")
    def last_seen(self, group: Group) -> str:
        seen = group.last_seen_at
        moment = f"{date_format(seen, 'DATETIME_FORMAT')} UTC"
        ago = describe_ago(seen, depth=1)
        return format_html('<time datetime="{}" title="{}">{}</time>', seen.isoformat(), moment, ago)

    def resolution(self, group: Group) -> str:
        if group.state != Group.State.RESOLVED:
            return ""
        return group.resolved_by.email if group.resolved_by else str(self.ended_by_itself)

    @admin.display(description=_("assigned to"), ordering="assigned_to")
    def assignee(self, group: Group) -> str:
        return group.assigned_to.display_name if group.assigned_to else ""

    def has_deed_permission(self, request: HttpRequest, deed: str) -> bool:
        return bool(request.user.has_perm(f"{self.opts.app_label}.{deed}_{self.opts.model_name}"))

    def has_acknowledge_permission(self, request: HttpRequest) -> bool:
        return self.has_deed_permission(request, "acknowledge")

    def has_resolve_permission(self, request: HttpRequest) -> bool:
        return self.has_deed_permission(request, "resolve")

    def has_reopen_permission(self, request: HttpRequest) -> bool:
        return self.has_deed_permission(request, "reopen")

    def has_assign_permission(self, request: HttpRequest) -> bool:
        return self.has_deed_permission(request, "assign")

    def has_note_permission(self, request: HttpRequest) -> bool:
        return self.has_deed_permission(request, "note")

    @admin.action(description=_("Acknowledge…"), permissions=["acknowledge"])
    def acknowledge(self, request: HttpRequest, queryset: GroupQuerySet) -> HttpResponse | None:
        chosen = queryset.filter(state=Group.State.OPEN)
        return self.act(request, chosen, "acknowledge", NoteForm, lambda groups, _: groups.acknowledge())

    @admin.action(description=_("Resolve…"), permissions=["resolve"])
    def resolve(self, request: HttpRequest, queryset: GroupQuerySet) -> HttpResponse | None:
        chosen = queryset.unresolved()
        person: Any = request.user
        return self.act(request, chosen, "resolve", NoteForm, lambda groups, _: groups.resolve(person))

    @admin.action(description=_("Reopen…"), permissions=["reopen"])
    def reopen(self, request: HttpRequest, queryset: GroupQuerySet) -> HttpResponse | None:
        chosen = queryset.exclude(state=Group.State.OPEN)
        return self.act(request, chosen, "reopen", NoteForm, lambda groups, _: groups.reopen())

    @admin.action(description=_("Assign…"), permissions=["assign"])
    def assign(self, request: HttpRequest, queryset: GroupQuerySet) -> HttpResponse | None:
        return self.act(
            request, queryset, "assign", AssignForm, lambda groups, sent: groups.assign(sent["assignee"])
        )

    @admin.action(description=_("Add a note…"), permissions=["note"])
    def add_note(self, request: HttpRequest, queryset: GroupQuerySet) -> HttpResponse | None:
        return self.act(request, queryset, "add_note", RequiredNoteForm, lambda groups, _: groups.count())

    def act(
        self,
        request: HttpRequest,
        queryset: GroupQuerySet,
        action: str,
        form_class: type[NoteForm],
        change: Callable[[GroupQuerySet, dict[str, Any]], int],
    ) -> HttpResponse | None:
        """Asks, does it, and leaves one audit row for each group it reached."""
        form = bind_form(form_class, request)
        if not form.is_valid():
            return ask(self, request, queryset, action=action, form=form)
        sent = form.cleaned_data
        with transaction.atomic():
            groups = list(queryset.order_by("pk").select_related(None).select_for_update())
            chosen = self.model.objects.filter(pk__in=[group.pk for group in groups])
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


def say_done(action: str, groups: Sequence[Group], count: int) -> str:
    if len(groups) == 1 and count == 1:
        return DONE_TO_ONE[action].format(failure=groups[0])
    return DONE_TO_SEVERAL[action].format(count=count)


def describe_change(group: Group, sent: dict[str, Any]) -> dict[str, Any]:
    """What an audit row keeps of a group: as it was before, and whom it was given to."""
    detail: dict[str, Any] = {"group": group.identify(), "state_before": group.state}
    if "assignee" in sent:
        detail["assignee"] = sent["assignee"].email if sent["assignee"] else None
        detail["assignee_before"] = group.assigned_to_id
    return detail


def name_account(friendly_name: str, tail: str) -> str:
    """An account as it is told of a group: by its name, and the end of its SID."""
    return f"{friendly_name or gettext('Twilio account')} ({tail})"
