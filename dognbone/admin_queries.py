"""What an address of the admin may ask. What no list can answer gets a page that says so, with 400.

Django's own lists answer some of it with a redirect, some with a traceback, and let an address run
a regular expression in the database.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.admin.exceptions import DisallowedModelAdminLookup, DisallowedModelAdminToField
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.core.exceptions import BadRequest, FieldDoesNotExist, TooManyFieldsSent, ValidationError
from django.db import DataError
from django.db.models import Model, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

# Characters; the filters, the search and the order of a list together are a few hundred.
LONGEST_QUERY = 4000
# An e-mail address is at most 254; SQLite nests no more than a thousand words of a search.
LONGEST_SEARCH = 300
COMPARISONS = frozenset({"exact", "in", "isnull", "gt", "gte", "lt", "lte"})

View = Callable[..., HttpResponseBase]


def check_query(request: HttpRequest) -> None:
    """Raises BadRequest for what no database can be asked, whichever page it is meant for."""
    if len(request.META.get("QUERY_STRING", "")) > LONGEST_QUERY:
        raise BadRequest(_("The address is too long."))
    if len(request.GET.get(SEARCH_VAR, "")) > LONGEST_SEARCH:
        raise BadRequest(_("A search has at most {count} characters.").format(count=LONGEST_SEARCH))
    texts = [request.path, *(text for name, values in request.GET.lists() for text in (name, *values))]
    if any("\0" in text for text in texts):
        raise BadRequest(_("The address has a character (NUL) that no text has."))


def answer_bad_queries(view: View) -> View:
    """The view of an admin page, with a page for what cannot be answered."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            check_query(request)
            return view(request, *args, **kwargs)
        except BadRequest as error:
            return show_bad_query(request, str(error))
        except (DisallowedModelAdminLookup, DisallowedModelAdminToField):
            return show_bad_query(
                request, _("The address names a filter or a field that this page does not have.")
            )
        except TooManyFieldsSent:
            return show_bad_query(request, _("The address asks too many things at once."))

    return answer


def note_hidden(request: HttpRequest, model: type[Model], lookup: str) -> None:
    """Keeps who filtered by what is hidden; not by which value."""
    from accounts.audit.refusals import Refusal, record_refusal
    from accounts.clients import get_client_info

    person: Any = request.user
    about = f"{model._meta.label_lower}: {lookup}"
    record_refusal(Refusal.What.ADMIN_FILTER, user=person, client=get_client_info(request), about=about)


def show_bad_query(request: HttpRequest, reason: str) -> HttpResponse:
    from django.contrib.admin import site

    context = {**site.each_context(request), "title": _("This cannot be answered"), "reason": reason}
    return TemplateResponse(request, "admin/bad_query.html", context, status=400)


def is_plain(model: type[Model], lookup: str) -> bool:
    """Whether a filter's name ends with a field, or with a plain comparison of one.

    A name that is no field's is left to whoever knows it: a filter of the list's own, or nobody.
    """
    parts = lookup.split(LOOKUP_SEP)
    at: Any = model
    while parts and at is not None:
        try:
            at = at._meta.get_field(parts[0]).related_model
        except FieldDoesNotExist:
            break
        parts = parts[1:]
    return not parts or parts == [lookup] or (len(parts) == 1 and parts[0] in COMPARISONS)


def list_shown(model_admin: Any) -> set[str]:
    """What a page of the admin shows as it is kept, by name; not what it masks or leaves out."""
    opts = model_admin.model._meta
    fields = set(flatten_fieldsets(model_admin.fieldsets or ())) or set(model_admin.fields or ())
    fields = fields or {field.name for field in opts.concrete_fields}
    filters = (name_filter(item) for item in model_admin.list_filter)
    shown = {*fields, *model_admin.list_display, *filters, opts.pk.name}
    return shown - {*(model_admin.exclude or ()), *getattr(model_admin, "masked", ())}


def name_filter(item: Any) -> str:
    """What an address calls one of a list's own filters."""
    if isinstance(item, tuple):
        item = item[0]
    return str(getattr(item, "parameter_name", item))


def is_hidden(model_admin: Any, lookup: str) -> bool:
    """Whether a filter asks for what no page shows: it would be read, a character a question.

    Every field of its path counts, by the page of the table that it is of. A name that is no field's is left
    to whoever knows it.
    """
    page: Any = model_admin
    for part in lookup.split(LOOKUP_SEP):
        opts = page.model._meta
        try:
            field = opts.pk if part == "pk" else opts.get_field(part)
        except FieldDoesNotExist:
            return False
        # The column of a relation, `user_id`, is that relation.
        if field.name not in list_shown(page):
            return True
        if field.related_model is None:
            return False
        page = model_admin.admin_site._registry.get(field.related_model) or KeysAlone(field.related_model)
    return False


class KeysAlone:
    """Stands for the page of a table that has none: nothing of it is shown but its keys."""

    fieldsets, list_display, list_filter, exclude = (), (), (), ()

    def __init__(self, model: type[Model]) -> None:
        self.model = model
        self.fields = (model._meta.pk.name,)


class AnswerableLists:
    """Before a ModelAdmin: its list, export and actions refuse with BadRequest what cannot be asked."""

    model: type[Model]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        if is_hidden(self, lookup):
            if request is not None:
                note_hidden(request, self.model, lookup)
            return False
        allowed: bool = super().lookup_allowed(lookup, value, request)  # type: ignore[misc]
        return allowed and is_plain(self.model, lookup)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        # Django refuses a field that it may not look by, but looks by one without a name.
        return super().get_object(request, object_id, from_field or None)  # type: ignore[misc]

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        try:
            changelist: ChangeList = super().get_changelist_instance(request)  # type: ignore[misc]
        except IncorrectLookupParameters as error:
            raise BadRequest(
                _("The list has no such filter or page, or the filter no such value.")
            ) from error
        # By the database, or by its driver, which reads an IP address itself.
        except (DataError, ValueError, OverflowError) as error:
            raise BadRequest(
                _("A value in the address is out of range, or of another kind than its field.")
            ) from error
        return changelist

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponseBase | None:
        try:
            queryset.filter(pk__in=request.POST.getlist(ACTION_CHECKBOX_NAME)).exists()
        except (ValueError, ValidationError, DataError, OverflowError) as error:
            raise BadRequest(_("The rows that were chosen are not rows of this list.")) from error
        answer: HttpResponseBase | None = super().response_action(request, queryset)  # type: ignore[misc]
        return answer
