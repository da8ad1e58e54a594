"""Filters whose choices are known beforehand: a big table is never asked for its distinct values."""

from typing import cast

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.failures.groups import FailureGroup, FailureGroupQuerySet
from accounts.failures.login_failures import LoginFailure
from accounts.verdicts.words import SLUGS, describe_verdict


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


class ReviewedFilter(DefaultingFilter):
    title = "review"
    parameter_name = "reviewed"
    start = "no"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("no", "To review"), ("yes", "Reviewed"), ("all", "All")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[LoginFailure]) -> QuerySet[LoginFailure]:
        match self.value():
            case "no":
                return queryset.filter(reviewed_at__isnull=True)
            case "yes":
                return queryset.filter(reviewed_at__isnull=False)
        return queryset


class GroupStateFilter(DefaultingFilter):
    title = "state"
    parameter_name = "state"
    start = "unresolved"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("unresolved", "Unresolved"), *FailureGroup.State.choices, ("all", "All")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[FailureGroup]) -> QuerySet[FailureGroup]:
        if self.value() in FailureGroup.State.values:
            return queryset.filter(state=self.value())
        return queryset if self.value() == "all" else cast(FailureGroupQuerySet, queryset).unresolved()


class AssignedFilter(admin.SimpleListFilter):
    title = "assigned"
    parameter_name = "assigned"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("me", "To me"), ("nobody", "To nobody")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[FailureGroup]) -> QuerySet[FailureGroup]:
        match self.value():
            case "me":
                return queryset.filter(assigned_to=request.user.pk)
            case "nobody":
                return queryset.filter(assigned_to=None)
        return queryset


class VerdictFilter(admin.SimpleListFilter):
    title = "verdict"
    parameter_name = "verdict"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [(slug, describe_verdict(slug).title) for slug in SLUGS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[LoginFailure]) -> QuerySet[LoginFailure]:
        return queryset.filter(verdict=self.value()) if self.value() else queryset
