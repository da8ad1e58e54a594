"""The timeline in the admin: of one load of the phone page, or of one person around a moment."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext

from accounts.people import User
from phone.device.events import DeviceEvent
from phone.timeline.kinds import KINDS
from phone.timeline.sections import build_sections, count_kinds
from phone.timeline.support_report import build_support_report
from phone.timeline.trails import Trail, get_page_trail, get_person_trail

PERMISSIONS = ("phone.view_deviceevent", "accounts.view_loginfailure")
STEP = timedelta(hours=1)


def read_moment(request: HttpRequest) -> datetime | None:
    """The `at` of the address, UTC where it names no zone; None where it is no time, or at the ends of it."""
    try:
        moment = parse_datetime(request.GET.get("at", "").replace(" ", "+"))
    except ValueError:
        return None
    if moment is None or moment.year in (datetime.min.year, datetime.max.year):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


@permission_required(PERMISSIONS, raise_exception=True)
def page_trail(request: HttpRequest, page_session: uuid.UUID) -> HttpResponse:
    trail = get_page_trail(page_session, sought=read_moment(request))
    if trail is None:
        raise Http404("Nothing is kept of this load of the page.")
    report = build_support_report(trail.person, page_session) if trail.person else ""
    title = gettext("One load of the phone page: {email}").format(email=trail.email)
    return show_trail(request, trail, title=title, support_report=report)


@permission_required(PERMISSIONS, raise_exception=True)
def person_trail(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    sought = read_moment(request) or find_newest(person)
    trail = get_person_trail(person, sought=sought)
    steps = {"earlier": sought - STEP, "later": sought + STEP}
    title = gettext("What happened: {email}").format(email=person.email)
    return show_trail(request, trail, title=title, **steps)


def find_newest(person: User) -> datetime:
    newest = DeviceEvent.objects.filter(user=person).values_list("received_at", flat=True).first()
    return newest or timezone.now()


def build_kind_links(request: HttpRequest, trail: Trail, chosen: list[str]) -> list[dict[str, Any]]:
    """For each kind that occurs a link that adds it to the chosen ones, or takes it away."""
    at = [("at", request.GET["at"])] if "at" in request.GET else []
    return [
        {
            "title": KINDS[kind].title,
            "count": count,
            "is_chosen": kind in chosen,
            "address": "?" + urlencode([*at, *(("kind", one) for one in sorted({kind} ^ set(chosen)))]),
        }
        for kind, count in count_kinds(trail.timeline).items()
    ]


def show_trail(request: HttpRequest, trail: Trail, *, title: str, **more: Any) -> HttpResponse:
    chosen = [kind for kind in request.GET.getlist("kind") if kind in KINDS]
    context = {
        **admin.site.each_context(request),
        "title": title,
        "trail": trail,
        "sections": build_sections(trail.timeline, chosen),
        "kinds": build_kind_links(request, trail, chosen),
        "chosen": chosen,
        "sought": read_moment(request),
        **more,
    }
    return TemplateResponse(request, "admin/timeline.html", context)
