"""The addresses of voicemail: its pane, a message's sound, deleting it, and what Twilio says of one."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.outside import leave_database
from accounts.people import User, get_user
from accounts.toasts import Deed, say_done
from accounts.twilio.credentials import TwilioAccount
from phone.calls.webhooks import twilio_webhook
from phone.recordings.state import read_callback, record_news
from phone.recordings.views import send_sound
from phone.voicemail.mailbox import delete_message, list_messages, mark_heard, take_back
from phone.voicemail.messages import VoicemailCopy
from phone.voicemail.twiml import LANGUAGE, build_goodbye


@require_safe
def voicemail(request: HttpRequest) -> TemplateResponse:
    """A pane: the person's messages, newest first."""
    person = get_user(request)
    before = read_before(request)
    items, older = list_messages(person, before=int(before) if before else None)
    context = {
        "title": _("Voicemail"),
        "link": "voicemail",
        "items": items,
        "older": older,
        "before": before,
    }
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


@require_http_methods(["GET", "HEAD", "POST"])
def voicemail_delete(request: HttpRequest, pk: str) -> HttpResponseBase:
    """Deletes the person's own copy, or, `for` everybody, all; offers to take it back, and the other."""
    if request.method == "POST":
        copy = find_copy(get_user(request), pk)
        for_everybody = request.GET.get("for") == "everybody"
        # Deleted for oneself already, it may still be deleted for everybody.
        if copy.deleted_at is None or for_everybody:
            say_deleted(request, copy, delete_message(copy, for_everybody=for_everybody))
    return go_back(request)


def say_deleted(request: HttpRequest, copy: VoicemailCopy, others: list[str]) -> None:
    undo = build_address("voicemail_undo", request, copy)
    if others:
        everybody = build_address("voicemail_delete", request, copy, {"for": "everybody"})
        words = ngettext(
            "The message is deleted for you; {name} has it still.",
            "The message is deleted for you; {count} others have it still.",
            len(others),
        ).format(name=others[0], count=len(others))
        say_done(request, words, undo=undo, more=[Deed(_("Delete for everybody"), everybody)])
    else:
        say_done(request, _("The message is deleted. In a minute it goes at Twilio, too."), undo=undo)


@require_http_methods(["GET", "HEAD", "POST"])
def voicemail_undo(request: HttpRequest, pk: str) -> HttpResponseBase:
    """Takes a deletion back, until Twilio has been told."""
    if request.method == "POST":
        if take_back(find_copy(get_user(request), pk)):
            say_done(request, _("The message is back."))
        else:
            messages.error(request, _("The message has been deleted at Twilio already."))
    return go_back(request)


def build_address(
    name: str, request: HttpRequest, copy: VoicemailCopy, fields: dict[str, str] | None = None
) -> str:
    """Of a deed that comes back to the page of the list that is shown."""
    kept = {**(fields or {}), **({"before": before} if (before := read_before(request)) else {})}
    address = reverse(name, args=[copy.message_id])
    return f"{address}?{urlencode(kept)}" if kept else address


def go_back(request: HttpRequest) -> HttpResponseBase:
    before = read_before(request)
    return redirect(reverse("voicemail") + (f"?before={before}" if before else ""))


def read_before(request: HttpRequest) -> str:
    """The copy that the page before the one shown ended with; empty for the first page."""
    before = request.GET.get("before", "")
    return before if before.isascii() and before.isdigit() and len(before) < 16 else ""


def get_copy(person: User, pk: str) -> VoicemailCopy:
    """The message in this person's voicemail, else 404."""
    mine = VoicemailCopy.objects.of_person(person)
    found: VoicemailCopy = get_object_or_404(
        mine.select_related("user", "message__recording__account", "message__recording__call"), message=pk
    )
    return found


def find_copy(person: User, pk: str) -> VoicemailCopy:
    """As `get_copy`, also of a message that the person has deleted."""
    mine = VoicemailCopy.objects.filter(user=person, message__account__memberships__user=person)
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
