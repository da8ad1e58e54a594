"""Texts that are translated when they are read, as those of `gettext_lazy` are."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.translation import get_language

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise as Words
else:
    Words = str

__all__ = ["Words", "get_spoken", "is_english", "quote_english", "when_read"]


def when_read(make: Callable[[], str]) -> Words:
    """What `make` answers, made anew whenever it is read."""
    text: Words = lazy(make, str)()
    return text


def get_spoken() -> str:
    """The language that is spoken here and now, as `de`; English where none is chosen."""
    return get_language() or "en"


def is_english() -> bool:
    return get_spoken().startswith("en")


def quote_english(sentence: str) -> Words:
    """`sentence` as HTML that says, on a page in another language, that it is English."""

    def make() -> str:
        return sentence if is_english() else format_html('<span lang="en">{}</span>', sentence)

    return when_read(make)
