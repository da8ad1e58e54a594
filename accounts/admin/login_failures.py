"""Login failures in the admin: found, read, and reviewed with a note."""

from collections.abc import Mapping
from typing import cast

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.admin.action_form import RequiredNoteForm, ask, bind_form
from accounts.admin.filters import ReviewedFilter, ShownByFilter, VerdictFilter
from accounts.admin.read_only import ReadOnlyAdmin
from accounts.admin.search import search_login_failures
from accounts.admin.trails import build_trail_address
from accounts.admin.verdict_badge import show_verdict
from accounts.audit.admin_actions import record_admin_action
from accounts.failures.login_failures import LoginFailure, LoginFailureQuerySet
from accounts.masking import mask_sid
from accounts.people import User
from accounts.translated import Words

# Where one showed, in a word.
SHOWN_IN: Mapping[str, Words] = {
    LoginFailure.ShownBy.CHECK: pgettext_lazy("showed in", "check"),
    LoginFailure.ShownBy.DEVICE: pgettext_lazy("showed in", "device"),
    LoginFailure.ShownBy.SIGN_IN: pgettext_lazy("showed in", "sign-in"),
}
ERROR_PAGES = "https://www.twilio.com/docs/api/errors/"


@admin.register(LoginFailure)
class LoginFailureAdmin(ReadOnlyAdmin):
    everything = "reviewed=all"
    newest_by = "failed_at"
    list_display = (
        "failed_at",
        "verdict_title",
        "who",
        "account_tail",
        "shown_in",
        "twilio_said",
        "trail",
        "is_reviewed",
    )
    list_display_links = ("failed_at", "verdict_title")
    list_filter = (ReviewedFilter, ShownByFilter, ("failed_at", admin.DateFieldListFilter), VerdictFilter)
    list_select_related = ("user",)
    search_fields = ("email",)
    search_help_text = _(
        "E-mail, Account SID or its last characters, Twilio code, request id, or page session."
    )
    ordering = ("-failed_at", "-id")
    actions = ("mark_reviewed",)
    fieldsets = (
        (_("What it means"), {"fields": ("verdict_title", "explanation", "remedy", "blame", "trail")}),
        (_("Who and where"), {"fields": ("failed_at", "who", "email", "account_sid", "shown_by", "count")}),
        (
            _("What Twilio said"),
            {"fields": ("twilio_status", "code_link", "twilio_message", "twilio_request_id")},
        ),
        (_("From"), {"fields": ("ip_address", "user_agent", "page_session")}),
        (_("Review"), {"fields": ("reviewed_at", "reviewed_by", "review_note")}),
    )
    readonly_fields = ("verdict_title", "explanation", "remedy", "blame", "trail", "who", "code_link")

    @admin.display(description=_("verdict"), ordering="verdict")
    def verdict_title(self, failure: LoginFailure) -> str:
        return show_verdict(failure.verdict)

    @admin.display(description=_("explanation"))
    def explanation(self, failure: LoginFailure) -> str:
        return failure.describe().explanation

    @admin.display(description=_("the one thing to do"))
    def remedy(self, failure: LoginFailure) -> str:
        return failure.describe().remedy

    @admin.display(description=_("credentials to blame"))
    def blame(self, failure: LoginFailure) -> str:
        return gettext("yes") if failure.describe().blames_credentials else gettext("no")

    @admin.display(description=_("who"), ordering="email")
    def who(self, failure: LoginFailure) -> str:
        if failure.user is None:
            return failure.email or gettext("unknown")
        address = reverse("admin:accounts_user_change", args=[failure.user.pk])
        return format_html('<a href="{}">{}</a>', address, failure.user.email)

    @admin.display(description=_("account"), ordering="account_sid")
    def account_tail(self, failure: LoginFailure) -> str:
        return mask_sid(failure.account_sid)

    @admin.display(description=_("showed in"), ordering="shown_by")
    def shown_in(self, failure: LoginFailure) -> str:
        return str(SHOWN_IN.get(failure.shown_by, failure.shown_by))

    @admin.display(description=_("Twilio said"))
    def twilio_said(self, failure: LoginFailure) -> str:
        said = (failure.twilio_status, failure.twilio_code)
        return " / ".join(str(number) for number in said if number is not None)

    @admin.display(description=_("Twilio code"))
    def code_link(self, failure: LoginFailure) -> str:
        code = failure.twilio_code
        if code is None:
            return gettext("none")
        return format_html('<a href="{}{}" rel="noreferrer">{}</a>', ERROR_PAGES, code, code)

    @admin.display(description=_("reviewed"), boolean=True, ordering="reviewed_at")
    def is_reviewed(self, failure: LoginFailure) -> bool:
        return failure.reviewed_at is not None

    @admin.display(description=_("timeline"))
    def trail(self, failure: LoginFailure) -> str:
        address = build_trail_address(
            page_session=failure.page_session,
            user_id=failure.user_id,
            email=failure.email,
            at=failure.failed_at,
        )
        return format_html('<a href="{}">{}</a>', address, gettext("Timeline"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[LoginFailure], search_term: str
    ) -> tuple[QuerySet[LoginFailure], bool]:
        words = search_term.strip()
        return (search_login_failures(queryset, words) if words else queryset), False

    def has_review_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("accounts.review_loginfailure"))

    @admin.action(description=_("Mark as reviewed…"), permissions=["review"])
    def mark_reviewed(self, request: HttpRequest, queryset: LoginFailureQuerySet) -> HttpResponse | None:
        form = bind_form(RequiredNoteForm, request)
        if not form.is_valid():
            return ask(self, request, queryset, action="mark_reviewed", form=form)
        note, person = form.cleaned_data["note"], cast(User, request.user)
        with transaction.atomic():
            count = queryset.order_by().mark_reviewed(person, note)
            record_admin_action(
                request,
                action="review",
                target=LoginFailure,
                count=count,
                note=note,
                detail={"selected": request.POST.getlist(ACTION_CHECKBOX_NAME)},
            )
        done = gettext("Marked {count} login failures as reviewed.")
        self.message_user(request, done.format(count=count), messages.SUCCESS)
        return None
