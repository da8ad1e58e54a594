"""What to type on the demo's connect page: sets that work, and one for each way of failing."""

from dataclasses import dataclass

from fake_twilio import catalogue
from fake_twilio.catalogue import DEMO
from fake_twilio.store import make_secret, make_sid

IRELAND = "Ireland"


@dataclass(frozen=True)
class CredentialSet:
    """`outcome`: the verdict's slug, of the check or, after `ready` was to come, of the Device."""

    title: str
    outcome: str
    account_sid: str
    auth_token: str = ""
    api_key_sid: str = ""
    api_key_secret: str = ""
    twiml_app_sid: str = ""
    region: str = ""

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The form's labels with what to type there, empty ones left out."""
        typed = [
            ("Account SID", self.account_sid),
            ("Auth Token", self.auth_token),
            ("API key SID", self.api_key_sid),
            ("API key secret", self.api_key_secret),
            ("TwiML App SID", self.twiml_app_sid),
            ("Region", self.region),
        ]
        return [(label, value) for label, value in typed if value]


def build_good_sets() -> list[CredentialSet]:
    """Each of these ends with a phone that is ready."""
    return [
        with_token("Account SID and Auth Token", "ok", DEMO),
        with_key("API key and secret, no Auth Token", "ok", "demo standard"),
        with_key("API key of the Ireland region", "ok", "demo ireland", region=IRELAND),
        with_token("An account that allows no API keys", "ok", "token only"),
        with_token("A trial account", "ok", "trial"),
    ]


def build_failing_sets() -> list[CredentialSet]:
    """Each of these fails, and in its own way."""
    demo = catalogue.account_sid(DEMO)
    token = catalogue.auth_token(DEMO)
    return [
        CredentialSet("Fields swapped: an API key where the account belongs", "malformed", a_key(), token),
        CredentialSet("No such account", "unknown_account", make_sid("AC", "nobody"), token),
        CredentialSet("Wrong Auth Token", "wrong_auth_token", demo, make_secret("wrong")),
        with_key("Wrong API key secret", "wrong_api_secret", "demo standard", secret=make_secret("wrong")),
        with_key("API key of another account", "api_key_not_found", "other standard"),
        with_key("API key of another region", "wrong_region", "demo ireland"),
        with_key("Restricted API key", "restricted_key", "demo restricted"),
        with_token("Test credentials", "test_credentials", "test"),
        with_token("Suspended account", "account_suspended", "suspended"),
        with_token("Closed account", "account_closed", "closed"),
        with_token("Account under review", "account_under_review", "under review"),
        CredentialSet("TwiML App missing", "twiml_app_missing", demo, token, *app(make_sid("AP", "nobody"))),
        CredentialSet(
            "TwiML App without a Voice URL",
            "twiml_app_misconfigured",
            demo,
            token,
            *app(make_sid("AP", "demo without voice url")),
        ),
        *(with_token(title, REST_OUTCOMES[fault], fault) for fault, title in catalogue.REST_FAULTS.items()),
    ]


def build_gateway_sets() -> list[CredentialSet]:
    """The check finds nothing wrong with these; the Device is refused when it registers."""
    return [with_token(title, "", fault) for fault, title in catalogue.GATEWAY_FAULTS.items()]


REST_OUTCOMES = {
    "rate limited": "rate_limited",
    "unavailable": "twilio_unavailable",
    "bad gateway": "twilio_unavailable",
    "problem details": "twilio_unavailable",
    "portal": "server_network",
    "reset": "server_network",
    "hang": "server_network",
    "slow": "ok",
    "wrong clock": "clock_skew",
}


def with_token(title: str, outcome: str, account: str) -> CredentialSet:
    return CredentialSet(title, outcome, catalogue.account_sid(account), catalogue.auth_token(account))


def with_key(title: str, outcome: str, key: str, *, secret: str = "", region: str = "") -> CredentialSet:
    return CredentialSet(
        title,
        outcome,
        catalogue.account_sid(DEMO),
        api_key_sid=catalogue.key_sid(key),
        api_key_secret=secret or catalogue.key_secret(key),
        region=region,
    )


def a_key() -> str:
    return catalogue.key_sid("demo standard")


def app(twiml_app_sid: str) -> tuple[str, str, str]:
    return "", "", twiml_app_sid
