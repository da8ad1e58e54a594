"""One table: the codes that the browser's Device reports -> what they mean by themselves.

Sources: the error classes of @twilio/voice-sdk 2.18, and the gateway's codes in Twilio's error
dictionary (https://www.twilio.com/docs/api/errors).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from accounts.verdicts.rest_rules import CLOSED, DELETED, NOT_ACTIVE, OTHER_REGION, SEEMS_NOT_ACTIVE
from accounts.verdicts.verdict import TwilioAnswer, Verdict, build_verdict


@dataclass(frozen=True)
class DeviceRule:
    verdict: str
    is_sure: bool = True
    other_causes: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)


# What the Device's codes mean by themselves. Sources: the error classes of @twilio/voice-sdk
# 2.18, and the gateway's codes in Twilio's error dictionary. None: no matter of logging in.
DEVICE_RULES: Mapping[int, DeviceRule | None] = {
    **dict.fromkeys((20101, 20102, 20106, 31102, 31104, 31204), DeviceRule("token_invalid")),
    **dict.fromkeys((20151, 31201, 20160), DeviceRule("token_invalid", is_sure=False)),
    20103: DeviceRule("token_invalid", False, (DELETED, NOT_ACTIVE)),
    **dict.fromkeys((20104, 31205), DeviceRule("token_expired")),
    20105: DeviceRule("clock_skew"),
    **dict.fromkeys((20107, 31202), DeviceRule("wrong_api_secret", False, (DELETED, OTHER_REGION))),
    **dict.fromkeys(
        (20403, 31203), DeviceRule("account_suspended", False, (CLOSED,), facts=SEEMS_NOT_ACTIVE)
    ),
    **dict.fromkeys((20157, 31207), DeviceRule("token_too_long")),
    **dict.fromkeys((31105, 51003), DeviceRule("bad_identity")),
    **dict.fromkeys((20429, 31206), DeviceRule("rate_limited")),
    **dict.fromkeys((20500, 20503, 31500, 51007), DeviceRule("twilio_unavailable")),
    **dict.fromkeys((31000, 31009, 53001), DeviceRule("browser_network", is_sure=False)),
    **dict.fromkeys((31107, 31209), DeviceRule("transient")),
    **dict.fromkeys((31001, 21218), DeviceRule("twiml_app_missing")),
    31503: DeviceRule("twiml_app_misconfigured", facts={"fault": "has a Voice URL that Twilio cannot reach"}),
    31401: DeviceRule("microphone_denied"),
    31402: DeviceRule("microphone_missing"),
    53405: DeviceRule("media_blocked"),
    **dict.fromkeys((53000, 31403, 31101, 31103), DeviceRule("unclear", is_sure=False)),
    **dict.fromkeys(
        # Callees, callers and call messages: busy, declined, gone, not found, too large.
        (31002, 31003, 31008, 31100, 31210, 31212, 31400, 31404, 31480, 31486, 31487, 31603, 53400, 53402)
    ),
}


SOCKET_ENDED = "websocket connection to twilio's signaling servers"


def verdict_of_device_report(*, code: int | None, original_code: int | None, message: str) -> Verdict | None:
    """What a Device's error means by itself, before the server has asked Twilio.

    `original_code` is the gateway's, which the SDK hides behind a `code` of its own. None: not a
    matter of logging in, such as a callee who hangs up.
    """
    twilio = TwilioAnswer(code=original_code or code, message=message[:300])
    for number in (original_code, code):
        if number is not None and number in DEVICE_RULES:
            rule = DEVICE_RULES[number]
            return _build_device_verdict(rule, twilio) if rule else None
    if 31005 in (code, original_code):
        # Either the socket died, or a call was hung up with an error that has no class of its own.
        rule = DeviceRule("browser_network", is_sure=False)
        return _build_device_verdict(rule, twilio) if SOCKET_ENDED in message.lower() else None
    if code is None and original_code is None:
        return None
    return build_verdict("unclear", twilio=twilio, is_sure=False)


def _build_device_verdict(rule: DeviceRule, twilio: TwilioAnswer) -> Verdict:
    return build_verdict(
        rule.verdict,
        twilio=twilio,
        is_sure=rule.is_sure,
        other_causes=rule.other_causes,
        **rule.facts,
    )
