"""What Twilio asks and tells of a message that a caller leaves."""

from django.http import HttpRequest, HttpResponse
from twilio.twiml.voice_response import VoiceResponse

from accounts.twilio.credentials import TwilioAccount
from phone.calls.webhooks import twilio_webhook


@twilio_webhook
def voicemail_recorded(request: HttpRequest, account: TwilioAccount) -> HttpResponse:
    """The caller is done."""
    response = VoiceResponse()
    response.say("Thank you. Goodbye.")
    response.hangup()
    return HttpResponse(str(response), content_type="text/xml")


@twilio_webhook
def voicemail_status(request: HttpRequest, account: TwilioAccount) -> HttpResponse:
    return HttpResponse(status=204)
