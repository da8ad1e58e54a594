"""`/accounts/me/`: taking one's data along, and deleting one's account."""

from contextlib import suppress

from allauth.account.decorators import reauthentication_required
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.clients import get_client_info
from accounts.entrance.limits import describe_wait
from accounts.fragments import beside_the_phone
from accounts.people import get_user
from accounts.rate_limits import RateLimit
from accounts.streamed_files import stream_file
from phone.own_data.deleting import NotDeletable, delete_person, find_obstacle
from phone.own_data.gathering import FILES
from phone.own_data.zipping import write_zip

EXPORTS = RateLimit("own-data", limit=10, seconds=3600)


@require_safe
@never_cache
@beside_the_phone
def me(request: HttpRequest) -> HttpResponse:
    return render(request, "people/me.html", {"obstacle": find_obstacle(get_user(request))})


@require_safe
@never_cache
@login_required
def own_data(request: HttpRequest) -> HttpResponseBase:
    """All that is the person's, as a zip archive."""
    person = get_user(request)
    if seconds := EXPORTS.take(person.pk):
        response = render(request, "429.html", {"wait": describe_wait(seconds)}, status=429)
        response["Retry-After"] = str(seconds)
        return response
    files = ((file.name, file.parts(person)) for file in FILES)
    name = f"dog-n-bone-{timezone.now():%Y-%m-%d}.zip"
    return stream_file(request, write_zip(files), content_type="application/zip", name=name)


@never_cache
@login_required
@reauthentication_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete_me(request: HttpRequest) -> HttpResponse:
    """Asks once more, and deletes. Whoever has not shown their password of late is asked for it first."""
    person = get_user(request)
    if request.method != "POST":
        return render(request, "people/delete_me.html", {"obstacle": find_obstacle(person)})
    if obstacle := find_obstacle(person):
        return render(request, "people/delete_me.html", {"obstacle": obstacle}, status=409)
    # First, while there is a person of whom it can be on record.
    logout(request)
    # Where somebody has joined in this moment, they sign in once more, and are told.
    with suppress(NotDeletable):
        delete_person(person, client=get_client_info(request))
    return redirect("account_login")
