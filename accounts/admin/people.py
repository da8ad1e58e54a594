"""People in the admin. Their name is their e-mail address."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.action_form import ReasonForm
from accounts.admin.permissions import PermissionChoice, describe_permission, list_permissions
from accounts.admin.read_only import ReadOnlyAdmin
from accounts.admin.trails import link_audit_lists
from accounts.company.appointing import count_hanging_on, count_led_by
from accounts.entrance.asking_again import ask_again, is_to_be_asked
from accounts.moments import write_moment
from accounts.people import User
from accounts.second_factor.removing import remove_factors
from accounts.second_factor.requirement import find_factors
from accounts.twilio.connection import disconnect_twilio

# allauth's pages would let staff write them; what there is to see stands on a person's page.
admin.site.unregister([Authenticator, UserSession])


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
    # Neither the hash nor how it was made is anybody's business: a new password has a page of its own.
    password = None  # type: ignore[assignment]
    groups = forms.ModelMultipleChoiceField(
        Group.objects.order_by("name"), label=_("Groups"), required=False, widget=forms.CheckboxSelectMultiple
    )
    user_permissions = PermissionChoice(label=_("Besides what their groups may do"))

    class Meta:
        model = User
        fields = ("email", "name", "home_country")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "user_permissions" in self.fields:
            permissions = list_permissions(self.instance.user_permissions.all())
            self.fields["user_permissions"].queryset = permissions  # type: ignore[attr-defined]


@admin.register(User)
class PersonAdmin(UserAdmin):
    form = PersonChangeForm
    add_form = PersonCreationForm
    list_display = ("email", "name", "is_connected", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser", ("date_joined", admin.DateFieldListFilter))
    list_select_related = ("membership",)
    search_fields = ("email", "name", "identity")
    ordering = ("email",)
    show_full_result_count = False
    readonly_fields = (
        "identity_at_twilio",
        "last_login",
        "date_joined",
        "trail",
        "sign_in",
        "second_factor",
        "has_password",
        "may",
    )
    filter_horizontal = ()
    change_form_template = "admin/person_form.html"
    fieldsets = (
        (
            None,
            {"fields": ("email", "name", "home_country", "sign_in", "second_factor", "identity_at_twilio")},
        ),
        (_("Trail"), {"fields": ("trail", "last_login", "date_joined")}),
        (
            _("What they may do"),
            {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")},
        ),
    )
    add_fieldsets = (
        (
            None,
            {"classes": ("wide",), "fields": ("email", "name", "usable_password", "password1", "password2")},
        ),
    )

    @admin.display(description=_("connected"), boolean=True)
    def is_connected(self, person: User) -> bool:
        return hasattr(person, "membership")

    @admin.display(description=_("what happened"))
    def trail(self, person: User) -> str:
        query = f"?user__id__exact={person.pk}"
        return link_audit_lists(query, calls_query=query)

    @admin.display(description=_("password"))
    def has_password(self, person: User) -> str:
        return gettext("Set.") if person.has_usable_password() else gettext("None.")

    @admin.display(description=_("password"))
    def sign_in(self, person: User) -> str:
        way = gettext("Change it") if person.has_usable_password() else gettext("Set one")
        return format_html('{} <a href="../password/">{}</a>', self.has_password(person), way)

    @admin.display(description=_("second factor"))
    def second_factor(self, person: User) -> str:
        """Of which kind, since when and when used; never the secret."""
        factors = list(find_factors(person).order_by("created_at"))
        if not factors:
            return gettext("None.")
        lines = format_html_join("", "<li>{}</li>", ((describe_factor(factor),) for factor in factors))
        shown = format_html('<ul class="words">{}</ul>', lines)
        return format_html('{} <a href="../remove-factors/">{}</a>', shown, gettext("Remove them"))

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.remove_factors)
        return [path("<int:pk>/remove-factors/", view, name="remove_factors"), *super().get_urls()]

    def remove_factors(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Asks for a note, and takes the person's second factors away, which are lost."""
        person = get_object_or_404(User, pk=pk)
        if not self.has_change_permission(request, person):
            raise PermissionDenied
        if is_to_be_asked(request):
            return ask_again(request)
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            if remove_factors(request, person=person, note=form.cleaned_data["note"]):
                said = gettext("{person} has no second factor any more, and is told so by a letter.")
                self.message_user(request, said.format(person=person.email))
            return redirect("admin:accounts_user_change", person.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Remove the second factor"),
            "opts": self.opts,
            "person": person,
            "factors": [describe_factor(factor) for factor in find_factors(person)],
            "form": form,
        }
        return TemplateResponse(request, "admin/remove_factors.html", context)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """Whoever was let into the admin a while ago is asked whether it is still them."""
        person = self.get_object(request, unquote(id))
        if person and self.has_change_permission(request, person) and is_to_be_asked(request):
            return ask_again(request)
        return super().user_change_password(request, id, form_url)

    @admin.display(description=_("identity at Twilio"))
    def identity_at_twilio(self, person: User) -> str:
        return person.identity

    @admin.display(description=_("what they may do"))
    def may(self, person: User) -> str:
        """Groups and permissions in words, for those who may not change them."""
        if person.is_superuser:
            return gettext("Everything: a superuser.")
        names = person.groups.order_by("name").values_list("name", flat=True)
        groups = [gettext("Group {name}").format(name=name) for name in names]
        permissions = person.user_permissions.select_related("content_type").order_by("pk")
        own = [describe_permission(permission) for permission in permissions]
        lines = format_html_join("", "<li>{}</li>", ((line,) for line in (*groups, *own)))
        return format_html('<ul class="words">{}</ul>', lines) if lines else gettext("Nothing in the admin.")

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None:
            return fieldsets
        if not self.has_change_permission(request, obj):
            who: Any = (
                None,
                {"fields": ("email", "name", "has_password", "second_factor", "identity_at_twilio")},
            )
            fieldsets = (who, *fieldsets[1:])
        elif request.user.is_superuser:
            return fieldsets
        told = (_("What they may do"), {"fields": ("is_active", "is_staff", "is_superuser", "may")})
        return (*fieldsets[:-1], told)

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

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """What nobody may delete by itself, such as a page that was open, goes with its person."""
        shown, counts, forbidden, protected = super().get_deleted_objects(objs, request)
        # Whose phones hang on this person's credentials would lose them, of a sudden.
        protected = [*protected, *(describe_hanging(one) for one in objs if count_hanging_on(one))]
        return shown, counts, forbidden - self.list_read_only_names(), protected

    def list_read_only_names(self) -> set[str]:
        return {
            str(model._meta.verbose_name)
            for model, page in self.admin_site._registry.items()
            if getattr(type(page), "has_delete_permission", None) is ReadOnlyAdmin.has_delete_permission
        }

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "is_active" in form.changed_data and not obj.is_active and (others := count_led_by(obj)):
            url = f"{reverse('admin:accounts_membership_changelist')}?owner=away"
            self.message_user(request, describe_leaderless(obj, others, url), messages.WARNING)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        disconnect_twilio(user=obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for person in queryset:
            disconnect_twilio(user=person)
        super().delete_queryset(request, queryset)


def describe_leaderless(owner: User, others: int, url: str) -> str:
    words = ngettext(
        "{email} is the owner of a company in which {count} other person has a phone. That phone goes on, "
        "but nobody decides there until somebody else is made the owner:",
        "{email} is the owner of a company in which {count} other people have phones. Those go on, but "
        "nobody decides there until somebody else is made the owner:",
        others,
    )
    said = words.format(email=owner.email, count=others)
    return format_html('{} <a href="{}">{}</a>', said, url, gettext("choose one of them"))


def describe_hanging(owner: User) -> str:
    """As one of what stands in the way of deleting a person."""
    others = count_hanging_on(owner)
    words = ngettext(
        "The phone of {count} other person, which runs on what {email} has connected: make somebody else the "
        "owner of the company first (Memberships)",
        "The phones of {count} other people, which run on what {email} has connected: make somebody else the "
        "owner of the company first (Memberships)",
        others,
    )
    return words.format(email=owner.email, count=others)


def describe_factor(factor: Authenticator) -> str:
    is_app = factor.type == Authenticator.Type.TOTP
    kind = gettext("Authenticator app") if is_app else gettext("Passkey")
    since = gettext("{kind}, since {moment}").format(kind=kind, moment=write_moment(factor.created_at))
    if factor.last_used_at is None:
        return since
    return gettext("{since}, last used {moment}").format(
        since=since, moment=write_moment(factor.last_used_at)
    )


def may_touch(request: HttpRequest, person: User | None) -> bool:
    """Who is let into the admin is changed by superusers only, and by themselves: a password of theirs, or
    a second factor less, would be a way to all that they may do.
    """
    if person is None or request.user.is_superuser:
        return True
    return not person.is_superuser and (not person.is_staff or person.pk == request.user.pk)
