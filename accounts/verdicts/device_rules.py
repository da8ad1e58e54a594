"""What the codes that a browser's Device reports mean for the login; the codes are in `device_codes.py`."""

from accounts.verdicts.device_codes import DEVICE_CODES, DeviceRule
from accounts.verdicts.verdict import TwilioAnswer, Verdict, build_verdict

# Either the socket died, or a call was hung up with an error that has no class of its own.
SOCKET_OR_CALL = 31005
SOCKET_ENDED = "websocket connection to twilio's signaling servers"


def verdict_of_device_report(*, code: int | None, original_code: int | None, message: str) -> Verdict | None:
    """What a Device's error means by itself, before the server has asked Twilio.

    `original_code` is the gateway's, which the SDK hides behind a `code` of its own. None: not a
    matter of logging in, such as a callee who hangs up.
    """
    twilio = TwilioAnswer(code=original_code or code, message=message[:300])
    for number in (original_code, code):
        if number is not None and number != SOCKET_OR_CALL and number in DEVICE_CODES:
            rule = DEVICE_CODES[number].rule
            return _build_device_verdict(rule, twilio) if rule else None
    rule = DEVICE_CODES[SOCKET_OR_CALL].rule
    if SOCKET_OR_CALL in (code, original_code):
        return _build_device_verdict(rule, twilio) if rule and SOCKET_ENDED in message.lower() else None
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
