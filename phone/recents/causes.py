"""What a cause is called in the list."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.translated import Words
from phone.causes import describing

# While it goes on.
GOING_ON: Mapping[str, Words] = {"in-progress": gettext_lazy("In a call")}


def name_cause(slug: str, status: str, *, is_incoming: bool = False) -> str:
    """`status` is the call's own, which tells what goes on while there is no cause."""
    if not slug:
        return str(GOING_ON.get(status, _("Ringing")))
    return describing.name_cause(slug, is_incoming=is_incoming)
