"""Texts that are translated when they are read, as those of `gettext_lazy` are."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.utils.functional import lazy

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise as Words
else:
    Words = str

__all__ = ["Words", "when_read"]


def when_read(make: Callable[[], str]) -> Words:
    """What `make` answers, made anew whenever it is read."""
    text: Words = lazy(make, str)()
    return text
