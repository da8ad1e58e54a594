"""The product's addresses, and one that connects every call that comes in with a stranger."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from accounts.twilio.credentials import TwilioAccount
from dognbone.urls import urlpatterns as of_product
from fake_twilio import catalogue
from phone.calls import twiml
from phone.calls.call import Call
from phone.calls.records import record_call
from phone.calls.webhooks import twilio_webhook
from phone.recordings.announcing import get_announcement_url
from phone.recordings.automatic import plan_recording


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
    document = twiml.build_dial_to_number(
        phone_number=catalogue.STRANGER_NUMBER,
        caller_id=catalogue.DEMO_NUMBER,
        urls=twiml.build_urls(account),
        announcement=get_announcement_url(call) if plan_recording(call, []) else "",
    )
    return HttpResponse(document, content_type="text/xml")


urlpatterns = [
    *of_product,
    path("answered/<str:webhook_key>/", answer, name="answered"),
]
