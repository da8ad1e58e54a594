"""What admins did, read-only to admins."""

from django.contrib import admin

from accounts.admin.read_only import ReadOnlyAdmin
from accounts.admin_actions import AdminAction


@admin.register(AdminAction)
class AdminActionAdmin(ReadOnlyAdmin):
    list_display = ("done_at", "actor_email", "action", "target_type", "target_id", "count", "note")
    list_filter = (("done_at", admin.DateFieldListFilter),)
    search_fields = ("^actor_email", "=target_id", "=action")
    ordering = ("-done_at", "-id")
