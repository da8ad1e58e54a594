"""Passwords that somebody would try first: the common ones that Django knows, and what this product suggests.

The words stand in `docs/security-asvs.md` as well, for whoever asks which they are.
"""

from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

# Names of the product and of what it stands on, and what people call it, English and German.
WORDS = (
    "dognbone",
    "doganbone",
    "dogandbone",
    "softphone",
    "telephone",
    "telefon",
    "twilio",
    "voicemail",
    "anrufbeantworter",
)
# Fewer letters than this beside a word are a year, a mark or an ending, and no password of their own.
LEAST_OTHERS = 5


class GuessableValidator(CommonPasswordValidator):
    """Refuses a password that is little more than one of WORDS, with whatever between its letters."""

    def validate(self, password: str, user: Any = None) -> None:
        super().validate(password, user)
        letters = "".join(letter for letter in password.casefold() if letter.isalpha())
        for word in WORDS:
            if word in letters and len(letters.replace(word, "")) < LEAST_OTHERS:
                raise ValidationError(self.get_error_message(), code="password_too_common")
