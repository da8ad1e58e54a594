"""What the caller's carrier vouches for (STIR/SHAKEN), in words.

https://www.twilio.com/docs/voice/trusted-calling-with-shakenstir: Twilio's `StirVerstat` holds how the
signature was found (Passed, Failed) and its level: A, the carrier knows the caller and that the number is
theirs; B, it knows the caller; C, it knows no more than where the call came in.
"""

import re

from django.utils.translation import gettext_lazy as _

VERSTAT = re.compile(r"TN-Validation-(Passed|Failed)-([ABC])(?:-.*)?", re.IGNORECASE)
NONE = frozenset({"", "null", "none"})
PASSED = {
    "A": _("Verified by the caller's carrier"),
    "B": _("Not verified: the carrier knows the caller, not whether the number is theirs"),
    "C": _("Not verified: the carrier passed the call on from elsewhere"),
}
FAILED = _("Not verified: the carrier's signature is not valid")
NOT_VERIFIED = _("Not verified by the caller's carrier")


def describe_attestation(stir_verstat: str) -> str:
    """The words for Twilio's `StirVerstat`; "" where nothing was said, as of calls from most countries."""
    if stir_verstat.casefold() in NONE:
        return ""
    found = VERSTAT.fullmatch(stir_verstat)
    if found is None:
        return str(NOT_VERIFIED)
    return str(PASSED[found[2].upper()] if found[1].casefold() == "passed" else FAILED)
