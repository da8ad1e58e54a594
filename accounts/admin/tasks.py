"""What the worker has to do, does and has done, in the admin: how often it was tried, and what went wrong."""

from typing import Any

from django.contrib import admin
from django.utils.html import format_html
from django_tasks_db import admin as of_package
from django_tasks_db.models import DBTaskResult, get_date_max

from accounts.admin.read_only import ReadOnlyAdmin
from accounts.twilio.errands import Errand

# In favour of the one below.
admin.site.unregister(of_package.DBTaskResult)


@admin.register(DBTaskResult)
class TaskAdmin(ReadOnlyAdmin):
    list_display = ("enqueued_at", "name", "status", "tries", "next_try", "finished_at", "error")
    list_filter = ("status", ("enqueued_at", admin.DateFieldListFilter))
    search_fields = ("task_path", "=id")
    ordering = ("-enqueued_at", "-id")
    fields = (
        "name",
        "status",
        "tries",
        "about",
        "enqueued_at",
        "started_at",
        "finished_at",
        "next_try",
        "whole_error",
    )
    readonly_fields = ("name", "tries", "about", "next_try", "whole_error")

    @admin.display(description="task", ordering="task_path")
    def name(self, row: Any) -> str:
        return str(row.task_path).rpartition(".")[2].replace("_", " ")

    @admin.display(description="tries")
    def tries(self, row: Any) -> int:
        return len(row.worker_ids)

    @admin.display(description="ids it was given")
    def about(self, row: Any) -> str:
        return ", ".join(str(one) for one in row.args_kwargs["args"]) or "none"

    @admin.display(description="not before", ordering="run_after")
    def next_try(self, row: Any) -> Any:
        return None if row.run_after == get_date_max() else row.run_after

    @admin.display(description="last error")
    def error(self, row: Any) -> str:
        return get_error(row).partition("\n")[0]

    @admin.display(description="last error")
    def whole_error(self, row: Any) -> str:
        return format_html("<pre>{}</pre>", get_error(row)) if row.traceback else "none"


def get_error(row: Any) -> str:
    """The text of the last error, without the frames of the worker that stand before it."""
    name = str(row.exception_class_path)
    return str(row.traceback).rpartition(f"{name}: ")[2].strip() if row.traceback else ""


@admin.register(Errand)
class ErrandAdmin(ReadOnlyAdmin):
    list_display = ("begun_at", "kind", "account", "user", "ended_at", "has_failed")
    list_filter = ("kind", "has_failed", ("begun_at", admin.DateFieldListFilter))
    list_select_related = ("account", "user")
    search_fields = ("user__email", "account__account_sid")
    ordering = ("-begun_at", "-id")
    fields = ("kind", "account", "user", "begun_at", "ended_at", "has_failed", "said")
    readonly_fields = ("said",)

    @admin.display(description="what was done")
    def said(self, errand: Errand) -> int:
        # The sentences are for the owner: they name whole phone numbers.
        return len(errand.outcome)
