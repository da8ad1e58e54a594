"""Where a page asks whether the server is there, and where it tells what its test came to."""

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.clients import get_body, get_client_info
from accounts.people import User
from accounts.rate_limits import RateLimit
from phone.connection_tests.reading import InvalidTest, read_test
from phone.connection_tests.recording import record_connection_test

TESTS_OF_PERSON = RateLimit("connection-tests", limit=30, seconds=600)
SIGNED_OUT = _("You are signed out here. Sign in again.")
TOO_MANY = _("More than 30 tests within ten minutes. Wait a little.")


@require_http_methods(["GET", "POST"])
@never_cache
def connection_test(request: HttpRequest) -> JsonResponse:
    """GET: `{"is_here": true}`, by which a page knows our server from whatever else may answer.

    POST: a test as JSON (`reading.py`); `{"recorded": id}`, or `{"words"}` with 401, 422 or 429.
    """
    if not isinstance(request.user, User) or not request.user.is_active:
        return JsonResponse({"words": str(SIGNED_OUT)}, status=401)
    if request.method == "GET":
        return JsonResponse({"is_here": True})
    wait = TESTS_OF_PERSON.take(request.user.pk)
    if wait:
        return JsonResponse({"words": str(TOO_MANY)}, status=429, headers={"Retry-After": str(wait)})
    try:
        reported = read_test(get_body(request))
    except InvalidTest as invalid:
        return JsonResponse({"words": invalid.words}, status=422)
    test = record_connection_test(user=request.user, reported=reported, client=get_client_info(request))
    return JsonResponse({"recorded": str(test.test_id)})
