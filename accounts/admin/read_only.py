"""Admin pages that only show: nobody adds, changes or deletes, a superuser included."""

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

MOST_ROWS_COUNTED = 1000


class CappedPaginator(Paginator):
    """Counts no further than a person pages.

    Counting ten million rows costs seconds; knowing that there are more than a thousand costs
    a millisecond, and whoever has more than a thousand narrows the list instead of paging.
    """

    object_list: QuerySet[Any]

    @cached_property
    def found(self) -> int:
        return self.object_list.order_by()[: MOST_ROWS_COUNTED + 1].count()

    @cached_property
    def count(self) -> int:
        return min(self.found, MOST_ROWS_COUNTED)

    @property
    def is_capped(self) -> bool:
        return self.found > MOST_ROWS_COUNTED


class ReadOnlyAdmin(admin.ModelAdmin):
    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
