"""E-mail that a worker sends, because a mail server may take its time and nobody should wait for it.

A letter may carry the key to a new password, so it lies sealed, for no longer than it takes to send
it; the task carries only its id. One that is begun anew after a worker was killed has the same
Message-ID, by which the receiving side can tell that it has it already.
"""

import json
import uuid
from collections.abc import Mapping
from datetime import time, timedelta
from email.utils import make_msgid
from smtplib import SMTPRecipientsRefused
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.outside import leave_database
from accounts.sealing.encryption import UnsealError
from accounts.sealing.fields import SealedField
from accounts.tasks.background import GivenUp, background, enqueue
from accounts.tasks.clock import every_night

# All tries of the task have ended long before.
KEPT_FOR = timedelta(days=3)


class Letter(models.Model):
    """A letter that was not sent yet."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    content = SealedField(help_text="The whole letter, as JSON.")
    about = models.CharField(
        max_length=64, blank=True, help_text="What would make it untrue, were it to change."
    )
    written_at = models.DateTimeField(default=timezone.now)
    begun_at = models.DateTimeField(
        null=True, help_text="When a worker took it up; empty again after a try that failed."
    )

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")

    def __str__(self) -> str:
        return f"Letter of {self.written_at:%Y-%m-%d %H:%M}"


@transaction.atomic
def post(message: EmailMessage, *, about: str = "") -> None:
    """Has `message` sent by a worker, if the caller's transaction is committed. Asks no mail server."""
    letter = Letter.objects.create(content=json.dumps(pack(message)), about=about)
    enqueue(send_letter, letter.pk)


@transaction.atomic
def withdraw(about: str) -> bool:
    """Takes back what was not sent yet about something; whether anything of it had not even been begun."""
    waiting = Letter.objects.filter(about=about)
    unbegun, _ = waiting.filter(begun_at=None).delete()
    waiting.delete()
    return bool(unbegun)


@background(given_up=lambda pk: Letter.objects.filter(pk=pk).delete())
def send_letter(pk: str) -> None:
    mine = Letter.objects.filter(pk=pk)
    if not mine.update(begun_at=timezone.now()):
        return
    letter = mine.first()
    if letter is None:
        return
    try:
        message = unpack(json.loads(letter.content.reveal()))
    except UnsealError:
        raise GivenUp("The letter does not open: its key is no longer in CREDENTIAL_KEYS.") from None
    leave_database()
    try:
        message.send()
    except SMTPRecipientsRefused as refusal:
        if all(status >= 500 for status, _ in refusal.recipients.values()):
            raise GivenUp("The mail server knows no such recipient.") from None
        mine.update(begun_at=None)
        raise
    except Exception:
        mine.update(begun_at=None)
        raise
    mine.delete()


def pack(message: EmailMessage) -> dict[str, Any]:
    """What has to be kept of a message; attachments are not, because nothing here sends any."""
    domain = urlsplit(settings.PUBLIC_URL).hostname
    return {
        "subject": str(message.subject),
        "body": str(message.body),
        "from": message.from_email,
        "to": list(message.to),
        "headers": {"Message-ID": make_msgid(domain=domain), **message.extra_headers},
        "subtype": message.content_subtype,
        "html": next((str(part[0]) for part in getattr(message, "alternatives", ())), ""),
    }


def unpack(kept: Mapping[str, Any]) -> EmailMessage:
    message = EmailMultiAlternatives(
        kept["subject"], kept["body"], kept["from"], kept["to"], headers=kept["headers"]
    )
    message.content_subtype = kept["subtype"]
    if kept["html"]:
        message.attach_alternative(kept["html"], "text/html")
    return message


@background(tries=3)
def forget_old_letters() -> None:
    """What nobody could send must not lie about for ever."""
    Letter.objects.filter(written_at__lt=timezone.now() - KEPT_FOR).delete()


every_night(forget_old_letters, at=time(2, 30))
