"""`voice.twilio.com/v1/DialingPermissions/Countries`: which countries an account may call.

https://www.twilio.com/docs/voice/api/dialingpermissions-country-resource. The numbers that the fake calls
in no case (`numbers.py`) are of countries that are switched off here.
"""

from collections.abc import Callable
from typing import Any

from fake_twilio.numbers import GEO_BLOCKED
from fake_twilio.rest.exchange import Answer, Endpoint, Exchange
from fake_twilio.rest.paging import DEFAULT_PAGE_SIZE
from fake_twilio.rest.parameters import PAGING, Parameter, read_bool, read_text

COUNTRIES = "/v1/DialingPermissions/Countries"
# ISO code, name, continent, country codes. Twilio's list has over two hundred; all of the North American plan
# is one of them, named so in its documentation's example.
PLACES = (
    ("AU", "Australia", "OCEANIA", ("61",)),
    ("AT", "Austria", "EUROPE", ("43",)),
    ("BR", "Brazil", "SOUTH_AMERICA", ("55",)),
    ("CU", "Cuba", "NORTH_AMERICA", ("53",)),
    ("FR", "France", "EUROPE", ("33",)),
    ("DE", "Germany", "EUROPE", ("49",)),
    ("IN", "India", "ASIA", ("91",)),
    ("JP", "Japan", "ASIA", ("81",)),
    ("LV", "Latvia", "EUROPE", ("371",)),
    ("MX", "Mexico", "NORTH_AMERICA", ("52",)),
    ("SO", "Somalia", "AFRICA", ("252",)),
    ("CH", "Switzerland", "EUROPE", ("41",)),
    ("GB", "United Kingdom", "EUROPE", ("44",)),
    ("US", "United States/Canada", "NORTH_AMERICA", ("1",)),
)
# As a new account has it: what is risky is off, and of these places only that.
RISKY = ("LV", "SO")


def build_country(place: tuple[str, str, str, tuple[str, ...]]) -> dict[str, Any]:
    iso_code, name, continent, codes = place
    is_on = not any(f"+{code}" in GEO_BLOCKED for code in codes)
    url = f"https://voice.twilio.com{COUNTRIES}/{iso_code}"
    return {
        "iso_code": iso_code,
        "name": name,
        "continent": continent,
        "country_codes": [f"+{code}" for code in codes],
        "low_risk_numbers_enabled": is_on and iso_code not in RISKY,
        "high_risk_special_numbers_enabled": False,
        "high_risk_tollfraud_numbers_enabled": False,
        "url": url,
        "links": {"highrisk_special_prefixes": f"{url}/HighRiskSpecialPrefixes"},
    }


def is_wanted(country: dict[str, Any], wanted: dict[str, Any]) -> bool:
    rules: dict[str, Callable[[Any], bool]] = {
        "IsoCode": lambda value: country["iso_code"] == value,
        "Continent": lambda value: country["continent"] == value,
        "CountryCode": lambda value: f"+{str(value).lstrip('+')}" in country["country_codes"],
        "LowRiskNumbersEnabled": lambda value: country["low_risk_numbers_enabled"] == value,
    }
    return all(rule(wanted[name]) for name, rule in rules.items() if name in wanted)


async def list_countries(exchange: Exchange) -> Answer:
    """In pages by their number alone: a country has no SID that a page token could name."""
    wanted = exchange.values
    rows = [one for one in map(build_country, PLACES) if is_wanted(one, wanted)]
    size, page = wanted.get("PageSize", DEFAULT_PAGE_SIZE), wanted.get("Page", 0)
    shown = rows[page * size : (page + 1) * size]
    base = f"https://{exchange.host.name}{exchange.path}?PageSize={size}&Page="
    meta = {
        "key": "content",
        "page": page,
        "page_size": size,
        "first_page_url": f"{base}0",
        "next_page_url": f"{base}{page + 1}" if (page + 1) * size < len(rows) else None,
        "previous_page_url": f"{base}{page - 1}" if page else None,
        "url": f"{base}{page}",
    }
    return Answer({"meta": meta, "content": shown})


def find_country(exchange: Exchange) -> Any:
    found = (build_country(place) for place in PLACES if place[0] == exchange.sids["iso"])
    return next(found, None)


async def fetch_country(exchange: Exchange) -> Answer:
    return Answer(exchange.resource)


READ = "/twilio/voice/dialing-permissions/read"
FILTERS = {
    "IsoCode": Parameter(read_text),
    "Continent": Parameter(read_text),
    "CountryCode": Parameter(read_text),
    "LowRiskNumbersEnabled": Parameter(read_bool),
    **PAGING,
}
ENDPOINTS = (
    Endpoint("GET", COUNTRIES, list_countries, FILTERS, product="voice", permission=READ),
    Endpoint(
        "GET", f"{COUNTRIES}/{{iso}}", fetch_country, find=find_country, product="voice", permission=READ
    ),
)
