"""The words of a stored verdict, for those who read it later without the facts of the moment."""

from functools import cache

from django.utils.translation import gettext_lazy as _

from accounts.verdicts.texts import TEXTS, UNREACHABLE_REASONS, VerdictText
from accounts.verdicts.verdict import Verdict, build_unreachable_verdict, build_verdict

SLUGS = tuple(slug for slug in TEXTS if slug != "ok")


@cache
def describe_verdict(slug: str, reason: str = "") -> Verdict:
    """The verdict `slug` in its general words, or with the `reason` that was kept of an unreachable Twilio.

    A slug that a former version gave speaks for itself.
    """
    if slug == "server_network" and reason in UNREACHABLE_REASONS:
        return build_unreachable_verdict(reason)
    if (slug, reason) == ("twilio_unavailable", "share"):
        return build_unreachable_verdict(reason)
    if slug in TEXTS:
        return build_verdict(slug)
    title = slug.replace("_", " ").capitalize() or _("Unknown")
    return Verdict(slug, VerdictText(title, explanation="", remedy=""))


def find_verdicts(words: str) -> list[str]:
    """The slugs whose slug or title holds `words`."""
    sought = words.lower()
    return [slug for slug in SLUGS if sought in slug or sought in describe_verdict(slug).title.lower()]
