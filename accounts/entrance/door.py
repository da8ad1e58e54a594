"""What answers at the door carry besides their page: when to come back, and who is known from now on."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import sync_only_middleware

from accounts.audit.refusals import Refusal, record_refusal
from accounts.clients import get_client_info
from accounts.entrance.devices import write_device
from accounts.entrance.limits import RETRY_AFTER, describe_wait

GetResponse = Callable[[HttpRequest], HttpResponseBase]

# The period of each limit that is allauth's own (`ACCOUNT_RATE_LIMITS` in its source): a minute.
ALLAUTH_SECONDS = 60


@sync_only_middleware
def keep_the_door(get_response: GetResponse) -> GetResponse:
    """Sets the browser's cookie, and makes a page that refused an attempt a 429 with Retry-After."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        write_device(request, response)
        wait = request.META.get(RETRY_AFTER)
        if wait and response.status_code in (200, 400, 422):
            response.status_code = 429
            response["Retry-After"] = str(wait)
        return response

    return answer


def too_many(request: HttpRequest) -> HttpResponse:
    """allauth's handler429, for the limits that are its own."""
    person: Any = request.user if request.user.is_authenticated else None
    page = request.resolver_match.url_name if request.resolver_match else ""
    what = Refusal.What.SIGN_UP if page == "account_signup" else Refusal.What.ACCOUNT
    record_refusal(what, user=person, client=get_client_info(request), about=page or "")
    words = {"wait": describe_wait(ALLAUTH_SECONDS)}
    response = render(request, "429.html", words, status=429)
    response["Retry-After"] = str(ALLAUTH_SECONDS)
    return response


def enter_admin(request: HttpRequest, extra_context: object = None) -> HttpResponse:
    """The admin's own sign-in page, behind `secure_admin_login`: for those who are in already.

    Django's would also try any account's password that is posted to it, past every limit.
    """
    return redirect("admin:index")


def change_password(request: HttpRequest, extra_context: object = None) -> HttpResponse:
    """The admin's page to change one's own password, which takes any number of guesses at the old one."""
    return redirect("account_change_password")
