"""A verdict: what a login came to, in words, and whether the credentials are to blame.

Which verdict is given is decided by `rest_rules.py` and `device_rules.py`; the words are in `texts.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from typing import Any

from accounts.regions import Region
from accounts.translated import Words
from accounts.verdicts.links import name_link
from accounts.verdicts.texts import (
    MICROPHONE_DISMISSED,
    MICROPHONE_IN_USE,
    MICROPHONE_OF_INSECURE_PAGE,
    MICROPHONE_OF_POLICY,
    MICROPHONE_OF_SYSTEM,
    NO_MICROPHONE,
    NO_WEBRTC,
    OWN_LIMIT,
    OWN_LIMIT_OF_GUESSES,
    PROOF,
    SHARE_TAKEN,
    TEXTS,
    UNREACHABLE_REASONS,
    VerdictText,
)

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
    """What a login came to: a slug, its words, and whether the credentials are to blame.

    The words are made whenever they are read, in the language that is spoken then: one verdict may be told to
    several people.
    """

    code: str
    text: VerdictText
    facts: Mapping[str, Words] = dataclass_field(default_factory=dict)
    twilio: TwilioAnswer = TwilioAnswer()
    field: str = ""
    is_sure: bool = True
    other_causes: tuple[Words, ...] = ()
    is_proven: bool = False

    @property
    def title(self) -> str:
        return self.word(self.text.title)

    @property
    def explanation(self) -> str:
        explanation = self.word(self.text.explanation)
        return f"{PROOF} {explanation}" if self.is_proven else explanation

    @property
    def remedy(self) -> str:
        return self.word(self.text.remedy)

    @property
    def link(self) -> str:
        return self.text.link

    @property
    def blames_credentials(self) -> bool:
        return self.text.blames_credentials

    def word(self, sentence: Words) -> str:
        """`sentence` with the facts filled in."""
        return str(sentence).format_map({**self.text.defaults, **self.facts})

    @property
    def is_ok(self) -> bool:
        return self.code == "ok"

    @property
    def is_judged(self) -> bool:
        """Whether the question was answered at all; else the same login may work in a minute."""
        return self.code not in NOT_JUDGED

    @property
    def link_name(self) -> str:
        """What the page that `link` opens is called."""
        return name_link(self.link)

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
            "link_name": self.link_name,
            "sure": self.is_sure,
            "other_causes": [str(cause) for cause in self.other_causes],
        }


def build_verdict(
    code: str,
    *,
    twilio: TwilioAnswer = TwilioAnswer(),
    field: str = "",
    other_causes: tuple[Words, ...] = (),
    is_sure: bool = True,
    **facts: Words,
) -> Verdict:
    """The verdict `code` in words, with `facts` filled in. An unknown `code` raises KeyError."""
    return _fill_in(code, TEXTS[code], facts, twilio, field, is_sure, other_causes)


def note_proof(verdict: Verdict) -> Verdict:
    """`verdict` once a check has proven the credentials: says so, and lists no other cause."""
    if not verdict.text.may_be_proven:
        return verdict
    return replace(verdict, is_proven=True, other_causes=())


def build_own_limit_verdict(*, limit: Words, period: Words) -> Verdict:
    """`rate_limited` by Dog n Bone itself; `limit` as in "10 attempts", `period` as in "5 minutes"."""
    return _fill_in("rate_limited", OWN_LIMIT, {"limit": limit, "period": period})


def build_guesses_verdict(*, limit: Words, period: Words) -> Verdict:
    """`rate_limited` because too many were wrong; `limit` as what was too many, `period` until when."""
    return _fill_in("rate_limited", OWN_LIMIT_OF_GUESSES, {"limit": limit, "period": period})


def build_no_webrtc_verdict() -> Verdict:
    """`media_blocked` by the browser itself, which has no WebRTC to carry sound with."""
    return _fill_in("media_blocked", NO_WEBRTC, {}, TwilioAnswer(message="webrtc-missing"))


def build_browser_verdicts() -> dict[str, Verdict]:
    """Those that a page may reach by itself, by the name it knows them by: a slug, or a closer cause."""
    return {
        **{code: build_verdict(code) for code in BROWSER_VERDICTS},
        "microphone_none": _fill_in("microphone_missing", NO_MICROPHONE, {}),
        "microphone_in_use": _fill_in("microphone_missing", MICROPHONE_IN_USE, {}),
        "microphone_dismissed": _fill_in("microphone_denied", MICROPHONE_DISMISSED, {}),
        "microphone_system": _fill_in("microphone_denied", MICROPHONE_OF_SYSTEM, {}),
        "microphone_policy": _fill_in("microphone_denied", MICROPHONE_OF_POLICY, {}),
        "microphone_insecure": _fill_in("microphone_denied", MICROPHONE_OF_INSECURE_PAGE, {}),
    }


def build_unreachable_verdict(which: str) -> Verdict:
    """`server_network`; `which` is a key of UNREACHABLE_REASONS.

    `twilio_unavailable` for "share": so much waits for Twilio's answers already that it was not asked.
    """
    if which == "share":
        return _fill_in("twilio_unavailable", SHARE_TAKEN, {}, TwilioAnswer(message=which))
    return build_verdict(
        "server_network", twilio=TwilioAnswer(message=which), reason=UNREACHABLE_REASONS[which]
    )


def build_wrong_region_verdict(*, region: str, tried: str, twilio: TwilioAnswer) -> Verdict:
    """`wrong_region`: accepted in `region`, refused in `tried`."""
    return build_verdict(
        "wrong_region",
        twilio=twilio,
        field="region",
        region_name=Region(region).label,
        tried_name=Region(tried).label,
    )


def _fill_in(
    code: str,
    text: VerdictText,
    facts: Mapping[str, Words],
    twilio: TwilioAnswer = TwilioAnswer(),
    field: str = "",
    is_sure: bool = True,
    other_causes: tuple[Words, ...] = (),
) -> Verdict:
    return Verdict(
        code=code,
        text=text,
        facts=facts,
        twilio=twilio,
        field=field or FIELDS.get(code, ""),
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
