"""What the worker has to do, does and has done, in the admin: how often it was tried, and what went wrong."""

from typing import Any

from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
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

    @admin.display(description=_("task"), ordering="task_path")
    def name(self, row: Any) -> str:
        """Its function's name in words."""
        return pgettext("task", str(row.task_path).rpartition(".")[2].replace("_", " "))

    @admin.display(description=_("tries"))
    def tries(self, row: Any) -> int:
        return len(row.worker_ids)

    @admin.display(description=_("ids it was given"))
    def about(self, row: Any) -> str:
        return ", ".join(str(one) for one in row.args_kwargs["args"]) or gettext("none")

    @admin.display(description=_("not before"), ordering="run_after")
    def next_try(self, row: Any) -> Any:
        return None if row.run_after == get_date_max() else row.run_after

    @admin.display(description=_("last error"))
    def error(self, row: Any) -> str:
        return get_error(row).partition("\n")[0]

    @admin.display(description=_("last error"))
    def whole_error(self, row: Any) -> str:
        return format_html("<pre>{}</pre>", get_error(row)) if row.traceback else gettext("none")


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

    @admin.display(description=_("what was done"))
    def said(self, errand: Errand) -> int:
        # The sentences are for the owner: they name whole phone numbers.
        return len(errand.outcome)


# The functions' names, and the words of the package's own table: here to be found by makemessages.
NAMED = (
    pgettext_lazy("task", "forget ended sessions"),
    pgettext_lazy("task", "forget old tasks"),
    pgettext_lazy("task", "recheck by night"),
    pgettext_lazy("task", "recheck slice"),
    pgettext_lazy("task", "do errand"),
    pgettext_lazy("task", "forget old errands"),
    pgettext_lazy("task", "send letter"),
    pgettext_lazy("task", "forget old letters"),
    pgettext_lazy("task", "forget ended sign ins"),
    pgettext_lazy("task", "send alarm"),
    pgettext_lazy("task", "sweep states"),
    pgettext_lazy("task", "reconcile"),
    pgettext_lazy("task", "tell of recording"),
    pgettext_lazy("task", "bring back"),
    pgettext_lazy("task", "end stray"),
    pgettext_lazy("task", "hold for vanished"),
    pgettext_lazy("task", "tidy room"),
    pgettext_lazy("task", "learn why"),
    pgettext_lazy("task", "begin recording"),
    pgettext_lazy("task", "delete sound"),
    pgettext_lazy("task", "ask about recordings"),
    pgettext_lazy("task", "renew names"),
    pgettext_lazy("task", "import contacts"),
    pgettext_lazy("task", "look"),
    pgettext_lazy("task", "record unheard"),
)
OF_PACKAGE = (
    *(_("status"), _("enqueued at"), _("started at"), _("finished at")),
    *(_("Task Result"), _("Task Results")),
    *(pgettext_lazy("Task", "Ready"), pgettext_lazy("Task", "Running")),
    *(pgettext_lazy("Task", "Failed"), pgettext_lazy("Task", "Successful")),
)
