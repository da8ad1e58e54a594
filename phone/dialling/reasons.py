"""The sentence for each reason why what was typed is not called."""

from accounts.countries import get_country_name
from phone.dialling.faults import Fault
from phone.dialling.plans import get_country_code, get_trunk_prefix

NO = "This is not a phone number that can be called: "
SENTENCES = {
    "nothing": "There is no number to call.",
    "sip": "This phone does not call sip addresses.",
    "emergency": "This phone cannot make emergency calls. Please use another phone.",
    "no_number": "{typed} is neither a colleague nor a phone number.",
    "letters_in_number": NO + "there is a letter among its digits.",
    "two_numbers": "This is more than one number. Please call one at a time.",
    "service_code": NO + "it begins with * or #.",
    "unknown_country_code": NO + "no country has the code that it begins with.",
    "area_code_missing": NO + "the area code is missing. "
    "Begin with {trunk}the area code, or with + and the country code.",
    "other_country": NO + "it looks like one of another country, {country}. To call it, begin with +{code}.",
    "too_short": NO
    + "it is too short for +{code} ({country}). The area code is missing, or digits at the end.",
    "too_long": NO + "it is too long for +{code} ({country}).",
    "not_in_use": NO + "there is no such number in +{code} ({country}). "
    "If it is another country’s, begin with + and its code.",
    "extension": "What stands behind the number cannot be dialled. Please check it.",
}


def build_sentence(fault: Fault, typed: str = "") -> str:
    """For the person who typed `typed`, to be read or heard."""
    country = fault.country
    trunk = get_trunk_prefix(country) if country else ""
    return SENTENCES[fault.reason].format(
        typed=typed,
        country=get_country_name(country),
        code=get_country_code(country) if country else "",
        # North America's 1 is its country code as well, and is seldom written.
        trunk=f"{trunk} and " if trunk not in ("", "1") else "",
    )
