"""Of each cause of a call's end: whether it is a failure, whose it is, and what a later call shows of it."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.translated import Words
from phone.causes.cause import SLUGS, Cause, build_cause
from phone.causes.texts import TEXTS

UNCLEAR = "unclear"
# Whose a cause can be (`phone/causes/texts.py: Side`), and what that is called; nobody's are no failures.
WHOSE: Mapping[str, Words] = {
    "ours": pgettext_lazy("whose", "Ours"),
    "account": pgettext_lazy("whose", "The Twilio account's"),
    "twilio": pgettext_lazy("whose", "Twilio's"),
    "network": pgettext_lazy("whose", "The network's"),
    UNCLEAR: pgettext_lazy("whose", "Not known"),
    "other": pgettext_lazy("whose", "The other side's"),
    "own": pgettext_lazy("whose", "The person's"),
}
# What an administrator can do, where a person can only tell them.
REMEDIES: Mapping[str, Words] = {
    "webhook_failed": _(
        "Look at a call: what it was told from says which address Twilio asked, and what "
        "came back. If the address is ours, ask /readyz, and look at the log and the refused webhooks of "
        "that time."
    ),
    UNCLEAR: _("Look at a call: what Twilio said of it is kept there."),
}

FAILURES = frozenset(slug for slug, text in TEXTS.items() if text.side != "nobody") | {UNCLEAR}
# Ours: somebody has to act at once, and each call lost so is one too many.
OURS = frozenset(slug for slug, text in TEXTS.items() if text.is_alarm)
# What somebody may have to mend. A rule of our own that refuses a call does what it should.
TO_MEND = OURS | {
    slug for slug in FAILURES if TEXTS[slug].side in ("account", "twilio", "network") or slug == UNCLEAR
}
# Causes for which no call at all of an account gets through.
DEAD_ACCOUNTS = frozenset({"account_not_active", "voice_disabled"})
# Causes that a later call disproves, by getting through: they would have ended it as well.
DISPROVABLE = OURS | DEAD_ACCOUNTS
# Ends that show that a call got through, whoever did not take it.
GOT_THROUGH = frozenset({"answered", "busy", "declined", "no_answer", "voicemail"})


def get_side(slug: str) -> str:
    """A key of WHOSE, or `nobody`; of a slug that a former version gave it is not known."""
    return UNCLEAR if slug == UNCLEAR or slug not in TEXTS else TEXTS[slug].side


def list_causes_of(side: str) -> list[str]:
    return [slug for slug in FAILURES if get_side(slug) == side]


def list_failures() -> list[tuple[str, str]]:
    """Every cause that is a failure, with what it is called, in the order of the table."""
    return [(slug, build_cause(slug).title) for slug in SLUGS if slug in FAILURES]


def find_causes(words: str) -> list[str]:
    """The causes whose slug or title holds `words`."""
    sought = words.lower()
    return [slug for slug, title in list_failures() if sought in slug or sought in title.lower()]


def get_remedy(cause: Cause) -> str:
    """The one thing for an administrator to do."""
    return str(REMEDIES.get(cause.slug, cause.remedy))
