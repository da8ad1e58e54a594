"""The sentences of the company's own limits (`phone/calling_limits/`), by why a call is not made."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.countries import get_country_name
from accounts.translated import Words

SENTENCES: Mapping[str, Words] = {
    "country": _("Your company does not allow calls to {country}."),
    "may_not_call_abroad": _(
        "This phone does not call other countries than its own. Ask the owner of your company."
    ),
    "premium": _("Your company does not allow calls to numbers that cost extra."),
    "shared_cost": _("Your company does not allow calls to shared-cost and personal numbers."),
    "satellite": _("Your company does not allow calls to satellites and international networks."),
    "hours": _("Your company does not allow calls abroad at this time of day."),
    "abroad_stopped": _(
        "Calls abroad are stopped for your company: there were some that looked like misuse."
    ),
}
COUNTED = {
    "calls_at_once": lambda n: ngettext(
        "Your company has {count} call at once already, as many as it may have.",
        "Your company has {count} calls at once already, as many as it may have.",
        n,
    ),
    "calls_at_once_of_person": lambda n: ngettext(
        "You have {count} call at once already, as many as one person may have.",
        "You have {count} calls at once already, as many as one person may have.",
        n,
    ),
    "minutes": lambda n: ngettext(
        "The {count} minute that one person may call in a day is used up, or taken by other calls.",
        "The {count} minutes that one person may call in a day are used up, or taken by other calls.",
        n,
    ),
    "minutes_abroad": lambda n: ngettext(
        "The {count} minute that one person may call abroad in a day is used up, or taken by other calls.",
        "The {count} minutes that one person may call abroad in a day are used up, or taken by other calls.",
        n,
    ),
    "new_numbers": lambda n: ngettext(
        "One person may call {count} number in a day that nobody of the company has called before.",
        "One person may call {count} numbers in a day that nobody of the company has called before.",
        n,
    ),
    "new_numbers_abroad": lambda n: ngettext(
        "One person may call {count} number abroad in a day that nobody of the company has called before.",
        "One person may call {count} numbers abroad in a day that nobody of the company has called before.",
        n,
    ),
}
REASONS = frozenset({*SENTENCES, *COUNTED})


def word_own_rule(reason: str, facts: Mapping[str, str]) -> str:
    """Why a call is not made. `facts`: `country`, its code; `count`, how many there may be."""
    if reason in COUNTED:
        count = int(facts.get("count", "0"))
        return COUNTED[reason](count).format(count=count)
    return str(SENTENCES[reason]).format(country=get_country_name(facts.get("country", "")))
