"""The pane of blocked callers: whom, since when and by whom; blocking one more, and taking that back.

A call's own pane blocks its caller by the same address (`recents/block.html`), and is come back to.
"""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from types import MappingProxyType
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.people import User, get_user
from accounts.time_zones import get_zone
from accounts.toasts import say_done
from accounts.translated import Words
from accounts.twilio.credentials import PhoneNumber, TwilioAccount
from phone.calls.withheld import WITHHELD
from phone.contacts.blocked_callers import BlockedCaller, BlockedCallerQuerySet, find_block
from phone.contacts.blocking import CannotBlock, block, block_again, unblock
from phone.contacts.names import find_names
from phone.device.frames import parse_uuid
from phone.dialling.plans import get_country_of_e164
from phone.dialling.reading import LONGEST_TYPED, read
from phone.dialling.reasons import build_sentence
from phone.recents.recent_call import RecentCall
from phone.recents.searching import tidy
from phone.recents.showing import format_number

DEFAULT_COUNTRY = "US"
ALL_WITHHELD = gettext_lazy("Callers who withhold their number")
# By whom a block is: for everybody, or for the person alone; by themselves, by another, by somebody gone.
BLOCKED_FOR_ALL: tuple[Words, Words, Words] = (
    gettext_lazy("For everybody, by you, since {date}"),
    gettext_lazy("For everybody, by {name}, since {date}"),
    gettext_lazy("For everybody, by somebody who has left, since {date}"),
)
BLOCKED_ALONE: tuple[Words, Words, Words] = (
    gettext_lazy("For you alone, by you, since {date}"),
    gettext_lazy("For you alone, by {name}, since {date}"),
    gettext_lazy("For you alone, by somebody who has left, since {date}"),
)
NO_NAMES: Mapping[str, str] = MappingProxyType({})
# So many are shown at once; of fewer than the other, nobody needs to search.
PAGE = 50
SEARCHED_FROM = 10
# In place of what is said to who wants to call.
FAULTS: Mapping[str, Words] = {
    "nothing": gettext_lazy("Type the number whose calls are not to be taken."),
    "no_number": gettext_lazy("This is not a phone number."),
    "sip": gettext_lazy("Only phone numbers can be blocked."),
    "two_numbers": gettext_lazy("This is more than one number. Please block one at a time."),
    "emergency": gettext_lazy("Emergency services may have to call back: their numbers cannot be blocked."),
}


class BlockForm(forms.Form):
    """Whose calls are not to be taken, and for whom. `withheld` is the button of its own."""

    caller = forms.CharField(
        label=gettext_lazy("Number"),
        required=False,
        strip=False,
        max_length=LONGEST_TYPED,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel", "spellcheck": "false"}),
        error_messages={"max_length": gettext_lazy("This is too long to be a phone number.")},
    )
    whose = forms.ChoiceField(
        label=gettext_lazy("For whom"),
        required=False,
        choices=[("everybody", gettext_lazy("Everybody")), ("me", gettext_lazy("Me alone"))],
        widget=forms.RadioSelect,
        initial="everybody",
    )

    def __init__(self, data: Any = None, *, person: User, account: TwilioAccount) -> None:
        super().__init__(data)
        self.person, self.account = person, account

    @property
    def is_for_all(self) -> bool:
        return self.cleaned_data.get("whose") != "me"

    def clean_caller(self) -> str:
        """The caller as a call of theirs has them. Raises ValidationError."""
        typed = self.cleaned_data["caller"]
        if "withheld" in self.data or typed == WITHHELD:
            return WITHHELD
        country = find_country(self.account)
        found = read(typed, home=self.person.home_country or country, countries=[country])
        if found.fault is not None:
            reason = found.fault.reason
            raise ValidationError(FAULTS.get(reason) or build_sentence(found.fault))
        return found.number


def find_country(account: TwilioAccount) -> str:
    """That of the account's first own number, whose people type numbers as they do there."""
    owned = PhoneNumber.objects.filter(account=account, kind=PhoneNumber.Kind.OWNED).order_by("phone_number")
    number = owned.values_list("phone_number", flat=True).first()
    return (get_country_of_e164(number) if number else None) or DEFAULT_COUNTRY


@dataclass(frozen=True)
class BlockLine:
    """A block as one person sees it."""

    row: BlockedCaller
    name: str
    since: datetime
    person: User

    @property
    def words(self) -> str:
        """For whom, by whom and since which day; in HTML."""
        return self.describe(date_format(self.since, "LONG_DAY_FORMAT"))

    @property
    def words_with_time(self) -> str:
        return self.describe(date_format(self.since, "LONG_MINUTE_FORMAT"))

    def describe(self, since: str) -> str:
        you, other, gone = BLOCKED_FOR_ALL if self.row.is_for_all else BLOCKED_ALONE
        by = self.row.blocked_by
        return format_html(
            str(you if by == self.person else other if by else gone),
            name=by.display_name if by else "",
            date=format_html('<time datetime="{}">{}</time>', self.since.isoformat(), since),
        )


def build_block_line(
    row: BlockedCaller, person: User, zone: tzinfo, names: Mapping[str, str] = NO_NAMES
) -> BlockLine:
    """`names`: what the person calls numbers."""
    shown = name_caller(row)
    return BlockLine(
        row=row,
        name=f"{names[row.caller]} · {shown}" if row.caller in names else shown,
        since=timezone.localtime(row.blocked_at, zone),
        person=person,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def blocked_callers(request: HttpRequest) -> HttpResponseBase:
    """The list, narrowed by `q` and going on `before` a row; a POST blocks one more."""
    person = get_user(request)
    account = get_account(person)
    form = BlockForm(request.POST if request.method == "POST" else None, person=person, account=account)
    if form.is_bound and form.is_valid():
        try:
            row, is_new = block(
                account=account,
                by=person,
                caller=form.cleaned_data["caller"],
                is_for_all=form.is_for_all or not is_shared(account),
            )
        except CannotBlock as refusal:
            form.add_error("caller", refusal.words)
        else:
            undo = build_back("unblock_caller", request, row) if is_new else ""
            say_done(request, describe_blocked(row), undo=undo)
            return go_back(request)
    return show_list(request, person, account, form)


def describe_blocked(row: BlockedCaller) -> str:
    if row.caller == WITHHELD and row.is_for_all:
        return _("Callers who withhold their number are blocked: they hear that the call cannot be taken.")
    if row.caller == WITHHELD:
        return _("Callers who withhold their number are blocked: such calls do not ring for you any more.")
    if row.is_for_all:
        words = _("{number} is blocked: they hear that the call cannot be taken.")
    else:
        words = _("{number} is blocked: such calls do not ring for you any more.")
    return words.format(number=format_number(row.caller))


def describe_unblocked(row: BlockedCaller) -> str:
    if row.caller == WITHHELD:
        return _("Callers who withhold their number can call again.")
    return _("{number} can call again.").format(number=format_number(row.caller))


def show_list(
    request: HttpRequest, person: User, account: TwilioAccount, form: BlockForm
) -> TemplateResponse:
    query = tidy(request.GET.get("q", ""))
    every = BlockedCaller.objects.of(account, person).standing()
    rows, older = cut(search(every, query), request.GET.get("before", ""))
    zone = get_zone(request)
    names = find_names(person, account, [row.caller for row in rows])
    older_query = urlencode({**({"q": query} if query else {}), "before": str(older)})
    context = {
        "title": _("Blocked callers"),
        "link": "phone_settings",
        "form": form,
        "zone": zone,
        "query": query,
        "is_searched": bool(query) or len(every[: SEARCHED_FROM + 1]) > SEARCHED_FROM,
        "is_shared": is_shared(account),
        "is_withheld_blocked": every.standing().filter(caller=WITHHELD, person=None).exists(),
        "lines": [build_block_line(row, person, zone, names) for row in rows],
        "older_url": f"{reverse('blocked_callers')}?{older_query}" if older else "",
    }
    return TemplateResponse(request, "recents/blocked.html", context, status=422 if form.errors else 200)


def search(rows: BlockedCallerQuerySet, query: str) -> BlockedCallerQuerySet:
    """By the digits of a number, however it is written, or by who has blocked it."""
    if not query:
        return rows
    digits = re.sub(r"\D", "", query).lstrip("0")
    if digits:
        return rows.filter(caller__contains=digits)
    is_by = models.Q(blocked_by__name__icontains=query) | models.Q(blocked_by__email__icontains=query)
    if query.casefold() in str(ALL_WITHHELD).casefold():
        is_by |= models.Q(caller=WITHHELD)
    return rows.filter(is_by)


def cut(rows: BlockedCallerQuerySet, before: str) -> tuple[Sequence[BlockedCaller], int | None]:
    """One page, the newest first, and the row that the next one goes on from."""
    if before.isascii() and before.isdigit() and len(before) < 16:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows.select_related("blocked_by").order_by("-pk")[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None


@require_http_methods(["GET", "HEAD", "POST"])
def unblock_caller(request: HttpRequest, pk: int) -> HttpResponseBase:
    row = find_row(request, pk)
    if request.method == "POST":
        unblock(row, get_user(request))
        undo = build_back("block_caller_again", request, row)
        say_done(request, describe_unblocked(row), undo=undo)
    return go_back(request)


@require_http_methods(["GET", "HEAD", "POST"])
def block_caller_again(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Undo."""
    row = find_row(request, pk)
    if request.method == "POST":
        if block_again(row, get_user(request)):
            say_done(request, _("{name}: blocked, as before.").format(name=name_caller(row)))
        else:
            messages.error(request, _("That was too long ago to be undone. Block the number once more."))
    return go_back(request)


def name_caller(row: BlockedCaller) -> str:
    return str(ALL_WITHHELD) if row.caller == WITHHELD else format_number(row.caller)


def find_row(request: HttpRequest, pk: int) -> BlockedCaller:
    person = get_user(request)
    row: BlockedCaller = get_object_or_404(BlockedCaller.objects.of(get_account(person), person), pk=pk)
    return row


def find_call(request: HttpRequest) -> uuid.UUID | None:
    """From whose pane it was asked; None: from the list."""
    return parse_uuid(request.POST.get("call") or request.GET.get("call"))


def build_back(name: str, request: HttpRequest, row: BlockedCaller) -> str:
    """The address that undoes it, from where it was asked."""
    address, call_id = reverse(name, args=[row.pk]), find_call(request)
    return f"{address}?{urlencode({'call': str(call_id)})}" if call_id else address


def go_back(request: HttpRequest) -> HttpResponseBase:
    """To the call from which it was asked, or to the list."""
    call_id = find_call(request)
    return redirect("one_call", call_id) if call_id else redirect("blocked_callers")


def build_block_of_call(row: RecentCall, person: User, zone: tzinfo) -> dict[str, Any]:
    """What a call's own pane has of blocking its caller; empty where there is no number to block."""
    is_caller_known = row.address == WITHHELD or row.address.startswith("+")
    if not is_caller_known:
        return {}
    account = get_account(person)
    found = find_block(account, person, row.address.partition(",")[0])
    return {
        "caller": row.address.partition(",")[0],
        "line": build_block_line(found, person, zone) if found else None,
        "is_shared": is_shared(account),
        "is_withheld": row.address == WITHHELD,
    }


def is_shared(account: TwilioAccount) -> bool:
    """Whether somebody else uses the connection, too."""
    return len(User.objects.filter(is_active=True, membership__account=account)[:2]) > 1


def get_account(person: User) -> TwilioAccount:
    account: TwilioAccount = get_object_or_404(TwilioAccount, memberships__user=person)
    return account
