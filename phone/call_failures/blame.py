"""Whose each cause of a call's end is, and what a later call shows of it."""

from dataclasses import dataclass

OURS, ACCOUNTS, TWILIOS, PERSONS, OTHER_SIDES, NOBODYS = (
    "ours",
    "account",
    "twilio",
    "person",
    "other_side",
    "nobody",
)
CAUSES: dict[str, tuple[str, str]] = {
    "answered": ("Answered", NOBODYS),
    "busy": ("Busy", OTHER_SIDES),
    "declined": ("Declined", OTHER_SIDES),
    "no_answer": ("No answer", OTHER_SIDES),
    "canceled": ("Given up by the caller", PERSONS),
    "answered_elsewhere": ("Answered elsewhere", NOBODYS),
    "missed": ("Missed", PERSONS),
    "nobody_available": ("Nobody was available", PERSONS),
    "do_not_disturb": ("Do not disturb", NOBODYS),
    "voicemail": ("Left a message", NOBODYS),
    "invalid_number": ("Not a number", PERSONS),
    "number_unreachable": ("The number cannot be reached", OTHER_SIDES),
    "number_blocked": ("The number is blocked", ACCOUNTS),
    "country_not_allowed": ("The country is not allowed", ACCOUNTS),
    "caller_id_refused": ("The number called from was refused", ACCOUNTS),
    "refused_here": ("Refused by a rule of Dog n Bone's", PERSONS),
    "trial_limit": ("A trial account refuses this", ACCOUNTS),
    "concurrency_limit": ("Too many calls at once", ACCOUNTS),
    "voice_disabled": ("The account has no voice", ACCOUNTS),
    "account_not_active": ("The account is not active", ACCOUNTS),
    "twiml_app_missing": ("The TwiML App is missing", OURS),
    "webhook_failed": ("Our address did not answer Twilio", OURS),
    "microphone_denied": ("The microphone is not allowed", PERSONS),
    "microphone_missing": ("There is no microphone", PERSONS),
    "media_blocked": ("Sound is blocked", PERSONS),
    "connection_lost": ("The connection was lost", PERSONS),
    "twilio_unavailable": ("Twilio was not available", TWILIOS),
    "unclear": ("Unclear", TWILIOS),
}

WHOSE = {
    OURS: "Ours",
    ACCOUNTS: "The Twilio account's",
    TWILIOS: "Twilio's, or unclear",
    PERSONS: "The person's",
    OTHER_SIDES: "The other side's",
}


@dataclass(frozen=True)
class Cause:
    slug: str
    title: str
    whose: str
    remedy: str = ""
    explanation: str = ""


SLUGS = tuple(CAUSES)


def describe_cause(slug: str) -> Cause:
    title, whose = CAUSES.get(slug, (slug.replace("_", " ").capitalize(), TWILIOS))
    return Cause(slug, title, whose)


# Ends of calls that are none of the failed.
NO_FAILURES = frozenset(slug for slug, (_, whose) in CAUSES.items() if whose == NOBODYS)
# What neither the other side nor the person who called decides: somebody may have to mend it.
TO_MEND = frozenset(slug for slug, (_, whose) in CAUSES.items() if whose in (OURS, ACCOUNTS, TWILIOS))
# Causes that a later call disproves, by getting through: they would have ended it as well.
DISPROVABLE = frozenset({"webhook_failed", "twiml_app_missing", "account_not_active", "voice_disabled"})
# Ends that show that a call got through, whoever did not take it.
GOT_THROUGH = frozenset({"answered", "busy", "declined", "no_answer", "voicemail"})
# Causes that are ours: each call so lost is one too many.
OUR_CAUSES = frozenset(slug for slug, (_, whose) in CAUSES.items() if whose == OURS)
# Causes for which no call at all of an account gets through.
DEAD_ACCOUNTS = frozenset({"account_not_active", "voice_disabled"})


def is_failure(slug: str) -> bool:
    return slug not in NO_FAILURES


# Causes by which a list can be narrowed down, with their titles.
CAUSES_TO_LIST = tuple((slug, describe_cause(slug).title) for slug in SLUGS)


def list_causes_of(whose: str) -> list[str]:
    return [slug for slug, (_, one) in CAUSES.items() if one == whose]


def find_causes(words: str) -> list[str]:
    """The causes whose slug or title holds `words`."""
    sought = words.lower()
    return [slug for slug, title in CAUSES_TO_LIST if sought in slug or sought in title.lower()]
