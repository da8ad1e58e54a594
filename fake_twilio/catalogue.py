"""The accounts the fake starts with: good ones, and one for each way in which a login fails.

`situations.py` says what to type for each; `demo/` prints that.
"""

from typing import Any

from fake_twilio.store import (
    REGIONS,
    Account,
    ApiKey,
    Application,
    IncomingPhoneNumber,
    OutgoingCallerId,
    Region,
    Store,
    make_secret,
    make_sid,
)

ECHO_NUMBER = "+12025550199"
BUSY_NUMBER = "+12025550180"
UNANSWERED_NUMBER = "+12025550181"
DEMO_NUMBER = "+12025550123"
DEMO_VERIFIED_NUMBER = "+12025550124"
TRIAL_NUMBER = "+12025550125"
TRIAL_VERIFIED_NUMBER = "+12025550126"
STRANGER_NUMBER = "+12025550170"
DECLINING_NUMBER = "+12025550182"
UNREACHABLE_NUMBER = "+12025550183"
UNALLOCATED_NUMBER = "+12025550184"
WARY_NUMBER = "+12025550185"
SLOW_NUMBER = "+12025550186"
HASTY_NUMBER = "+12025550187"
KEYPAD_NUMBER = "+12025550188"
MACHINE_NUMBER = "+12025550189"
FORBIDDEN_NUMBER = "+12025550190"
CUT_OFF_NUMBER = "+12025550191"
CROWDED_NUMBER = "+12025550192"
UNWILLING_NUMBER = "+12025550193"
RETIRED_NUMBER = "+12025550194"
# Numbers that Twilio itself does not call: by what it thinks of them all, see `numbers.py`.
GEO_BLOCKED_NUMBER = "+5355550190"
PREMIUM_NUMBER = "+19005550191"
NOT_A_NUMBER = "+120255501"
# What Twilio shows for somebody who withholds their number (the letters of ANONYMOUS on a keypad).
WITHHELD = "+266696687"

# Whom one can call, and what happens then.
NUMBERS = {
    ECHO_NUMBER: "Answers and says what it hears",
    STRANGER_NUMBER: "Answers and hums",
    BUSY_NUMBER: "Is busy",
    UNANSWERED_NUMBER: "Rings and does not answer",
    DECLINING_NUMBER: "Declines",
    UNREACHABLE_NUMBER: "Is switched off",
    UNALLOCATED_NUMBER: "Belongs to nobody",
    WARY_NUMBER: "Refuses our caller id as unwanted",
    SLOW_NUMBER: "Answers after four seconds",
    HASTY_NUMBER: "Answers and hangs up a second later",
    KEYPAD_NUMBER: "Answers and presses 1 2 3 #",
    MACHINE_NUMBER: "Is an answering machine: a greeting, a beep, silence",
    FORBIDDEN_NUMBER: "Is forbidden by its network, which does not say why",
    CUT_OFF_NUMBER: "Is behind a network that is down",
    CROWDED_NUMBER: "Is busy on all its lines",
    UNWILLING_NUMBER: "Marks our calls as unwanted",
    RETIRED_NUMBER: "Is given up for good",
    GEO_BLOCKED_NUMBER: "Is in a country that the account may not call",
    PREMIUM_NUMBER: "Costs extra, and Twilio blocks it",
    NOT_A_NUMBER: "Is too short to be a number",
}

DEMO = "demo"
# TwiML Apps of the demo account that a phone cannot use as they are.
APP_WITHOUT_VOICE_URL = "demo without voice url"
APP_NEVER_SET_UP = "demo never set up"
APP_ELSEWHERE = "demo elsewhere"
APP_BY_GET = "demo by get"
APP_UNENCRYPTED = "demo unencrypted"
APP_IN_IRELAND = "demo ireland app"
APP_OF_OTHER = "other app"
# An API key that the demo account had once, and a SID that nobody ever had.
DELETED_KEY = "demo deleted"
NOBODY = "nobody"
# Restricted keys: one that may not even read calls, one that may, and still signs no tokens.
RESTRICTED_KEY = "demo restricted"
RESTRICTED_KEY_FOR_CALLS = "demo restricted calls"


def account_sid(name: str) -> str:
    return make_sid("AC", name)


def auth_token(name: str, region: Region = "us1") -> str:
    return make_secret(f"{name} auth token {region}")


def secondary_auth_token(name: str) -> str:
    """The token that the account `rotating` can be reached with besides its primary one."""
    return make_secret(f"{name} secondary auth token")


def key_sid(name: str) -> str:
    return make_sid("SK", name)


def key_secret(name: str) -> str:
    return make_secret(f"{name} key secret")


def app_sid(name: str) -> str:
    return make_sid("AP", name)


def build_account(name: str, friendly_name: str, **fields: Any) -> Account:
    """An account with a Standard key called `<name> standard`, unless it may have none."""
    tokens = {region: auth_token(name, region) for region in REGIONS}
    account = Account(account_sid(name), friendly_name, tokens, **fields)
    if not account.refuses_new_keys:
        add_key(account, f"{name} standard")
    return account


def add_key(account: Account, name: str, **fields: Any) -> ApiKey:
    key = ApiKey(key_sid(name), key_secret(name), friendly_name=name, **fields)
    account.keys[key.sid] = key
    return key


def add_app(account: Account, name: str, region: Region = "us1", **fields: Any) -> Application:
    app = Application(app_sid(name), region, {"friendly_name": name, **fields})
    account.applications[app.sid] = app
    return app


def add_number(account: Account, name: str, phone_number: str, friendly_name: str) -> None:
    number = IncomingPhoneNumber(make_sid("PN", name), phone_number, {"friendly_name": friendly_name})
    account.incoming_phone_numbers[number.sid] = number


def add_caller_id(account: Account, name: str, phone_number: str, friendly_name: str) -> None:
    caller_id = OutgoingCallerId(make_sid("PN", name), phone_number, friendly_name)
    account.outgoing_caller_ids[caller_id.sid] = caller_id


def build_store() -> Store:
    """A fresh store with every account of the catalogue."""
    store = Store()
    store.add(build_demo())
    other = store.add(build_account("other", "Somebody else"))
    add_app(other, APP_OF_OTHER, voice_url="https://phone.example.com/voice", voice_method="POST")
    store.add(build_trial())
    add_states(store)
    for fault, friendly_name in REST_FAULTS.items():
        store.add(build_account(fault, friendly_name, rest_fault=fault))
    for fault, friendly_name in GATEWAY_FAULTS.items():
        store.add(build_account(fault, friendly_name, gateway_fault=fault))
    return store


def build_demo() -> Account:
    demo = build_account(DEMO, "Dog n Bone demo")
    add_key(demo, "demo main", kind="main")
    add_key(demo, RESTRICTED_KEY, kind="restricted", policy={"allow": ["/twilio/messaging/messages/read"]})
    add_key(demo, RESTRICTED_KEY_FOR_CALLS, kind="restricted", policy={"allow": ["/twilio/voice/calls/read"]})
    add_key(demo, "demo ireland", region="ie1")
    add_key(demo, "demo australia", region="au1")
    add_number(demo, "demo", DEMO_NUMBER, "Front desk")
    add_caller_id(demo, "demo verified", DEMO_VERIFIED_NUMBER, "Mobile")
    add_app(demo, APP_WITHOUT_VOICE_URL, voice_url="")
    add_app(demo, APP_NEVER_SET_UP)
    add_app(demo, APP_ELSEWHERE, voice_url="https://phone.example.com/voice")
    add_app(demo, APP_BY_GET, voice_url="https://phone.example.com/voice", voice_method="GET")
    add_app(demo, APP_UNENCRYPTED, voice_url="http://phone.example.com/voice")
    add_app(demo, APP_IN_IRELAND, "ie1", voice_url="https://phone.example.com/voice")
    return demo


def build_trial() -> Account:
    trial = build_account("trial", "Trial account", type="Trial")
    add_app(trial, "trial app", voice_url="https://phone.example.com/voice")
    add_number(trial, "trial", TRIAL_NUMBER, "Trial number")
    add_caller_id(trial, "trial verified", TRIAL_VERIFIED_NUMBER, "My mobile")
    return trial


def add_states(store: Store) -> None:
    """Accounts that are not active, not whole, or not alone."""
    store.add(build_account("suspended", "Suspended account", status="suspended"))
    store.add(build_account("closed", "Closed account", status="closed"))
    for variant in INACTIVE_VARIANTS:
        for status in ("suspended", "closed"):
            fields = {"status": status, "suspended_variant": variant}
            store.add(build_account(f"{status} {variant}", f"{status.title()}, told by {variant}", **fields))
    store.add(build_account("under review", "Account under review", is_under_review=True))
    store.add(build_account("test", "Test credentials", is_test=True))
    store.add(build_account("token only", "No API keys allowed", refuses_new_keys=True))
    store.add(
        build_account(
            "rotating", "In the middle of a rotation", secondary_auth_token=secondary_auth_token("rotating")
        )
    )
    store.add(build_account("subaccount", "Subaccount of the demo", owner_account_sid=account_sid(DEMO)))
    store.add(
        build_account(
            "orphan", "Subaccount of a suspended account", owner_account_sid=account_sid("suspended")
        )
    )


# Besides the default: which of the documented errors a suspended or closed account is answered.
INACTIVE_VARIANTS = ("status", "20003", "20005", "20403", "10001", "70051", "90010")

# What `faults.py` can do to an account's REST answers; each is also an account of that name.
REST_FAULTS = {
    "rate limited": "Twilio answers 429",
    "retry after": "Twilio answers 429 and says when to come back",
    "unavailable": "Twilio answers 503 with an empty body",
    "overloaded": "Twilio answers 503 with code 20503",
    "server error": "Twilio answers 500 with code 20500",
    "problem details": "Twilio answers 500 as RFC 9457 problem details",
    "problem refusal": "Twilio words its refusals as RFC 9457",
    "old tls": "Twilio answers 426: the TLS is too old",
    "unknown wording": "Twilio answers 401 with words and a code nobody knows",
    "compliance": "Twilio wants the compliance profile first",
    "trial refusal": "Twilio refuses it to a trial account",
    "missing code": "Twilio's errors lack their code",
    "bad gateway": "A gateway answers 502 in HTML",
    "gateway timeout": "A gateway answers 504 in HTML",
    "html error": "A gateway answers 500 in HTML",
    "proxy blocks": "A proxy answers 403 in HTML",
    "proxy login": "A proxy wants a login of its own",
    "foreign login": "Somebody who is not Twilio answers 401",
    "stripped credentials": "A proxy strips the credentials",
    "portal": "A captive portal redirects",
    "moved": "Twilio's address redirects for good",
    "portal page": "A captive portal answers 200 with its page",
    "garbage": "The answer is no JSON",
    "cut json": "The answer is half a JSON",
    "empty": "The answer is empty",
    "no content": "The answer is 204",
    "json null": "The answer is null",
    "json list": "The answer is a list",
    "json text": "The answer is a text",
    "wrong types": "Every field of the answer has the wrong type",
    "another account": "The answer is about another account",
    "huge": "The answer has 16 MiB",
    "reset": "The connection is reset",
    "truncated": "The connection ends in the middle of the answer",
    "hang": "Twilio takes the request and never answers",
    "slow": "Twilio answers after two seconds",
    "dribble": "The answer comes byte by byte",
    "wrong clock": "Twilio's clock is ten minutes ahead of ours",
}

# What ails the calls of an account that is active and whose registrations are taken.
CALL_FAULTS = {
    "too many calls": "The account has as many calls at once as it may have (10004)",
    "voice disabled": "Twilio has switched calls off for the account (10005)",
    "server error": "The gateway fails at every call (31500)",
}

# What `signalling.py` can do to an account's registrations.
GATEWAY_FAULTS = {
    "gateway signature": "The gateway refuses the signature (31202)",
    "gateway account": "The gateway knows no valid account (31203)",
    "gateway invalid": "The gateway calls the token invalid (31204)",
    "gateway expired": "The gateway calls the token expired (31205)",
    "gateway too long": "The gateway calls the token's life too long (31207)",
    "gateway identity": "The gateway refuses the identity (31105)",
    "gateway rate": "The gateway has had too many requests (31206)",
    "gateway silent": "The gateway opens the socket and says nothing",
    "gateway drop": "The gateway drops every socket",
    "gateway never ready": "The gateway accepts the token and never says ready",
    "gateway no heartbeat": "The gateway sends no heartbeats",
}
