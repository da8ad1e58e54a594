"""A number in E.164 as people write it, and the digits that it is found by. Pure."""

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberFormat


@lru_cache(maxsize=4096)
def format_number(address: str) -> str:
    """A number in its country's groups, with what is dialled after the answer; anything else as it is."""
    number, _, after = address.partition(",")
    if not number.startswith("+"):
        return address
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return address
    written = phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL)
    return f"{written}, then {after.strip(',')}" if after.strip(",") else str(written)


@lru_cache(maxsize=4096)
def list_digits(address: str) -> list[str]:
    """The digits of a number as written abroad, then at home; none of what is no number."""
    digits = re.sub(r"\D", "", address) if address.startswith("+") else ""
    if not digits:
        return []
    at_home = ""
    try:
        number = phonenumbers.parse(address.partition(",")[0], None)
        at_home = re.sub(r"\D", "", phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL))
    except phonenumbers.NumberParseException:
        pass
    return [digits] if at_home in digits else [digits, at_home]
