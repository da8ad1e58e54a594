"""The last line of defence: nothing that looks like a secret is written to the log.

Secrets do not get as far as a log call (see `accounts/sealing/fields.py`); this catches what a library or a
traceback might still carry.
"""

import logging
import re

REDACTED = "[redacted]"
# The names of our cookies, and of what else signs somebody in or a form.
COOKIES = r"sessionid|csrftoken|csrfmiddlewaretoken|dnb_device|messages"
PATTERNS = (
    # A whole header that carries cookies or a signature, as the server logs it at DEBUG; in quotes where a
    # scope is shown.
    re.compile(
        r"(?i)(\b(?:set-)?cookie\b|\bx-csrftoken\b|\bx-twilio-signature\b)"
        r"(?P<between>[\"']?\s*[:=,]\s*b?)(?:\"[^\"\r\n]*\"|'[^'\r\n]*'|[^\"'\s][^\r\n]*)"
    ),
    re.compile(rf"(?i)(\b(?:{COOKIES})[\"']?\s*[:=]\s*[\"']?)[^;\s\"',&]+"),
    # The keys in addresses: of letters for a new password or to confirm an address, invitations, webhooks.
    re.compile(r"(/(?:password/reset/key|confirm-email|webhooks|invitations?|invite|join)/)[^\s/?\"'<>]+"),
    # And any other part of an address that is long and nobody's id: neither a UUID nor a SID, nor a file.
    re.compile(
        r"(/)(?![0-9a-f]{8}-[0-9a-f]{4}-|[A-Z]{2}[0-9a-f]{32}\b)(?=[\w:%-]*[0-9])[\w:%-]{32,}(?=[/?\s\"']|$)",
        re.ASCII,
    ),
    re.compile(r"(?i)([?&](?:key|token|code|secret|signature)=)[^&\s\"'<>]+"),
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
        text = pattern.sub(keep_what_names_it, text)
    return text


def keep_what_names_it(match: re.Match[str]) -> str:
    """What stood before the secret, and that one was there."""
    return "".join(part or "" for part in match.groups()) + REDACTED


class RedactingFormatter(logging.Formatter):
    """Formats a record, traceback included, and redacts the result."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))
