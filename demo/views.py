"""The panel: begins and ends rehearsals, and shows what comes of them."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.people import User
from accounts.twilio.credentials import TwilioCredentials, get_connection
from demo import performance
from demo.call_rehearsals import CALLS
from demo.causes import Stage
from demo.controls import FakeSilent
from demo.credentials import GROUPS as CREDENTIAL_GROUPS
from demo.credentials import get_fields
from demo.people import ADMIN
from demo.rehearsal import CallRehearsal, Group, Rehearsal
from demo.rehearsals import GROUPS, REHEARSALS
from phone.timeline.trails import get_person_trail

# What this browser has begun: kept in its session, so that it is over with the session.
BEGUN = "rehearsal"
SHOWN_ENTRIES = 9

View = Callable[..., HttpResponse]


def needs_fake(view: View) -> View:
    """Says so where the fake Twilio does not answer, or does not know the account."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except FakeSilent as error:
            return render(request, "demo/fake_silent.html", {"reason": str(error)}, status=502)

    return answer


@require_safe
@never_cache
@login_required
@needs_fake
def panel(request: HttpRequest) -> HttpResponse:
    credentials = get_credentials(request)
    begun = get_begun(request)
    stage = get_stage(request, credentials) if credentials else None
    running = performance.find_running(stage, begun=begun) if stage else []
    context = {
        "credentials": credentials,
        "groups": [build_group(group, credentials, running, begun) for group in GROUPS],
        "credential_groups": build_credential_groups(),
        "running": running,
        "in_browser": get_part_in_browser(request),
        "timeline": settings.PUBLIC_URL + reverse("admin:person_trail", args=[request.user.pk]),
        "admin_email": ADMIN.email,
    }
    return render(request, "demo/rehearsal.html", context)


def build_group(
    group: Group, credentials: TwilioCredentials | None, running: list[Rehearsal], begun: str
) -> dict[str, Any]:
    rows = [
        {
            "rehearsal": rehearsal,
            "is_running": rehearsal in running,
            "is_mine": rehearsal.slug == begun,
            "call": rehearsal if isinstance(rehearsal, CallRehearsal) else None,
            "is_only_dialled": isinstance(rehearsal, CallRehearsal) and not rehearsal.is_begun,
            "is_possible": credentials is not None and performance.is_possible(rehearsal, credentials),
        }
        for rehearsal in group.rehearsals
    ]
    return {"title": group.title, "rows": rows, "anchor": "calls" if group is CALLS[0] else ""}


def build_credential_groups() -> list[dict[str, Any]]:
    """What there is to type on the connect page."""
    return [
        {
            "title": group.title,
            "sets": [{"title": one.title, "fields": get_fields(one)} for one in group.situations],
        }
        for group in CREDENTIAL_GROUPS
    ]


@require_POST
@login_required
@needs_fake
def begin(request: HttpRequest, slug: str) -> HttpResponse:
    rehearsal, credentials = get_rehearsal(slug), get_credentials(request)
    if credentials is None or not performance.is_possible(rehearsal, credentials):
        return redirect("rehearsal")
    performance.begin(rehearsal, get_stage(request, credentials), begun=get_begun(request))
    request.session[BEGUN] = slug
    return back_to(slug)


@require_POST
@login_required
@needs_fake
def end(request: HttpRequest, slug: str) -> HttpResponse:
    rehearsal, credentials = get_rehearsal(slug), get_credentials(request)
    if credentials is not None:
        performance.end([rehearsal], get_stage(request, credentials))
        performance.log_in_anew(credentials)
    if get_begun(request) == slug:
        del request.session[BEGUN]
    return back_to(slug)


@require_POST
@login_required
@needs_fake
def end_all(request: HttpRequest) -> HttpResponse:
    credentials = get_credentials(request)
    if credentials is not None:
        stage = get_stage(request, credentials)
        performance.end(performance.find_running(stage), stage)
        performance.log_in_anew(credentials)
    request.session.pop(BEGUN, None)
    return redirect("rehearsal")


@require_safe
@never_cache
@login_required
def trail(request: HttpRequest) -> HttpResponse:
    """What is on record of this person, newest first: what an admin sees in the timeline."""
    if not isinstance(request.user, User):
        raise Http404
    entries = get_person_trail(request.user, sought=timezone.now()).timeline.entries
    newest = [entry for entry in reversed(entries) if entry.kind != "gap"][:SHOWN_ENTRIES]
    shown = [
        {"at": entry.at.isoformat(), "title": entry.title, "detail": entry.detail, "tone": entry.tone}
        for entry in newest
    ]
    return JsonResponse({"entries": shown})


def get_rehearsal(slug: str) -> Rehearsal:
    if slug not in REHEARSALS:
        raise Http404("There is no such rehearsal.")
    return REHEARSALS[slug]


def get_credentials(request: HttpRequest) -> TwilioCredentials | None:
    return get_connection(request.user) if isinstance(request.user, User) else None


def get_stage(request: HttpRequest, credentials: TwilioCredentials) -> Stage:
    return Stage.of(credentials, in_browser=get_part_in_browser(request))


def get_begun(request: HttpRequest) -> str:
    slug = str(request.session.get(BEGUN, ""))
    return slug if slug in REHEARSALS else ""


def get_part_in_browser(request: HttpRequest) -> str:
    """What this browser is to play, or ""."""
    begun = get_begun(request)
    return REHEARSALS[begun].in_browser if begun else ""


def back_to(slug: str) -> HttpResponse:
    return redirect(f"{reverse('rehearsal')}#{slug}")
