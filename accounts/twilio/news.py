"""What was done at Twilio, and what was not, in sentences for the person whose account it is.

A worker does most of it, and the person reads it later, so what is kept is a slug with its facts; it is put
into words when it is read.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.translated import Words

# As it is kept, in JSON. A sentence alone was kept by former versions.
News = dict[str, str | int] | str

SENTENCES: Mapping[str, Words] = {
    # Numbers.
    "rings_here": _("Calls to {number}, which nobody answered, now ring here."),
    "rings_here_in_place": _("Calls to {number} now ring here. Who answered before is remembered."),
    "rang_here_before": _("Calls to {number} ring here already."),
    "given_back": _("Calls to {number} no longer ring here; what answered them before does again."),
    "not_reached": _("{number} was not changed: Twilio was not reached."),
    "not_shown": _("{number} was not changed: Twilio did not show it."),
    "not_allowed": _("{number} was not changed: Twilio refused it."),
    "more_unanswered": ngettext_lazy(
        "{count} more number that nobody answers is listed below, for you to choose.",
        "{count} more numbers that nobody answers are listed below, for you to choose.",
        "count",
    ),
    "not_read": _(
        "Twilio did not tell which numbers the account has. Connect again to have Dog n Bone ask once more."
    ),
    # What Dog n Bone made.
    "app_removed": _("The TwiML App that Dog n Bone made was removed from the Twilio account."),
    "app_left": _("The TwiML App “Dog n Bone” could not be removed from the Twilio account."),
    "key_removed": _("The API key that Dog n Bone made was removed from the Twilio account."),
    "key_left": _("The API key “Dog n Bone” could not be removed from the Twilio account."),
    "not_cleared": _(
        "Not everything that Dog n Bone made could be removed from the Twilio account. What is named "
        "“Dog n Bone” among its API keys and TwiML Apps can be deleted in the Twilio console."
    ),
}


def build_news(slug: str, **facts: str | int) -> News:
    """One of SENTENCES with its facts, as it is kept."""
    return {"slug": slug, **facts}


def word(news: News) -> str:
    """`news` as a sentence, in the language that is spoken."""
    if isinstance(news, str):
        return news
    return str(SENTENCES[str(news["slug"])].format(**news))
