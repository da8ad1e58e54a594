"""Connected Twilio accounts in the admin: what is known of them, and no secret."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.company import allow_going_along
from accounts.admin.filters import AccountTypeFilter
from accounts.admin.read_only import ReadOnlyAdmin
from accounts.admin.trails import link_audit_lists
from accounts.admin.unmasking import MaskedAdmin
from accounts.masking import mask_phone_number
from accounts.twilio.connection import disconnect_twilio
from accounts.twilio.credentials import PhoneNumber, TwilioAccount, TwilioCredentials


@admin.register(TwilioAccount)
class TwilioAccountAdmin(ReadOnlyAdmin):
    list_display = ("account_sid", "friendly_name", "account_type", "people", "created_at")
    list_filter = (AccountTypeFilter, ("created_at", admin.DateFieldListFilter))
    search_fields = ("account_sid", "friendly_name")
    ordering = ("-created_at", "account_sid")
    fields = ("account_sid", "friendly_name", "account_type", "created_at", "trail")
    readonly_fields = ("trail",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[TwilioAccount]:
        return super().get_queryset(request).annotate(people_count=Count("memberships"))

    @admin.display(description=_("people"), ordering="people_count")
    def people(self, account: TwilioAccount) -> int:
        return account.people_count  # type: ignore[attr-defined]

    @admin.display(description=_("what happened"))
    def trail(self, account: TwilioAccount) -> str:
        query = f"?account_sid={account.account_sid}"
        return link_audit_lists(query, calls_query=f"?account__id__exact={account.pk}")


@admin.register(TwilioCredentials)
class TwilioCredentialsAdmin(ReadOnlyAdmin):
    """What a person connected. Removing it disconnects: Twilio gets back what was changed there."""

    list_display = ("user", "account", "kind", "region", "verdict", "checked_at")
    list_filter = ("verdict", "region", ("checked_at", admin.DateFieldListFilter))
    list_select_related = ("user", "account")
    search_fields = ("user__email", "account__account_sid", "api_key_sid", "twiml_app_sid")
    ordering = ("-updated_at", "id")
    fields = (
        "user",
        "account",
        "auth_token_state",
        "api_key_sid",
        "api_key_secret_state",
        "is_api_key_ours",
        "twiml_app_sid",
        "is_twiml_app_ours",
        "region",
        "verdict",
        "checked_at",
        "proven_until",
        "created_at",
        "updated_at",
    )
    readonly_fields = ("auth_token_state", "api_key_secret_state")

    def get_queryset(self, request: HttpRequest) -> QuerySet[TwilioCredentials]:
        return super().get_queryset(request).defer("auth_token")

    @admin.display(description=_("signs with"))
    def kind(self, credentials: TwilioCredentials) -> str:
        return "API key" if credentials.api_key_sid else "Auth Token"

    @admin.display(description="Auth Token")
    def auth_token_state(self, credentials: TwilioCredentials) -> str:
        return say_whether_set(credentials.auth_token_is_set)

    @admin.display(description="API key secret")
    def api_key_secret_state(self, credentials: TwilioCredentials) -> str:
        # The sealed column is looked at, never opened.
        return say_whether_set(bool(credentials.__dict__.get("api_key_secret")))

    def has_delete_permission(self, request: HttpRequest, obj: TwilioCredentials | None = None) -> bool:
        return bool(request.user.has_perm("accounts.delete_twiliocredentials"))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        shown, counts, needed, protected = super().get_deleted_objects(objs, request)
        return shown, counts, allow_going_along(needed), protected

    def delete_model(self, request: HttpRequest, obj: TwilioCredentials) -> None:
        for done in disconnect_twilio(user=obj.user):
            self.message_user(request, done, messages.INFO)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[TwilioCredentials]) -> None:
        for credentials in queryset.select_related("user"):
            self.delete_model(request, credentials)


@admin.register(PhoneNumber)
class PhoneNumberAdmin(MaskedAdmin):
    masked = ("phone_number",)
    list_display = ("masked_number", "kind", "account", "points_here", "sid")
    list_filter = ("kind", "points_here")
    list_select_related = ("account",)
    search_fields = ("=phone_number", "sid", "account__account_sid")
    ordering = ("account", "kind", "sid")
    fields = ("masked_number", "kind", "account", "sid", "points_here")
    readonly_fields = ("masked_number",)

    @admin.display(description=_("phone number"))
    def masked_number(self, number: PhoneNumber) -> str:
        return mask_phone_number(number.phone_number)


def say_whether_set(is_set: bool) -> str:
    return gettext("set") if is_set else gettext("not set")
