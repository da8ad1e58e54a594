"""The product's addresses, and the panel's."""

from django.urls import path

from demo import bad_answers, views
from dognbone.urls import urlpatterns as product_urls

urlpatterns = [
    *product_urls,
    path("rehearsal/", views.panel, name="rehearsal"),
    path("rehearsal/trail/", views.trail, name="rehearsal_trail"),
    path("rehearsal/end/", views.end_all, name="end_rehearsals"),
    path("rehearsal/voice/<slug:ailment>/", bad_answers.answer),
    path("rehearsal/<slug:slug>/begin/", views.begin, name="begin_rehearsal"),
    path("rehearsal/<slug:slug>/end/", views.end, name="end_rehearsal"),
]
