"""The accounts the fake starts with: good ones, and one for each way in which a login fails.

`demo/` prints them, so that each can be tried by typing it.
"""

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
STRANGER_NUMBER = "+12025550170"

DEMO = "demo"


def account_sid(name: str) -> str:
    return make_sid("AC", name)


def auth_token(name: str, region: Region = "us1") -> str:
    return make_secret(f"{name} auth token {region}")


def key_sid(name: str) -> str:
    return make_sid("SK", name)


def key_secret(name: str) -> str:
    return make_secret(f"{name} key secret")


def build_account(name: str, friendly_name: str, **fields: object) -> Account:
    tokens = {region: auth_token(name, region) for region in REGIONS}
    return Account(account_sid(name), friendly_name, tokens, **fields)  # type: ignore[arg-type]


def add_key(account: Account, name: str, **fields: object) -> ApiKey:
    key = ApiKey(key_sid(name), key_secret(name), friendly_name=name, **fields)  # type: ignore[arg-type]
    account.keys[key.sid] = key
    return key


def build_store() -> Store:
    """A fresh store with every account of the catalogue."""
    store = Store()
    demo = store.add(build_account(DEMO, "Dog n Bone demo"))
    add_key(demo, "demo standard")
    add_key(demo, "demo main", kind="main")
    add_key(demo, "demo restricted", kind="restricted")
    add_key(demo, "demo ireland", region="ie1")
    number = IncomingPhoneNumber(make_sid("PN", "demo"), DEMO_NUMBER, {"friendly_name": "Front desk"})
    demo.incoming_phone_numbers[number.sid] = number
    caller_id = OutgoingCallerId(make_sid("PN", "demo verified"), DEMO_VERIFIED_NUMBER, "Mobile")
    demo.outgoing_caller_ids[caller_id.sid] = caller_id
    app = Application(
        make_sid("AP", "demo without voice url"), fields={"friendly_name": "No Voice URL", "voice_url": ""}
    )
    demo.applications[app.sid] = app

    other = store.add(build_account("other", "Somebody else"))
    add_key(other, "other standard")

    store.add(build_account("trial", "Trial account", type="Trial"))
    store.add(build_account("suspended", "Suspended account", status="suspended"))
    store.add(build_account("closed", "Closed account", status="closed"))
    store.add(build_account("under review", "Account under review", is_under_review=True))
    store.add(build_account("test", "Test credentials", is_test=True))
    store.add(build_account("token only", "No API keys allowed", refuses_new_keys=True))
    store.add(build_account("subaccount", "Subaccount of the demo", owner_account_sid=demo.sid))
    for fault, friendly_name in REST_FAULTS.items():
        store.add(build_account(fault, friendly_name, rest_fault=fault))
    for fault, friendly_name in GATEWAY_FAULTS.items():
        store.add(build_account(fault, friendly_name, gateway_fault=fault))
    return store


# What `faults.py` can do to an account's REST answers.
REST_FAULTS = {
    "rate limited": "Twilio answers 429",
    "unavailable": "Twilio answers 503 with an empty body",
    "bad gateway": "A gateway answers 502 in HTML",
    "problem details": "Twilio answers 500 as RFC 9457 problem details",
    "portal": "A captive portal redirects",
    "reset": "The connection is reset",
    "hang": "Twilio takes the request and never answers",
    "slow": "Twilio answers after two seconds",
    "wrong clock": "Twilio's clock is ten minutes ahead of ours",
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
