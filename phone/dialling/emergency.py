"""Emergency numbers, in every form that they are typed in."""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from phonenumbers import SUPPORTED_REGIONS
from phonenumbers.phonemetadata import PhoneMetadata

from phone.dialling.numbering import strip_exit_codes
from phone.dialling.plans import get_country_code, get_trunk_prefix, list_countries

# Nobody means anything else by these, in whichever country.
EVERYWHERE = "000|110|112|119|911|999"


@cache
def build_emergency_patterns() -> dict[str, str]:
    """Each country's emergency numbers as a regular expression: libphonenumber's data on short numbers."""
    patterns = {}
    for country in sorted(SUPPORTED_REGIONS):
        short = PhoneMetadata.short_metadata_for_region(country)
        if short and short.emergency and short.emergency.national_number_pattern:
            patterns[country] = short.emergency.national_number_pattern
    return patterns


def is_emergency(digits: str, *, has_plus: bool, home: str, countries: Iterable[str]) -> bool:
    """Whether this calls for help in one of `countries`, or in the country whose code stands in front.

    `home` says which digits lead out of the country.
    """
    near = {home, *countries}
    if any(matches(core, near) for core in find_cores(digits, near)):
        return True
    abroad = [digits] if has_plus else strip_exit_codes(digits, home)
    return any(is_emergency_abroad(rest, near) for rest in abroad)


def find_cores(digits: str, countries: Iterable[str]) -> Iterator[str]:
    """`digits`, and what is left of them without the prefix or the code of a country."""
    yield digits
    for country in countries:
        for prefix in (get_trunk_prefix(country), get_country_code(country)):
            if prefix and digits.startswith(prefix):
                yield digits.removeprefix(prefix)


def is_emergency_abroad(digits: str, near: Iterable[str]) -> bool:
    """Whether `digits`, which begin with a country's code, end in its emergency number: 44 999."""
    if matches(digits, near):
        return True
    for length in (1, 2, 3):
        countries = list_countries(digits[:length])
        number = digits[length:]
        if countries and (matches(number, countries) or matches(number.removeprefix("0"), countries)):
            return True
    return False


def matches(digits: str, countries: Iterable[str]) -> bool:
    patterns = build_emergency_patterns()
    known = (patterns.get(country, "") for country in countries)
    return bool(re.fullmatch("|".join([EVERYWHERE, *filter(None, known)]), digits))
