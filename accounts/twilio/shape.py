"""What Twilio's credentials look like, and in words what something else looks like. Nothing is asked.

The shapes are those of Twilio's OpenAPI specification.
"""

import re
from collections.abc import Mapping

from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts.masking import mask_sid
from accounts.sealing.fields import Secret
from accounts.translated import Words
from accounts.twilio.strays import count_characters, describe_places, describe_stray

# Twilio's secrets have 32 characters; nothing much longer is one, and no header would carry it.
SECRET_LENGTH_LIMIT = 200

LABELS: Mapping[str, Words] = {
    "account_sid": "Account SID",
    "auth_token": "Auth Token",
    "api_key_sid": "API key SID",
    "api_key_secret": "API key secret",
    "twiml_app_sid": "TwiML App SID",
    "region": _("Region"),
}
SID_PREFIXES = {"account_sid": "AC", "api_key_sid": "SK", "twiml_app_sid": "AP"}
SID_NAMES: Mapping[str, Words] = {
    "AC": _("an Account SID"),
    "SK": _("an API key SID"),
    "AP": _("a TwiML App SID"),
    "PN": _("a phone number's SID"),
    "OQ": _("the client ID of an OAuth app"),
    "CA": _("a call's SID"),
    "MG": _("a messaging service's SID"),
}
SID = re.compile(r"[A-Z]{2}[0-9a-fA-F]{32}")
SID_LIKE = re.compile(r"[A-Z]{2}[0-9A-Za-z]{0,38}")
HEX_32 = re.compile(r"[0-9a-fA-F]{32}")
ALPHANUMERIC_32 = re.compile(r"[0-9A-Za-z]{32}")
# Half of what Twilio's have: whatever is shorter is a part of one, or something else.
SHORTEST_SECRET = 16
SECRET_NAMES: Mapping[str, Words] = {
    "auth_token": _("an Auth Token"),
    "api_key_secret": _("an API key secret"),
}
SID_TO_HOME = {prefix: LABELS[name] for name, prefix in SID_PREFIXES.items()}


def fits(name: str, value: str) -> bool:
    """Whether `value` has the shape of what belongs in the field `name`."""
    if name in SID_PREFIXES:
        return bool(SID.fullmatch(value)) and value.startswith(SID_PREFIXES[name])
    return bool((HEX_32 if name == "auth_token" else ALPHANUMERIC_32).fullmatch(value))


def reveal(value: str | Secret) -> str:
    return value.reveal() if isinstance(value, Secret) else value


def show(value: str | Secret) -> str:
    """For logs: a SID as its last four characters, anything else by what it looks like."""
    if isinstance(value, Secret):
        return repr(value)
    if SID.fullmatch(value):
        return mask_sid(value)
    with override(settings.LANGUAGE_CODE):
        return str(describe(value))


def may_be_shown(value: str) -> bool:
    """Whether a value typed for a SID may go back to the page: it might be a secret in the wrong field."""
    return bool(SID_LIKE.fullmatch(value)) and value[:2] in SID_NAMES


def describe(value: str, *, is_secret: bool = True) -> Words:
    """What was typed, recognisable to the person and useless to anybody else."""
    if SID.fullmatch(value) and value[:2] in SID_NAMES:
        what, home = SID_NAMES[value[:2]], SID_TO_HOME.get(value[:2])
        return format_lazy(_("{what}, which belongs in “{home}”"), what=what, home=home) if home else what
    if stray := describe_stray(value):
        return stray
    length = count_characters(value)
    begins_like_sid = value[:2].upper() in SID_NAMES
    if begins_like_sid:
        length = format_lazy(
            _("{characters}, the first two being {begin}"), characters=length, begin=value[:2]
        )
    right_length = (34, 2) if begins_like_sid else (32, 0)
    if len(value) != right_length[0]:
        return length
    # A secret in the field of a SID is one all the same.
    is_secret = is_secret or not may_be_shown(value)
    return describe_places(value, length, begins_at=right_length[1], is_secret=is_secret) or length
