"""Whom somebody may mean who has begun to type: their contacts, then whom they last talked to.

Colleagues are known on the page.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.people import User, get_user
from accounts.twilio.credentials import TwilioAccount
from phone.contacts.card import Kind
from phone.contacts.contacts import Contact
from phone.contacts.keeping import LABELS
from phone.contacts.listing import find_keys, get_in_order
from phone.contacts.plain import make_plain, make_sort_name
from phone.contacts.searching import list_pieces, search, tidy
from phone.dialling.writing import format_number, list_digits
from phone.recents.recent_call import RecentCall

AT_MOST = 8
# Of several people who fit, each with the number that comes first.
FEW = 2
# How far back it is looked; a person's list may be very long.
RECENT = 1000
LAST_LETTER = "\U0010ffff"


@dataclass(frozen=True)
class Suggestion:
    """`to` is what the phone dials; `detail` tells it from others of the same name."""

    to: str
    name: str
    detail: str
    source: str


@require_safe
@never_cache
@login_required
def suggestions(request: HttpRequest) -> JsonResponse:
    """`{"q", "found": [{"to", "name", "detail", "source"}]}`: at most eight, the likeliest first."""
    user = get_user(request)
    account = get_object_or_404(TwilioAccount, memberships__user=user)
    query = tidy(request.GET.get("q", ""))
    found = suggest(user, account, query) if query else []
    return JsonResponse({"q": request.GET.get("q", ""), "found": [asdict(one) for one in found]})


def suggest(user: User, account: TwilioAccount, query: str) -> list[Suggestion]:
    """`query` is tidied, and not empty."""
    known: dict[str, Suggestion] = {}
    for one in (*suggest_contacts(user, account, query), *suggest_recents(user, query)):
        known.setdefault(one.to, one)
        if len(known) == AT_MOST:
            break
    return list(known.values())


def suggest_contacts(user: User, account: TwilioAccount, query: str) -> Iterator[Suggestion]:
    contacts = find_contacts(user, account, query)
    digits = "" if re.search(r"[^\W\d]", query) else re.sub(r"\D", "", query)
    for contact in contacts:
        numbers = list(contact.numbers.all())
        fitting = [one for one in numbers if digits and fits(one.number, query)] or numbers
        for one in fitting if len(contacts) <= FEW else fitting[:1]:
            detail = f"{LABELS[Kind(one.kind)]} {format_number(one.number + one.after)}"
            yield Suggestion(one.number + one.after, contact.name, detail, "contact")


def find_contacts(user: User, account: TwilioAccount, query: str) -> list[Contact]:
    """Those whose names begin with it, then those in which it stands anywhere; only who can be called."""
    begin = make_sort_name(query, length=len(query))
    found = []
    if begin and re.search(r"[^\W\d]", begin):
        found = find_keys(
            user,
            account,
            whose="",
            # A range of the index: LIKE would not be one on every database.
            narrow=lambda contacts: contacts.filter(sort_name__gte=begin, sort_name__lt=begin + LAST_LETTER),
            after=None,
            at_most=AT_MOST,
        )
    if len(found) < AT_MOST:
        anywhere = find_keys(
            user,
            account,
            whose="",
            narrow=lambda contacts: search(contacts, query),
            after=None,
            at_most=2 * AT_MOST,
        )
        found = list(dict.fromkeys([*found, *anywhere]))
    return [contact for contact in get_in_order(found) if contact.numbers.all()][:AT_MOST]


def suggest_recents(user: User, query: str) -> Iterator[Suggestion]:
    """Numbers of the person's last calls that have no name; those that have are contacts."""
    pieces = list_pieces(query)
    calls = RecentCall.objects.of(user).order_by("-started_at", "-pk")
    rows = calls.values_list("address", "name", "searched")[:RECENT]
    fitting = (
        (address, name)
        for address, name, searched in rows
        if address.startswith("+")
        and all(any(one in make_plain(searched) for one in piece) for piece in pieces)
    )
    for address, name in islice(unique(fitting), AT_MOST):
        shown = format_number(address)
        yield Suggestion(address, name or shown, shown if name else _("Recent call"), "recent")


def unique(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    seen = set()
    for address, name in pairs:
        if address not in seen:
            seen.add(address)
            yield address, name


def fits(number: str, query: str) -> bool:
    """Whether the digits that were typed stand in `number`, as it is written abroad or at home."""
    written = " ".join(list_digits(number))
    return all(any(one in written for one in piece) for piece in list_pieces(query))
