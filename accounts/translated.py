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

__all__ = ["Words", "quote_english", "when_read"]


def when_read(make: Callable[[], str]) -> Words:
    """What `make` answers, made anew whenever it is read."""
    text: Words = lazy(make, str)()
    return text


def quote_english(sentence: str) -> Words:
    """`sentence` as HTML that says, on a page in another language, that it is English."""

    def make() -> str:
        is_english = (get_language() or "en").startswith("en")
        return sentence if is_english else format_html('<span lang="en">{}</span>', sentence)

    return when_read(make)
