"""A cause in words. Which cause a call has is decided by `explaining.py`; the words are in `texts.py`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override, pgettext_lazy

from accounts.translated import Words
from phone.calls.destinations import HEARD_IN
from phone.causes.codes import list_page_codes
from phone.causes.texts import LINKS, TEXTS, VARIANTS, CauseText, Side, Variant

SLUGS = tuple(TEXTS)
# What the page may find out by itself, and closer by a variant.
PAGE_VARIANTS = (
    ("microphone_missing", "none"),
    ("microphone_missing", "in_use"),
    ("microphone_denied", "dismissed"),
    ("microphone_denied", "system"),
    ("microphone_denied", "policy"),
    ("microphone_denied", "insecure"),
    ("missed", "declined_here"),
    ("missed", "sent_away"),
    ("no_answer", "away"),
    ("twiml_app_missing", "no_voice_url"),
    ("concurrency_limit", "rate"),
    ("trial_limit", "duration"),
    ("trial_limit", "feature"),
    ("invalid_number", "country_code"),
)


@dataclass(frozen=True)
class Cause:
    """Why a call ended: a slug, closer by a variant, and the facts that its words name.

    The words are made whenever they are read, in the language that is spoken then: one call is told to
    several people. `heard` alone is always said alike.
    """

    slug: str
    variant: str = ""
    text: CauseText = CauseText("", "")
    closer: Variant = Variant()
    facts: Mapping[str, Words] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return str(self.closer.title or self.text.title)

    @property
    def words(self) -> str:
        return begin_large(self.fill_in(self.closer.sentence or self.text.sentence))

    @property
    def remedy(self) -> str:
        return self.fill_in(self.closer.remedy or self.text.remedy)

    @property
    def link(self) -> str:
        return self.closer.link or self.text.link

    @property
    def link_name(self) -> str:
        """What the page that `link` opens is called."""
        return str(LINKS.get(self.link, ""))

    @property
    def side(self) -> Side:
        return self.text.side

    @property
    def is_alarm(self) -> bool:
        return self.text.is_alarm

    @property
    def heard(self) -> str:
        """What its caller hears, where there is a call to hear it in."""
        own = self.closer.heard or ("" if self.closer.sentence and not self.text.heard else self.text.heard)
        with override(HEARD_IN):
            return begin_large(self.fill_in(own)) if own else self.words

    def fill_in(self, sentence: Words) -> str:
        """`sentence` with the facts, and words in place of those that are not known."""
        known = {name: fact for name, fact in self.facts.items() if fact}
        return str(sentence).format_map({**DEFAULTS, **self.text.defaults, **known})

    def as_json(self) -> dict[str, Any]:
        return {
            "cause": self.slug,
            "words": self.words,
            "remedy": self.remedy,
            "link": self.link,
            "link_name": self.link_name,
        }


def build_cause(slug: str, variant: str = "", **facts: Words) -> Cause:
    """The cause `slug` with its `facts`; an unknown variant has the cause's own words.

    A slug that a former version gave speaks for itself.
    """
    text = TEXTS.get(slug)
    if text is None:
        title = slug.replace("_", " ").capitalize()
        return Cause(slug, text=CauseText(title, title))
    return Cause(slug, variant, text, VARIANTS.get((slug, variant), Variant()), facts)


# For a variant that names a fact that its cause does not.
DEFAULTS: Mapping[str, Words] = {
    "name": _("They"),
    "number": _("that number"),
    "sentence": _("This phone does not make such calls."),
    "country": _("that country"),
    "caller_id": _("the number that was chosen"),
    "where": _("the server that tells it"),
    "owner": _("Whoever connected Twilio for your company"),
    "http": _("an error"),
    "to": pgettext_lazy("put through to", "somebody else"),
}


def begin_large(sentence: str) -> str:
    """A fact may stand first: "that number is not in service"."""
    return sentence[:1].upper() + sentence[1:]


def list_titles() -> dict[str, str]:
    """What each cause is called, in the order of the table."""
    return {slug: str(text.title) for slug, text in TEXTS.items()}


def build_page_causes() -> dict[str, Any]:
    """By what the page says of itself why a call is over: words by cause and variant, causes by code."""
    plain = {slug: build_cause(slug).as_json() for slug in SLUGS}
    closer = {f"{slug}:{variant}": build_cause(slug, variant).as_json() for slug, variant in PAGE_VARIANTS}
    return {"texts": {**plain, **closer}, "codes": dict(list_page_codes())}
