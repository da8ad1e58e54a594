"""What is shown in place of what not everybody may see: phone numbers, SIDs, and text from outside."""

import re

DIGITS_KEPT = 3
# How much of a SID is shown, and indexed for searching by it: enough to tell it from one's others.
SID_TAIL = 4
# What is not passed on, in this order: what one rule leaves, the next may take. Whole SIDs; secrets and
# tokens; e-mail addresses; phone numbers. `static/phone/` has the same rules for the page's own report.
NOT_PASSED_ON = (
    (re.compile(r"\b([A-Z]{2})[0-9a-fA-F]{28}([0-9a-fA-F]{4})\b"), r"\1…\2"),
    (re.compile(r"(?=[\w-]*\d)[\w-]{20,}(?:\.[\w-]+){0,2}", re.ASCII), "…"),
    (re.compile(r"\S+@\S+"), "…@…"),
    (re.compile(r"\+?\(?[0-9](?:[\s().-]{0,2}[0-9]){6,}"), "(number)"),
)


def mask_phone_number(address: str) -> str:
    """`+442071838750` as `+•••••••••750`; `client:…`, names and short codes as they are."""
    digits = address.removeprefix("+")
    if not digits.isdigit() or len(digits) <= 2 * DIGITS_KEPT:
        return address
    hidden = "•" * (len(digits) - DIGITS_KEPT)
    plus = "+" if address.startswith("+") else ""
    return f"{plus}{hidden}{digits[-DIGITS_KEPT:]}"


def get_sid_tail(sid: str) -> str:
    """The last four characters of a SID; "" of none."""
    return sid[-SID_TAIL:]


def mask_sid(sid: str) -> str:
    """`AC…` with 32 more characters as `…1a2b`; "" for none."""
    return f"…{get_sid_tail(sid)}" if sid else ""


def mask_text(text: str) -> str:
    """Text from outside without what must not be passed on: secrets, phone numbers, addresses, whole SIDs."""
    for pattern, left in NOT_PASSED_ON:
        text = pattern.sub(left, text)
    return text
