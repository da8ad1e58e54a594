"""The addresses that Twilio asks about rooms: what happens in one, how to join it, how to be rung back."""

from django.http import HttpRequest, HttpResponse

from accounts.twilio.credentials import TwilioAccount
from phone.calls.records import read_leg
from phone.calls.twiml import build_hangup
from phone.calls.webhooks import twilio_webhook
from phone.in_call.events import read_event, take_event
from phone.in_call.following import answers
from phone.in_call.inviting import LEG
from phone.in_call.party_statuses import answer_party, take_party_status
from phone.in_call.rescue import begin_rescue
from phone.in_call.statuses import answer_join
from phone.in_call.transferring import begin_transfer


@twilio_webhook
def conference_event(request: HttpRequest, account: TwilioAccount) -> HttpResponse:
    """Somebody came, left, was held or is heard again; a room began or ended."""
    take_event(account, read_event(request.POST))
    return HttpResponse(status=204)


@twilio_webhook
def join_room(request: HttpRequest, account: TwilioAccount) -> HttpResponse:
    """TwiML for a leg that was sent out of its Dial into a room, or for somebody who was called for it."""
    label, call_sid = request.GET.get(LEG, ""), request.POST["CallSid"]
    document = answer_party(account, call_sid, label) if label else answer_join(account, call_sid)
    return HttpResponse(document or build_hangup(), content_type="text/xml")


@twilio_webhook
def answer_following(request: HttpRequest, account: TwilioAccount) -> HttpResponse:
    """TwiML for a page that has answered a ring that followed its person there."""
    document = answers.answer(account, request.POST["CallSid"], request.GET.get(LEG, ""))
    return HttpResponse(document or build_hangup(), content_type="text/xml")


@twilio_webhook
def transfer(request: HttpRequest, account: TwilioAccount) -> HttpResponse:
    """TwiML for somebody who is put through to somebody else."""
    document = begin_transfer(account, request.POST["CallSid"], request.GET)
    return HttpResponse(document, content_type="text/xml")


@twilio_webhook
def party_status(request: HttpRequest, account: TwilioAccount) -> HttpResponse:
    """Progress of somebody who was called for a call that goes on."""
    take_party_status(account, read_leg(request.POST), request.GET.get(LEG, ""))
    return HttpResponse(status=204)


@twilio_webhook
def rescue(request: HttpRequest, account: TwilioAccount) -> HttpResponse:
    """TwiML for somebody who was left alone."""
    return HttpResponse(begin_rescue(account, request.POST["CallSid"]), content_type="text/xml")
