"""An action on a list of rows that asks for something first: a note, or whom to assign."""

from typing import Any

from django import forms
from django.contrib.admin import ModelAdmin, helpers
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from accounts.admin.way_back import read_way_back

APPLY = "apply"
ROWS_NAMED = 10


class NoteForm(forms.Form):
    note = forms.CharField(
        label=_("Note"),
        widget=forms.Textarea(attrs={"rows": 4, "cols": 60}),
        max_length=2000,
        required=False,
        help_text=_("What was found, and what was done about it. It is kept."),
    )


class RequiredNoteForm(NoteForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].required = True


class ReasonForm(RequiredNoteForm):
    """Of what is done to somebody because somebody has asked for it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].help_text = _("Who has asked for it, and how you made sure of that. It is kept.")


def bind_form(form_class: type[NoteForm], request: HttpRequest) -> NoteForm:
    """The form as it was sent, or an empty one where it is still to be asked."""
    return form_class(request.POST if APPLY in request.POST else None)


def ask(
    model_admin: ModelAdmin, request: HttpRequest, queryset: QuerySet[Any], *, action: str, form: NoteForm
) -> HttpResponse:
    """The page between choosing rows and doing something to them; `action` is the method's name."""
    title = getattr(model_admin, action).short_description.rstrip("… ")
    context = {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "opts": model_admin.opts,
        "form": form,
        "count": queryset.order_by().count(),
        "rows": queryset[:ROWS_NAMED],
        "action": action,
        "selected": request.POST.getlist(helpers.ACTION_CHECKBOX_NAME),
        "checkbox_name": helpers.ACTION_CHECKBOX_NAME,
        "back": read_way_back(request),
        "select_across": request.POST.get("select_across", "0"),
    }
    return TemplateResponse(request, "admin/action_form.html", context)
