"""The last line of defence: nothing that looks like a secret is written to the log.

Secrets do not get as far as a log call (see `accounts/sealing/fields.py`); this catches what a library or a
traceback might still carry.
"""

import logging
import re

REDACTED = "[redacted]"
PATTERNS = (
    # A JSON Web Token (RFC 7519): three parts in base64url, the first of which begins with {".
    re.compile(r"\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*"),
    # What stands in an Authorization header (RFC 9110 §11.6.2).
    re.compile(r"(?i)(?<=\bBasic )[\w+/=]{8,}|(?<=\bBearer )[\w.~+/=-]{8,}"),
    re.compile(r"(?i)(?<=authorization)([\"']?\s*[:=]\s*[\"']?)[^\s\"',}]+"),
    # Twilio's Auth Tokens and API key secrets have 32 characters; the word before tells them from
    # the tails of SIDs.
    re.compile(r"(?i)(?<=token)([\"']?\s*(?:[:=]|\bis\b)?\s*[\"']?)[0-9a-z]{32}\b"),
    re.compile(r"(?i)(?<=secret)([\"']?\s*(?:[:=]|\bis\b)?\s*[\"']?)[0-9a-z]{32}\b"),
    re.compile(r"(?i)(?<=password)([\"']?\s*[:=]\s*[\"']?)[^\s\"',}&]+"),
    # Passwords in an address: https://user:password@host
    re.compile(r"(?<=://)([^\s/:@]*:)[^\s/@]+(?=@)"),
)


def redact(text: str) -> str:
    """`text` with everything that looks like a token, key secret or password replaced."""
    for pattern in PATTERNS:
        text = pattern.sub(lambda match: (match[1] or "" if match.re.groups else "") + REDACTED, text)
    return text


class RedactingFormatter(logging.Formatter):
    """Formats a record, traceback included, and redacts the result."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))
