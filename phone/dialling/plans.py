"""What libphonenumber knows of a country's numbers: its numbering plan."""

import re
from collections.abc import Iterable
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberFormat, PhoneNumber
from phonenumbers.phonemetadata import PhoneMetadata


def get_plan(country: str) -> PhoneMetadata:
    """Raises ValueError for a country that has none."""
    plan = PhoneMetadata.metadata_for_region(country)
    if plan is None:
        raise ValueError(f"{country} has no numbering plan")
    return plan


def get_exit_pattern(country: str) -> str:
    """What is dialled in `country` before a number of another, as a regular expression."""
    return get_plan(country).international_prefix or "00"


def list_countries(country_code: str) -> list[str]:
    """Those that share a country code, first the one whose plan counts; none for a code of no country."""
    if not country_code or country_code.startswith("0"):
        return []
    countries = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(country_code), ())
    return [country for country in countries if country in phonenumbers.SUPPORTED_REGIONS]


def list_lengths(country: str) -> set[int]:
    """How many digits a number has that is called from abroad, without the country code."""
    general = get_plan(country).general_desc
    return {length for length in (general.possible_length if general else ()) if length > 0}


def list_formats(significant: str, country: str) -> list[NumberFormat]:
    """The ways in which numbers of `country` that begin like this one are written at home."""
    return filter_formats(get_main_plan(country).number_format, significant)


def list_full_formats(significant: str, country: str) -> list[NumberFormat]:
    """Those without the formats of local numbers, which nobody calls from elsewhere."""
    plan = get_main_plan(country)
    return filter_formats(plan.intl_number_format or plan.number_format, significant)


def filter_formats(formats: Iterable[NumberFormat], significant: str) -> list[NumberFormat]:
    return [
        one
        for one in formats
        if not one.leading_digits_pattern or re.match(one.leading_digits_pattern[-1], significant)
    ]


def get_main_plan(country: str) -> PhoneMetadata:
    """Countries that share a code leave it to one of them how their numbers are written."""
    return get_plan(list_countries(get_country_code(country))[0])


def count_digits(pattern: str) -> tuple[int, int]:
    """The fewest and the most digits that a format's pattern takes, such as `(\\d{3})(\\d{4,8})`."""
    fewest = most = 0
    for low, high in re.findall(r"(?:\\d|\[[^]]*\]|\d)(?:\{(\d+)(?:,(\d+))?\})?", pattern):
        fewest += int(low or 1)
        most += int(high or low or 1)
    return fewest, most


def get_country_code(country: str) -> str:
    return str(phonenumbers.country_code_for_region(country))


def get_trunk_prefix(country: str) -> str:
    """The digits before a number that is called from elsewhere in `country`; "" where there are none."""
    return str(get_plan(country).national_prefix or "")


def get_country_of(number: PhoneNumber) -> str:
    """ISO 3166-1 alpha-2; "" for a number that is no country's, such as +800."""
    country = phonenumbers.region_code_for_number(number)
    return country if country in phonenumbers.SUPPORTED_REGIONS else ""


# The numbers that companies call from are few, and each of their calls asks.
@lru_cache(maxsize=4096)
def get_country_of_e164(e164: str) -> str:
    """The country of a number in E.164; "" for one that is no country's, and for none at all."""
    try:
        return get_country_of(phonenumbers.parse(e164))
    except phonenumbers.NumberParseException:
        return ""
