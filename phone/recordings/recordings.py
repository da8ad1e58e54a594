"""The table of recordings: what was said on a call, or to its voicemail, and is kept at Twilio."""

import uuid
from collections.abc import Set
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.audit.append_only import KeptFor
from accounts.people import User
from accounts.statements import Given, Question
from phone.calls.call import Call
from phone.calls.legs import CallLeg
from phone.calls.marks import marks


class RecordingQuerySet(models.QuerySet["Recording"]):
    def of_calls(self) -> "RecordingQuerySet":
        return self.filter(source=Recording.Source.CALL)

    def live(self) -> "RecordingQuerySet":
        """Those under way: sound is, or would be if it were not paused, written down."""
        return self.filter(status__in=LIVE)

    def unsettled(self) -> "RecordingQuerySet":
        """Those whose last word Twilio has not said."""
        return self.exclude(status__in=[*FINAL, Recording.Status.WANTED])

    def audible(self) -> "RecordingQuerySet":
        """Those that can be listened to, as far as is known."""
        return self.filter(status=Recording.Status.COMPLETED, deleted_at=None)

    def of_person(self, person: User) -> "RecordingQuerySet":
        """Those of calls that `person` had a part in, as long as they are on the account it was made on,
        and its owner lets them.

        Whom a call only rang has not heard what was said on it.
        """
        talked = CallLeg.objects.filter(user=person).exclude(answered_at=None)
        mine = models.Q(call__user=person) | models.Q(call__in=talked.values("call"))
        return self.of_calls().filter(
            mine, account__memberships__user=person, account__memberships__may_hear_recordings=True
        )


class Recording(models.Model):
    """One recording. Its sound is at Twilio; here is what it is of, and what became of it."""

    kept_for = KeptFor("begun_at", days=365)

    class Source(models.TextChoices):
        CALL = "call", _("a call")
        VOICEMAIL = "voicemail", _("a message to voicemail")

    class Status(models.TextChoices):
        WANTED = "wanted", _("To begin when the call is answered")
        ASKED = "asked", pgettext_lazy("recording", "Asked for")
        IN_PROGRESS = "in-progress", pgettext_lazy("recording", "Recording")
        PAUSED = "paused", pgettext_lazy("recording", "Paused")
        PROCESSING = "processing", _("Being prepared by Twilio")
        COMPLETED = "completed", pgettext_lazy("recording", "Complete")
        ABSENT = "absent", _("Nothing was recorded")
        FAILED = "failed", pgettext_lazy("recording", "Failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(
        "accounts.TwilioAccount",
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="recordings",
    )
    call = models.ForeignKey(
        Call, verbose_name=_("call"), on_delete=models.CASCADE, related_name="recordings"
    )
    leg = models.ForeignKey(
        CallLeg,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="recordings",
        help_text="The party whose leg is recorded: what it says, and what it hears.",
    )
    source = models.CharField(_("source"), max_length=9, choices=Source)
    recording_sid = models.CharField(
        _("recording sid"), max_length=34, blank=True, help_text=_("Twilio's; empty until it has told us.")
    )
    status = models.CharField(_("status"), max_length=11, choices=Status)
    error_code = models.PositiveIntegerField(
        _("error code"), null=True, help_text=_("Why there is none: 16101, 16102 …")
    )
    seconds = models.PositiveIntegerField(null=True)
    channels = models.PositiveSmallIntegerField(_("channels"), default=1)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("started by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="recordings_started",
        help_text=_("Who asked for it; nobody where a setting did, or a caller left a message."),
    )
    announced_at = models.DateTimeField(
        _("announced at"),
        null=True,
        help_text=_("Since when the parties have been told that the call is recorded."),
    )
    begun_at = models.DateTimeField(
        _("begun at"), default=timezone.now, help_text=_("When it began, or was asked for.")
    )
    ended_at = models.DateTimeField(_("ended at"), null=True)
    asked_at = models.DateTimeField(
        _("asked at"), null=True, help_text=_("When Twilio was last asked what became of it.")
    )
    gone_at = models.DateTimeField(
        _("gone at"), null=True, help_text=_("Since when Twilio is known not to have it any more.")
    )
    deleted_at = models.DateTimeField(_("deleted at"), null=True)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("deleted by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="recordings_deleted",
    )

    objects: ClassVar[Any] = RecordingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["recording_sid"],
                condition=~models.Q(recording_sid=""),
                name="one_row_per_recording_sid",
            )
        ]
        indexes = [
            models.Index(fields=["call", "begun_at"], name="recording_of_call"),
            models.Index(fields=["-begun_at", "-id"], name="recording_newest"),
            models.Index(fields=["account", "-begun_at"], name="recording_of_account"),
            models.Index(
                fields=["begun_at"],
                name="recording_unsettled",
                condition=models.Q(status__in=["asked", "in-progress", "paused", "processing"]),
            ),
        ]
        ordering = ["-begun_at", "-id"]
        verbose_name = _("recording")
        verbose_name_plural = _("recordings")

    def __str__(self) -> str:
        words = gettext("Recording {sid} of {source}, {status}")
        sid = self.recording_sid[-6:] or "?"
        return words.format(sid=sid, source=self.get_source_display(), status=self.status)

    @property
    def is_audible(self) -> bool:
        return self.status == self.Status.COMPLETED and not (self.gone_at or self.deleted_at)


def build_audible() -> "models.QuerySet[Any]":
    recordings = Recording.objects.of_calls().audible().filter(call=Given("call", models.UUIDField()))
    return recordings.order_by().values_list("pk")[:1]


AUDIBLE: "Question[Any]" = Question(build_audible)


@marks("recording")
def find_listeners(call: Call) -> Set[int]:
    """Who may listen to a recording of `call`: as `of_person`."""
    if not AUDIBLE.ask_values(call=call.pk):
        return frozenset()
    talked = call.legs.exclude(answered_at=None).values_list("user", flat=True)
    return {key for key in (call.user_id, *talked) if key is not None}


LIVE = (Recording.Status.ASKED, Recording.Status.IN_PROGRESS, Recording.Status.PAUSED)
FINAL = (Recording.Status.COMPLETED, Recording.Status.ABSENT, Recording.Status.FAILED)
