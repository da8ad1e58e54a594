"""Connecting a Twilio account, and a person's name; signing in and up is allauth's."""

from django.urls import path

from accounts import names
from accounts.twilio import views

urlpatterns = [
    path("twilio/", views.connect, name="connect_twilio"),
    path("twilio/swap/", views.swap, name="swap_twilio"),
    path("twilio/make-key/", views.make_key, name="make_twilio_key"),
    path("twilio/disconnect/", views.disconnect, name="disconnect_twilio"),
    path("twilio/numbers/<int:number_id>/point-here/", views.point_here, name="point_number_here"),
    path("twilio/numbers/<int:number_id>/give-back/", views.give_back, name="give_number_back"),
    path("name/", names.name, name="name"),
]
