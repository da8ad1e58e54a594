"""Mail to the owner of Twilio credentials: that they stopped working, and that they work again.

Plain text in our own words; no secret, and of the account only the last four characters.
"""

import logging
from functools import partial
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.masking import get_sid_tail
from accounts.twilio.credentials import TwilioCredentials
from accounts.verdicts.verdict import Verdict

logger = logging.getLogger(__name__)

# Somebody may be waiting for the verdict on a page meanwhile.
SECONDS = 8


def tell_stopped(credentials: TwilioCredentials, verdict: Verdict) -> None:
    """Has the owner mailed once the transaction is committed."""
    transaction.on_commit(partial(mail_stopped, credentials, verdict))


def tell_works_again(credentials: TwilioCredentials) -> None:
    """Has the owner mailed once the transaction is committed."""
    transaction.on_commit(partial(mail_works_again, credentials))


def mail_stopped(credentials: TwilioCredentials, verdict: Verdict) -> bool:
    """Whether the mail was handed over."""
    return mail(credentials, "Your Twilio login stopped working", "stopped", verdict=verdict)


def mail_works_again(credentials: TwilioCredentials) -> bool:
    """Whether the mail was handed over."""
    return mail(credentials, "Your Twilio login works again", "works_again")


def mail(credentials: TwilioCredentials, subject: str, template: str, **facts: Any) -> bool:
    if not credentials.user.is_active:
        return True
    facts |= {
        "account_tail": get_sid_tail(credentials.account.account_sid),
        "at": timezone.now(),
        "link": settings.PUBLIC_URL + reverse("connect_twilio"),
    }
    message = EmailMessage(
        subject,
        render_to_string(f"twilio/email/{template}.txt", facts),
        to=[credentials.user.email],
        connection=get_connection(timeout=SECONDS),
    )
    try:
        return bool(message.send())
    except (OSError, SMTPException) as error:
        logger.warning("A mail to the owner of credentials was not sent: %s", type(error).__name__)
        return False
