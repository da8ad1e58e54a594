"""Who has to have a second factor, and keeping those without one from everything else until they have."""

from collections.abc import Callable, Iterable
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

from accounts.fragments import leave_for
from accounts.people import User

NOBODY, STAFF, EVERYBODY = CHOICES = ("nobody", "staff", "everybody")

# Setting one up, proving who one is, leaving; and what a page is made of, whoever asks.
OPEN_PAGES = ("sign_ins", "manifest", "service_worker", "offline", "healthz", "readyz")
OPEN_ROOMS = ("mfa_", "account_")

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def find_factors(*people: User) -> "QuerySet[Authenticator]":
    """Without the recovery codes, which only stand in for one."""
    found: QuerySet[Authenticator] = Authenticator.objects.filter(user__in=people)
    return found.exclude(type=Authenticator.Type.RECOVERY_CODES)


def is_required_of(user: User) -> bool:
    required = settings.REQUIRE_SECOND_FACTOR
    return bool(required == EVERYBODY or (required == STAFF and user.is_staff))


def is_factor_missing(user: User | AnonymousUser) -> bool:
    """Whether somebody is signed in who may do nothing but set up a second factor."""
    return isinstance(user, User) and user.pk in find_missing_factors([user])


def find_missing_factors(people: Iterable[User]) -> set[int]:
    """The keys of those of `people` who may do nothing but set up a second factor; one query at most."""
    asked = [person for person in people if is_required_of(person)]
    have = set(find_factors(*asked).values_list("user", flat=True)) if asked else set()
    return {person.pk for person in asked} - have


class RequireSecondFactor:
    """Leads whoever lacks one to where it is set up; and has no cache keep what is shown there."""

    sync_capable, async_capable = True, False

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if get_name(request).startswith("mfa_"):
            add_never_cache_headers(response)
        return response

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        name = get_name(request)
        if settings.REQUIRE_SECOND_FACTOR == NOBODY or name in OPEN_PAGES or name.startswith(OPEN_ROOMS):
            return None
        if not is_factor_missing(request.user):
            return None
        # A module of the page takes it for a session that has ended, and asks for the whole page.
        if (
            "text/html" not in request.headers.get("Accept", "text/html")
            and "HX-Request" not in request.headers
        ):
            return HttpResponse(status=401)
        return leave_for(request, reverse("mfa_index"))


def get_name(request: HttpRequest) -> str:
    return (request.resolver_match and request.resolver_match.url_name) or ""
