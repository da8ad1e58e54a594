"""The pages that verdicts lead to, by the name under which a person finds them there."""

from collections.abc import Mapping

from accounts.verdicts import texts

NAMES: Mapping[str, str] = {
    texts.CONSOLE: "Account Info in Twilio's console",
    texts.API_KEYS: "API keys in Twilio's console",
    texts.TWIML_APPS: "TwiML Apps in Twilio's console",
    texts.BILLING: "Billing in Twilio's console",
    texts.SUPPORT: "Twilio's help centre",
    texts.STATUS: "Twilio's status page",
    texts.REGIONS: "Twilio on credentials and regions",
    texts.NETWORK: "What a network must let through, by Twilio",
    texts.RESTRICTED: "Twilio on Restricted API keys",
    texts.TEST_CREDENTIALS: "Twilio on test credentials",
    texts.TRIAL: "Twilio on trial accounts",
}


def name_link(address: str) -> str:
    """What a link to `address` is called; "" for no address."""
    return NAMES.get(address, "More at Twilio") if address else ""
