"""What Twilio asks and tells of an echo test, and where it fetches what it plays back."""

import logging
import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.twilio.credentials import TwilioAccount
from phone.calls.webhooks import WEBHOOK_KEY, twilio_webhook
from phone.echo_tests.echo_test import EchoTest
from phone.echo_tests.progress import go_on, hear
from phone.echo_tests.sound import NoSound, fetch_sound, find_playable

logger = logging.getLogger(__name__)


@twilio_webhook
def echo_test(request: HttpRequest, account: TwilioAccount) -> HttpResponse:
    """What is heard next: asked once something, or nothing, was said, after a wait, and after the playing."""
    document = go_on(account, request.POST["CallSid"], request.POST.dict(), request.GET)
    return HttpResponse(document, content_type="text/xml")


@twilio_webhook
def echo_test_status(request: HttpRequest, account: TwilioAccount) -> HttpResponse:
    """What became of the recording."""
    hear(account, request.POST["CallSid"], request.POST.dict())
    return HttpResponse(status=204)


@require_safe
def echo_test_sound(request: HttpRequest, webhook_key: str, key: uuid.UUID, signature: str) -> HttpResponse:
    """What was said, for `<Play>`, which sends none of a webhook's parameters: the address is signed."""
    test = find_playable(webhook_key, key, signature) if WEBHOOK_KEY.fullmatch(webhook_key) else None
    if test is None:
        raise Http404
    try:
        sound = fetch_sound(test)
    except NoSound as error:
        logger.warning("Twilio gave no sound for an echo test: %s", error)
        return HttpResponse(status=503)
    EchoTest.objects.filter(pk=test.pk).update(is_fetched=True)
    # Twilio keeps what it plays by the usual headers.
    return HttpResponse(sound, content_type="audio/wav", headers={"Cache-Control": "no-store"})
