"""The sentence for each reason why what was typed is not called."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from accounts.countries import get_country_name
from accounts.translated import Words
from phone.dialling.faults import Fault
from phone.dialling.plans import get_country_code, get_trunk_prefix

SENTENCES: Mapping[str, Words] = {
    "nothing": _("There is no number to call."),
    "sip": _("This phone does not call sip addresses."),
    "emergency": _("This phone cannot make emergency calls. Please use another phone."),
    "no_number": _("{typed} is neither a colleague nor a phone number."),
    "letters_in_number": _(
        "This is not a phone number that can be called: there is a letter among its digits."
    ),
    "two_numbers": _("This is more than one number. Please call one at a time."),
    "service_code": _("This is not a phone number that can be called: it begins with * or #."),
    "unknown_country_code": _(
        "This is not a phone number that can be called: no country has the code that it begins with."
    ),
    "area_code_missing": _(
        "This is not a phone number that can be called: the area code is missing."
        " Begin with the area code, or with + and the country code."
    ),
    "other_country": _(
        "This is not a phone number that can be called: it looks like one of another country, {country}."
        " To call it, begin with +{code}."
    ),
    "too_short": _(
        "This is not a phone number that can be called: it is too short for +{code} ({country})."
        " The area code is missing, or digits at the end."
    ),
    "too_long": _("This is not a phone number that can be called: it is too long for +{code} ({country})."),
    "not_in_use": _(
        "This is not a phone number that can be called: there is no such number in +{code} ({country})."
        " If it is another country’s, begin with + and its code."
    ),
    "extension": _("What stands behind the number cannot be dialled. Please check it."),
}
WITH_TRUNK = _(
    "This is not a phone number that can be called: the area code is missing."
    " Begin with {trunk} and the area code, or with + and the country code."
)


def build_sentence(fault: Fault, typed: str = "") -> str:
    """For the person who typed `typed`, to be read or heard, in the language that is spoken."""
    country = fault.country
    trunk = get_trunk_prefix(country) if country else ""
    sentence = SENTENCES[fault.reason]
    # North America's 1 is its country code as well, and is seldom written.
    if fault.reason == "area_code_missing" and trunk not in ("", "1"):
        sentence = WITH_TRUNK
    return str(sentence).format(
        typed=typed,
        country=get_country_name(country),
        code=get_country_code(country) if country else "",
        trunk=trunk,
    )
