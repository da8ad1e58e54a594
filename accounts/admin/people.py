"""People in the admin. Their name is their e-mail address."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.trails import link_audit_lists
from accounts.people import User
from accounts.twilio.connection import disconnect_twilio


class LowerCaseEmail:
    """E-mail addresses are kept in lower case; compared so, or a second row would be refused late."""

    cleaned_data: dict[str, Any]

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class PersonCreationForm(LowerCaseEmail, AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email", "name")


class PersonChangeForm(LowerCaseEmail, UserChangeForm):
    class Meta:
        model = User
        fields = ("email", "name", "home_country", "password")


@admin.register(User)
class PersonAdmin(UserAdmin):
    form = PersonChangeForm
    add_form = PersonCreationForm
    list_display = ("email", "name", "is_connected", "is_active", "is_staff", "last_login", "date_joined")
    list_filter = ("is_active", "is_staff", "is_superuser", ("date_joined", admin.DateFieldListFilter))
    list_select_related = ("twilio_credentials",)
    search_fields = ("email", "name", "identity")
    ordering = ("email",)
    show_full_result_count = False
    readonly_fields = ("identity", "last_login", "date_joined", "trail")
    fieldsets = (
        (None, {"fields": ("email", "name", "home_country", "password", "identity")}),
        ("Trail", {"fields": ("trail", "last_login", "date_joined")}),
        (
            "What they may do",
            {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")},
        ),
    )
    add_fieldsets = (
        (
            None,
            {"classes": ("wide",), "fields": ("email", "name", "usable_password", "password1", "password2")},
        ),
    )

    @admin.display(description="connected", boolean=True)
    def is_connected(self, person: User) -> bool:
        return hasattr(person, "twilio_credentials")

    @admin.display(description="what happened")
    def trail(self, person: User) -> str:
        query = f"?user__id__exact={person.pk}"
        return link_audit_lists(query, calls_query=query)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Only a superuser hands out permissions: else staff could make themselves one."""
        fields = tuple(super().get_readonly_fields(request, obj))
        if request.user.is_superuser:
            return fields
        return (*fields, "is_staff", "is_superuser", "groups", "user_permissions")

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and may_touch(request, obj)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        disconnect_twilio(user=obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for person in queryset:
            disconnect_twilio(user=person)
        super().delete_queryset(request, queryset)


def may_touch(request: HttpRequest, person: User | None) -> bool:
    """A superuser is changed by superusers only."""
    return person is None or not person.is_superuser or bool(request.user.is_superuser)
