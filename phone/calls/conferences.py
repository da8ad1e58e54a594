"""The table of conferences: the rooms at Twilio in which calls are held, transferred and joined.

A call begins as a plain Dial. What a Dial cannot do (music for one side alone, a third party) is done in a
conference, into which the call is moved then (`phone/in_call/`). Its name at Twilio is made of its id and
says nothing about anybody: https://www.twilio.com/docs/voice/twiml/conference.
"""

import re
import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.audit.append_only import KeptFor
from accounts.twilio.credentials import TwilioAccount

NAME = re.compile(r"dnb-([0-9a-f]{32})")


class Conference(models.Model):
    """One room at Twilio; the people in it are the legs that point here and have not left."""

    kept_for = KeptFor("created_at", days=730)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(
        "accounts.TwilioAccount", on_delete=models.CASCADE, related_name="conferences"
    )
    conference_sid = models.CharField(
        max_length=34, blank=True, help_text="Twilio's; empty until it has told us."
    )
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    asked_at = models.DateTimeField(
        null=True, help_text="When Twilio was last asked to bring a call into it, or gave no answer to that."
    )
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["account", "-created_at"], name="conference_of_account"),
            models.Index(fields=["created_at"], name="conference_open", condition=models.Q(ended_at=None)),
        ]
        ordering = ["-created_at"]
        verbose_name = _("conference")
        verbose_name_plural = _("conferences")

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """What Twilio calls it: its FriendlyName."""
        return f"dnb-{self.pk.hex}"


def find_conference(account: TwilioAccount, name: str) -> Conference | None:
    """The account's room of that name, which only Twilio and we know."""
    found = NAME.fullmatch(name)
    return Conference.objects.filter(account=account, pk=uuid.UUID(found[1])).first() if found else None
