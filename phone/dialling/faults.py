"""Why digits are no number that can be called: what is missing, or whose format it is."""

import re
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat

from phone.dialling.numbering import Digits, parse, parse_national
from phone.dialling.plans import (
    count_digits,
    get_country_code,
    get_country_of,
    get_exit_pattern,
    get_trunk_prefix,
    list_countries,
    list_full_formats,
    list_lengths,
)

# Asked in this order whose format it is that a number was written in.
LIKELY_COUNTRIES = (
    "US GB DE FR AU JP KR IT ES CH AT NZ NL BE IE IN BR MX CN ZA SE NO DK FI PL PT CZ HU GR TR RU UA IL SG"
)
# Local numbers have so many digits; the rest of a number is its area code.
LOCAL_DIGITS = range(6, 9)
# Written in so many groups, a number shows whose it is, even where it might be one of the home country.
TELLING_GROUPS = 4


@dataclass(frozen=True)
class Fault:
    """`reason` is a name in `reasons.py`. `country` is the one that is spoken of."""

    reason: str
    country: str = ""


def explain(digits: Digits, home: str) -> Fault:
    """Why `digits` cannot be called. For those in which `find_number` finds nothing."""
    written = digits.without_bracketed_zero
    if digits.has_plus:
        return explain_international(written)
    trunk = get_trunk_prefix(home)
    has_trunk = bool(trunk) and written.startswith(trunk)
    if trunk and not has_trunk and len(written) in LOCAL_DIGITS:
        return Fault("area_code_missing", home)
    reason = judge_length(written, home)
    if has_trunk and reason != "not_in_use":
        reason = judge_length(written.removeprefix(trunk), home)
    others: list[str] = []
    is_at_home = is_grouped_as(digits.groups, home, trunk if has_trunk else "")
    if not is_at_home and (reason != "not_in_use" or not has_trunk or len(digits.groups) >= TELLING_GROUPS):
        others = find_other_countries(digits, home)
    if len(others) == 1:
        return Fault("other_country", others[0])
    rest = strip_certain_exit_code(written, home)
    if rest:
        return explain_international(rest)
    if parse(written, home) and not others:
        return Fault("area_code_missing", home)
    return Fault("not_in_use" if others else reason, home)


def is_grouped_as(groups: tuple[str, ...], country: str, trunk: str) -> bool:
    """Whether digits are grouped as in `country`, the last group apart: there some may be missing."""
    own = (groups[0].removeprefix(trunk), *groups[1:])
    sizes = [len(group) for group in own if group]
    for one in list_full_formats("".join(own), country):
        parts = re.findall(r"\(([^()]*)\)", one.pattern or "")
        usual = [count_digits(part)[0] for part in parts]
        if len(usual) == len(sizes) > 1 and usual[:-1] == sizes[:-1]:
            return True
    return False


def strip_certain_exit_code(digits: str, home: str) -> str:
    """What follows 00 or the home country's own prefix; "" where neither is there for certain."""
    pattern = get_exit_pattern(home)
    for prefix in (pattern, "00"):
        if prefix.isdigit() and digits.startswith(prefix):
            return digits.removeprefix(prefix)
    return ""


def explain_international(digits: str) -> Fault:
    for length in (1, 2, 3):
        for country in list_countries(digits[:length])[:1]:
            rest = digits[length:]
            trunk = get_trunk_prefix(country)
            reason = judge_length(rest, country)
            if trunk and rest.startswith(trunk) and reason != "not_in_use":
                reason = judge_length(rest.removeprefix(trunk), country)
            return Fault(reason, country)
    return Fault("unknown_country_code")


def judge_length(significant: str, country: str) -> str:
    """What is wrong with digits that are no valid number, as far as their count tells."""
    possible = list_lengths(country)
    formats = [count_digits(one.pattern or "") for one in list_full_formats(significant, country)]
    lengths = {n for fewest, most in formats for n in range(fewest, most + 1)} & possible or possible
    if len(significant) < min(lengths):
        return "too_short"
    return "too_long" if len(significant) > max(lengths) else "not_in_use"


def find_other_countries(digits: Digits, home: str) -> list[str]:
    """The countries whose code or way of writing this has; one where it has it to the letter."""
    number = parse(f"+{digits.all}", None)
    if number is not None and str(number.country_code) != get_country_code(home):
        return [get_country_of(number)]
    if len(digits.groups) == 1:
        return []
    others = [one for one in LIKELY_COUNTRIES.split() if get_country_code(one) != get_country_code(home)]
    readings = {country: parse_national(digits.all, country) for country in others}
    usual = {country: format_national(number) for country, number in readings.items() if number is not None}
    exact = [country for country, written in usual.items() if written == digits.written]
    alike = [country for country, written in usual.items() if is_grouped_like(digits.groups, written)]
    # The countries of North America write alike. Only they write three, three and four digits with hyphens.
    return exact[:1] or (alike[:1] if alike[:1] == ["US"] else alike)


def format_national(number: PhoneNumber) -> str:
    return str(phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL))


def is_grouped_like(groups: tuple[str, ...], written: str) -> bool:
    return tuple(re.findall(r"\d+", written)) == groups
