"""What Twilio asks about callers who come to voicemail, or are left."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from accounts.twilio.credentials import TwilioAccount
from phone.answering.greetings import GreetingSound, sign_sound
from phone.answering.left import answer_left
from phone.answering.steps import answer_sent
from phone.calls.statuses import read_status
from phone.calls.webhooks import WEBHOOK_KEY, twilio_webhook

CACHED_SECONDS = 86_400


@twilio_webhook
def sent_to_voicemail(request: HttpRequest, account: TwilioAccount) -> HttpResponse:
    """TwiML for a caller whom somebody sent to voicemail while it rang."""
    return HttpResponse(answer_sent(account, request.POST["CallSid"]), content_type="text/xml")


@twilio_webhook
def left_caller(request: HttpRequest, account: TwilioAccount) -> HttpResponse:
    """TwiML for a caller who was answered, then left, and whom nobody takes up again."""
    document = answer_left(account, request.POST["CallSid"], read_status(request.POST))
    return HttpResponse(document, content_type="text/xml")


@require_safe
def greeting_sound(
    request: HttpRequest, webhook_key: str, sound_id: uuid.UUID, signature: str
) -> HttpResponse:
    """A recorded greeting, for Twilio's <Play>, which sends none of a webhook's parameters.

    https://www.twilio.com/docs/voice/twiml/play: so the address itself is what is signed. Twilio keeps the
    file by the usual headers; another recording has another address.
    """
    # What else an address may hold, not every database can be asked for.
    if not WEBHOOK_KEY.fullmatch(webhook_key):
        raise Http404
    account = get_object_or_404(TwilioAccount, webhook_key=webhook_key)
    if not constant_time_compare(signature, sign_sound(account, sound_id)):
        raise Http404
    sound = get_object_or_404(
        GreetingSound.objects.fetched(),
        pk=sound_id,
        user__membership__account=account,
        user__is_active=True,
    )
    return HttpResponse(
        bytes(sound.content),
        content_type="audio/wav",
        headers={"Cache-Control": f"private, max-age={CACHED_SECONDS}, immutable"},
    )
