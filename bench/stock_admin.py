"""The same tables in Django's own ModelAdmin, as one would first write it: what the lists stand beside."""

from django.contrib import admin
from django.urls import path

from accounts.failures.login_failures import LoginFailure
from dognbone.urls import urlpatterns as own
from phone.contacts.contacts import Contact
from phone.device.events import DeviceEvent
from phone.recents.recent_call import RecentCall

site = admin.AdminSite(name="stock")


@admin.register(LoginFailure, site=site)
class StockLoginFailureAdmin(admin.ModelAdmin):
    list_display = ("failed_at", "verdict", "email", "account_sid", "shown_by", "twilio_code", "reviewed_at")
    list_filter = ("verdict", "shown_by", "failed_at")
    search_fields = ("email", "account_sid", "twilio_code", "twilio_request_id")
    date_hierarchy = "failed_at"


@admin.register(DeviceEvent, site=site)
class StockDeviceEventAdmin(admin.ModelAdmin):
    list_display = ("received_at", "email", "state", "sdk_event", "code", "account_sid", "message", "seq")
    list_filter = ("state", "received_at")
    search_fields = ("email", "account_sid", "code", "page_session")
    date_hierarchy = "received_at"


@admin.register(RecentCall, site=site)
class StockRecentCallAdmin(admin.ModelAdmin):
    list_display = ("started_at", "name", "address", "direction", "cause", "ended_at", "note")
    list_filter = ("is_missed", "cause", "user")
    search_fields = ("name", "address", "our_number", "note")
    date_hierarchy = "started_at"


@admin.register(Contact, site=site)
class StockContactAdmin(admin.ModelAdmin):
    list_display = ("name", "company", "emails", "owner", "changed_at")
    list_filter = ("account",)
    search_fields = ("name", "company", "emails", "numbers__typed", "note")


urlpatterns = [*own, path("stock/", site.urls)]
