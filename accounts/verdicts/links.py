"""The pages that verdicts lead to, by the name under which a person finds them there."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from accounts.translated import Words
from accounts.verdicts import texts

NAMES: Mapping[str, Words] = {
    texts.CONSOLE: _("Account Info in Twilio's console"),
    texts.API_KEYS: _("API keys in Twilio's console"),
    texts.TWIML_APPS: _("TwiML Apps in Twilio's console"),
    texts.BILLING: _("Billing in Twilio's console"),
    texts.SUPPORT: _("Twilio's help centre"),
    texts.STATUS: _("Twilio's status page"),
    texts.REGIONS: _("Twilio on credentials and regions"),
    texts.NETWORK: _("What a network must let through, by Twilio"),
    texts.RESTRICTED: _("Twilio on Restricted API keys"),
    texts.TEST_CREDENTIALS: _("Twilio on test credentials"),
    texts.TRIAL: _("Twilio on trial accounts"),
}
MORE = _("More at Twilio")


def name_link(address: str) -> str:
    """What a link to `address` is called; "" for no address."""
    return str(NAMES.get(address, MORE)) if address else ""
