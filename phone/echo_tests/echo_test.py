"""The table of echo test calls: that there was one, and what it came to. No call of theirs is a `Call`."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.audit.append_only import KeptFor
from accounts.moments import write_moment
from accounts.statements import Moment

# A test takes less: six seconds each to speak and to hear it, ten of waiting, and three sentences.
LONGEST = timedelta(minutes=1)


class EchoTest(models.Model):
    """One echo test. Its sound is at Twilio while the call lasts, and can be had by that alone."""

    kept_for = KeptFor("begun_at", days=90)

    class Result(models.TextChoices):
        HEARD = "heard", _("was heard and played back")
        SILENT = "silent", _("nothing was heard")
        NOT_PLAYED = "not_played", _("was heard, but not played back")
        LEFT = "left", _("ended before the end")
        TOO_MANY = "too_many", _("refused: too many within an hour")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(
        "accounts.TwilioAccount",
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="echo_tests",
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="echo_tests",
    )
    call_sid = models.CharField(max_length=34, unique=True)
    begun_at = models.DateTimeField(_("begun at"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    result = models.CharField(
        _("result"), max_length=10, choices=Result, blank=True, help_text=_("Empty while it goes on.")
    )
    seconds = models.PositiveIntegerField(null=True, help_text="So long a sound was recorded.")
    recording_sid = models.CharField(
        _("recording sid"), max_length=34, blank=True, help_text=_("Twilio's; empty until it has told us.")
    )
    is_recorded = models.BooleanField(
        default=False,
        help_text="Twilio has said its last word of the recording: it is there, or there is none.",
    )
    is_fetched = models.BooleanField(default=False, help_text="Twilio has been given the sound to play.")
    is_cleared = models.BooleanField(
        default=False, help_text="Nothing of it is left at Twilio that is not on its way out."
    )
    is_given_up = models.BooleanField(
        _("given up"),
        default=False,
        db_default=False,
        help_text=_("For a day Twilio did not say whether it keeps sound of it: there may be some."),
    )
    asked_at = models.DateTimeField(null=True, help_text="When Twilio was last asked what is left of it.")

    class Meta:
        indexes = [
            models.Index(fields=["-begun_at", "-id"], name="echo_test_newest"),
            models.Index(
                fields=["begun_at"], name="echo_test_not_cleared", condition=models.Q(is_cleared=False)
            ),
        ]
        ordering = ["-begun_at", "-id"]
        verbose_name = _("echo test")
        verbose_name_plural = _("echo tests")

    def __str__(self) -> str:
        return gettext("Echo test of {moment}").format(moment=write_moment(self.begun_at))


def find_going_on(now: Moment) -> "models.QuerySet[EchoTest]":
    """Those in which somebody speaks or listens: one whose end was lost is over all the same."""
    return EchoTest.objects.filter(ended_at=None, begun_at__gt=now - LONGEST)
