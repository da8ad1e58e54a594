"""Asking somebody who is signed in whether it is still them, before what matters most.

Whoever has signed in within the last `ACCOUNT_REAUTHENTICATION_TIMEOUT` seconds is not asked. What was sent
is not kept over the detour, as allauth would in the session: it may be a secret. A page that has something
to lose keeps it itself (`accounts/twilio/swapped.py`).
"""

import time
from collections.abc import Callable
from urllib.parse import urlencode

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url

from accounts.fragments import leave_for

SIGNED_IN_AT = "signed_in_at"

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def note_sign_in_time(request: HttpRequest) -> None:
    """A sign-in is a proof as good as being asked; of this session alone, not of others of the person's."""
    request.session[SIGNED_IN_AT] = int(time.time())


def has_just_signed_in(request: HttpRequest) -> bool:
    since = time.time() - request.session.get(SIGNED_IN_AT, 0)
    return bool(since < app_settings.REAUTHENTICATION_TIMEOUT)


def is_to_be_asked(request: HttpRequest) -> bool:
    """Whether the signed-in person has to say once more that it is them."""
    return bool(is_reauthentication_required(request, app=""))


def ask_again(request: HttpRequest, *, back_to: str = "") -> HttpResponse:
    """To the page that asks, and from there back to this address, or to `back_to`."""
    methods = get_adapter().get_reauthentication_methods(request.user)
    asks = methods[0]["url"] if methods else resolve_url(settings.LOGIN_URL)
    return leave_for(
        request, f"{asks}?{urlencode({REDIRECT_FIELD_NAME: back_to or request.get_full_path()})}"
    )


class AskAgain:
    """What raises ReauthenticationRequired is answered with the page that asks."""

    sync_capable, async_capable = True, False

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return ask_again(request) if isinstance(exception, ReauthenticationRequired) else None
