"""Every address of the product; `phone/device/routing.py` has the socket's."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from accounts.entrance.door import change_password, enter_admin
from dognbone import health
from dognbone.metrics.views import metrics

admin.site.login = secure_admin_login(enter_admin)  # type: ignore[method-assign]
admin.site.password_change = change_password  # type: ignore[assignment,method-assign]

urlpatterns = [
    path("", include("phone.urls")),
    path("accounts/", include("accounts.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("admin/", admin.site.urls),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", metrics, name="metrics"),
]

handler400 = "dognbone.error_pages.bad_request"
handler403 = "dognbone.error_pages.permission_denied"
handler404 = "dognbone.error_pages.page_not_found"
handler429 = "accounts.entrance.door.too_many"
handler500 = "dognbone.outages.answer_fault"
