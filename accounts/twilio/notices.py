"""Mail to the owner of Twilio credentials: that they stopped working, and that they work again.

Plain text in our own words, in the owner's language; no secret, and of the account only the last four
characters. Both are written in the caller's transaction and sent by a worker.
"""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.languages import speaking_to
from accounts.letters import post, withdraw
from accounts.masking import get_sid_tail
from accounts.translated import Words
from accounts.twilio.credentials import TwilioCredentials
from accounts.verdicts.verdict import Verdict


def tell_stopped(credentials: TwilioCredentials, verdict: Verdict) -> None:
    write(credentials, _("Your Twilio login stopped working"), "stopped", verdict=verdict)


def tell_works_again(credentials: TwilioCredentials) -> None:
    """Whoever was not sent the bad news yet needs no good news either: then nothing is sent at all."""
    if not withdraw(build_subject(credentials)):
        write(credentials, _("Your Twilio login works again"), "works_again")


def take_back(credentials: TwilioCredentials) -> None:
    """What was not sent yet is about credentials that are about to go: let it not arrive after them."""
    withdraw(build_subject(credentials))


def build_subject(credentials: TwilioCredentials) -> str:
    """What these letters are about: how the credentials stand."""
    return f"credentials:{credentials.pk}"


def write(credentials: TwilioCredentials, title: Words, template: str, **facts: Any) -> None:
    if not credentials.user.is_active:
        return
    facts |= {
        "account_tail": get_sid_tail(credentials.account.account_sid),
        "at": timezone.now(),
        "link": settings.PUBLIC_URL + reverse("connect_twilio"),
    }
    with speaking_to(credentials.user):
        text = render_to_string(f"twilio/email/{template}.txt", facts)
        message = EmailMessage(str(title), text, to=[credentials.user.email])
    post(message, about=build_subject(credentials))
