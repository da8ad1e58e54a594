"""The table of plans: what is to be done with each call that comes in, and how far it has got.

Twilio may ask twice what follows a step, and is answered the same: what was chosen is kept under the step
that it follows.
"""

from datetime import timedelta
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.audit.append_only import KeptFor
from phone.calls.call import Call

# Twilio ends every Dial after four hours: https://www.twilio.com/docs/voice/twiml/dial#timelimit.
FORWARDED_FOR = timedelta(hours=4)


class AnsweringPlan(models.Model):
    """The plan of one call, and which of its steps were taken."""

    kept_for = KeptFor("created_at", days=30)

    call = models.OneToOneField(Call, primary_key=True, on_delete=models.CASCADE, related_name="answering")
    steps = models.JSONField(default=list, help_text="See phone/answering/plan.py.")
    taken = models.JSONField(
        default=dict, help_text="By the step that it follows (-1: none): the step, and whom it rings."
    )
    is_closed = models.BooleanField(default=False, help_text="It came outside opening hours.")
    forwarded_to = models.CharField(max_length=20, blank=True)
    forwarded_as = models.CharField(max_length=20, blank=True, help_text="The number that it shows there.")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["forwarded_to", "forwarded_as"],
                name="answering_forwarded",
                condition=~models.Q(forwarded_to=""),
            )
        ]
        verbose_name = _("answering plan")
        verbose_name_plural = _("answering plans")

    def __str__(self) -> str:
        return f"{len(self.taken)} of {len(self.steps)} steps of {self.call}"

    def get_taken(self, after: int | str) -> dict[str, Any] | None:
        taken: dict[str, Any] | None = self.taken.get(str(after))
        return taken


def is_forwarded_here(caller: str) -> bool:
    """Whether a call that comes in from `caller` is one that is forwarded from here: again, it might go in
    circles, also by way of numbers that are none of ours.
    """
    lately = AnsweringPlan.objects.filter(created_at__gt=timezone.now() - FORWARDED_FOR)
    return lately.filter(forwarded_as=caller, call__ended_at=None).exclude(forwarded_to="").exists()
