"""The table of calls."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Right
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.audit.append_only import KeptFor
from accounts.masking import SID_TAIL
from phone.calls.statuses import name_status


class Call(models.Model):
    """A call as Twilio's webhooks tell it: its times are Twilio's where told, else the server's."""

    kept_for = KeptFor("started_at", days=730)

    class Direction(models.TextChoices):
        OUTGOING = "outgoing", _("Outgoing")
        INCOMING = "incoming", _("Incoming")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call_sid = models.CharField(_("call sid"), max_length=34, unique=True)
    account = models.ForeignKey(
        "accounts.TwilioAccount", verbose_name=_("account"), on_delete=models.CASCADE, related_name="calls"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="calls",
        help_text=_("Who called, or who answered."),
    )
    direction = models.CharField(_("direction"), max_length=10, choices=Direction)
    rung = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        related_name="calls_rung",
        blank=True,
        help_text="Whose phones it rang, whoever answered.",
    )
    from_address = models.CharField(
        _("from address"), max_length=140, help_text=_("E.164, client:identity, or withheld")
    )
    to_address = models.CharField(_("to address"), max_length=140, help_text=_("E.164, or client:identity"))
    # Defaults of the database's, here and below: a server of the version before goes on writing rows
    # while this one starts.
    caller_id = models.CharField(
        max_length=20,
        blank=True,
        default="",
        db_default="",
        help_text="Which of our numbers was shown to whom was called, in E.164.",
    )
    status = models.CharField(max_length=20, help_text="Twilio's CallStatus or DialCallStatus")
    error_code = models.PositiveIntegerField(_("error code"), null=True)
    ending = models.CharField(
        _("ending"),
        max_length=200,
        blank=True,
        help_text=_("What the caller was told instead of being connected."),
    )
    stir_verstat = models.CharField(
        _("stir verstat"),
        max_length=60,
        blank=True,
        default="",
        db_default="",
        help_text=_("What the caller's carrier vouches for, in Twilio's word."),
    )
    cause = models.CharField(
        max_length=32,
        blank=True,
        default="",
        db_default="",
        help_text="Why it ended: a slug of phone/causes/; empty while it goes on, or not known yet.",
    )
    cause_facts = models.JSONField(
        _("cause facts"),
        default=dict,
        db_default={},
        blank=True,
        help_text=_("What the cause was told from, for the admin: codes, Twilio's words, countries."),
    )
    conference = models.ForeignKey(
        "phone.Conference",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="calls",
        help_text="The room that it goes on in, once it was held, transferred or joined with another.",
    )
    started_at = models.DateTimeField(_("started at"), default=timezone.now, db_index=True)
    answered_at = models.DateTimeField(_("answered at"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    asked_at = models.DateTimeField(
        _("asked at"),
        null=True,
        help_text=_("When Twilio was last asked what became of it, having told nothing by itself."),
    )

    # See `changes.py: list_rows_with()`.
    is_just_made = False
    # Whether its row was stored in this transaction: nobody else can see it, or have kept anything of it.
    is_new = False
    # The lines of Recents that are stored along with it: `recents/keeping.py`.
    first_lines: Any = None
    # What its caller calls the number that is called, where that has been read.
    called_name: str | None = None
    # Who or what its two ends are called, where a page has fetched it.
    shown_from: str
    shown_to: str

    class Meta:
        indexes = [
            models.Index(fields=["user", "-started_at"], name="call_of_person"),
            models.Index(fields=["from_address", "-started_at", "-id"], name="call_from_number"),
            models.Index(fields=["to_address", "-started_at", "-id"], name="call_to_number"),
            models.Index(fields=["cause", "-started_at", "-id"], name="call_of_cause"),
            models.Index(fields=["account", "cause", "-started_at", "-id"], name="call_of_account_and_cause"),
            models.Index(Right("call_sid", SID_TAIL), name="call_of_sid_tail"),
            models.Index(fields=["started_at"], name="call_not_ended", condition=models.Q(ended_at=None)),
        ]
        permissions = [("unmask_call", "Can see full phone numbers of calls")]
        ordering = ["-started_at"]
        verbose_name = _("call")
        verbose_name_plural = _("calls")

    def __str__(self) -> str:
        is_incoming = self.direction == Call.Direction.INCOMING
        words = (
            gettext("incoming call {sid}, {status}")
            if is_incoming
            else gettext("outgoing call {sid}, {status}")
        )
        return words.format(sid=self.call_sid[-6:], status=name_status(self.status))
