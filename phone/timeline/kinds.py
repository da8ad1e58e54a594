"""The kinds of entries that a timeline has, in the order in which a login goes."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import pgettext_lazy

from accounts.translated import Words


@dataclass(frozen=True)
class KindWords:
    """Where it may be chosen to be seen, and beside an entry."""

    title: Words
    beside: Words


KINDS: Mapping[str, KindWords] = {
    "sign-in": KindWords(pgettext_lazy("timeline", "Sign-in"), pgettext_lazy("timeline", "sign-in")),
    "check": KindWords(pgettext_lazy("timeline", "Check"), pgettext_lazy("timeline", "check")),
    "token": KindWords(pgettext_lazy("timeline", "Token"), pgettext_lazy("timeline", "token")),
    "device": KindWords("Device", pgettext_lazy("timeline", "device")),
    "failure": KindWords(pgettext_lazy("timeline", "Failure"), pgettext_lazy("timeline", "failure")),
    "call": KindWords(pgettext_lazy("timeline", "Call"), pgettext_lazy("timeline", "call")),
    "test": KindWords(pgettext_lazy("timeline", "Connection test"), pgettext_lazy("timeline", "test")),
    "echo": KindWords(pgettext_lazy("timeline", "Echo test"), pgettext_lazy("timeline", "echo test")),
    "page": KindWords(pgettext_lazy("timeline", "Page"), pgettext_lazy("timeline", "page")),
}
