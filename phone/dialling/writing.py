"""A number in E.164 as people write it, and the digits that it is found by. Pure."""

import re
from functools import lru_cache

import phonenumbers
from django.utils.translation import gettext as _
from phonenumbers import PhoneNumberFormat


def format_number(address: str) -> str:
    """A number in its country's groups, with what is dialled after the answer; anything else as it is."""
    number, *rest = address.split(",", 1)
    written = write_grouped(number)
    if not written:
        return address
    after = "".join(rest).strip(",")
    return _("{number}, then {digits}").format(number=written, digits=after) if after else written


@lru_cache(maxsize=4096)
def write_grouped(number: str) -> str:
    """A number in E.164 in its country's groups; "" for anything else."""
    if not number.startswith("+"):
        return ""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return ""
    return str(phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL))


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
