"""Filters whose choices are known beforehand: a big table is never asked for its distinct values."""

from abc import ABC, abstractmethod
from datetime import timedelta
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, Q, QuerySet, TextChoices
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.failures.grouping import Group, GroupQuerySet
from accounts.failures.login_failures import LoginFailure
from accounts.verdicts.words import SLUGS, describe_verdict

# How many rows are looked at for the counts beside a filter's choices.
MOST_ROWS_COUNTED = 2000


def list_choices(choices: type[TextChoices]) -> list[tuple[str, str]]:
    return [(str(value), str(label)) for value, label in choices.choices]


class DefaultingFilter(admin.SimpleListFilter):
    """A filter that starts with what needs doing instead of with everything."""

    start = ""

    def value(self) -> str:
        return super().value() or self.start

    def choices(self, changelist: ChangeList) -> list[dict[str, object]]:  # type: ignore[override]
        return [
            {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string({str(self.parameter_name): value}),
                "display": title,
            }
            for value, title in self.lookup_choices
        ]


class CountedFilter(DefaultingFilter, ABC):
    """A filter with a count beside each choice, those that would find nothing folded away.

    Counted are the rows that the list's other filters and search leave, the newest two thousand of them.
    """

    template = "admin/counted_filter.html"
    start = "all"

    @abstractmethod
    def condition(self, value: str) -> Q:
        """What a row must be for the choice `value`; nothing for one that takes all."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(self.condition(self.value()))

    def choices(self, changelist: ChangeList) -> list[dict[str, object]]:  # type: ignore[override]
        counts, is_capped = self.count(changelist)
        choices = super().choices(changelist)
        for choice, (value, _title) in zip(choices, self.lookup_choices, strict=True):
            count = counts[value]
            choice["count"] = number_format(count, force_grouping=True) + ("+" if is_capped and count else "")
            choice["is_capped"] = is_capped
            choice["is_empty"] = not count and not choice["selected"] and value not in (self.start, "all")
        return choices

    def count(self, changelist: ChangeList) -> tuple[dict[str, int], bool]:
        """For each choice how many rows it would show, in one query; and whether there may be more."""
        rows = changelist.get_queryset(self.request, exclude_parameters=self.expected_parameters())
        newest = rows.select_related(None).values("pk")[:MOST_ROWS_COUNTED]
        counts = self.count_rows(rows.model._default_manager.filter(pk__in=newest).order_by())
        return counts, counts["all"] == MOST_ROWS_COUNTED

    def count_rows(self, rows: QuerySet[Any]) -> dict[str, int]:
        values = [value for value, _ in self.lookup_choices]
        found = rows.aggregate(
            **{f"c{number}": Count("pk", filter=self.condition(value)) for number, value in enumerate(values)}
        )
        return {value: found[f"c{number}"] for number, value in enumerate(values)}


class ColumnFilter(CountedFilter):
    """A counted filter whose choices are the values of one column, and all of them."""

    column = ""

    def condition(self, value: str) -> Q:
        return Q() if value == "all" else Q(**{self.column: value})

    def count_rows(self, rows: QuerySet[Any]) -> dict[str, int]:
        found = dict(rows.values_list(self.column).annotate(count=Count("pk")))
        return {
            **{value: found.get(value, 0) for value, _ in self.lookup_choices},
            "all": sum(found.values()),
        }


class ReviewedFilter(CountedFilter):
    title = _("review")
    parameter_name = "reviewed"
    start = "no"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("no", gettext("To review")), ("yes", gettext("Reviewed")), ("all", gettext("All"))]

    def condition(self, value: str) -> Q:
        match value:
            case "no":
                return Q(reviewed_at__isnull=True)
            case "yes":
                return Q(reviewed_at__isnull=False)
        return Q()


class ShownByFilter(ColumnFilter):
    title = _("where it showed")
    parameter_name = column = "shown_by"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("all", gettext("Anywhere")), *list_choices(LoginFailure.ShownBy)]


class GroupStateFilter(CountedFilter):
    title = _("state")
    parameter_name = "state"
    start = "unresolved"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("unresolved", gettext("Unresolved")), *list_choices(Group.State), ("all", gettext("All"))]

    def condition(self, value: str) -> Q:
        if value in Group.State.values:
            return Q(state=value)
        return Q() if value == "all" else Q(state__in=Group.UNRESOLVED)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in (*Group.State.values, "all"):
            # In the words of the index on what is unresolved.
            return cast(GroupQuerySet, queryset).unresolved()
        return super().queryset(request, queryset)


class AssignedFilter(CountedFilter):
    title = _("assigned")
    parameter_name = "assigned"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("all", gettext("Any")), ("me", gettext("To me")), ("nobody", gettext("To nobody"))]

    def condition(self, value: str) -> Q:
        match value:
            case "me":
                return Q(assigned_to=self.request.user.pk)
            case "nobody":
                return Q(assigned_to=None)
        return Q()


class SeenFilter(CountedFilter):
    title = _("last seen")
    parameter_name = "seen"
    spans = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [
            ("all", gettext("Any time")),
            ("hour", gettext("This hour")),
            ("day", gettext("24 hours")),
            ("week", gettext("7 days")),
        ]

    def condition(self, value: str) -> Q:
        span = self.spans.get(value)
        return Q(last_seen_at__gte=timezone.now() - span) if span else Q()


class VerdictFilter(ColumnFilter):
    title = _("verdict")
    parameter_name = column = "verdict"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("all", gettext("Any")), *((slug, describe_verdict(slug).title) for slug in SLUGS)]


class AccountTypeFilter(admin.SimpleListFilter):
    """Twilio's two: https://www.twilio.com/docs/iam/api/account#account-properties."""

    title = _("account type")
    parameter_name = "account_type"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("Full", gettext("Full")), ("Trial", gettext("Trial"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(account_type=self.value()) if self.value() else queryset
