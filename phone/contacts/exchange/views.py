"""Contacts in and out: the pane that takes a file, the pane of one import, and the two files to download."""

import uuid
from collections.abc import Callable, Iterable, Iterator

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.countries import get_country_name
from accounts.people import User, get_user
from accounts.rate_limits import RateLimit
from accounts.streamed_files import stream_file
from accounts.twilio.credentials import TwilioAccount
from phone.contacts.exchange.exporting import list_exported
from phone.contacts.exchange.importing import ask_for_import
from phone.contacts.exchange.imports import MOST_BYTES, ContactImport
from phone.contacts.exchange.writing import Exported, write_csv, write_vcards
from phone.contacts.keeping import CONTACTS_AT_MOST
from phone.contacts.numbers import NumberReader

# A file is up to 25 MB, and lies in the database until it is read.
IMPORTS = RateLimit("contact-import", limit=20, seconds=3600)
MEGABYTE = 1024 * 1024
SHOWN_IMPORTS = 5
TOO_LARGE = gettext_lazy(
    "The file has {seen} MB; {most} MB at most are taken. Export the contacts without pictures,"
    " or in two files."
)


class ImportForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "CSV, as Google, Outlook and spreadsheets save it, or vCard (.vcf), as phones do."
        ),
        error_messages={
            "required": gettext_lazy("Choose the file with the contacts first."),
            "missing": gettext_lazy("Choose the file with the contacts first."),
            "empty": gettext_lazy("The file is empty."),
        },
        widget=forms.FileInput(
            attrs={"accept": ".csv,.vcf,.vcard,.txt,.tsv,text/csv,text/vcard,text/x-vcard"}
        ),
    )
    whose = forms.ChoiceField(
        label=gettext_lazy("For whom"),
        choices=[
            ("mine", gettext_lazy("For me alone")),
            ("company", gettext_lazy("For everybody in the company")),
        ],
        initial="mine",
        required=False,
        widget=forms.RadioSelect,
        error_messages={
            "invalid_choice": gettext_lazy("Choose for whom the contacts are: for you, or for the company.")
        },
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        size = file.size or 0
        if size > MOST_BYTES:
            raise forms.ValidationError(
                TOO_LARGE.format(seen=round(size / MEGABYTE), most=MOST_BYTES // MEGABYTE)
            )
        return file


@require_http_methods(["GET", "HEAD", "POST"])
def contacts_import(request: HttpRequest) -> HttpResponseBase:
    """The form; a POST takes the file, and leads to where its import is told of. 422: not this file; why."""
    person = get_user(request)
    if request.method != "POST":
        return show_form(request, ImportForm())
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return show_form(request, form, status=422)
    if seconds := IMPORTS.take(person.pk):
        form.add_error("file", describe_too_many(-(-seconds // 60)))
        return show_form(request, form, status=429)
    file = form.cleaned_data["file"]
    asked = ask_for_import(
        user=person,
        account=get_account(person),
        content=file.read(),
        file_name=file.name,
        is_shared=form.cleaned_data["whose"] == "company",
    )
    return redirect("contact_import", asked.pk)


def describe_too_many(minutes: int) -> str:
    return ngettext(
        "These are very many files. Please wait {minutes} minute before the next one.",
        "These are very many files. Please wait {minutes} minutes before the next one.",
        minutes,
    ).format(minutes=minutes)


def show_form(request: HttpRequest, form: ImportForm, status: int = 200) -> TemplateResponse:
    context = {
        "title": _("Import and export contacts"),
        "link": "contacts",
        "form": form,
        "most_megabytes": MOST_BYTES // MEGABYTE,
        "most_contacts": CONTACTS_AT_MOST,
        "imports": ContactImport.objects.of(get_user(request)).newest()[:SHOWN_IMPORTS],
    }
    return TemplateResponse(request, "phone/contacts/import.html", context, status=status)


@require_safe
def contact_import(request: HttpRequest, pk: uuid.UUID) -> TemplateResponse:
    """How far one import is, and what has come of it: to whoever asked for it."""
    imports = ContactImport.objects.of(get_user(request)).select_related("user", "account")
    asked = get_object_or_404(imports, pk=pk)
    # By which a value is a number or none.
    home = get_country_name(NumberReader(asked.user, asked.account).home) if asked.noted else ""
    context = {"title": _("Importing contacts"), "link": "contacts", "asked": asked, "home": home}
    return TemplateResponse(request, "phone/contacts/import_progress.html", context)


@require_safe
@never_cache
@login_required
def contacts_csv(request: HttpRequest) -> HttpResponseBase:
    return send_contacts(request, write_csv, content_type="text/csv", name="contacts.csv")


@require_safe
@never_cache
@login_required
def contacts_vcf(request: HttpRequest) -> HttpResponseBase:
    return send_contacts(request, write_vcards, content_type="text/vcard", name="contacts.vcf")


def send_contacts(
    request: HttpRequest,
    write: Callable[[Iterable[Exported]], Iterator[str]],
    *,
    content_type: str,
    name: str,
) -> HttpResponseBase:
    person = get_user(request)
    contacts = list_exported(person, get_account(person))
    return stream_file(request, write(contacts), content_type=content_type, name=name)


def get_account(person: User) -> TwilioAccount:
    """The account that the person uses. 404 without one: contacts are where calls are."""
    account = TwilioAccount.objects.filter(memberships__user=person).first()
    if account is None:
        raise Http404
    return account
