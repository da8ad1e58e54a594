"""The phone page, its token, and the addresses that Twilio calls."""

from django.urls import include, path

from phone import suggestions, views
from phone.answering import views as answering
from phone.answering import webhooks as answering_webhooks
from phone.callbacks import views as callbacks
from phone.calling_limits import views as calling_limits
from phone.company import views as company
from phone.connection_tests import views as connection_tests
from phone.contacts import views as contacts
from phone.contacts.exchange import views as exchange
from phone.doctor import views as doctor_views
from phone.echo_tests import views as echo_tests
from phone.in_call import views as in_call
from phone.in_call import webhooks as rooms
from phone.own_data import views as own_data
from phone.panes import pane
from phone.recents import blocked
from phone.recents import views as recents
from phone.recordings import views as recordings
from phone.shell import views as shell
from phone.voicemail import views as voicemail
from phone.waking import views as waking

# What Twilio asks and tells.
webhooks = [
    path("voice/", callbacks.voice, name="voice_webhook"),
    path("dial/", callbacks.dial_action, name="dial_action"),
    path("woken/", callbacks.woken, name="woken"),
    path("status/", callbacks.call_status, name="call_status"),
    path("conference/", rooms.conference_event, name="conference_event"),
    path("join/", rooms.join_room, name="join_room"),
    path("following/", rooms.answer_following, name="answer_following"),
    path("transfer/", rooms.transfer, name="transfer_leg"),
    path("party/", rooms.party_status, name="party_status"),
    path("rescue/", rooms.rescue, name="rescue_leg"),
    path("left/", answering_webhooks.left_caller, name="left_caller"),
    path("sent-to-voicemail/", answering_webhooks.sent_to_voicemail, name="sent_to_voicemail"),
    path(
        "greetings/<uuid:sound_id>/<str:signature>.wav",
        answering_webhooks.greeting_sound,
        name="greeting_sound",
    ),
    path("echo-test/", echo_tests.echo_test, name="echo_test"),
    path("echo-test-status/", echo_tests.echo_test_status, name="echo_test_status"),
    path("echo-test/<uuid:key>/<str:signature>.wav", echo_tests.echo_test_sound, name="echo_test_sound"),
    path("recording/", recordings.recording_status, name="recording_status"),
    path("recording-announcement/", recordings.recording_announcement, name="recording_announcement"),
    path("voicemail/", voicemail.voicemail_recorded, name="voicemail_recorded"),
    path("voicemail-status/", voicemail.voicemail_status, name="voicemail_status"),
]

urlpatterns = [
    # First, because they are looked for a hundred times as often as any other.
    path("phone/webhooks/<str:webhook_key>/", include(webhooks)),
    path("", pane(views.phone), name="phone"),
    path("phone/colleagues/", pane(views.colleagues), name="colleagues"),
    path("accounts/people/", pane(company.people), name="people"),
    path("accounts/people/invite/", pane(company.invite_person), name="invite_person"),
    path("accounts/people/leave/", pane(company.leave), name="leave_company"),
    path("accounts/people/<uuid:key>/rights/", pane(company.change_rights), name="member_rights"),
    path("accounts/people/<uuid:key>/take-away/", pane(company.take_phone_away), name="take_phone_away"),
    path("accounts/people/<uuid:key>/hand-over/", pane(company.hand_over), name="hand_over_company"),
    path("accounts/people/<uuid:key>/accept/", pane(company.accept), name="accept_member"),
    path("accounts/people/<uuid:key>/refuse/", pane(company.refuse), name="refuse_member"),
    path("accounts/people/refusals/<int:key>/", pane(company.take_in_again), name="take_in_again"),
    path(
        "accounts/people/invitations/<uuid:key>/send/", pane(company.send_invitation), name="send_invitation"
    ),
    path(
        "accounts/people/invitations/<uuid:key>/take-back/",
        pane(company.take_invitation_back),
        name="take_invitation_back",
    ),
    path("accounts/me/", own_data.me, name="me"),
    path("accounts/me/data.zip", own_data.own_data, name="own_data"),
    path("accounts/me/delete/", own_data.delete_me, name="delete_me"),
    path("phone/contacts/", pane(contacts.contacts), name="contacts"),
    path("phone/contacts/new/", pane(contacts.new_contact), name="new_contact"),
    path("phone/contacts/duplicates/", pane(contacts.duplicates), name="duplicate_contacts"),
    path(
        "phone/contacts/duplicates/<uuid:said_as>/undo/",
        pane(contacts.duplicates_undo),
        name="duplicates_undo",
    ),
    path("phone/contacts/<uuid:key>/", pane(contacts.one_contact), name="one_contact"),
    path("phone/contacts/<uuid:key>/edit/", pane(contacts.edit_contact), name="edit_contact"),
    path("phone/contacts/<uuid:key>/favourite/", pane(contacts.contact_favourite), name="contact_favourite"),
    path("phone/contacts/<uuid:key>/delete/", pane(contacts.contact_delete), name="contact_delete"),
    path("phone/contacts/<uuid:key>/undo/", pane(contacts.contact_undo), name="contact_undo"),
    path("phone/recents/", pane(recents.recents), name="recents"),
    path("phone/calls/<uuid:call_id>/", pane(recents.one_call), name="one_call"),
    path("phone/calls/<str:call_sid>/note/", recents.note, name="call_note"),
    path("phone/contacts/import/", pane(exchange.contacts_import), name="contacts_import"),
    path("phone/contacts/imports/<uuid:pk>/", pane(exchange.contact_import), name="contact_import"),
    path("phone/contacts/export.csv", exchange.contacts_csv, name="contacts_csv"),
    path("phone/contacts/export.vcf", exchange.contacts_vcf, name="contacts_vcf"),
    path("phone/settings/", pane(answering.phone_settings), name="phone_settings"),
    path("phone/settings/blocked/", pane(blocked.blocked_callers), name="blocked_callers"),
    path("phone/settings/blocked/<int:pk>/unblock/", pane(blocked.unblock_caller), name="unblock_caller"),
    path(
        "phone/settings/blocked/<int:pk>/undo/", pane(blocked.block_caller_again), name="block_caller_again"
    ),
    path("phone/settings/limits/", pane(calling_limits.calling_limits), name="calling_limits"),
    path("phone/settings/limits/country/", pane(calling_limits.country), name="calling_limits_country"),
    path("phone/settings/limits/release/", pane(calling_limits.release), name="calling_limits_release"),
    path("phone/settings/limits/twilio/", pane(calling_limits.twilio), name="calling_limits_twilio"),
    path("phone/settings/greeting/", pane(answering.greeting), name="settings_greeting"),
    path("phone/settings/home-country/", pane(answering.home_country), name="settings_home_country"),
    path("phone/settings/language/", pane(answering.language), name="settings_language"),
    path("phone/settings/numbers/<int:number_id>/", pane(answering.number_rules), name="number_rules"),
    path("phone/settings/greeting/sound/", answering.own_greeting_sound, name="own_greeting_sound"),
    path(
        "phone/settings/greeting/sound/delete/",
        pane(answering.delete_greeting_sound),
        name="delete_greeting_sound",
    ),
    path(
        "phone/settings/greeting/sound/<uuid:pk>/undo/",
        pane(answering.greeting_sound_undo),
        name="greeting_sound_undo",
    ),
    path("phone/do-not-disturb/", answering.do_not_disturb, name="do_not_disturb"),
    path("phone/calls/<str:call_sid>/voicemail/", answering.voicemail_deed, name="voicemail_deed"),
    path("manifest.webmanifest", shell.manifest, name="manifest"),
    path("service-worker.js", shell.service_worker, name="service_worker"),
    path("offline/", shell.offline, name="offline"),
    path("phone/push/", waking.push_subscription, name="push_subscription"),
    path("phone/push/forget/", waking.push_unsubscription, name="push_unsubscription"),
    path("phone/token/", views.token, name="token"),
    path("phone/check/", doctor_views.check_twilio, name="check_twilio"),
    path("phone/here/", views.use_here, name="use_here"),
    path("phone/settings/one-device/", pane(answering.one_device_settings), name="one_device_settings"),
    path("phone/connection-test/", connection_tests.connection_test, name="connection_test"),
    path("phone/whom/", views.whom, name="whom"),
    path("phone/suggestions/", suggestions.suggestions, name="suggestions"),
    path("phone/calls/<str:call_sid>/ending/", views.call_ending, name="call_ending"),
    path("phone/calls/<str:call_sid>/<slug:deed>/", in_call.do_deed, name="call_deed"),
    path("phone/recordings/<uuid:pk>/", recordings.recording_sound, name="recording_sound"),
    path("phone/settings/recording/", pane(answering.recording_settings), name="recording_settings"),
    path("phone/voicemail/", pane(voicemail.voicemail), name="voicemail"),
    path("phone/voicemail/<uuid:pk>/audio/", voicemail.voicemail_audio, name="voicemail_audio"),
    path("phone/voicemail/<uuid:pk>/delete/", pane(voicemail.voicemail_delete), name="voicemail_delete"),
    path("phone/voicemail/<uuid:pk>/undo/", pane(voicemail.voicemail_undo), name="voicemail_undo"),
]
