"""The addresses of recordings: the sound, what Twilio says of them, whose calls are recorded."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts.clients import get_client_info
from accounts.outside import leave_database
from accounts.people import User, get_user
from accounts.twilio.credentials import TwilioAccount
from phone.calls.webhooks import twilio_webhook
from phone.recordings.announcing import LANGUAGE, build_announcement
from phone.recordings.listenings import record_listening
from phone.recordings.recordings import Recording
from phone.recordings.sound import CannotListen, build_sound_response
from phone.recordings.state import read_callback, record_news


@require_safe
@login_required
def recording_sound(request: HttpRequest, pk: str) -> HttpResponseBase:
    """The sound of a recorded call, for those who talked on it."""
    person = get_user(request)
    mine = Recording.objects.of_person(person).select_related("account", "call").filter(deleted_at=None)
    recording = get_object_or_404(mine.distinct(), pk=pk)
    return send_sound(request, recording, person, name="call")


def send_sound(request: HttpRequest, recording: Recording, person: User, *, name: str) -> HttpResponseBase:
    """The sound, kept among what was listened to; or why there is none, in words."""
    begun = timezone.localtime(recording.begun_at)
    try:
        response = build_sound_response(
            request, recording, filename=f"{name}-{begun:%Y-%m-%d-%H%M}", person=person
        )
    except CannotListen as reason:
        return reason.as_response()
    if request.method == "GET" and response.status_code in (200, 206):
        try:
            record_listening(
                recording=recording,
                person=person,
                client=get_client_info(request),
                is_download="download" in request.GET,
            )
        except BaseException:
            response.close()
            raise
        # For as long as the sound flows, which may be minutes.
        leave_database()
    return response


@twilio_webhook
def recording_status(request: HttpRequest, account: TwilioAccount) -> HttpResponse:
    """News of a recording: begun, complete, or that there is none."""
    news = read_callback(request.POST)
    if news is not None:
        record_news(account=account, call_sid=request.POST["CallSid"], news=news)
    return HttpResponse(status=204)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def recording_announcement(request: HttpRequest, webhook_key: str) -> HttpResponse:
    """One sentence, which names nobody. A conference asks for it without a CallSid, so unsigned."""
    return HttpResponse(build_announcement(request.GET.get(LANGUAGE, "")), content_type="text/xml")
