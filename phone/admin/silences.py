"""Pages that stopped answering while their Device was registered, in the admin."""

from django.contrib import admin

from accounts.admin.read_only import ReadOnlyAdmin
from phone.device.silences import DeviceSilence


@admin.register(DeviceSilence)
class DeviceSilenceAdmin(ReadOnlyAdmin):
    exclude = ("identity",)
    newest_by = "began_at"
    list_display = ("began_at", "email", "noticed_at", "ended_at", "page_session")
    list_filter = (("began_at", admin.DateFieldListFilter),)
    search_fields = ("=email", "=page_session")
    search_help_text = "Whole e-mail or page session."
    ordering = ("-began_at", "-id")
