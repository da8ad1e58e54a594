"""Digits as a number of some country that can be called, by libphonenumber."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat

from phone.dialling.plans import (
    get_country_code,
    get_exit_pattern,
    get_trunk_prefix,
    list_countries,
    list_formats,
)


@dataclass(frozen=True)
class Digits:
    """`groups` are digits that were written together. `bracketed_zero` is where "(0)" stands, or -1."""

    written: str
    groups: tuple[str, ...]
    has_plus: bool
    bracketed_zero: int = -1

    @property
    def all(self) -> str:
        return "".join(self.groups)

    @property
    def without_bracketed_zero(self) -> str:
        at = self.bracketed_zero
        return self.all if at < 0 else self.all[:at] + self.all[at + 1 :]


def find_number(digits: Digits, home: str) -> PhoneNumber | None:
    """The number that can be called and that `digits` mean to somebody in `home`; None if there is none."""
    for number in list_readings(digits, home):
        if number is not None:
            return number
    return None


def list_readings(digits: Digits, home: str) -> Iterator[PhoneNumber | None]:
    """The likeliest first. Where "(0)" does not belong to the number, it is left out."""
    for written in dict.fromkeys((digits.all, digits.without_bracketed_zero)):
        if digits.has_plus:
            yield parse_international(written)
            continue
        for rest in strip_exit_codes(written, home):
            yield parse_international(rest)
        yield parse_national(written, home)
        if written.startswith(get_country_code(home)):
            yield parse_international(written)


def strip_exit_codes(digits: str, home: str) -> list[str]:
    """`digits` without what leads out of `home`, in each way that it can be read; or without 00."""
    pattern = get_exit_pattern(home)
    found = re.match(pattern, digits)
    ends = [found.end()] if found else []
    if digits.startswith("00") and 2 not in ends:
        ends.append(2)
    return [digits[end:] for end in ends]


def parse_international(digits: str) -> PhoneNumber | None:
    """`digits` begin with a country's code."""
    return parse(f"+{digits}", None) or parse(f"+{drop_old_mobile_prefix(digits)}", None)


def drop_old_mobile_prefix(digits: str) -> str:
    """Until 2020 a 1 stood before Mexican mobile numbers that were called from abroad."""
    return re.sub(r"^521(\d{10})$", r"52\1", digits)


def parse_national(digits: str, home: str) -> PhoneNumber | None:
    """None also where the prefix is left out without which it would be a local number."""
    if home == "MX":
        digits = re.sub(r"^(?:01|044|045|1)(\d{10})$", r"\1", digits)
    number = parse(digits, home)
    return None if number is None or is_prefix_missing(number, digits) else number


def parse(text: str, country: str | None) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def is_prefix_missing(number: PhoneNumber, digits: str) -> bool:
    """Whether its country writes a 0, or the like, before this number, and `digits` have none.

    Without it, "12345678" typed in Germany is a local number whose area code nobody knows, and a number
    of another country would be called here.
    """
    significant = phonenumbers.national_significant_number(number)
    if significant != digits:
        return False
    countries = list_countries(str(number.country_code))
    trunk = get_trunk_prefix(countries[0]) if countries else ""
    for one in list_formats(significant, countries[0]) if trunk else ():
        if re.fullmatch(one.pattern or "", significant):
            rule = re.sub(r"\\\d", "", one.national_prefix_formatting_rule or "")
            return trunk in rule and not one.national_prefix_optional_when_formatting
    return False


def format_e164(number: PhoneNumber) -> str:
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))
