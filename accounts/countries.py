"""Countries and their names, by ISO 3166-1 alpha-2 and Unicode's CLDR."""

from functools import cache

from babel import Locale
from phonenumbers import SUPPORTED_REGIONS

from accounts.translated import get_spoken


def list_countries() -> tuple[tuple[str, str], ...]:
    """(code, name) of every country with telephone numbers, by name, in the language that is spoken."""
    return list_countries_in(get_spoken())


@cache
def list_countries_in(language: str) -> tuple[tuple[str, str], ...]:
    names = [(code, get_country_name_in(code, language)) for code in SUPPORTED_REGIONS]
    return tuple(sorted(names, key=lambda one: one[1]))


def get_country_name(code: str) -> str:
    """As a browser's `Intl.DisplayNames` says it, in the language that is spoken; else the code itself."""
    return get_country_name_in(code, get_spoken())


@cache
def get_country_name_in(code: str, language: str) -> str:
    return str(Locale.parse(language, sep="-").territories.get(code, code))
