"""The pane of contacts: the list, one contact, its form, and those that are there twice."""

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.people import User, get_user
from accounts.toasts import say_done
from accounts.twilio.credentials import TwilioAccount
from phone.contacts.apart import forget_apart, keep_apart
from phone.contacts.card import NAME_LENGTH, Kind
from phone.contacts.changing import (
    ChangedMeanwhile,
    GoneMeanwhile,
    add_contact,
    change_contact,
    delete_contact,
    mark_favourite,
    take_back,
)
from phone.contacts.contacts import TYPED_LENGTH, Contact, FavouriteContact, choose_book
from phone.contacts.duplicates import Group, find_duplicates
from phone.contacts.forms import KINDS, ContactForm, Row, build_seen
from phone.contacts.keeping import CONTACTS_AT_MOST, LABELS, BookFull, build_draft, clean_line
from phone.contacts.listing import Whose, list_contacts
from phone.contacts.merging import CannotMerge, build_merged, merge_contacts, take_apart
from phone.contacts.numbers import NumberReader
from phone.contacts.searching import tidy
from phone.dialling.writing import format_number

GROUPS = 20
WHOSE: dict[str, Whose] = {"": "", "own": "own", "shared": "shared"}


@require_safe
def contacts(request: HttpRequest) -> TemplateResponse:
    """Whom a person knows, by name.

    `q` is what they search for, `whose` shows one book alone. `after` goes on behind a contact, with `letter`
    as the heading that is there already.
    """
    user = get_user(request)
    account = get_account(user)
    query, whose = tidy(request.GET.get("q", "")), WHOSE.get(request.GET.get("whose", ""), "")
    mine = Contact.objects.ever_visible_to(user, account)
    after = find_named(mine, request.GET.get("after", ""))
    found = list_contacts(
        user, account, query=query, whose=whose, after=after, begun=request.GET.get("letter", "")
    )
    kept = {name: value for name, value in (("q", query), ("whose", whose)) if value}
    return TemplateResponse(
        request,
        "contacts/contacts.html",
        {
            "title": _("Contacts"),
            "link": "contacts",
            "query": query,
            "whose": whose,
            "found": found,
            "is_later_page": after is not None,
            "newest_url": build_url("contacts", kept),
            "more_url": build_url("contacts", {**kept, "after": str(found.after.pk)}) if found.after else "",
            "last_letter": next((one.title for one in reversed(found.letters) if one.title), ""),
        },
    )


def find_named(contacts: "QuerySet[Contact]", key: str) -> Contact | None:
    """The one whose key stands in an address; None for anything else."""
    try:
        return contacts.filter(pk=uuid.UUID(key)).first()
    except ValueError:
        return None


def build_url(name: str, parameters: dict[str, str]) -> str:
    address = reverse(name)
    return f"{address}?{urlencode(parameters)}" if parameters else address


@require_safe
def one_contact(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """One contact: whatever is known, and a button for each number that calls it."""
    user = get_user(request)
    account = get_account(user)
    mine = Contact.objects.ever_visible_to(user, account).select_related("changed_by", "merged_into")
    contact = get_object_or_404(mine, pk=key)
    if contact.deleted_at is not None:
        if contact.merged_into is None:
            raise Http404
        return redirect("one_contact", contact.merged_into.pk)
    numbers = [
        {
            "kind": LABELS[Kind(one.kind)],
            "shown": format_number(one.number + one.after),
            "to": one.number + one.after,
        }
        for one in contact.numbers.all()
    ]
    context = {
        "title": contact.name,
        "link": "contacts",
        "contact": contact,
        "numbers": numbers,
        "is_favourite": FavouriteContact.objects.filter(user=user, contact=contact).exists(),
        "merged_from": contact.merged_from.filter(owner=contact.owner, account=contact.account).count(),
        "recents_url": f"{reverse('recents')}?{urlencode({'q': contact.name[:NAME_LENGTH]})}"
        if numbers
        else "",
    }
    return TemplateResponse(request, "contacts/one_contact.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new_contact(request: HttpRequest) -> HttpResponseBase:
    """The empty form; `number` and `name` in the address fill it. A POST adds the contact."""
    user = get_user(request)
    account = get_account(user)
    reader = NumberReader(user, account)
    initial = {
        "name": clean_line(request.GET.get("name", ""), NAME_LENGTH),
        "number": format_number(clean_line(request.GET.get("number", ""), TYPED_LENGTH)),
        "is_shared": request.GET.get("whose") == "shared",
    }
    form = ContactForm(read_posted(request), contact=None, reader=reader, initial=initial)
    if is_rows_only(request, form) or not form.is_valid():
        return show_form(request, form)
    draft = build_draft(form.build_card(), reader)
    try:
        contact = add_contact(user, account, draft, is_shared=form.cleaned_data["is_shared"])
    except BookFull:
        form.add_error(None, describe_full())
        return show_form(request, form)
    say_done(request, _("{name} is added.").format(name=contact.name))
    return redirect("one_contact", contact.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_contact(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """The form of one contact. Whoever sees a contact may change it: of a shared one, everybody."""
    user = get_user(request)
    account = get_account(user)
    reader = NumberReader(user, account)
    contact = get_contact(user, account, key)
    posted = read_posted(request)
    form = ContactForm(
        posted, contact=contact, reader=reader, initial={"number": request.GET.get("number", "")}
    )
    if is_rows_only(request, form) or not form.is_valid():
        return show_form(request, form, contact)
    cleaned = form.cleaned_data
    try:
        changed = change_contact(
            user,
            account,
            key,
            build_draft(form.build_card(), reader),
            seen=cleaned["seen"],
            is_shared=bool(cleaned.get("is_shared")),
        )
    except GoneMeanwhile as gone:
        raise Http404 from gone
    except BookFull:
        form.add_error(None, describe_full())
        return show_form(request, form, contact)
    except ChangedMeanwhile as meanwhile:
        # What was typed stays, to be saved over what the other has saved.
        posted["seen"] = build_seen(meanwhile.contact)
        form = ContactForm(posted, contact=contact, reader=reader, initial={})
        form.add_error(None, describe_meanwhile(meanwhile.contact))
        return show_form(request, form, contact)
    say_done(request, _("{name} is saved.").format(name=changed.name))
    return redirect("one_contact", key)


def describe_meanwhile(contact: Contact) -> str:
    if contact.changed_by is None:
        return _(
            "Somebody has changed this contact meanwhile. Save again to put what stands here in its place."
        )
    return _(
        "{name} has changed this contact meanwhile. Save again to put what stands here in its place."
    ).format(name=contact.changed_by.display_name)


def describe_full() -> str:
    most = number_format(CONTACTS_AT_MOST, force_grouping=True)
    return _("More than {most} contacts are not kept: delete some first.").format(most=most)


def read_posted(request: HttpRequest) -> Any:
    return request.POST.copy() if request.method == "POST" else None


def is_rows_only(request: HttpRequest, form: ContactForm) -> bool:
    """Adds or takes away a row of numbers, where a script does not; whether that is all that is asked."""
    if request.method != "POST":
        return True
    removed = request.POST.get("remove", "")
    if "add" in request.POST:
        form.rows.append(Row())
    elif removed.isascii() and removed.isdigit() and len(removed) < 4 and int(removed) < len(form.rows):
        del form.rows[int(removed)]
    else:
        return False
    form.rows = form.rows or [Row()]
    form.is_bare = True
    return True


def show_form(request: HttpRequest, form: ContactForm, contact: Contact | None = None) -> TemplateResponse:
    is_refused = request.method == "POST" and not form.is_bare and bool(form.errors)
    context = {
        "title": _("Change {name}").format(name=contact.name) if contact else _("New contact"),
        "link": "contacts",
        "form": form,
        "contact": contact,
        "kinds": KINDS,
    }
    return TemplateResponse(request, "contacts/form.html", context, status=422 if is_refused else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def contact_favourite(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """Marks a contact as the person's favourite, `is_on`, or takes the mark away."""
    user = get_user(request)
    contact = get_contact(user, get_account(user), key)
    if request.method == "POST":
        is_on = request.POST.get("is_on") == "on"
        mark_favourite(user, contact, is_on=is_on)
        words = _("{name} is a favourite now.") if is_on else _("{name} is no favourite any more.")
        say_done(request, words.format(name=contact.name))
    return redirect("one_contact", key)


@require_http_methods(["GET", "HEAD", "POST"])
def contact_delete(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """Deletes it at once, and offers to take that back."""
    user = get_user(request)
    if request.method != "POST":
        return redirect("one_contact", key)
    try:
        contact = delete_contact(user, get_account(user), key)
    except GoneMeanwhile as gone:
        raise Http404 from gone
    undo = reverse("contact_undo", args=[key])
    say_done(request, _("{name} is deleted.").format(name=contact.name), undo=undo)
    return redirect("contacts")


@require_http_methods(["GET", "HEAD", "POST"])
def contact_undo(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """Takes a deletion back, or a merging."""
    user = get_user(request)
    account = get_account(user)
    if request.method != "POST":
        return redirect("contacts")
    if parts := take_apart(user, account, key):
        count = len(parts)
        words = ngettext("They are {count} contact again.", "They are {count} contacts again.", count)
        say_done(request, words.format(count=count))
        return redirect("contacts")
    try:
        contact = take_back(user, account, key)
    except BookFull:
        messages.error(request, describe_full())
        return redirect("contacts")
    if contact is None:
        raise Http404
    say_done(request, _("{name} is back.").format(name=contact.name))
    return redirect("one_contact", key)


@require_http_methods(["GET", "HEAD", "POST"])
def duplicates(request: HttpRequest) -> HttpResponseBase:
    """Contacts that seem to be one, with what one of them would have; a POST makes one of those chosen, or,
    with `apart`, keeps that they are not.
    """
    user = get_user(request)
    account = get_account(user)
    fault = ""
    if request.method == "POST":
        try:
            seen = read_seen(request)
            if "apart" in request.POST:
                undo = reverse("duplicates_undo", args=[keep_apart(user, account, seen)])
                say_done(request, _("They are not offered as duplicates any more."), undo=undo)
                return redirect("duplicate_contacts")
            merged = merge_contacts(user, account, seen)
        except CannotMerge as refusal:
            fault = str(refusal)
        else:
            undo = reverse("contact_undo", args=[merged.pk])
            say_done(request, _("{name} is one contact now.").format(name=merged.name), undo=undo)
            return redirect("one_contact", merged.pk)
    books = []
    for title, is_shared in ((_("Your own"), False), (_("Shared"), True)):
        groups, count = find_duplicates(choose_book(user, account, is_shared=is_shared), at_most=GROUPS)
        shown = [show_group(group) for group in groups]
        books.append({"title": title, "groups": shown, "more": count - len(groups)})
    context = {"title": _("Duplicates"), "link": "contacts", "books": books, "fault": fault}
    return TemplateResponse(request, "contacts/duplicates.html", context, status=422 if fault else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def duplicates_undo(request: HttpRequest, said_as: uuid.UUID) -> HttpResponseBase:
    """Takes back that contacts are no duplicates."""
    user = get_user(request)
    if request.method == "POST":
        if not forget_apart(user, get_account(user), said_as):
            raise Http404
        say_done(request, _("They are offered as duplicates again."))
    return redirect("duplicate_contacts")


def show_group(group: Group) -> dict[str, Any]:
    """With numbers as people write them."""
    merged = build_merged(group.contacts)
    parts = [
        {
            "contact": contact,
            "seen": build_seen(contact),
            "numbers": [format_number(one.number + one.after) for one in contact.numbers.all()],
        }
        for contact in group.contacts
    ]
    numbers = [{"kind": LABELS[one.kind], "shown": format_number(one.dialled)} for one in merged.numbers]
    return {"words": group.words, "parts": parts, "merged": merged, "numbers": numbers}


def read_seen(request: HttpRequest) -> dict[uuid.UUID, str]:
    """Which were chosen, and the version of each that was shown. Raises CannotMerge."""
    seen = {}
    for chosen in request.POST.getlist("contact")[:100]:
        key, __, version = chosen.partition(" ")
        try:
            seen[uuid.UUID(key)] = version
        except ValueError:
            raise CannotMerge(_("That is no contact. Load the page again.")) from None
    return seen


def get_contact(user: User, account: TwilioAccount, key: uuid.UUID) -> Contact:
    """A living one that the person sees, else 404."""
    found: Contact = get_object_or_404(
        Contact.objects.visible_to(user, account).prefetch_related("numbers"), pk=key
    )
    return found


def get_account(user: User) -> TwilioAccount:
    return get_object_or_404(TwilioAccount, memberships__user=user)
