"""What browsers reported, which tokens were issued, which webhooks were refused: read-only."""

from collections.abc import Iterator, Sequence

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.read_only import ReadOnlyAdmin
from accounts.admin.search import CODE, SID, find_people, read_sid_tail, read_uuid, take_first
from accounts.masking import mask_sid
from accounts.twilio.credentials import TwilioAccount
from phone.calls.parties import get_names, put_names
from phone.calls.refusals import WebhookRefusal
from phone.device.events import DeviceEvent
from phone.device.presence import DevicePresence
from phone.tokens.issued_tokens import IssuedToken


def find_account_sids(words: str) -> list[str]:
    """The connected accounts whose SID is or ends with what was typed."""
    if SID.fullmatch(words):
        return [words]
    if tail := read_sid_tail(words):
        accounts = TwilioAccount.objects.filter(account_sid__endswith=tail)
        return list(accounts.values_list("account_sid", flat=True)[:50])
    return []


@admin.register(DeviceEvent)
class DeviceEventAdmin(ReadOnlyAdmin):
    exclude = ("identity",)
    newest_by = "received_at"
    list_display = ("received_at", "email", "state", "code", "account_tail", "message")
    list_filter = ("state", ("received_at", admin.DateFieldListFilter))
    search_fields = ("email",)
    search_help_text = "E-mail, Account SID or its last characters, code, or page session."
    ordering = ("-received_at", "-id")

    def prepare_rows(self, rows: Sequence[DeviceEvent]) -> None:
        """Puts names in place of the identities that the SDK's own words may hold."""
        names = get_names(event.message for event in rows)
        for event in rows:
            event.message = put_names(event.message, names)

    @admin.display(description="account")
    def account_tail(self, event: DeviceEvent) -> str:
        return mask_sid(event.account_sid)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[DeviceEvent], search_term: str
    ) -> tuple[QuerySet[DeviceEvent], bool]:
        words = search_term.strip()
        if not words:
            return queryset, False
        if (key := read_uuid(words)) is not None:
            return queryset.filter(page_session=key), False
        return take_first(read_event(queryset, words), queryset), False


def read_event(events: QuerySet[DeviceEvent], words: str) -> Iterator[QuerySet[DeviceEvent]]:
    """As a code, a person, the end of the SID of a connected account."""
    if CODE.fullmatch(words):
        yield events.filter(code=int(words))
    if people := find_people(words):
        yield events.filter(user__in=people)
    if account_sids := find_account_sids(words):
        yield events.filter(account_sid__in=account_sids)


@admin.register(IssuedToken)
class IssuedTokenAdmin(ReadOnlyAdmin):
    exclude = ("identity",)
    newest_by = "issued_at"
    list_display = ("issued_at", "email", "kind", "account_tail", "lifetime", "jti")
    list_filter = ("kind", ("issued_at", admin.DateFieldListFilter))
    search_fields = ("=email", "=jti", "=account_sid", "=page_session")
    search_help_text = "Whole e-mail, jti, Account SID or page session."
    ordering = ("-issued_at", "-id")

    @admin.display(description="account")
    def account_tail(self, token: IssuedToken) -> str:
        return mask_sid(token.account_sid)

    @admin.display(description="lifetime")
    def lifetime(self, token: IssuedToken) -> str:
        return f"{round((token.expires_at - token.issued_at).total_seconds() / 60)} min"


@admin.register(WebhookRefusal)
class WebhookRefusalAdmin(ReadOnlyAdmin):
    newest_by = "refused_at"
    list_display = ("refused_at", "reason", "path", "account_sid", "call_sid", "ip_address")
    list_filter = (("refused_at", admin.DateFieldListFilter),)
    search_fields = ("=account_sid", "=call_sid", "=ip_address", "^reason")
    ordering = ("-refused_at", "-id")


@admin.register(DevicePresence)
class DevicePresenceAdmin(ReadOnlyAdmin):
    list_display = ("last_alive_at", "user", "state", "connected_at", "disconnected_at", "page_session")
    list_filter = ("state", ("last_alive_at", admin.DateFieldListFilter))
    list_select_related = ("user",)
    search_fields = ("=user__email", "=page_session")
    ordering = ("-last_alive_at", "-id")
