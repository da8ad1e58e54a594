"""What Twilio's codes and SIP's say of a call that is over: two tables, for the server and for the page.

Twilio's: https://www.twilio.com/docs/api/errors, and the error classes of @twilio/voice-sdk 2.18. A code
that is not here decides nothing. The codes of SIP (RFC 3261, section 21) are what the far end answered.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

# How much a code weighs against others about the same call, the greatest first: the account comes before
# all that is in it, a number before the line behind it, the line before what was only said afterwards.
Weight = Literal["account", "app", "number", "media", "line", "webhook", "twilio"]
WEIGHTS: tuple[Weight, ...] = ("account", "app", "number", "media", "line", "webhook", "twilio")


@dataclass(frozen=True)
class Meaning:
    """What a code means: a cause, closer by a variant (`texts.py`)."""

    slug: str
    variant: str = ""
    weight: Weight = "line"


def number(slug: str, variant: str = "") -> Meaning:
    return Meaning(slug, variant, "number")


def account(slug: str, variant: str = "") -> Meaning:
    return Meaning(slug, variant, "account")


def webhook(variant: str = "") -> Meaning:
    return Meaning("webhook_failed", variant, "webhook")


NOT_ACTIVE = account("account_not_active")
TRIAL = account("trial_limit")
CONCURRENCY = account("concurrency_limit")
NOT_A_NUMBER = number("invalid_number")
UNREACHABLE = number("number_unreachable")
BLOCKED = number("number_blocked")
GEO = number("country_not_allowed")
CALLER_ID = number("caller_id_refused")
NO_APP = Meaning("twiml_app_missing", weight="app")
ILL = Meaning("twilio_unavailable", weight="twilio")
LOST = Meaning("connection_lost", weight="media")
BLOCKED_SOUND = Meaning("media_blocked", weight="media")

CODES: Mapping[int, Meaning] = {
    # The account.
    10001: NOT_ACTIVE,
    10002: account("trial_limit", "feature"),
    10003: NOT_ACTIVE,
    10004: CONCURRENCY,
    10005: account("voice_disabled"),
    16021: CONCURRENCY,
    20005: NOT_ACTIVE,
    20403: NOT_ACTIVE,
    31203: NOT_ACTIVE,
    90010: NOT_ACTIVE,
    13805: account("trial_limit", "duration"),
    21219: TRIAL,
    32100: TRIAL,
    573005: TRIAL,
    20429: account("concurrency_limit", "rate"),
    31206: account("concurrency_limit", "rate"),
    31429: account("concurrency_limit", "rate"),
    # The number called. 13226: https://www.twilio.com/docs/api/errors/13226.
    13223: NOT_A_NUMBER,
    13226: number("invalid_number", "country_code"),
    21201: NOT_A_NUMBER,
    21211: NOT_A_NUMBER,
    21217: NOT_A_NUMBER,
    31484: NOT_A_NUMBER,
    32101: NOT_A_NUMBER,
    13224: UNREACHABLE,
    21214: UNREACHABLE,
    31604: number("number_unreachable", "not_in_service"),
    32016: number("number_unreachable", "network"),
    13225: BLOCKED,
    21202: number("number_blocked", "premium"),
    21216: BLOCKED,
    32203: BLOCKED,
    32224: BLOCKED,
    13227: GEO,
    21203: GEO,
    21215: GEO,
    32205: GEO,
    # The number called from.
    13214: CALLER_ID,
    13247: CALLER_ID,
    13248: CALLER_ID,
    21210: CALLER_ID,
    21212: CALLER_ID,
    21213: CALLER_ID,
    32204: CALLER_ID,
    32206: CALLER_ID,
    # "Carrier blocked call due to calling number": https://www.twilio.com/docs/api/errors/32017.
    32017: number("caller_id_refused", "unwanted"),
    # The TwiML App, which is looked up when somebody calls.
    21218: NO_APP,
    21420: NO_APP,
    31001: NO_APP,
    # The app has no Voice URL. "Or an invalid number" (@twilio/voice-errors): that is the 404 of a leg.
    31404: Meaning("twiml_app_missing", "no_voice_url", "app"),
    # What Twilio got of the server that it asked: https://www.twilio.com/docs/api/errors/11200 and on.
    11100: webhook("url"),
    11200: webhook("status"),
    11201: webhook("timeout"),
    11202: webhook("refused"),
    11203: webhook("timeout"),
    11205: webhook("timeout"),
    11206: webhook("protocol"),
    11210: webhook("dns"),
    11215: webhook("redirects"),
    11216: webhook("redirects"),
    11217: webhook("status"),
    11220: webhook("tls"),
    11235: webhook("certificate"),
    11236: webhook("certificate"),
    11237: webhook("certificate"),
    11251: webhook("protocol"),
    11750: webhook("twiml"),
    11770: webhook("twiml"),
    12100: webhook("twiml"),
    12101: webhook("twiml"),
    12102: webhook("twiml"),
    12300: webhook("content_type"),
    13201: webhook("twiml"),
    15004: webhook("url"),
    21205: webhook("url"),
    21402: webhook("url"),
    31503: webhook(),
    31408: webhook("timeout"),
    # The line.
    31480: Meaning("no_answer", "away"),
    31486: Meaning("busy"),
    31487: Meaning("no_answer"),
    31600: Meaning("busy"),
    31603: Meaning("declined"),
    34002: Meaning("busy"),
    34003: Meaning("no_answer"),
    # Sound, and the way there. 31208: what the microphone's refusal was called before 31401.
    31208: Meaning("microphone_denied", weight="media"),
    31401: Meaning("microphone_denied", weight="media"),
    31402: Meaning("microphone_missing", weight="media"),
    31003: LOST,
    31005: LOST,
    31009: LOST,
    53000: LOST,
    53001: LOST,
    53400: BLOCKED_SOUND,
    53402: BLOCKED_SOUND,
    53405: BLOCKED_SOUND,
    53407: BLOCKED_SOUND,
    32014: BLOCKED_SOUND,
    # Twilio's limit for every call.
    32015: Meaning("answered", "time_limit", "twilio"),
    # Twilio itself.
    15000: ILL,
    20500: ILL,
    20503: ILL,
    31002: ILL,
    31500: ILL,
    31502: ILL,
    31504: ILL,
    51007: ILL,
}

# Sound that found no way at all, the SDK says half a minute later; later than this it was cut off.
MEDIA_FAILED = 53405
NO_WAY_WITHIN_SECONDS = 45

OUT_OF_SERVICE = Meaning("number_unreachable", "not_in_service", "number")
NO_WAY_THERE = Meaning("number_unreachable", "network", "number")
UNWANTED_CALLER = Meaning("caller_id_refused", "unwanted", "number")

# RFC 3261, section 21, but where another is named. 487 says only that the ringing was ended, by a Dial's
# timeout or by a caller who gave up; 403 does not say what of the call it forbids: neither is here.
SIP_CODES: Mapping[int, Meaning] = {
    404: OUT_OF_SERVICE,
    408: Meaning("no_answer"),
    410: OUT_OF_SERVICE,
    414: NOT_A_NUMBER,
    416: NOT_A_NUMBER,
    433: number("caller_id_refused", "anonymous"),  # RFC 5079
    480: Meaning("no_answer", "away"),
    484: NOT_A_NUMBER,
    485: NOT_A_NUMBER,
    486: Meaning("busy"),
    500: NO_WAY_THERE,
    502: NO_WAY_THERE,
    503: NO_WAY_THERE,
    504: NO_WAY_THERE,
    580: NO_WAY_THERE,
    600: Meaning("busy"),
    603: Meaning("declined"),
    604: OUT_OF_SERVICE,
    607: Meaning("declined", "unwanted"),  # RFC 8197
    608: UNWANTED_CALLER,  # RFC 8688: an intermediary has turned the caller away
    # RFC 8224, 6.2.2: the network believes that the number called from is not the caller's.
    428: UNWANTED_CALLER,
    436: UNWANTED_CALLER,
    437: UNWANTED_CALLER,
    438: UNWANTED_CALLER,
}


def weigh(meaning: Meaning) -> int:
    """The lower, the more it counts."""
    return WEIGHTS.index(meaning.weight)


def is_of_party(code: int) -> bool:
    """Whether `code` says why somebody cannot be called; what is about a webhook says nothing of them."""
    return code in CODES and CODES[code].weight in ("account", "number")


def list_page_codes() -> Iterator[tuple[str, dict[str, str]]]:
    """What a page makes of the codes that the SDK reports of a call, or the gateway within them.

    The gateway hangs up with whatever code Twilio has, and the SDK calls each that it does not know a 31005.
    Those of the telephone network, from 32000 on, come with the callbacks alone.
    """
    for code, meaning in CODES.items():
        if code < 32000 or 51000 <= code < 60000:
            yield str(code), {"cause": meaning.slug, "variant": meaning.variant}
