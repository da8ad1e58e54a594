"""What can be typed on the connect page while what goes wrong, and the verdict that is true of it.

The accounts, keys and apps are those of the fake's catalogue, the faults those of its control API.
"""

from dataclasses import dataclass, field
from typing import Any

from fake_twilio import catalogue
from fake_twilio.store import make_secret, make_sid

WRONG, ANOTHER = make_secret("mistyped"), make_secret("mistyped too")
NOBODY = make_sid("AC", "nobody")
NO_APP = make_sid("AP", "not there")
TOKEN = catalogue.auth_token(catalogue.DEMO)
SID = catalogue.account_sid(catalogue.DEMO)
NOT_ACTIVE = "suspended or closed"
CLOSED = "closed rather than suspended"


def key(name: str, **changed: str) -> dict[str, str]:
    typed = {"api_key_sid": catalogue.key_sid(name), "api_key_secret": catalogue.key_secret(name)}
    return {**typed, **changed}


def typed(name: str = catalogue.DEMO, **fields: str) -> dict[str, str]:
    login = {"account_sid": catalogue.account_sid(name), "auth_token": catalogue.auth_token(name)}
    return {**login, "region": "us1", **fields}


def key_alone(key_name: str, name: str = catalogue.DEMO, **fields: str) -> dict[str, str]:
    return typed(name, auth_token="", **{**key(key_name), **fields})


@dataclass
class Situation:
    """What is typed, what goes wrong meanwhile, and the verdict that is true.

    `names`: where Twilio's answer fits more than one cause, a part of the other cause's words, among the
    other causes or in the explanation.
    """

    verdict: str
    typed: dict[str, str] = field(default_factory=typed)
    faults: tuple[dict[str, Any], ...] = ()
    account: dict[str, Any] = field(default_factory=dict)
    is_sure: bool = True
    field: str = ""
    names: str = ""


def fault(name: str, **matcher: Any) -> tuple[dict[str, Any], ...]:
    return ({"fault": name, **matcher},)


def unsure(verdict: str, what: dict[str, str], names: str = "", **rest: Any) -> Situation:
    return Situation(verdict, what, is_sure=False, names=names, **rest)


def malformed(named: str, **fields: str) -> Situation:
    return Situation("malformed", typed(**fields), field=named)


GOOD = {
    "Auth Token": Situation("ok"),
    "Auth Token and Standard key": Situation("ok", typed(**key("demo standard"))),
    "Auth Token and Main key": Situation("ok", typed(**key("demo main"))),
    "Standard key alone": Situation("ok", key_alone("demo standard")),
    "Main key alone": Situation("ok", key_alone("demo main")),
    "Irish token and key": Situation(
        "ok", typed(auth_token=catalogue.auth_token("demo", "ie1"), region="ie1", **key("demo ireland"))
    ),
    "Australian key alone": Situation("ok", key_alone("demo australia", region="au1")),
    "no API key allowed": Situation("ok", typed("token only")),
    "subaccount": Situation("ok", typed("subaccount")),
    "secondary Auth Token": Situation(
        "ok", typed("rotating", auth_token=catalogue.secondary_auth_token("rotating"))
    ),
    "primary Auth Token during a rotation": Situation("ok", typed("rotating")),
    "spaces and line ends around": Situation(
        "ok", typed(account_sid=f"  {SID}\n", auth_token=f"\t{TOKEN}\\n")
    ),
    "quotation marks around": Situation("ok", typed(account_sid=f'"{SID}"', auth_token=f"“{TOKEN}”")),
    "trial account": Situation("ok", typed("trial")),
    "trial account, key": Situation("ok", typed("trial", **key("trial standard"))),
    "trial account, key and app": Situation(
        "ok", typed("trial", twiml_app_sid=catalogue.app_sid("trial app"), **key("trial standard"))
    ),
    "429 that recovers": Situation("ok", faults=fault("rate limited", times=1, path=".json")),
    "429 with Retry-After that recovers": Situation("ok", faults=fault("retry after", times=1)),
    "slow answer": Situation("ok", faults=fault("slow", seconds=0.2)),
    "answer byte by byte": Situation("ok", faults=fault("dribble", seconds=0.2)),
    "refusals as problem documents": Situation("ok", faults=fault("problem refusal")),
    "clock half a minute off": Situation("ok", faults=fault("wrong clock", seconds=30)),
    "key's kind not told": Situation(
        "ok", typed(**key("demo standard")), faults=fault("unavailable", host="iam.twilio.com")
    ),
}
MALFORMED = {
    "nothing typed": malformed("account_sid", account_sid="", auth_token=""),
    "Account SID cut short": malformed("account_sid", account_sid=SID[:-1]),
    "Account SID one too long": malformed("account_sid", account_sid=SID + "0"),
    "Account SID with a path": malformed("account_sid", account_sid="../Keys"),
    "Account SID with Cyrillic letters": malformed("account_sid", account_sid="АС" + SID[2:]),
    "Account SID and Auth Token swapped": malformed("account_sid", account_sid=TOKEN, auth_token=SID),
    "Auth Token as Account SID": malformed("account_sid", account_sid=TOKEN),
    "key's SID as Account SID": malformed("account_sid", account_sid=catalogue.key_sid("demo standard")),
    "OAuth client as Account SID": malformed("account_sid", account_sid=make_sid("OQ", "client")),
    "Account SID as Auth Token": malformed("auth_token", auth_token=SID),
    "Auth Token cut short": malformed("auth_token", auth_token=TOKEN[:-1]),
    "Auth Token with a space": malformed("auth_token", auth_token=f"{TOKEN[:16]} {TOKEN[16:]}"),
    "Auth Token with a colon": malformed("auth_token", auth_token=TOKEN[:31] + ":"),
    "Auth Token with a typographic quotation mark": malformed("auth_token", auth_token=TOKEN[:31] + "’"),
    "Auth Token with a letter beyond f": malformed("auth_token", auth_token=TOKEN[:31] + "g"),
    "neither Auth Token nor key": malformed("auth_token", auth_token=""),
    "Account SID as key's SID": malformed("api_key_sid", **key("demo standard", api_key_sid=SID)),
    "App's SID as key's SID": malformed("api_key_sid", **key("demo standard", api_key_sid=NO_APP)),
    "secret without key's SID": malformed("api_key_sid", **key("demo standard", api_key_sid="")),
    "key's SID without secret": malformed("api_key_secret", **key("demo standard", api_key_secret="")),
    "key's SID as its secret": malformed(
        "api_key_secret",
        **key("demo standard", api_key_secret=catalogue.key_sid("demo standard")),
    ),
    "Auth Token as key's secret": malformed("api_key_secret", **key("demo standard", api_key_secret=TOKEN)),
    "number's SID as App": malformed("twiml_app_sid", twiml_app_sid=make_sid("PN", "demo")),
    "key's SID as App": malformed("twiml_app_sid", twiml_app_sid=catalogue.key_sid("demo standard")),
    "a whole page as Auth Token": malformed("auth_token", auth_token="Auth Token " * 100),
    "Auth Token with a NUL": malformed("auth_token", auth_token=TOKEN[:31] + "\x00"),
    "Account SID with a NUL": malformed("account_sid", account_sid=SID[:33] + "\x00"),
    "a whole page as Account SID": malformed("account_sid", account_sid="Account SID " * 100),
    "a region that Twilio does not have": malformed("region", region="mars1"),
}
CREDENTIALS = {
    "wrong Auth Token": Situation("wrong_auth_token", typed(auth_token=WRONG)),
    "wrong Auth Token, good key": Situation(
        "wrong_auth_token", typed(auth_token=WRONG, **key("demo standard"))
    ),
    # The same is said to both, as it is of a suspended account.
    "wrong Auth Token, wrong key secret": unsure(
        "wrong_auth_token",
        typed(auth_token=WRONG, **key("demo standard", api_key_secret=ANOTHER)),
        NOT_ACTIVE,
    ),
    "wrong Auth Token on trial": Situation("wrong_auth_token", typed("trial", auth_token=WRONG)),
    "wrong Auth Token, Ireland": Situation("wrong_auth_token", typed(auth_token=WRONG, region="ie1")),
    "Irish token, US chosen": Situation(
        "wrong_auth_token", typed(auth_token=catalogue.auth_token("demo", "ie1")), names="another region"
    ),
    "wrong Auth Token of a suspended account": Situation(
        "wrong_auth_token", typed("suspended", auth_token=WRONG)
    ),
    "wrong Auth Token, refused as a problem document": Situation(
        "wrong_auth_token", typed(auth_token=WRONG), fault("problem refusal")
    ),
    "another account's token": Situation("wrong_auth_token", typed(auth_token=catalogue.auth_token("other"))),
    "parent's token on a subaccount": Situation("wrong_auth_token", typed("subaccount", auth_token=TOKEN)),
    "subaccount's token on the parent": Situation(
        "wrong_auth_token", typed(auth_token=catalogue.auth_token("subaccount"))
    ),
    "unknown account": Situation("unknown_account", typed(account_sid=NOBODY)),
    "unknown account, good key": Situation(
        "unknown_account", typed(account_sid=NOBODY, **key("demo standard"))
    ),
    "wrong key secret": Situation("wrong_api_secret", typed(**key("demo standard", api_key_secret=WRONG))),
    "wrong key secret, no token": unsure(
        "wrong_api_secret", key_alone("demo standard", api_key_secret=WRONG), "deleted"
    ),
    "wrong key secret on trial": unsure(
        "wrong_api_secret", typed("trial", **key("trial standard", api_key_secret=WRONG)), "deleted"
    ),
    "unknown account, key alone": unsure(
        "wrong_api_secret", key_alone("demo standard", account_sid=NOBODY), "Account SID is not the one"
    ),
    "deleted key": Situation("api_key_not_found", typed(**key(catalogue.DELETED_KEY))),
    "key of another account": Situation("api_key_not_found", typed(**key("other standard"))),
    "parent's key on a subaccount": Situation(
        "api_key_not_found", typed("subaccount", **key("demo standard")), names="main account"
    ),
    "Restricted key": Situation("restricted_key", typed(**key(catalogue.RESTRICTED_KEY))),
    "Restricted key, no token": unsure("restricted_key", key_alone(catalogue.RESTRICTED_KEY), NOT_ACTIVE),
    "Restricted key that may read calls": Situation(
        "restricted_key", typed(**key(catalogue.RESTRICTED_KEY_FOR_CALLS))
    ),
    "Irish key, US chosen": Situation("wrong_region", typed(**key("demo ireland"))),
    "Irish key, US chosen, no token": Situation("wrong_region", key_alone("demo ireland")),
    "Australian key, Ireland chosen, no token": Situation(
        "wrong_region", key_alone("demo australia", region="ie1")
    ),
    "US token, Ireland chosen": Situation("wrong_region", typed(region="ie1")),
    "US key, Australia chosen, no token": Situation("wrong_region", key_alone("demo standard", region="au1")),
    "Irish token and key, US chosen": Situation(
        "wrong_region", typed(auth_token=catalogue.auth_token("demo", "ie1"), **key("demo ireland"))
    ),
    "test credentials": Situation("test_credentials", typed("test")),
    "wrong key secret while its lookup is ill": unsure(
        "wrong_api_secret",
        typed(**key("demo standard", api_key_secret=WRONG)),
        "deleted",
        faults=fault("unavailable", path="/Keys"),
    ),
}


def inactive(status: str, variant: str) -> dict[str, Situation]:
    """A suspended or closed account, by each of the answers that Twilio documents for it."""
    told = f"{status}, answered {variant}"
    name = f"{status} {variant}"
    if variant == "status":
        verdict = f"account_{status}"
        return {told: Situation(verdict, typed(name))}
    if variant == "20003":
        # Word for word what a wrong secret is answered.
        return {
            told: Situation("wrong_auth_token", typed(name), names=NOT_ACTIVE),
            f"{told}, key alone": unsure("wrong_api_secret", key_alone(f"{name} standard", name), NOT_ACTIVE),
        }
    return {told: unsure("account_suspended", typed(name), CLOSED)}


STATES = {
    "suspended": Situation("account_suspended", typed("suspended")),
    "suspended, with a key": Situation("account_suspended", typed("suspended", **key("suspended standard"))),
    "suspended, key alone": unsure("account_suspended", key_alone("suspended standard", "suspended"), CLOSED),
    "not active, key alone": unsure("account_suspended", key_alone("closed standard", "closed"), CLOSED),
    "subaccount of a suspended account": Situation("account_suspended", typed("orphan")),
    "under review": Situation("account_under_review", typed("under review")),
    "under review, key alone": Situation(
        "account_under_review", key_alone("under review standard", "under review")
    ),
    "compliance profile missing": Situation("account_under_review", faults=fault("compliance")),
    "refused to a trial account": Situation("trial_limit", typed("trial"), fault("trial refusal")),
    "calls refused to a trial account": Situation(
        "trial_limit", typed("trial", **key("trial standard")), fault("trial refusal", path="/Calls")
    ),
}
for status in ("suspended", "closed"):
    for variant in catalogue.INACTIVE_VARIANTS:
        STATES |= inactive(status, variant)

APPS = {
    f"App {what}": Situation(verdict, typed(twiml_app_sid=catalogue.app_sid(app)))
    for what, verdict, app in (
        ("not there", "twiml_app_missing", catalogue.NOBODY),
        ("of another account", "twiml_app_missing", catalogue.APP_OF_OTHER),
        ("of another region", "twiml_app_missing", catalogue.APP_IN_IRELAND),
        ("without voice URL", "twiml_app_misconfigured", catalogue.APP_WITHOUT_VOICE_URL),
        ("never set up", "twiml_app_misconfigured", catalogue.APP_NEVER_SET_UP),
        ("of another host", "twiml_app_misconfigured", catalogue.APP_ELSEWHERE),
        ("by GET", "twiml_app_misconfigured", catalogue.APP_BY_GET),
        ("unencrypted", "twiml_app_misconfigured", catalogue.APP_UNENCRYPTED),
    )
} | {
    "App not there, key alone": Situation(
        "twiml_app_missing", key_alone("demo standard", twiml_app_sid=NO_APP)
    ),
}
