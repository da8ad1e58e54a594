"""Connecting a Twilio account, a person's name and sign-ins; signing in and up is allauth's."""

from allauth.account.views import email, password_change, password_set
from django.urls import path
from django.views.generic import RedirectView

from accounts import names
from accounts.company.joining import join_company
from accounts.fragments import beside_the_phone
from accounts.second_factor.views import factors
from accounts.sign_ins.views import sign_ins
from accounts.twilio import confirming, views

urlpatterns = [
    path("twilio/", views.connect, name="connect_twilio"),
    path("twilio/swap/", views.swap, name="swap_twilio"),
    path("twilio/make-key/", views.make_key, name="make_twilio_key"),
    path("twilio/disconnect/", views.disconnect, name="disconnect_twilio"),
    path("twilio/numbers/<int:number_id>/point-here/", views.point_here, name="point_number_here"),
    path("twilio/numbers/<int:number_id>/give-back/", views.give_back, name="give_number_back"),
    path("twilio/confirm/", confirming.confirm, name="confirm_twilio"),
    path("people/join/<str:token>/", join_company, name="join_company"),
    path("name/", names.name, name="name"),
    path("email/", beside_the_phone(email), name="account_email"),
    path("password/change/", beside_the_phone(password_change), name="account_change_password"),
    path("password/set/", beside_the_phone(password_set), name="account_set_password"),
    path("2fa/", factors, name="mfa_index"),
    path("2fa/webauthn/", RedirectView.as_view(pattern_name="mfa_index"), name="mfa_list_webauthn"),
    path("sessions/", sign_ins, name="sign_ins"),
]
