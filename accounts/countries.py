"""Countries and their names, by ISO 3166-1 alpha-2 and Unicode's CLDR."""

from functools import cache

from babel import Locale
from phonenumbers import SUPPORTED_REGIONS


@cache
def list_countries() -> tuple[tuple[str, str], ...]:
    """(code, name) of every country with telephone numbers, by name."""
    return tuple(
        sorted(((code, get_country_name(code)) for code in SUPPORTED_REGIONS), key=lambda one: one[1])
    )


def get_country_name(code: str) -> str:
    """In English, as a browser's `Intl.DisplayNames` says it; the code itself for one it does not know."""
    return str(Locale("en").territories.get(code, code))
