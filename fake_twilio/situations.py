"""What to type to see each failure, and the verdict a softphone should reach.

Verdicts are the names that Dog n Bone promises; "" stands for any that does not blame what was
typed. Each situation comes from the store as it is at the start.
"""

from dataclasses import dataclass, field

from fake_twilio import catalogue
from fake_twilio.catalogue import DEMO, account_sid, app_sid, auth_token, key_secret, key_sid
from fake_twilio.store import Region, make_secret


@dataclass(frozen=True)
class Situation:
    """One set of credentials, as somebody would type them. The secrets stay out of its repr."""

    title: str
    verdict: str
    account_sid: str
    auth_token: str = field(default="", repr=False)
    api_key_sid: str = ""
    api_key_secret: str = field(default="", repr=False)
    twiml_app_sid: str = ""
    region: Region = "us1"


def by_token(title: str, verdict: str, name: str, *, app: str = "", token: str = "") -> Situation:
    """The account `name` with its Auth Token, or with `token` for it."""
    app = app and app_sid(app)
    return Situation(title, verdict, account_sid(name), token or auth_token(name), twiml_app_sid=app)


def by_key(
    title: str,
    verdict: str,
    key: str,
    *,
    name: str = DEMO,
    secret: str = "",
    token: bool = False,
    app: str = "",
    region: Region = "us1",
) -> Situation:
    """The account `name` with the key `key`; with its Auth Token too, if `token`."""
    return Situation(
        title,
        verdict,
        account_sid(name),
        auth_token(name, region) if token else "",
        key_sid(key),
        secret or key_secret(key),
        app and app_sid(app),
        region,
    )


WRONG = make_secret("a wrong secret")

GOOD = (
    by_token("Auth Token", "ok", DEMO),
    by_token("Auth Token that may have no API key", "ok", "token only"),
    by_token("Trial account: may have no API key, and no TwiML App", "ok", "trial"),
    by_token("Subaccount", "ok", "subaccount"),
    by_token("Secondary Auth Token", "ok", "rotating", token=catalogue.secondary_auth_token("rotating")),
    by_token("Primary Auth Token during a rotation", "ok", "rotating"),
    by_key("Auth Token and API key", "ok", "demo standard", token=True),
    by_key("Auth Token and Main API key", "ok", "demo main", token=True),
    by_key("Ireland", "ok", "demo ireland", token=True, region="ie1"),
    by_key("Australia", "ok", "demo australia", token=True, region="au1"),
)

MISTYPED = (
    by_token("Account SID that does not exist", "unknown_account", catalogue.NOBODY),
    by_token("Wrong Auth Token", "wrong_auth_token", DEMO, token=WRONG),
    by_token("Another account's Auth Token", "wrong_auth_token", DEMO, token=auth_token("other")),
    by_token("Parent's Auth Token on a subaccount", "wrong_auth_token", "subaccount", token=auth_token(DEMO)),
    by_key("Wrong API key secret", "wrong_api_secret", "demo standard", secret=WRONG, token=True),
    by_key("Deleted API key", "api_key_not_found", catalogue.DELETED_KEY, token=True),
    by_key("API key of another account", "api_key_not_found", "other standard", token=True),
    by_key("Ireland's API key in US1", "wrong_region", "demo ireland", token=True),
    by_key("Australia's API key in US1", "wrong_region", "demo australia", token=True),
    by_key("Restricted API key", "restricted_key", catalogue.RESTRICTED_KEY),
    by_key("Restricted API key and Auth Token", "restricted_key", catalogue.RESTRICTED_KEY, token=True),
    by_key(
        "Restricted API key that may read calls",
        "restricted_key",
        catalogue.RESTRICTED_KEY_FOR_CALLS,
        token=True,
    ),
    by_token("Test credentials", "test_credentials", "test"),
)

STATES = (
    by_token("Suspended", "account_suspended", "suspended"),
    by_token("Closed", "account_closed", "closed status"),
    by_token("Not active, and not said whether suspended or closed", "", "closed"),
    by_token("Under review", "account_under_review", "under review"),
    by_token("Subaccount of a suspended account", "account_suspended", "orphan"),
)

APPS = (
    by_token("App that does not exist", "twiml_app_missing", DEMO, app=catalogue.NOBODY),
    by_token("App of another account", "twiml_app_missing", DEMO, app=catalogue.APP_OF_OTHER),
    by_token("App of another region", "twiml_app_missing", DEMO, app=catalogue.APP_IN_IRELAND),
    by_token("App without voice URL", "twiml_app_misconfigured", DEMO, app=catalogue.APP_WITHOUT_VOICE_URL),
    by_token("App never set up", "twiml_app_misconfigured", DEMO, app=catalogue.APP_NEVER_SET_UP),
    by_token("App of another host", "twiml_app_misconfigured", DEMO, app=catalogue.APP_ELSEWHERE),
    by_token("App by GET", "twiml_app_misconfigured", DEMO, app=catalogue.APP_BY_GET),
    by_token("App without encryption", "twiml_app_misconfigured", DEMO, app=catalogue.APP_UNENCRYPTED),
)

# Verdicts of the faults whose cause is plain; the rest need only not blame what was typed.
OUTAGE_VERDICTS = {
    "rate limited": "rate_limited",
    "retry after": "rate_limited",
    "unavailable": "twilio_unavailable",
    "overloaded": "twilio_unavailable",
    "server error": "twilio_unavailable",
    "problem details": "twilio_unavailable",
    "bad gateway": "twilio_unavailable",
    "gateway timeout": "twilio_unavailable",
    "reset": "server_network",
    "hang": "server_network",
}
# Faults that a login with good credentials survives.
HARMLESS_FAULTS = frozenset({"slow", "problem refusal"})

OUTAGES = tuple(
    by_token(description, OUTAGE_VERDICTS.get(fault, "ok" if fault in HARMLESS_FAULTS else ""), fault)
    for fault, description in catalogue.REST_FAULTS.items()
)

SITUATIONS: tuple[Situation, ...] = GOOD + MISTYPED + STATES + APPS + OUTAGES
