"""Recordings, messages and who listened to them, in the admin. Nothing is played here."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.read_only import ReadOnlyAdmin
from accounts.admin.search import SID, find_people, read_person_or_email
from accounts.masking import mask_sid
from accounts.moments import write_moment
from phone.calls.parties import get_names, name_caller
from phone.durations import describe_duration
from phone.recordings.choices import RecordingChoice
from phone.recordings.deletions import SoundDeletion
from phone.recordings.listenings import Listening
from phone.recordings.recordings import Recording
from phone.voicemail.messages import VoicemailMessage

LISTENINGS_SHOWN = 50


@admin.register(Recording)
class RecordingAdmin(ReadOnlyAdmin):
    newest_by = "begun_at"
    list_display = ("begun_at", "source", "status", "length", "started_by", "account_tail", "sid_tail")
    list_filter = ("source", "status", ("begun_at", admin.DateFieldListFilter))
    list_select_related = ("account", "started_by")
    search_fields = ("recording_sid",)
    search_help_text = _("Recording SID or Call SID, or the e-mail of whoever began it.")
    ordering = ("-begun_at", "-id")
    fields = (
        "recording_sid",
        "account",
        "call",
        "source",
        "status",
        "error_code",
        "length",
        "channels",
        "started_by",
        "announced_at",
        "begun_at",
        "ended_at",
        "asked_at",
        "gone_at",
        "deleted_at",
        "deleted_by",
        "listened",
    )
    readonly_fields = ("length", "listened")

    def read_words(self, rows: QuerySet[Recording], words: str) -> Iterator[QuerySet[Recording]]:
        if SID.fullmatch(words):
            yield rows.filter(recording_sid=words)
            yield rows.filter(call__call_sid=words)
        if people := find_people(words):
            yield rows.filter(started_by__in=people)

    @admin.display(description=_("length"), ordering="seconds")
    def length(self, recording: Recording) -> str:
        return "" if recording.seconds is None else describe_duration(timedelta(seconds=recording.seconds))

    @admin.display(description=_("account"), ordering="account")
    def account_tail(self, recording: Recording) -> str:
        return recording.account.friendly_name or mask_sid(recording.account.account_sid)

    @admin.display(description="Recording SID")
    def sid_tail(self, recording: Recording) -> str:
        return mask_sid(recording.recording_sid)

    @admin.display(description=_("who listened"))
    def listened(self, recording: Recording) -> str:
        rows = recording.listenings.order_by("-listened_at", "-id")[:LISTENINGS_SHOWN]
        lines = (
            (
                gettext("{moment}: {email} took a copy, from {address}")
                if row.is_download
                else gettext("{moment}: {email} listened, from {address}")
            ).format(
                moment=write_moment(row.listened_at),
                email=row.email,
                address=row.ip_address or gettext("unknown address"),
            )
            for row in rows
        )
        return format_html_join("\n", "<p>{}</p>", ((line,) for line in lines))


@admin.register(Listening)
class ListeningAdmin(ReadOnlyAdmin):
    newest_by = "listened_at"
    list_display = ("listened_at", "email", "is_download", "ip_address", "sid_tail")
    list_filter = ("is_download", ("listened_at", admin.DateFieldListFilter))
    search_fields = ("email",)
    search_help_text = _("E-mail, or Recording SID.")
    ordering = ("-listened_at", "-id")

    def read_words(self, rows: QuerySet[Any], words: str) -> Iterator[QuerySet[Any]]:
        if SID.fullmatch(words):
            yield rows.filter(recording_sid=words)
        yield from read_person_or_email(rows, words)

    @admin.display(description="Recording SID")
    def sid_tail(self, row: Listening) -> str:
        return mask_sid(row.recording_sid)


@admin.register(VoicemailMessage)
class VoicemailMessageAdmin(ReadOnlyAdmin):
    newest_by = "left_at"
    list_display = ("left_at", "masked_from", "length", "whose", "account_tail")
    list_filter = (("left_at", admin.DateFieldListFilter),)
    list_select_related = ("account", "call", "recording")
    search_fields = ("call__call_sid",)
    search_help_text = _("Call SID, or the e-mail of whom a message is for.")
    ordering = ("-left_at", "-id")
    fields = ("left_at", "account", "call", "recording", "masked_from", "length", "whose")
    readonly_fields = ("masked_from", "length", "whose")

    def prepare_rows(self, rows: Sequence[VoicemailMessage]) -> None:
        """Gives each its caller's name or masked number, and whom it is for."""
        names = get_names(message.call.from_address for message in rows)
        for message in rows:
            message.call.shown_from = name_caller(message.call.from_address, names)

    def get_queryset(self, request: HttpRequest) -> QuerySet[VoicemailMessage]:
        return super().get_queryset(request).prefetch_related("copies__user")

    def read_words(
        self, rows: QuerySet[VoicemailMessage], words: str
    ) -> Iterator[QuerySet[VoicemailMessage]]:
        if SID.fullmatch(words):
            yield rows.filter(call__call_sid=words)
        if people := find_people(words):
            yield rows.filter(copies__user__in=people).distinct()

    @admin.display(description=_("from"))
    def masked_from(self, message: VoicemailMessage) -> str:
        return message.call.shown_from

    @admin.display(description=_("length"))
    def length(self, message: VoicemailMessage) -> str:
        return describe_duration(timedelta(seconds=message.recording.seconds or 0))

    @admin.display(description=_("for"))
    def whose(self, message: VoicemailMessage) -> str:
        def tell(deleted: Any, heard: Any) -> str:
            if deleted:
                return pgettext("message", "deleted")
            return pgettext("message", "heard") if heard else pgettext("message", "new")

        copies = message.copies.all()
        return ", ".join(f"{copy.user.email} ({tell(copy.deleted_at, copy.heard_at)})" for copy in copies)

    @admin.display(description=_("account"), ordering="account")
    def account_tail(self, message: VoicemailMessage) -> str:
        return message.account.friendly_name or mask_sid(message.account.account_sid)


@admin.register(SoundDeletion)
class SoundDeletionAdmin(ReadOnlyAdmin):
    newest_by = "asked_at"
    list_display = ("asked_at", "sid_tail", "done_at", "given_up_at", "user")
    list_filter = (("given_up_at", admin.EmptyFieldListFilter),)
    list_select_related = ("user",)
    search_fields = ("recording_sid",)
    search_help_text = _("Recording SID.")
    ordering = ("-asked_at", "-id")

    @admin.display(description="Recording SID")
    def sid_tail(self, row: SoundDeletion) -> str:
        return mask_sid(row.recording_sid)


@admin.register(RecordingChoice)
class RecordingChoiceAdmin(ReadOnlyAdmin):
    list_display = ("account", "user", "is_on", "changed_at", "changed_by")
    list_filter = ("is_on",)
    list_select_related = ("account", "user", "changed_by")
    ordering = ("-changed_at", "-id")
