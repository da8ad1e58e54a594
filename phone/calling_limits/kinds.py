"""What kind of number one is, and whose: by libphonenumber's types and a table of codes of no country.

Pure. Kinds are what it costs, or may: `ordinary`, `free`, and those that are refused unless a company allows
them: `premium`, `shared_cost` (with personal numbers, which follow somebody at a caller's expense), and
`satellite` (with international networks).
"""

from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType

from phone.dialling.plans import get_country_code, get_country_of

ORDINARY, FREE = "ordinary", "free"
PREMIUM, SHARED_COST, SATELLITE = "premium", "shared_cost", "satellite"
# Those that a company has to allow by themselves.
SPECIAL = (PREMIUM, SHARED_COST, SATELLITE)

TYPES = {
    PhoneNumberType.TOLL_FREE: FREE,
    PhoneNumberType.PREMIUM_RATE: PREMIUM,
    PhoneNumberType.SHARED_COST: SHARED_COST,
    PhoneNumberType.PERSONAL_NUMBER: SHARED_COST,
}
# Codes that are no country's: ITU-T, "List of ITU-T Recommendation E.164 assigned country codes" (annex to
# its Operational Bulletin; https://www.itu.int/pub/T-SP-E.164D). What is none of these counts as SATELLITE.
CODES = {
    "800": FREE,  # International Freephone Service
    "808": SHARED_COST,  # International Shared Cost Service
    "870": SATELLITE,  # Inmarsat SNAC
    "871": SATELLITE,  # Inmarsat, by ocean, until 2008
    "872": SATELLITE,
    "873": SATELLITE,
    "874": SATELLITE,
    "878": SHARED_COST,  # Universal Personal Telecommunication Service
    "881": SATELLITE,  # Global Mobile Satellite System: Iridium, Globalstar
    "882": SATELLITE,  # International Networks
    "883": SATELLITE,  # International Networks
    "888": SATELLITE,  # Telecommunications for Disaster Relief
    "979": PREMIUM,  # International Premium Rate Service
    "991": SATELLITE,  # trial of an international public correspondence service
}


@dataclass(frozen=True)
class Target:
    """A number in E.164, the country that it is of (ISO 3166-1 alpha-2; "" for none), and its kind."""

    number: str
    country: str
    kind: str
    code: str = ""

    def is_free_in(self, countries: frozenset[str]) -> bool:
        """Whether it is free to whoever calls from one of `countries`.

        Countries that share a code share its free numbers; +800 is free everywhere.
        """
        if self.kind != FREE:
            return False
        return not self.country or self.code in {get_country_code(country) for country in countries}


def read_target(e164: str) -> Target:
    """What `e164`, a number in E.164, is. One that cannot be read is of no country, and SATELLITE."""
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return Target(e164, "", SATELLITE)
    country, code = get_country_of(number), str(number.country_code)
    return Target(e164, country, find_kind(number, country, code), code)


def find_kind(number: PhoneNumber, country: str, code: str) -> str:
    if not country:
        return CODES.get(code, SATELLITE)
    return TYPES.get(phonenumbers.number_type(number), ORDINARY)
