"""A cause in words. Which cause a call has is decided by `explaining.py`; the words are in `texts.py`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from phone.causes.codes import list_page_codes
from phone.causes.texts import LINKS, TEXTS, VARIANTS, Side, Variant

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
    """Why a call ended, in words; `heard` is what its caller hears, where there is a call to hear it in."""

    slug: str
    title: str
    words: str
    remedy: str
    link: str
    side: Side
    is_alarm: bool
    heard: str
    variant: str = ""

    @property
    def link_name(self) -> str:
        return LINKS.get(self.link, "")

    def as_json(self) -> dict[str, Any]:
        return {
            "cause": self.slug,
            "words": self.words,
            "remedy": self.remedy,
            "link": self.link,
            "link_name": self.link_name,
        }


def build_cause(slug: str, variant: str = "", **facts: str) -> Cause:
    """The cause `slug` in words, with `facts` filled in; an unknown variant has the cause's own words.

    A slug that a former version gave speaks for itself.
    """
    text = TEXTS.get(slug)
    if text is None:
        title = slug.replace("_", " ").capitalize()
        return Cause(slug, title, title, "", "", "nobody", False, "")
    closer = VARIANTS.get((slug, variant), Variant())
    known = {**DEFAULTS, **text.defaults, **{name: fact for name, fact in facts.items() if fact}}
    words = begin_large((closer.sentence or text.sentence).format_map(known))
    heard = closer.heard or ("" if closer.sentence and not text.heard else text.heard)
    return Cause(
        slug=slug,
        title=closer.title or text.title,
        words=words,
        remedy=(closer.remedy or text.remedy).format_map(known),
        link=closer.link or text.link,
        side=text.side,
        is_alarm=text.is_alarm,
        heard=begin_large(heard.format_map(known)) if heard else words,
        variant=variant,
    )


# For a variant that names a fact that its cause does not.
DEFAULTS: Mapping[str, str] = {
    "name": "They",
    "number": "that number",
    "sentence": "This phone does not make such calls.",
    "country": "that country",
    "caller_id": "the number that was chosen",
    "where": "the server that tells it",
    "http": "an error",
    "to": "somebody else",
}


def begin_large(sentence: str) -> str:
    """A fact may stand first: "that number is not in service"."""
    return sentence[:1].upper() + sentence[1:]


def list_titles() -> dict[str, str]:
    """What each cause is called, in the order of the table."""
    return {slug: text.title for slug, text in TEXTS.items()}


def build_page_causes() -> dict[str, Any]:
    """By what the page says of itself why a call is over: words by cause and variant, causes by code."""
    plain = {slug: build_cause(slug).as_json() for slug in SLUGS}
    closer = {f"{slug}:{variant}": build_cause(slug, variant).as_json() for slug, variant in PAGE_VARIANTS}
    return {"texts": {**plain, **closer}, "codes": dict(list_page_codes())}
