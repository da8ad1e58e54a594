"""Companies in the admin: who has a phone on whose connection, who was invited, and what was changed."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin.read_only import ReadOnlyAdmin
from accounts.company.changes import CompanyChange
from accounts.company.invitations import Invitation
from accounts.company.memberships import Membership, RefusedMember


def allow_going_along(needed: set[str]) -> set[str]:
    """Without what goes along with a person or their credentials, and is deleted by nobody by itself."""
    return needed - {str(model._meta.verbose_name) for model in (Membership, RefusedMember)}


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    """Which numbers a member may call from is their owner's matter, and not shown."""

    list_display = ("user", "account", "role", "runs_on", "may_call_out", "may_call_abroad", "since")
    list_filter = ("role", "may_call_out", "may_call_abroad", "may_hear_recordings")
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
    )
    readonly_fields = ("runs_on",)

    @admin.display(description=_("runs on the credentials of"))
    def runs_on(self, membership: Membership) -> str:
        return membership.credentials.user.email


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
