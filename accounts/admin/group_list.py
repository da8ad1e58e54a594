"""The list of failure groups beside which one of its rows is opened, and what its address says of that."""

from typing import Any

from django.contrib.admin.views.main import PAGE_VAR
from django.http import HttpRequest

from accounts.admin.read_only import PreparedChangeList

OPEN = "open"


class GroupChangeList(PreparedChangeList):
    """A list beside which one of its rows, named by `open` in the address, is opened."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.opened = read_opened(request)
        super().__init__(request, *args, **kwargs)
        self.params.pop(OPEN, None)

    def get_filters_params(self, params: Any = None) -> Any:
        return {name: value for name, value in super().get_filters_params(params).items() if name != OPEN}

    def get_query_string(self, new_params: Any = None, remove: Any = None) -> str:
        return super().get_query_string({OPEN: None, **(new_params or {})}, remove)

    def url_for_result(self, result: Any) -> str:
        page = self.page_num if self.page_num > 1 else None
        return self.get_query_string({PAGE_VAR: page, OPEN: result.pk})

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        for group in self.result_list:
            group.is_opened = group.pk == self.opened


def read_opened(request: HttpRequest) -> int | None:
    """The key of the group to open beside the list; None where there is none, or no such thing."""
    key = request.GET.get(OPEN, "")
    return int(key) if key.isascii() and key.isdigit() and len(key) < 18 else None
