"""What browsers reported, which tokens were issued, which webhooks were refused: read-only."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.read_only import ReadOnlyAdmin
from accounts.admin.refusals import is_address
from accounts.admin.search import (
    CODE,
    SID,
    find_people,
    read_person,
    read_person_or_email,
    read_sid_tail,
    read_uuid,
)
from accounts.masking import mask_sid
from accounts.twilio.credentials import TwilioAccount
from phone.calls.parties import get_names, put_names
from phone.calls.refusals import WebhookRefusal
from phone.causes.attempts import mask_called
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
    masked = ("message",)
    # As `prepare_rows` has left it.
    export_as = {"message": lambda event: event.message}
    newest_by = "received_at"
    list_display = ("received_at", "email", "state", "code", "account_tail", "masked_message")
    list_filter = ("state", ("received_at", admin.DateFieldListFilter))
    search_fields = ("email",)
    search_help_text = _("E-mail, Account SID or its last characters, code, or page session.")
    ordering = ("-received_at", "-id")

    def prepare_rows(self, rows: Sequence[DeviceEvent]) -> None:
        """Puts names in place of the identities that the SDK's own words may hold."""
        names = get_names(event.message for event in rows)
        for event in rows:
            event.message = mask_called(put_names(event.message, names))

    @admin.display(description=_("message"))
    def masked_message(self, event: DeviceEvent) -> str:
        """A method, because a list can be put in the order of any field that it names."""
        return event.message

    @admin.display(description=_("account"))
    def account_tail(self, event: DeviceEvent) -> str:
        return mask_sid(event.account_sid)

    def read_words(self, rows: QuerySet[DeviceEvent], words: str) -> Iterator[QuerySet[DeviceEvent]]:
        return read_event(rows, words)


def read_event(events: QuerySet[DeviceEvent], words: str) -> Iterator[QuerySet[DeviceEvent]]:
    """As a page session, a code, a person, the end of the SID of a connected account."""
    if (key := read_uuid(words)) is not None:
        yield events.filter(page_session=key)
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
    search_fields = ("email",)
    search_help_text = _("E-mail, whole jti, Account SID or its last characters, or page session.")
    ordering = ("-issued_at", "-id")

    def read_words(self, rows: QuerySet[IssuedToken], words: str) -> Iterator[QuerySet[IssuedToken]]:
        return read_token(rows, words)

    @admin.display(description=_("account"))
    def account_tail(self, token: IssuedToken) -> str:
        return mask_sid(token.account_sid)

    @admin.display(description=_("lifetime"))
    def lifetime(self, token: IssuedToken) -> str:
        minutes = round((token.expires_at - token.issued_at).total_seconds() / 60)
        return gettext("{count} min").format(count=minutes)


def read_token(tokens: QuerySet[IssuedToken], words: str) -> Iterator[QuerySet[IssuedToken]]:
    """As a page session, a person, an e-mail that nobody has any more, a jti, the end of an Account SID."""
    yield from read_person_or_email(tokens, words)
    yield tokens.filter(jti=words)
    if account_sids := find_account_sids(words):
        yield tokens.filter(account_sid__in=account_sids)


@admin.register(WebhookRefusal)
class WebhookRefusalAdmin(ReadOnlyAdmin):
    newest_by = "refused_at"
    list_display = ("refused_at", "reason", "path", "account_sid", "call_sid", "ip_address")
    list_filter = (("refused_at", admin.DateFieldListFilter),)
    search_fields = ("reason",)
    search_help_text = _("Account SID, Call SID, IP address, or how the reason begins.")
    ordering = ("-refused_at", "-id")

    def read_words(self, rows: QuerySet[WebhookRefusal], words: str) -> Iterator[QuerySet[WebhookRefusal]]:
        return read_refusal(rows, words)


def read_refusal(refusals: QuerySet[WebhookRefusal], words: str) -> Iterator[QuerySet[WebhookRefusal]]:
    """As a SID, an IP address, the beginning of a reason."""
    if SID.fullmatch(words):
        yield refusals.filter(account_sid=words)
        yield refusals.filter(call_sid=words)
    if is_address(words):
        yield refusals.filter(ip_address=words)
    yield refusals.filter(reason__startswith=words)


@admin.register(DevicePresence)
class DevicePresenceAdmin(ReadOnlyAdmin):
    list_display = ("last_alive_at", "user", "state", "connected_at", "disconnected_at", "page_session")
    list_filter = ("state", ("last_alive_at", admin.DateFieldListFilter))
    list_select_related = ("user",)
    search_fields = ("user__email",)
    search_help_text = _("E-mail or page session.")
    ordering = ("-last_alive_at", "-id")

    def read_words(self, rows: QuerySet[Any], words: str) -> Iterator[QuerySet[Any]]:
        return read_person(rows, words)
