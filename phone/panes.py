"""Panes: what lies beside the phone, swapped without touching the phone itself.

`pane(view)` wraps a view that answers a `TemplateResponse` whose template extends `phone/pane.html`. Asked
with the header `HX-Request`, as htmx asks, it answers that fragment; else the whole phone page with the
fragment in it, so that each pane has an address of its own. Other answers of the view pass as they are.
"""

import json
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie

from accounts.company.memberships import Membership, get_membership, get_membership_of
from accounts.fragments import (
    View,
    allow_compression,
    in_two_shapes,
    is_fragment_asked,
    leave_for,
    mark_fragment,
)
from accounts.people import User, get_user
from accounts.translated import Words
from accounts.twilio.credentials import TwilioCredentials
from phone.calls.unread import build_counts
from phone.page import build_page


@dataclass(frozen=True)
class Link:
    """One of the links to the panes. `count` is of what `counted` names, such as "1 missed"."""

    name: str
    label: Words
    url: str
    counted: str = ""
    unit: Words = ""
    count: int = 0

    @property
    def full_label(self) -> str:
        return f"{self.label}, {self.count} {self.unit}" if self.count else str(self.label)


# Behind their figure in a link's name: "1 missed", "2 new".
MISSED = pgettext_lazy("so many calls", "missed")
NEW = pgettext_lazy("so many messages", "new")
# By the name of their address. One whose address there is none of is not offered.
LINKS: tuple[dict[str, Any], ...] = (
    {"name": "recents", "label": gettext_lazy("Recents"), "counted": "missed", "unit": MISSED},
    {"name": "voicemail", "label": gettext_lazy("Voicemail"), "counted": "voicemail", "unit": NEW},
    {"name": "contacts", "label": gettext_lazy("Contacts")},
    {"name": "colleagues", "label": gettext_lazy("Colleagues")},
    {"name": "phone_settings", "label": gettext_lazy("Settings")},
    {"name": "connect_twilio", "label": "Twilio"},
)


# The panes of whoever has been refused by the owner of their Twilio account: what is theirs alone.
OF_ONE_ALONE = frozenset({"phone", "colleagues", "recents", "people"})


def pane(view: View) -> View:
    """See this module's docstring. The view's person is signed in, and has connected Twilio."""

    @never_cache
    @ensure_csrf_cookie
    @in_two_shapes
    @wraps(view)
    def framed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user = get_user(request)
        membership = get_membership_of(request)
        if membership is None:
            return leave_for(request, reverse("connect_twilio"))
        credentials = membership.credentials.fetched_for(user)
        if membership.account is None and get_url_name(request) not in OF_ONE_ALONE:
            response: HttpResponseBase = build_apart(request)
        else:
            response = view(request, *args, **kwargs)
        if not isinstance(response, TemplateResponse):
            return response
        if is_fragment_asked(request):
            # For a page whose socket is away just now.
            response["X-Counts"] = json.dumps(build_counts(user))
            return mark_fragment(request, response)
        # Whoever has changed something may have changed their own part in it.
        rights = membership if request.method in ("GET", "HEAD") else get_membership(user)
        return frame(request, response, user, credentials, rights)

    return framed


def get_url_name(request: HttpRequest) -> str:
    return (request.resolver_match.url_name or "") if request.resolver_match else ""


def build_apart(request: HttpRequest) -> TemplateResponse:
    """In place of what is a company's, for whoever its owner has refused."""
    link = get_url_name(request)
    label = next((one["label"] for one in LINKS if one["name"] == link), _("Company"))
    return TemplateResponse(request, "company/apart.html", {"title": label, "link": link}, status=403)


def frame(
    request: HttpRequest,
    fragment: TemplateResponse,
    user: User,
    credentials: TwilioCredentials,
    rights: Membership | None,
) -> HttpResponse:
    """The whole page, with what `fragment` renders in the pane's place.

    It may be compressed: the token in it is another each time, as Django's CSRF token is, so that there is
    nothing that BREACH could guess.
    """
    context = fragment.context_data or {}
    fragment.render()
    page = render(
        request,
        "phone/phone.html",
        {
            **build_page(user, credentials, rights, colleagues=context.get("colleagues")),
            # In a small window: over the phone, unless it was the phone that was asked for.
            "is_over": request.path != reverse("phone"),
            "pane": mark_safe(fragment.content.decode()),
            "title": _("Phone") if request.path == reverse("phone") else context["title"],
            "link": context["link"],
            "links": list_links(user),
        },
        status=fragment.status_code,
    )
    return allow_compression(page)


def list_links(user: User) -> list[Link]:
    counts = build_counts(user)
    links = []
    for link in LINKS:
        try:
            url = reverse(link["name"])
        except NoReverseMatch:
            continue
        links.append(Link(**link, url=url, count=counts.get(link.get("counted", ""), 0)))
    return links
