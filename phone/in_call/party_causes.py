"""Why one party of several is not in a call: a slug and its words, while the call itself goes on."""

from collections.abc import Mapping

from phone.calls.legs import CallLeg

# https://www.twilio.com/docs/api/errors: those of REST, and those of the same mistakes in <Dial>.
CODES: Mapping[int, str] = {
    **dict.fromkeys((13223, 13226, 21201, 21211, 21217), "invalid_number"),
    **dict.fromkeys((13224, 21214), "number_unreachable"),
    **dict.fromkeys((13225, 21202, 21216), "number_blocked"),
    **dict.fromkeys((13227, 21203, 21215), "country_not_allowed"),
    **dict.fromkeys((13214, 21210, 21212, 21213), "caller_id_refused"),
    **dict.fromkeys((10002, 21219), "trial_limit"),
    **dict.fromkeys((10004, 16020, 16021, 20429), "concurrency_limit"),
    **dict.fromkeys((10001, 10003, 20005, 90010), "account_not_active"),
    10005: "voice_disabled",
}
# What the far end answered: RFC 3261, section 21; 608 is RFC 8688's.
SIP_CODES: Mapping[int, str] = {
    **dict.fromkeys((404, 410, 500, 502, 503, 504, 604), "number_unreachable"),
    **dict.fromkeys((408, 480), "no_answer"),
    **dict.fromkeys((414, 416, 484, 485), "invalid_number"),
    **dict.fromkeys((486, 600), "busy"),
    **dict.fromkeys((603, 607), "declined"),
    608: "caller_id_refused",
}
STATUSES: Mapping[str, str] = {"busy": "busy", "no-answer": "no_answer", "canceled": "canceled"}
UNCLEAR = "unclear"
# `{name}` is the party's.
WORDS: Mapping[str, str] = {
    "busy": "{name} is busy.",
    "declined": "{name} declined.",
    "no_answer": "{name} did not answer.",
    "invalid_number": "{name} is not a number that can be called.",
    "number_unreachable": "{name} cannot be reached.",
    "number_blocked": "Twilio does not call {name}.",
    "country_not_allowed": "Your Twilio account may not call {name}: its country is not allowed.",
    "caller_id_refused": "The number that you call from was refused.",
    "trial_limit": "A trial account of Twilio's may only call numbers that were verified: not {name}.",
    "concurrency_limit": "Your Twilio account has as many calls as it may have.",
    "account_not_active": "Your Twilio account is not active.",
    "voice_disabled": "Your Twilio account may not make calls.",
    "unclear": "{name} could not be called.",
}
REMEDIES: Mapping[str, str] = {
    "invalid_number": "Check the number.",
    "country_not_allowed": "Allow the country under Voice, Geo permissions, in Twilio's console.",
    "caller_id_refused": "Choose another number to call from.",
    "trial_limit": "Verify the number at Twilio, or upgrade the account.",
    "concurrency_limit": "Try again once another call has ended.",
}


def find_cause(leg: CallLeg) -> str:
    """Why a leg that nobody answered is over."""
    if leg.error_code is not None and leg.error_code in CODES:
        return CODES[leg.error_code]
    of_line = SIP_CODES.get(leg.sip_response_code or 0, "")
    if leg.route == CallLeg.Route.CLIENT:
        # A page that rings is never busy: Twilio says so of one that declines.
        is_declined = of_line in ("busy", "declined") or leg.status == "busy"
        of_line = "declined" if is_declined else ""
    return of_line or STATUSES.get(leg.status, UNCLEAR)


def describe(cause: str, name: str) -> str:
    """Why `name` is not in the call; "" for a cause that says nothing of one party."""
    return WORDS[cause].format(name=name) if cause in WORDS else ""
