"""Twilio's codes as a browser's Device and its Calls report them: one table, for the server and for the page.

Sources: the error classes of @twilio/voice-sdk 2.18, and the gateway's codes in Twilio's error
dictionary (https://www.twilio.com/docs/api/errors).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from django.utils.translation import gettext_lazy as _

from accounts.translated import Words
from accounts.verdicts.rest_rules import CLOSED, DELETED, NOT_ACTIVE, OTHER_REGION, SEEMS_NOT_ACTIVE

# What a page does about a code. token: about the token, the credentials behind it or the account, so that
# trying again with the same ones is vain; network: the way to Twilio's signalling.
Subject = Literal["token", "network", "other"]


@dataclass(frozen=True)
class DeviceRule:
    """What a code means by itself for the login."""

    verdict: str
    is_sure: bool = True
    other_causes: tuple[Words, ...] = ()
    # Words, by the name that they fill in.
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class DeviceCode:
    """One code. Without a rule it is no matter of logging in; what it means for a call that ended with it is
    in `phone/causes/codes.py`."""

    rule: DeviceRule | None = None
    subject: Subject = "other"


INVALID = DeviceRule("token_invalid")
MAYBE_INVALID = DeviceRule("token_invalid", is_sure=False)
EXPIRED = DeviceRule("token_expired")
WRONG_SECRET = DeviceRule("wrong_api_secret", False, (DELETED, OTHER_REGION))
NOT_AN_ACTIVE_ACCOUNT = DeviceRule("account_suspended", False, (CLOSED,), facts=SEEMS_NOT_ACTIVE)
TOO_LONG = DeviceRule("token_too_long")
BAD_IDENTITY = DeviceRule("bad_identity")
BUSY = DeviceRule("rate_limited")
ILL = DeviceRule("twilio_unavailable")
NO_WAY = DeviceRule("browser_network", is_sure=False)
OVER = DeviceRule("transient")
NO_APP = DeviceRule("twiml_app_missing")
MUTE_APP = DeviceRule(
    "twiml_app_misconfigured", facts={"fault": _("has a Voice URL that Twilio cannot reach")}
)
UNCLEAR = DeviceRule("unclear", is_sure=False)

DEVICE_CODES: Mapping[int, DeviceCode] = {
    20101: DeviceCode(INVALID, "token"),
    20102: DeviceCode(INVALID),
    20103: DeviceCode(DeviceRule("token_invalid", False, (DELETED, NOT_ACTIVE))),
    20104: DeviceCode(EXPIRED, "token"),
    20105: DeviceCode(DeviceRule("clock_skew")),
    20106: DeviceCode(INVALID),
    20107: DeviceCode(WRONG_SECRET),
    20151: DeviceCode(MAYBE_INVALID, "token"),
    20157: DeviceCode(TOO_LONG),
    20160: DeviceCode(MAYBE_INVALID),
    20403: DeviceCode(NOT_AN_ACTIVE_ACCOUNT),
    20429: DeviceCode(BUSY),
    20500: DeviceCode(ILL),
    20503: DeviceCode(ILL),
    21218: DeviceCode(NO_APP),
    31000: DeviceCode(NO_WAY, "network"),
    31001: DeviceCode(NO_APP, "token"),
    31002: DeviceCode(),
    31003: DeviceCode(subject="network"),
    # Either the socket died, or a call was hung up with an error that has no class of its own: see
    # `device_rules.py`.
    31005: DeviceCode(NO_WAY, "network"),
    31008: DeviceCode(),
    31009: DeviceCode(NO_WAY, "network"),
    31100: DeviceCode(),
    31101: DeviceCode(UNCLEAR),
    31102: DeviceCode(INVALID, "token"),
    31103: DeviceCode(UNCLEAR),
    31104: DeviceCode(INVALID, "token"),
    31105: DeviceCode(BAD_IDENTITY, "token"),
    31107: DeviceCode(OVER),
    31201: DeviceCode(MAYBE_INVALID, "token"),
    31202: DeviceCode(WRONG_SECRET, "token"),
    31203: DeviceCode(NOT_AN_ACTIVE_ACCOUNT, "token"),
    31204: DeviceCode(INVALID, "token"),
    31205: DeviceCode(EXPIRED, "token"),
    31206: DeviceCode(BUSY, "token"),
    31207: DeviceCode(TOO_LONG, "token"),
    31209: DeviceCode(OVER),
    31210: DeviceCode(),
    31212: DeviceCode(),
    31400: DeviceCode(),
    31401: DeviceCode(DeviceRule("microphone_denied")),
    31402: DeviceCode(DeviceRule("microphone_missing")),
    31403: DeviceCode(UNCLEAR),
    31404: DeviceCode(),
    31480: DeviceCode(),
    31486: DeviceCode(),
    31487: DeviceCode(),
    31500: DeviceCode(ILL),
    31503: DeviceCode(MUTE_APP),
    31603: DeviceCode(),
    51003: DeviceCode(BAD_IDENTITY),
    51007: DeviceCode(ILL),
    53000: DeviceCode(UNCLEAR),
    53001: DeviceCode(NO_WAY, "network"),
    53400: DeviceCode(),
    53402: DeviceCode(),
    53405: DeviceCode(DeviceRule("media_blocked")),
}


def list_page_codes() -> Iterator[tuple[str, dict[str, str]]]:
    """The codes that a page does something about, and the `subject` of each, as JSON has it."""
    for number, code in DEVICE_CODES.items():
        if code.subject != "other":
            yield str(number), {"subject": code.subject}
