"""Answers in two shapes: a whole page, or the fragment of it that htmx puts beside the phone.

htmx says `HX-Request: true` of what it asks for: https://htmx.org/reference/#request_headers. It takes
whatever it is answered for a fragment; so what is one says so, in `X-Pane`, and nothing else is put there.
What was just done is said in a header as well (`accounts/toasts.py`).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils.cache import patch_vary_headers

from accounts.toasts import put_toasts

View = Callable[..., HttpResponseBase]


def in_two_shapes(view: View) -> View:
    """Guards `view` as login_required does, and keeps caches from taking one shape for the other."""

    @wraps(view)
    def shaped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        is_signed_in = request.user.is_authenticated and request.user.is_active
        response = view(request, *args, **kwargs) if is_signed_in else go_to_sign_in(request)
        patch_vary_headers(response, ("HX-Request",))
        return response

    return shaped


def beside_the_phone(view: View) -> View:
    """A page of somebody's account: by itself, or beside the phone where htmx asks for it there.

    Its template extends `layout` (`offer_layout()`), and needs no script of its own.
    """

    @in_two_shapes
    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        # Any other is a page of its own: what refuses, or leads elsewhere.
        if isinstance(response, HttpResponse) and response.status_code in (200, 422):
            return mark_fragment(request, response) if is_fragment_asked(request) else response
        return response

    return shown


def offer_layout(request: HttpRequest) -> dict[str, str]:
    """For templates: `layout`."""
    return {"layout": get_layout(request)}


def is_fragment_asked(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def get_layout(request: HttpRequest) -> str:
    """What a page's template extends that is shown beside the phone, too."""
    return "fragment.html" if is_fragment_asked(request) else "base.html"


def mark_fragment(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    response["X-Pane"] = "yes"
    put_toasts(request, response)
    return response


def allow_compression(response: HttpResponse) -> HttpResponse:
    """Only of a page in which there is nothing secret that stays the same: see BREACH, https://breachattack.com."""
    response.may_be_compressed = True  # type: ignore[attr-defined]
    return response


def go_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Back to the same address once signed in; to the phone where something was sent, which is lost."""
    is_read = request.method in ("GET", "HEAD")
    back = request.get_full_path() if is_read else resolve_url(settings.LOGIN_REDIRECT_URL)
    return leave_for(request, redirect_to_login(back, resolve_url(settings.LOGIN_URL)).url)


def leave_for(request: HttpRequest, url: str) -> HttpResponse:
    """Takes the whole page elsewhere: htmx would put a redirect's end into the pane."""
    if is_fragment_asked(request):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return redirect(url)
