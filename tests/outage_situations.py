"""What can go wrong on the way to Twilio or at Twilio itself while something is typed, right or wrong."""

from fake_twilio import catalogue
from tests.check_situations import NO_APP, WRONG, Situation, fault, key, key_alone, typed, unsure

# True whatever was typed: nobody has judged it.
NOT_JUDGED = {
    "unavailable": "twilio_unavailable",
    "overloaded": "twilio_unavailable",
    "server error": "twilio_unavailable",
    "problem details": "twilio_unavailable",
    "bad gateway": "twilio_unavailable",
    "gateway timeout": "twilio_unavailable",
    "html error": "twilio_unavailable",
    "old tls": "server_network",
    "proxy blocks": "server_network",
    "proxy login": "server_network",
    "foreign login": "server_network",
    "stripped credentials": "server_network",
    "portal": "server_network",
    "moved": "server_network",
    "portal page": "server_network",
    "reset": "server_network",
    "truncated": "server_network",
    "hang": "server_network",
    "dribble": "server_network",
    "garbage": "unclear",
    "empty": "unclear",
    "no content": "unclear",
    "json null": "unclear",
    "json list": "unclear",
    "json text": "unclear",
    "unknown wording": "unclear",
}
OUTAGES = {
    f"{name}, {who}": Situation(verdict, typed(auth_token=token), fault(name), is_sure=verdict != "unclear")
    for name, verdict in NOT_JUDGED.items()
    for who, token in (("good", catalogue.auth_token(catalogue.DEMO)), ("wrong", WRONG))
} | {
    # Twilio limits only those whom it knows.
    "rate limited": Situation("rate_limited", faults=fault("rate limited")),
    "retry after": Situation("rate_limited", faults=fault("retry after")),
    "rate limited, key alone": Situation("rate_limited", key_alone("demo standard"), fault("rate limited")),
    "errors without a code": Situation("twilio_unavailable", faults=fault("missing code")),
}
KEY_ALONE = {
    f"{name}, key alone": Situation(NOT_JUDGED[name], key_alone("demo standard"), fault(name))
    for name in ("unavailable", "bad gateway", "proxy blocks", "foreign login", "portal page", "hang")
} | {
    f"{name}, wrong key alone": Situation(
        NOT_JUDGED[name], key_alone("demo standard", api_key_secret=WRONG), fault(name)
    )
    for name in ("overloaded", "gateway timeout", "portal", "reset")
}
# Wrong credentials stay wrong where the refusal can still be read.
ODD_REFUSALS = {
    f"wrong Auth Token, {name}": Situation(
        "wrong_auth_token", typed(auth_token=WRONG), fault(name), is_sure=is_sure
    )
    for name, is_sure in {
        "cut json": False,
        "wrong types": False,
        "missing code": False,
        "huge": False,
        "wrong clock": True,
    }.items()
}
ODD_ANSWERS = {
    "another account's answer": unsure("unclear", typed(), faults=fault("another account")),
    "half an answer": unsure("unclear", typed(), faults=fault("cut json")),
    "wrong types": unsure("unclear", typed(), faults=fault("wrong types")),
    "an answer of 16 MiB": unsure("unclear", typed(), faults=fault("huge")),
    "the key's answer cannot be read": unsure(
        "unclear", typed(**key("demo standard")), faults=fault("garbage", path="/Calls")
    ),
    "Twilio's clock ten minutes ahead": Situation("clock_skew", faults=fault("wrong clock")),
    "Twilio's clock two minutes behind": Situation("clock_skew", faults=fault("wrong clock", seconds=-120)),
    "clock off, key alone": Situation("clock_skew", key_alone("demo standard"), fault("wrong clock")),
    "outage at the key": Situation(
        "twilio_unavailable", typed(**key("demo standard")), fault("unavailable", path="/Calls")
    ),
    "outage at the app": Situation(
        "twilio_unavailable", typed(twiml_app_sid=NO_APP), fault("bad gateway", path="/Applications")
    ),
    "outage while the key is made": Situation(
        "twilio_unavailable", faults=fault("unavailable", path="/Keys", method="POST")
    ),
    "outage while the app is made": Situation(
        "twilio_unavailable", faults=fault("overloaded", path="/Applications", method="POST")
    ),
    "outage of the other regions' hosts": Situation(
        "wrong_api_secret",
        typed(**key("demo standard", api_key_secret=WRONG)),
        (
            *fault("unavailable", host="api.dublin.ie1.twilio.com"),
            *fault("unavailable", host="api.sydney.au1.twilio.com"),
        ),
    ),
}
