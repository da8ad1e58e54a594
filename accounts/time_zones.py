"""Whose time is told: that of the browser that asks, which names its zone in a cookie."""

import re
from collections.abc import Callable
from datetime import tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import sync_only_middleware

COOKIE = "time_zone"
NAME = re.compile(r"[A-Za-z0-9_+-]{1,32}(/[A-Za-z0-9_+-]{1,32}){0,2}")

GetResponse = Callable[[HttpRequest], HttpResponseBase]


@sync_only_middleware
def tell_time(get_response: GetResponse) -> GetResponse:
    """Answers every request in its browser's time; the admin keeps the server's."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if COOKIE not in request.COOKIES or request.path.startswith(reverse("admin:index")):
            return get_response(request)
        with timezone.override(get_zone(request)):
            return get_response(request)

    return answer


def get_zone(request: HttpRequest) -> tzinfo:
    """The server's own where the cookie names none that is known here."""
    name = request.COOKIES.get(COOKIE, "").replace("%2F", "/")
    try:
        return ZoneInfo(name if NAME.fullmatch(name) else settings.TIME_ZONE)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(settings.TIME_ZONE)
