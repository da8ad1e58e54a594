"""The type of a text that is translated when it is read: what `gettext_lazy` answers, or a plain string."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise as Words
else:
    Words = str

__all__ = ["Words"]
