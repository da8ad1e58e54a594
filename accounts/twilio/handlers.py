"""What answers a phone number, as Twilio's number resource says it, and in words for its owner.

https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.masking import mask_sid
from accounts.translated import Words

WELCOME_HOST = "demo.twilio.com"
# What the resource says of who answers, and the parameter that sets it.
HANDLER_PARAMETERS = {
    "voice_url": "VoiceUrl",
    "voice_method": "VoiceMethod",
    "voice_application_sid": "VoiceApplicationSid",
    "trunk_sid": "TrunkSid",
}
NOBODY = _("nobody")
WELCOME = _("Twilio's welcome message")


def read_handler(row: Mapping[str, Any]) -> dict[str, str]:
    """What answers, of a number as Twilio shows it: enough to put it back."""
    return {name: str(row.get(name) or "") for name in HANDLER_PARAMETERS}


def is_unanswered(row: Mapping[str, Any]) -> bool:
    """Whether nothing answers: no handler at all, or Twilio's welcome message for new numbers."""
    if row.get("voice_application_sid") or row.get("trunk_sid"):
        return False
    voice_url = str(row.get("voice_url") or "")
    return not voice_url or find_host(voice_url) == WELCOME_HOST


def describe_handler(handler: Mapping[str, Any]) -> Words:
    """Who answers, as the end of a sentence; "" where that is not known.

    Of an address only the host: the rest of it may be a secret of whoever answers there.
    """
    if not handler:
        return ""
    if trunk := handler.get("trunk_sid"):
        return format_lazy(_("the SIP trunk {sid}"), sid=mask_sid(str(trunk)))
    if app := handler.get("voice_application_sid"):
        return format_lazy(_("the TwiML App {sid}"), sid=mask_sid(str(app)))
    if is_unanswered(handler):
        return WELCOME if handler.get("voice_url") else NOBODY
    return find_host(str(handler["voice_url"])) or _("an address that is none")


def find_host(voice_url: str) -> str:
    """The host of an address, or "": people type anything there."""
    try:
        return urlsplit(voice_url).hostname or ""
    except ValueError:
        return ""
