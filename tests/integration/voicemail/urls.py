"""The product's addresses, and one that answers every call with voicemail at once."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from twilio.twiml.voice_response import VoiceResponse

from accounts.twilio.credentials import TwilioAccount
from dognbone.urls import urlpatterns as of_product
from phone.calls.call import Call
from phone.calls.records import record_call
from phone.calls.webhooks import twilio_webhook
from phone.voicemail.arriving import expect_message
from phone.voicemail.twiml import build_record


@twilio_webhook
def answer(request: HttpRequest, account: TwilioAccount) -> HttpResponse:
    call = record_call(
        account=account,
        call_sid=request.POST["CallSid"],
        direction=Call.Direction.INCOMING,
        user=None,
        from_address=request.POST["From"],
        to_address=request.POST["To"],
    )
    expect_message(call)
    response = VoiceResponse()
    response.say("Hello.")
    build_record(response, account, max_seconds=3)
    return HttpResponse(str(response), content_type="text/xml")


urlpatterns = [*of_product, path("answered/<str:webhook_key>/", answer, name="answered")]
