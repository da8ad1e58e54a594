"""The pane of recent calls, one call as a pane, and the note that is kept with it."""

import json
import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.people import User, get_user
from accounts.time_zones import get_zone
from accounts.toasts import say_done
from accounts.twilio.credentials import TwilioAccount
from phone.calls.unread import push_counts
from phone.calls.webhooks import CALL_SID
from phone.causes.endings import describe_ending
from phone.contacts.names import find_contact
from phone.recents.blocked import build_block_of_call
from phone.recents.cursors import Cursor
from phone.recents.notes import NoteRefused, read_note, write_note
from phone.recents.recent_call import NOTE_LENGTH, RecentCall, RecentCallQuerySet
from phone.recents.searching import search, tidy
from phone.recents.showing import build_days, build_lines
from phone.recents.sounds import build_sounds
from phone.recents.story import build_story
from phone.recents.zones import find_day

PAGE = 30
# What a page that has asked for older ones again and again is shown anew when a call arrives.
MOST_SHOWN = 300


@require_safe
def recents(request: HttpRequest) -> TemplateResponse:
    """A person's calls, the newest first; to look at them is to have seen which were missed.

    `q` is what they search for, `missed` shows those alone. `before` goes on from a cursor, with `day` as the
    day that has its heading already; `down_to` shows all from the newest to a cursor.
    """
    user, zone = get_user(request), get_zone(request)
    query = tidy(request.GET.get("q", ""))
    is_missed_only = request.GET.get("missed") == "1"
    rows = RecentCall.objects.of(user)
    if is_missed_only:
        rows = rows.missed()
    if query:
        rows = search(rows, query)
    before = Cursor.read(request.GET.get("before", ""))
    found, has_older = cut(rows, before, Cursor.read(request.GET.get("down_to", "")))
    if request.method == "GET" and before is None:
        mark_seen(user)
    last = found[-1] if found else None
    kept = {name: value for name, value in (("q", query), ("missed", "1" if is_missed_only else "")) if value}
    older = {**kept, "before": str(Cursor.of(last))} if last and has_older else None
    return TemplateResponse(
        request,
        "recents/recents.html",
        {
            "title": _("Recents"),
            "link": "recents",
            "zone": zone,
            "query": query,
            "is_missed_only": is_missed_only,
            "is_later_page": before is not None,
            "days": build_days(found, zone=zone, begun=request.GET.get("day", "")),
            "newest_url": build_url(kept),
            "older_url": build_url(older) if older else "",
            "older_day": find_day(last.started_at, zone).isoformat() if last else "",
            "down_to": str(Cursor.of(last)) if last else "",
        },
    )


def cut(
    rows: RecentCallQuerySet, before: Cursor | None, down_to: Cursor | None
) -> tuple[list[RecentCall], bool]:
    """One page of `rows`, and whether there are older ones."""
    rows = rows.order_by("-started_at", "-pk")
    most = PAGE
    if before is not None:
        rows = before.older(rows)
    elif down_to is not None:
        most = max(PAGE, min(MOST_SHOWN, down_to.down_to(rows)[:MOST_SHOWN].count()))
    # First which, then they themselves: the one is read from the index alone, the other is one page.
    keys = list(rows.values_list("pk", flat=True)[: most + 1])
    found = RecentCall.objects.filter(pk__in=keys[:most]).select_related("call")
    return list(found.order_by("-started_at", "-pk")), len(keys) > most


def mark_seen(user: User) -> None:
    with transaction.atomic():
        missed = RecentCall.objects.of(user).missed().filter(seen_at=None)
        if missed.update(seen_at=timezone.now()):
            push_counts(user)


def build_url(parameters: dict[str, str]) -> str:
    address = reverse("recents")
    return f"{address}?{urlencode(parameters)}" if parameters else address


@require_http_methods(["GET", "HEAD", "POST"])
def one_call(request: HttpRequest, call_id: uuid.UUID) -> HttpResponseBase:
    """One call of the person's: what became of it, step by step, and their note, which a POST stores."""
    user, zone = get_user(request), get_zone(request)
    row = get_object_or_404(RecentCall.objects.of(user).select_related("call"), call_id=call_id)
    fault = ""
    if request.method == "POST":
        try:
            write_note(row, read_note(request.POST.get("note", "")))
            say_done(request, _("The note is kept."))
            return redirect("one_call", call_id)
        except NoteRefused as refusal:
            fault = str(refusal)
    [line] = build_lines([row], zone=zone)
    context = {
        "title": line.name,
        "link": "recents",
        "zone": zone,
        "line": line,
        "end": describe_ending(row.call, user, was_open=row.answered_at is not None).cause,
        "steps": build_story(row, zone),
        "note": request.POST.get("note", "") if fault else row.note,
        "note_length": NOTE_LENGTH,
        "fault": fault,
        "sounds": build_sounds(row.call, user),
        "blocking": build_block_of_call(row, user, zone),
        "contact_url": find_contact_url(row, user),
    }
    return TemplateResponse(request, "recents/one_call.html", context, status=422 if fault else 200)


def find_contact_url(row: RecentCall, user: User) -> str:
    """The contact that a number has its name from, or the form that adds it; "" where there is no number."""
    number = row.address.partition(",")[0]
    account = TwilioAccount.objects.filter(memberships__user=user).first()
    if account is None or not number.startswith("+"):
        return ""
    found = find_contact(user, account, number)
    if found is not None:
        return reverse("one_contact", args=[found])
    return f"{reverse('new_contact')}?{urlencode({'number': number})}"


@never_cache
@login_required
@require_POST
def note(request: HttpRequest, call_sid: str) -> JsonResponse:
    """Stores the note of the person's call, from a form or from JSON: `{"note"}`. 422: it cannot be kept."""
    rows = RecentCall.objects.of(get_user(request)).filter(call__call_sid=call_sid)
    row = rows.first() if CALL_SID.fullmatch(call_sid) else None
    if row is None:
        return refuse(404, "not_yours", _("There is no such call of yours."))
    try:
        written = read_note(read_body(request).get("note"))
    except NoteRefused as refusal:
        return refuse(422, "note_refused", str(refusal))
    write_note(row, written)
    return JsonResponse({"note": written})


def read_body(request: HttpRequest) -> Any:
    """A form's fields, or a JSON object. Raises NoteRefused."""
    if request.content_type != "application/json":
        return request.POST
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise NoteRefused("What was sent is not JSON.") from error
    if not isinstance(body, dict):
        raise NoteRefused("What was sent is not an object with a note in it.")
    return body


def refuse(status: int, cause: str, words: str) -> JsonResponse:
    return JsonResponse({"cause": cause, "words": words, "remedy": ""}, status=status)
