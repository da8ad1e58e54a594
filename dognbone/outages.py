"""What everybody hears while the database is away: each in the words that they can use.

None of it needs the database. A person gets a page, Twilio gets TwiML that it speaks to the caller,
the phone page gets a verdict that blames nobody.
"""

import sys
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils.cache import patch_vary_headers
from django.utils.decorators import sync_only_middleware
from django.utils.translation import get_language

from accounts.languages import speaking_to_browser
from dognbone.error_pages import server_error
from dognbone.postgresql.state import is_database_away, is_outage
from dognbone.serving import serving
from phone.calls.twiml import build_hangup, build_spoken
from phone.calls.webhooks import WebhookRefused, read_params
from phone.tokens.answers import DATABASE_AWAY, refuse

GetResponse = Callable[[HttpRequest], HttpResponseBase]

RETRY_AFTER_SECONDS = 5
APOLOGY = "We are sorry. This phone system cannot take your call at the moment. Please try again shortly."
# Where Twilio asks what somebody hears next.
SPOKEN = (
    "voice_webhook",
    "dial_action",
    "join_room",
    "answer_following",
    "transfer_leg",
    "rescue_leg",
    "left_caller",
    "sent_to_voicemail",
    "voicemail_recorded",
    "echo_test",
    "woken",
)


@sync_only_middleware
def turn_away(get_response: GetResponse) -> GetResponse:
    """Nobody waits for a database that is known to be away, or that this process has not yet checked."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        # Whether all is well, they answer for themselves.
        if not (is_database_away() or serving.is_held_back) or request.path_info in settings.HEALTH_PATHS:
            return get_response(request)
        return build_answer(request)

    return answer


def answer_fault(request: HttpRequest) -> HttpResponse:
    """Django's handler500: the database went away during this request, or something broke."""
    if is_outage(sys.exc_info()[1]) or is_database_away():
        return build_answer(request)
    with speaking_to_browser(request):
        return tell_language(server_error(request))


def build_answer(request: HttpRequest) -> HttpResponse:
    """503 with Retry-After, but 200 for what Twilio speaks: it hangs up without a word on an error."""
    match get_name(request):
        case name if name in SPOKEN:
            words = build_hangup() if has_talked(request) else build_spoken(APOLOGY)
            return HttpResponse(words, content_type="text/xml; charset=utf-8")
        case name if name == "token" or "json" in request.headers.get("Accept", ""):
            with speaking_to_browser(request):
                refusal = refuse(503, DATABASE_AWAY)
                response = tell_language(JsonResponse(refusal.body, status=refusal.status))
        case "call_status":
            # Twilio plays nothing then, and its debugger shows the operator that a status was lost.
            response = HttpResponse("Unavailable", content_type="text/plain; charset=utf-8", status=503)
        case _:
            with speaking_to_browser(request):
                response = tell_language(HttpResponse(render_to_string("503.html"), status=503))
    # Django would write a line for each; that the database is away is said once, by the watch.
    response._has_been_logged = True  # type: ignore[attr-defined]
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    response["Cache-Control"] = "no-store"
    return response


def tell_language(response: HttpResponse) -> HttpResponse:
    """What `accounts.languages.speak` says of an answer, for one that it has not seen."""
    response["Content-Language"] = get_language()
    patch_vary_headers(response, ("Accept-Language",))
    return response


def has_talked(request: HttpRequest) -> bool:
    """Whether the Dial that Twilio tells the end of was answered: nobody wants an apology then.

    https://www.twilio.com/docs/voice/twiml/dial#dialcallstatus
    """
    try:
        return read_params(request).get("DialCallStatus") in ("completed", "answered")
    except WebhookRefused:
        return False


def get_name(request: HttpRequest) -> str:
    """The name of the address that was asked for; "" for an unknown one."""
    try:
        return resolve(request.path_info).url_name or ""
    except Resolver404:
        return ""
