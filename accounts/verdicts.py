"""One table: what was seen -> what it means. The words are in `verdict_texts.py`.

Twilio's wording is no contract, so a rule asks for status, code and question first, and for words
last; the first rule that fits decides, and what fits none is `unclear`. The facts behind each rule
are Twilio's error dictionary (https://www.twilio.com/docs/api/errors) and what was logged from
the live API; an outage is never taken for a wrong password, nor the reverse.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Literal

from accounts.verdict_texts import (
    NO_WEBRTC,
    OWN_LIMIT,
    REGION_NAMES,
    TEXTS,
    UNREACHABLE_REASONS,
    VerdictText,
)

Question = Literal["account", "key", "key_lookup", "key_kind", "twiml_app"]
# Whose answer it is, by the marks it bears: Twilio's, a web page of somebody else's, or neither.
Sender = Literal["twilio", "page", "unknown"]

NOT_JUDGED = frozenset({"rate_limited", "twilio_unavailable", "server_network", "unclear", "transient"})

BROWSER_VERDICTS: tuple[str, ...] = (
    "browser_network",
    "media_blocked",
    "microphone_denied",
    "microphone_missing",
    "device_silent",
    "transient",
    "server_network",
    "rate_limited",
    "token_expired",
    "token_invalid",
    "unclear",
)


@dataclass(frozen=True)
class TwilioAnswer:
    """What Twilio said, as far as it may be kept and shown: no body, no secret."""

    status: int | None = None
    code: int | None = None
    message: str = ""
    request_id: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "status": self.status,
            "code": self.code,
            "message": self.message,
            "request_id": self.request_id,
        }


@dataclass(frozen=True)
class Verdict:
    """What a login came to: a slug, its words, and whether the credentials are to blame."""

    code: str
    title: str
    explanation: str
    remedy: str
    blames_credentials: bool
    twilio: TwilioAnswer = TwilioAnswer()
    field: str = ""
    link: str = ""
    is_sure: bool = True
    other_causes: tuple[str, ...] = ()

    @property
    def is_ok(self) -> bool:
        return self.code == "ok"

    @property
    def is_judged(self) -> bool:
        """Whether the question was answered at all; else the same login may work in a minute."""
        return self.code not in NOT_JUDGED

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "title": self.title,
            "explanation": self.explanation,
            "remedy": self.remedy,
            "blames_credentials": self.blames_credentials,
            "twilio": self.twilio.as_json(),
            "field": self.field,
            "link": self.link,
            "sure": self.is_sure,
            "other_causes": list(self.other_causes),
        }


def build_verdict(
    code: str,
    *,
    twilio: TwilioAnswer = TwilioAnswer(),
    field: str = "",
    other_causes: tuple[str, ...] = (),
    is_sure: bool = True,
    **facts: str,
) -> Verdict:
    """The verdict `code` in words, with `facts` filled in. An unknown `code` raises KeyError."""
    return _fill_in(code, TEXTS[code], facts, twilio, field, is_sure, other_causes)


def build_own_limit_verdict(*, limit: str, period: str) -> Verdict:
    """`rate_limited` by Dog n Bone itself; `limit` as in "10 attempts", `period` as in "5 minutes"."""
    return _fill_in("rate_limited", OWN_LIMIT, {"limit": limit, "period": period})


def build_no_webrtc_verdict() -> Verdict:
    """`media_blocked` by the browser itself, which has no WebRTC to carry sound with."""
    return _fill_in("media_blocked", NO_WEBRTC, {}, TwilioAnswer(message="webrtc-missing"))


def build_unreachable_verdict(which: str) -> Verdict:
    """`server_network`; `which` is a key of UNREACHABLE_REASONS."""
    return build_verdict(
        "server_network", twilio=TwilioAnswer(message=which), reason=UNREACHABLE_REASONS[which]
    )


def build_wrong_region_verdict(*, region: str, tried: str, twilio: TwilioAnswer) -> Verdict:
    """`wrong_region`: accepted in `region`, refused in `tried`."""
    return build_verdict(
        "wrong_region",
        twilio=twilio,
        field="region",
        region_name=REGION_NAMES[region],
        tried_name=REGION_NAMES[tried],
    )


def _fill_in(
    code: str,
    text: VerdictText,
    facts: Mapping[str, str],
    twilio: TwilioAnswer = TwilioAnswer(),
    field: str = "",
    is_sure: bool = True,
    other_causes: tuple[str, ...] = (),
) -> Verdict:
    known = {**text.defaults, **facts}
    return Verdict(
        code=code,
        title=text.title.format_map(known),
        explanation=text.explanation.format_map(known),
        remedy=text.remedy.format_map(known),
        blames_credentials=text.blames_credentials,
        twilio=twilio,
        field=field or FIELDS.get(code, ""),
        link=text.link,
        is_sure=is_sure,
        other_causes=other_causes,
    )


# The field of the connect form that a verdict is about.
FIELDS: Mapping[str, str] = {
    "unknown_account": "account_sid",
    "wrong_auth_token": "auth_token",
    "wrong_api_secret": "api_key_secret",
    "api_key_not_found": "api_key_sid",
    "restricted_key": "api_key_sid",
    "test_credentials": "account_sid",
    "wrong_region": "region",
    "twiml_app_missing": "twiml_app_sid",
    "twiml_app_misconfigured": "twiml_app_sid",
}

OTHER_REGION = "The credentials were made in another region."
NOT_ACTIVE = "The account is suspended or closed."
DELETED = "The API key was deleted."
OTHER_ACCOUNT = "The API key belongs to another account."
MISTYPED_ACCOUNT = "The Account SID is not the one that the API key belongs to."
WRONG_SECRET = "The API key secret is wrong."
CLOSED = "The account is closed rather than suspended."

FAULTS = frozenset(range(500, 600))
REDIRECTS = frozenset(range(300, 400))
REFUSALS = frozenset({401, 403})
UNDER_REVIEW = ("policy evaluation", "under review", "compliance profile", "kyc process")


@dataclass(frozen=True)
class Rule:
    """If everything that a rule asks for was seen, `verdict`. Empty means: whatever was seen."""

    verdict: str
    questions: frozenset[Question] = frozenset()
    statuses: frozenset[int] = frozenset()
    codes: frozenset[int | None] = frozenset()
    says: tuple[str, ...] = ()
    sender: Sender | None = None
    is_sure: bool = True
    other_causes: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)

    def fits(self, question: Question, answer: TwilioAnswer, sender: Sender) -> bool:
        message = answer.message.lower()
        return (
            (not self.questions or question in self.questions)
            and (not self.statuses or answer.status in self.statuses)
            and (not self.codes or answer.code in self.codes)
            and (not self.says or any(words in message for words in self.says))
            and (self.sender is None or self.sender == sender)
        )

    def build(self, answer: TwilioAnswer) -> Verdict:
        return build_verdict(
            self.verdict,
            twilio=answer,
            is_sure=self.is_sure,
            other_causes=self.other_causes,
            **self.facts,
        )


def _rule(
    verdict: str,
    *,
    question: Question | None = None,
    statuses: AbstractSet[int] = frozenset(),
    codes: AbstractSet[int | None] = frozenset(),
    **rest: Any,
) -> Rule:
    questions: frozenset[Question] = frozenset({question}) if question else frozenset()
    return Rule(verdict, questions, frozenset(statuses), frozenset(codes), **rest)


PORTAL = {"reason": UNREACHABLE_REASONS["portal"]}
PROXY = {"reason": UNREACHABLE_REASONS["proxy"]}
TLS = {"reason": UNREACHABLE_REASONS["tls"]}

# Answers other than success, in the order in which they are tried.
REST_RULES: tuple[Rule, ...] = (
    # Not judged: busy, ill, or not Twilio at all.
    _rule("rate_limited", statuses={429}),
    _rule("rate_limited", codes={20429}),
    _rule("twilio_unavailable", statuses=FAULTS),
    _rule("twilio_unavailable", codes={20500, 20503}),
    _rule("server_network", statuses=REDIRECTS, facts=PORTAL),
    _rule("server_network", statuses={407}, facts=PROXY),
    _rule("server_network", statuses={426}, facts=TLS),
    _rule("server_network", codes={20011, 20426}, facts=TLS),
    _rule("twilio_unavailable", statuses={408}),
    _rule("server_network", sender="page", facts=PORTAL),
    # By code.
    _rule("test_credentials", codes={20008}),
    _rule("restricted_key", question="key", codes={70051}, is_sure=False, other_causes=(NOT_ACTIVE,)),
    _rule("account_suspended", codes={20005, 10001, 90010}, is_sure=False, other_causes=(CLOSED,)),
    _rule("account_suspended", question="account", codes={70051}, is_sure=False, other_causes=(CLOSED,)),
    # By words that name one cause.
    _rule("trial_limit", statuses=REFUSALS, says=("trial account", "on a trial", "upgrade your account")),
    _rule("account_under_review", statuses=REFUSALS, says=UNDER_REVIEW),
    _rule("account_closed", statuses=REFUSALS, says=("closed",)),
    _rule(
        "account_suspended",
        statuses=REFUSALS,
        says=("suspend", "not active", "inactive"),
        other_causes=(CLOSED,),
    ),
    _rule("server_network", statuses={401}, says=("no credentials provided",), facts=PROXY),
    _rule("account_suspended", codes={20403}, is_sure=False, other_causes=(CLOSED,)),
    # By the question that was asked.
    _rule("unknown_account", question="account", statuses={401}, says=("invalid username",)),
    _rule("unknown_account", question="account", statuses={404}, codes={20404}),
    _rule(
        "api_key_not_found",
        question="key",
        statuses={401},
        says=("invalid username",),
        is_sure=False,
        other_causes=(WRONG_SECRET, MISTYPED_ACCOUNT, OTHER_REGION),
    ),
    _rule(
        "wrong_auth_token",
        question="account",
        statuses={401},
        codes={20003},
        says=("authenticate",),
        other_causes=(OTHER_REGION, NOT_ACTIVE),
    ),
    _rule(
        "wrong_auth_token",
        question="account",
        statuses={401},
        codes={20003},
        is_sure=False,
        other_causes=(OTHER_REGION, NOT_ACTIVE),
    ),
    _rule(
        "wrong_auth_token",
        question="account",
        statuses={401},
        codes={None},
        sender="twilio",
        is_sure=False,
        other_causes=(OTHER_REGION, NOT_ACTIVE),
    ),
    _rule(
        "wrong_api_secret",
        question="key",
        statuses={401},
        codes={20003},
        is_sure=False,
        other_causes=(DELETED, OTHER_ACCOUNT, MISTYPED_ACCOUNT, OTHER_REGION, NOT_ACTIVE),
    ),
    _rule(
        "wrong_api_secret",
        question="key",
        statuses={401},
        codes={None},
        sender="twilio",
        is_sure=False,
        other_causes=(DELETED, OTHER_ACCOUNT, MISTYPED_ACCOUNT, OTHER_REGION, NOT_ACTIVE),
    ),
    _rule(
        "api_key_not_found",
        question="key",
        statuses={404},
        codes={20404},
        is_sure=False,
        other_causes=(MISTYPED_ACCOUNT,),
    ),
    _rule("api_key_not_found", question="key_lookup", statuses={404}, codes={20404}),
    _rule("api_key_not_found", question="key_lookup", statuses={404}, codes={None}, sender="twilio"),
    _rule("twiml_app_missing", question="twiml_app", statuses={404}, codes={20404}),
    _rule("twiml_app_missing", question="twiml_app", statuses={404}, codes={None}, sender="twilio"),
    # A gateway that forbids without a word of Twilio's; or an account that may not.
    _rule(
        "account_suspended",
        question="account",
        statuses={403},
        codes={None, 20003},
        sender="twilio",
        is_sure=False,
        other_causes=(CLOSED,),
    ),
)


def verdict_of_answer(question: Question, answer: TwilioAnswer, sender: Sender) -> Verdict:
    """What an answer means that is not the one hoped for.

    What bears no mark of Twilio's may be a proxy's, and is never held against the credentials.
    """
    for rule in REST_RULES:
        if rule.fits(question, answer, sender):
            return rule.build(answer)
    return build_verdict("unclear", twilio=answer, is_sure=False)


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
    31203: DeviceRule("account_suspended", False, (CLOSED,)),
    20403: DeviceRule("account_suspended", False, (CLOSED,)),
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
