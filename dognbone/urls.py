"""Every address of the product; `phone/device/routing.py` has the socket's."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from dognbone import health

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", include("phone.urls")),
    path("accounts/", include("accounts.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
]

handler500 = "dognbone.outages.answer_fault"
