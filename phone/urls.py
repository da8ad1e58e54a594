"""The phone page, its token, and the addresses that Twilio calls."""

from django.urls import path

from phone import views
from phone.callbacks import views as callbacks
from phone.doctor import views as doctor_views
from phone.in_call import views as in_call
from phone.in_call import webhooks as rooms

urlpatterns = [
    path("", views.phone, name="phone"),
    path("phone/token/", views.token, name="token"),
    path("phone/check/", doctor_views.check_twilio, name="check_twilio"),
    path("phone/whom/", views.whom, name="whom"),
    path("phone/calls/<str:call_sid>/ending/", views.call_ending, name="call_ending"),
    path("phone/calls/<str:call_sid>/<slug:deed>/", in_call.do_deed, name="call_deed"),
    path("phone/webhooks/<str:webhook_key>/voice/", callbacks.voice, name="voice_webhook"),
    path("phone/webhooks/<str:webhook_key>/dial/", callbacks.dial_action, name="dial_action"),
    path("phone/webhooks/<str:webhook_key>/status/", callbacks.call_status, name="call_status"),
    path("phone/webhooks/<str:webhook_key>/conference/", rooms.conference_event, name="conference_event"),
    path("phone/webhooks/<str:webhook_key>/join/", rooms.join_room, name="join_room"),
    path("phone/webhooks/<str:webhook_key>/transfer/", rooms.transfer, name="transfer_leg"),
    path("phone/webhooks/<str:webhook_key>/party/", rooms.party_status, name="party_status"),
    path("phone/webhooks/<str:webhook_key>/rescue/", rooms.rescue, name="rescue_leg"),
]
