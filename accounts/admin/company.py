"""Companies in the admin: who has a phone on whose connection, who was invited, and what was changed."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.admin.action_form import ReasonForm
from accounts.admin.read_only import ReadOnlyAdmin
from accounts.audit.admin_actions import record_admin_action
from accounts.clients import get_client_info
from accounts.company.appointing import appoint, list_heirs
from accounts.company.changes import CompanyChange
from accounts.company.invitations import Invitation
from accounts.company.memberships import Membership, NotDone, RefusedMember, get_owner
from accounts.entrance.asking_again import ask_again, is_to_be_asked
from accounts.people import get_user

APPOINT = "accounts.change_membership"


def allow_going_along(needed: set[str]) -> set[str]:
    """Without what goes along with a person or their credentials, and is deleted by nobody by itself."""
    return needed - {str(model._meta.verbose_name) for model in (Membership, RefusedMember)}


class OwnerFilter(admin.SimpleListFilter):
    title = _("the owner")
    parameter_name = "owner"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("away", _("Deactivated: nobody decides"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() != "away":
            return queryset
        owners = Membership.objects.filter(account=OuterRef("account"), role=Membership.Role.OWNER)
        return queryset.filter(Exists(owners.filter(user__is_active=False)))


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    """Which numbers a member may call from is their owner's matter, and not shown."""

    list_display = ("user", "account", "standing", "runs_on", "may_call_out", "may_call_abroad", "since")
    list_filter = (OwnerFilter, "role", "may_call_out", "may_call_abroad", "may_hear_recordings")
    list_select_related = ("user", "account", "credentials__user")
    search_fields = ("user__email", "account__account_sid")
    ordering = ("-since", "id")
    fields = (
        "user",
        "account",
        "role",
        "runs_on",
        "may_call_out",
        "may_call_abroad",
        "may_hear_recordings",
        "may_show_any_number",
        "invited_by",
        "since",
        "asked_at",
        "ownership",
    )
    readonly_fields = ("runs_on", "ownership")

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(appoint_owner)
        return [path("<uuid:pk>/make-owner/", view, name="appoint_owner"), *super().get_urls()]

    @admin.display(description=_("role"), ordering="role")
    def standing(self, membership: Membership) -> str:
        return gettext("Asks to join") if membership.asked_at else membership.get_role_display()

    @admin.display(description=_("runs on the credentials of"))
    def runs_on(self, membership: Membership) -> str:
        return membership.credentials.user.email

    @admin.display(description=_("whose the company is"))
    def ownership(self, membership: Membership) -> str:
        """The owner, and a way to make this person it."""
        owner = get_owner(membership.account_id)
        if owner is None:
            return gettext("Nobody’s: the owner has refused them.")
        words = gettext("{email}, whose account is deactivated: nobody decides.")
        whose = owner.user.email if owner.user.is_active else words.format(email=owner.user.email)
        if not list_heirs(membership.account_id).filter(pk=membership.pk).exists():
            return whose
        url = reverse("admin:appoint_owner", args=[membership.pk])
        return format_html('{} <a href="{}">{}</a>', whose, url, gettext("Make this person the owner"))


@require_http_methods(["GET", "HEAD", "POST"])
def appoint_owner(request: HttpRequest, pk: Any) -> HttpResponse:
    """Asks for a note, and makes the person of a membership the owner of its company."""
    if not request.user.has_perm(APPOINT):
        raise PermissionDenied
    membership = get_object_or_404(Membership.objects.select_related("user", "account"), pk=pk)
    if is_to_be_asked(request):
        return ask_again(request)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        make_owner(request, membership, form.cleaned_data["note"])
        return redirect("admin:accounts_membership_change", membership.pk)
    context = {
        **admin.site.each_context(request),
        "title": gettext("Make this person the owner"),
        "opts": Membership._meta,
        "membership": membership,
        "owner": get_owner(membership.account_id),
        "form": form,
    }
    return TemplateResponse(request, "admin/appoint_owner.html", context, status=422 if form.errors else 200)


def make_owner(request: HttpRequest, membership: Membership, note: str) -> None:
    person = membership.user.email
    try:
        former = appoint(membership=membership, by=get_user(request), client=get_client_info(request))
    except NotDone:
        said = gettext("{person} cannot be made the owner: that is not how things are any more.")
        messages.error(request, said.format(person=person))
        return
    detail = {"before": former.email, "after": person}
    record_admin_action(request, action="appoint_owner", target=membership, note=note, detail=detail)
    said = gettext("{person} is the owner now, and is told so by a letter.")
    messages.success(request, said.format(person=person))


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    """Never the link: only its hash is kept, and that is not shown either."""

    list_display = ("email", "account", "invited_by", "sent_at", "expires_at", "accepted_at", "withdrawn_at")
    list_filter = (("sent_at", admin.DateFieldListFilter),)
    list_select_related = ("account", "invited_by")
    search_fields = ("email", "account__account_sid")
    ordering = ("-sent_at", "id")
    fields = (
        "email",
        "account",
        "may_call_out",
        "may_call_abroad",
        "may_hear_recordings",
        "invited_by",
        "invited_at",
        "sent_at",
        "expires_at",
        "accepted_at",
        "accepted_by",
        "withdrawn_at",
    )


@admin.register(RefusedMember)
class RefusedMemberAdmin(ReadOnlyAdmin):
    list_display = ("user", "account", "refused_by", "refused_at")
    list_select_related = ("user", "account", "refused_by")
    search_fields = ("user__email", "account__account_sid")
    ordering = ("-refused_at", "id")
    fields = ("user", "account", "refused_by", "refused_at")


@admin.register(CompanyChange)
class CompanyChangeAdmin(ReadOnlyAdmin):
    newest_by = "changed_at"
    list_display = ("changed_at", "account_sid", "kind", "about_email", "by_email", "ip_address")
    list_filter = ("kind", ("changed_at", admin.DateFieldListFilter))
    search_fields = ("^about_email", "^by_email", "=account_sid")
    ordering = ("-changed_at", "-id")
