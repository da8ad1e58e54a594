"""The table of legs: whoever has a part in a call, one row for each Call that Twilio makes of it.

The caller's own leg has the Call's own `call_sid`; each phone that rings, and each party that is added,
consulted or transferred to, has a leg of its own.
"""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.audit.append_only import KeptFor
from phone.calls.call import Call
from phone.calls.conferences import Conference


class CallLeg(models.Model):
    """One party of a call: whom, by which route, and what became of it."""

    kept_for = KeptFor("asked_at", days=730)

    class Role(models.TextChoices):
        CALLER = "caller", pgettext_lazy("party", "Caller")
        CALLED = "called", pgettext_lazy("party", "Called")
        CONSULTED = "consulted", pgettext_lazy("party", "consulted before a transfer")
        ADDED = "added", pgettext_lazy("party", "Added")
        TRANSFERRED_TO = "transferred_to", pgettext_lazy("party", "transferred to")

    class Route(models.TextChoices):
        CLIENT = "client", _("a page of ours")
        NUMBER = "number", _("the telephone network")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="legs")
    call_sid = models.CharField(
        max_length=34, blank=True, help_text="Twilio's; empty until Twilio has named it."
    )
    # Defaults of the database's, here and below: a server of the version before goes on writing rows
    # while this one starts.
    parent_call_sid = models.CharField(
        max_length=34,
        blank=True,
        default="",
        db_default="",
        help_text="Of the leg whose Dial made it; empty for the caller's own and for who was called by REST.",
    )
    role = models.CharField(max_length=14, choices=Role)
    route = models.CharField(max_length=6, choices=Route)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="call_legs",
        help_text="Whose page it is, where it is one of ours.",
    )
    address = models.CharField(max_length=140, help_text="E.164, client:identity, or withheld")
    status = models.CharField(max_length=20, help_text="Twilio's CallStatus")
    sequence_number = models.PositiveIntegerField(
        null=True, help_text="The highest SequenceNumber of its status callbacks."
    )
    sip_response_code = models.PositiveIntegerField(null=True)
    error_code = models.PositiveIntegerField(null=True)
    cause = models.CharField(max_length=32, blank=True, help_text="Why it ended: a slug of phone/causes/.")
    asked_at = models.DateTimeField(default=timezone.now)
    rung_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    # In a conference.
    conference = models.ForeignKey(
        Conference, null=True, blank=True, on_delete=models.SET_NULL, related_name="legs"
    )
    joined_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    is_held = models.BooleanField(default=False)
    conference_sequence = models.PositiveIntegerField(
        null=True, help_text="The highest SequenceNumber of its conference's events about it."
    )
    let_go_at = models.DateTimeField(
        null=True, help_text="When it was asked to leave; a leg that goes without was lost with its page."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["call_sid"], condition=~models.Q(call_sid=""), name="one_leg_per_call_sid"
            )
        ]
        indexes = [
            models.Index(fields=["call", "asked_at"], name="leg_of_call"),
            models.Index(fields=["user", "-asked_at"], name="leg_of_person"),
            models.Index(fields=["conference", "asked_at"], name="leg_of_conference"),
        ]
        ordering = ["asked_at", "id"]
        verbose_name = _("call leg")
        verbose_name_plural = _("call legs")

    def __str__(self) -> str:
        return f"{self.role} leg {self.call_sid[-6:] or '?'}, {self.status}"

    @property
    def role_words(self) -> str:
        return str(ROLES[CallLeg.Role(self.role)])

    @property
    def label(self) -> str:
        """What the leg is called in its conference: Twilio's ParticipantLabel."""
        return self.pk.hex


# What each party is to a call, within a sentence.
ROLES = {
    CallLeg.Role.CALLER: pgettext_lazy("party", "caller"),
    CallLeg.Role.CALLED: pgettext_lazy("party", "called"),
    CallLeg.Role.CONSULTED: pgettext_lazy("party", "consulted before a transfer"),
    CallLeg.Role.ADDED: pgettext_lazy("party", "added"),
    CallLeg.Role.TRANSFERRED_TO: pgettext_lazy("party", "transferred to"),
}
