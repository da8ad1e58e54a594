"""The phone page, its token, and the addresses that Twilio calls."""

from django.urls import path

from phone import views
from phone.callbacks import views as callbacks
from phone.doctor import views as doctor_views
from phone.recordings import in_call
from phone.recordings import views as recordings
from phone.voicemail import views as voicemail

urlpatterns = [
    path("", views.phone, name="phone"),
    path("phone/token/", views.token, name="token"),
    path("phone/check/", doctor_views.check_twilio, name="check_twilio"),
    path("phone/whom/", views.whom, name="whom"),
    path("phone/calls/<str:call_sid>/ending/", views.call_ending, name="call_ending"),
    path("phone/calls/<str:call_sid>/<recording_deed:deed>/", in_call.recording_deed, name="recording_deed"),
    path("phone/recordings/<uuid:pk>/", recordings.recording_sound, name="recording_sound"),
    path("phone/settings/recording/", recordings.recording_settings, name="recording_settings"),
    path("phone/voicemail/", voicemail.voicemail, name="voicemail"),
    path("phone/voicemail/<uuid:pk>/audio/", voicemail.voicemail_audio, name="voicemail_audio"),
    path("phone/voicemail/<uuid:pk>/delete/", voicemail.voicemail_delete, name="voicemail_delete"),
    path("phone/voicemail/<uuid:pk>/undo/", voicemail.voicemail_undo, name="voicemail_undo"),
    path("phone/webhooks/<str:webhook_key>/voice/", callbacks.voice, name="voice_webhook"),
    path("phone/webhooks/<str:webhook_key>/dial/", callbacks.dial_action, name="dial_action"),
    path("phone/webhooks/<str:webhook_key>/status/", callbacks.call_status, name="call_status"),
    path("phone/webhooks/<str:webhook_key>/recording/", recordings.recording_status, name="recording_status"),
    path(
        "phone/webhooks/<str:webhook_key>/recording-announcement/",
        recordings.recording_announcement,
        name="recording_announcement",
    ),
    path(
        "phone/webhooks/<str:webhook_key>/voicemail/",
        voicemail.voicemail_recorded,
        name="voicemail_recorded",
    ),
    path(
        "phone/webhooks/<str:webhook_key>/voicemail-status/",
        voicemail.voicemail_status,
        name="voicemail_status",
    ),
]
