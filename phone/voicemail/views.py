"""The addresses of voicemail: its pane, a message's sound, deleting it, and what Twilio says of one."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.outside import leave_database
from accounts.people import User, get_user
from accounts.twilio.credentials import TwilioAccount
from phone.calls.webhooks import twilio_webhook
from phone.recordings.state import read_callback, record_news
from phone.recordings.views import send_sound
from phone.voicemail.counting import count_new
from phone.voicemail.mailbox import delete_message, list_messages, mark_heard, take_back
from phone.voicemail.messages import VoicemailCopy
from phone.voicemail.twiml import LANGUAGE, build_goodbye


@require_safe
def voicemail(request: HttpRequest) -> TemplateResponse:
    """A pane: the person's messages, newest first."""
    person = get_user(request)
    before = request.GET.get("before", "")
    is_cursor = before.isascii() and before.isdigit() and len(before) < 16
    items, older = list_messages(person, before=int(before) if is_cursor else None)
    context = {"title": "Voicemail", "link": "voicemail", "items": items, "older": older}
    return TemplateResponse(request, "phone/voicemail/voicemail.html", context)


@require_safe
@login_required
def voicemail_audio(request: HttpRequest, pk: str) -> HttpResponseBase:
    """The sound of a message; whoever has fetched it, or been told that it is gone, has nothing new there."""
    person = get_user(request)
    copy = get_copy(person, pk)
    response = send_sound(request, copy.message.recording, person, name="voicemail")
    if request.method == "GET" and response.status_code in (200, 206, 410):
        mark_heard(copy)
        leave_database()
    return response


@require_POST
@never_cache
@login_required
def voicemail_delete(request: HttpRequest, pk: str) -> JsonResponse:
    """`{"others": [names], "new": n}`: who has the message still, how many are unheard. 404 once deleted."""
    person = get_user(request)
    copy = find_copy(person, pk)
    for_everybody = request.POST.get("for") == "everybody"
    # Deleted for oneself already, it may still be deleted for everybody.
    if copy.deleted_at is not None and not for_everybody:
        return answer(person, [])
    return answer(person, delete_message(copy, for_everybody=for_everybody))


@require_POST
@never_cache
@login_required
def voicemail_undo(request: HttpRequest, pk: str) -> JsonResponse:
    """Takes a deletion back; 409 once Twilio has been told."""
    person = get_user(request)
    if take_back(find_copy(person, pk)):
        return answer(person, [])
    body = {"cause": "gone", "words": "The message has been deleted at Twilio already.", "remedy": ""}
    return JsonResponse(body, status=409)


def answer(person: User, others: list[str]) -> JsonResponse:
    return JsonResponse({"others": others, "new": count_new(person)})


def get_copy(person: User, pk: str) -> VoicemailCopy:
    """The message in this person's voicemail, else 404."""
    mine = VoicemailCopy.objects.of_person(person)
    found: VoicemailCopy = get_object_or_404(
        mine.select_related("user", "message__recording__account", "message__recording__call"), message=pk
    )
    return found


def find_copy(person: User, pk: str) -> VoicemailCopy:
    """As `get_copy`, also of a message that the person has deleted."""
    mine = VoicemailCopy.objects.filter(user=person, message__account__credentials__user=person)
    found: VoicemailCopy = get_object_or_404(mine.select_related("user"), message=pk)
    return found


@twilio_webhook
def voicemail_recorded(request: HttpRequest, account: TwilioAccount) -> HttpResponse:
    """The message has been left: says goodbye, which nobody hears who has hung up."""
    params = {**request.POST.dict(), "RecordingSource": "RecordVerb", "RecordingStatus": "processing"}
    # How long it is comes with its completion; that there is one is known from now on.
    news = read_callback(params)
    if news is not None:
        record_news(account=account, call_sid=request.POST["CallSid"], news=news)
    return HttpResponse(build_goodbye(request.GET.get(LANGUAGE, "")), content_type="text/xml")


@twilio_webhook
def voicemail_status(request: HttpRequest, account: TwilioAccount) -> HttpResponse:
    """What became of the recording: complete, or that nothing was said."""
    news = read_callback({**request.POST.dict(), "RecordingSource": "RecordVerb"})
    if news is not None:
        record_news(account=account, call_sid=request.POST["CallSid"], news=news)
    return HttpResponse(status=204)
