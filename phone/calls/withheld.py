"""Callers who withhold their number.

The telephone network puts a word in the number's place. Twilio passes the word on, or the digits that its
letters share a key with: `+266696687` is ANONYMOUS.
https://www.twilio.com/en-us/changelog/upcoming-changes-to-withheld-caller-ids-behavior-for-dial-calls
"""

from django.utils.translation import gettext_lazy as _

# In the record in place of whatever the network said.
WITHHELD = "withheld"
WITHHELD_NAME = _("Withheld number")
WORDS = frozenset(
    {
        *("anonymous", "blocked", "nocallerid", "notavailable", "outofarea", "private", "privatenumber"),
        *("restricted", "unavailable", "unidentified", "unknown", "unknownnumber", "withheld"),
    }
)
KEYS = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")
# A short word's digits may be somebody's number; those of these cannot be, in any country.
DIGITS = frozenset(
    word.translate(KEYS)
    for word in ("anonymous", "blocked", "private", "restricted", "unavailable", "unknown")
)


def is_withheld(address: str) -> bool:
    """Whether Twilio's `From` is no number at all, or a word for none, spelt out or in digits."""
    user = address.strip().casefold().removeprefix("sips:").removeprefix("sip:").partition("@")[0]
    letters = "".join(letter for letter in user if letter.isalnum())
    return letters.strip("0") == "" or letters in WORDS or letters in DIGITS
