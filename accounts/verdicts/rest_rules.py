"""One table: what Twilio's REST API answered -> what it means. The words are in `texts.py`.

A rule asks for the question, the status, the code, and what the words speak of (`sentences.py`); the
first rule that fits decides, and what fits none is `unclear`. Words that name one cause come before
codes, which Twilio gives to many. The facts behind each rule are Twilio's error dictionary
(https://www.twilio.com/docs/api/errors) and what was logged from the live API; an outage is never
taken for a wrong password, nor the reverse.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Literal

from django.utils.translation import gettext_lazy as _

from accounts.translated import Words
from accounts.verdicts.sentences import Subject, read_subject
from accounts.verdicts.texts import UNREACHABLE_REASONS
from accounts.verdicts.verdict import TwilioAnswer, Verdict, build_verdict

Question = Literal["account", "key", "key_lookup", "key_kind", "twiml_app"]
# Whose answer it is, by the marks it bears: Twilio's, a web page of somebody else's, or neither.
Sender = Literal["twilio", "page", "unknown"]

OTHER_REGION = _("The credentials were made in another region.")
NOT_ACTIVE = _("The account is suspended or closed.")
DELETED = _("The API key was deleted.")
MISTYPED_ACCOUNT = _("The Account SID is not the one that the API key belongs to.")
ANOTHER_ACCOUNT = _("The Account SID is not the one that the Auth Token belongs to.")
WRONG_SECRET = _("The API key secret is wrong.")
CLOSED = _("The account is closed rather than suspended.")

FAULTS = frozenset(range(500, 600))
REDIRECTS = frozenset(range(300, 400))
REFUSALS = frozenset({401, 403})
NOT_FOUND = frozenset({404})
# Where words about the account's state count; beyond, nobody has judged anything.
TOLD = frozenset({400, 401, 402, 403, 404, 409, 410, 422, 423, 451})
NOT_ACTIVE_CODES = frozenset({10001, 20005, 90010})

# The words of a verdict that no sentence of Twilio's, but only a code or a habit, speaks for.
SEEMS_NOT_ACTIVE = {
    "headline": _("This Twilio account does not seem to be active"),
    "says": _("Twilio refuses what this account asks, as it does when an account is suspended."),
}
IS_NOT_ACTIVE = {"headline": _("This Twilio account is not active")}
SEEMS_RESTRICTED = {
    "headline": _("This API key seems to be Restricted"),
    "says": _("Twilio refuses this key what a Standard key may do, as it does with Restricted keys."),
}
SAYS_KEY_UNKNOWN = {"says": _("Twilio says that it does not know this API key.")}
PORTAL = {"reason": UNREACHABLE_REASONS["portal"]}
PROXY = {"reason": UNREACHABLE_REASONS["proxy"]}
TLS = {"reason": UNREACHABLE_REASONS["tls"]}


@dataclass(frozen=True)
class Rule:
    """If everything that a rule asks for was seen, `verdict`. Empty means: whatever was seen."""

    verdict: str
    questions: frozenset[Question] = frozenset()
    statuses: frozenset[int] = frozenset()
    codes: frozenset[int | None] = frozenset()
    about: frozenset[Subject] = frozenset()
    sender: Sender | None = None
    is_sure: bool = True
    other_causes: tuple[Words, ...] = ()
    # Words, by the name that they fill in.
    facts: Mapping[str, Any] = field(default_factory=dict)

    def fits(self, question: Question, answer: TwilioAnswer, sender: Sender, subject: Subject) -> bool:
        return (
            (not self.questions or question in self.questions)
            and (not self.statuses or answer.status in self.statuses)
            and (not self.codes or answer.code in self.codes)
            and (not self.about or subject in self.about)
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
    about: tuple[Subject, ...] = (),
    **rest: Any,
) -> Rule:
    questions: frozenset[Question] = frozenset({question}) if question else frozenset()
    return Rule(verdict, questions, frozenset(statuses), frozenset(codes), frozenset(about), **rest)


def _blame(verdict: str, question: Question, about: tuple[Subject, ...], **rest: Any) -> Rule:
    """A refusal of Twilio's own that speaks of authentication: all that is held against what was typed."""
    return _rule(verdict, question=question, statuses=REFUSALS, about=about, sender="twilio", **rest)


def _state(verdict: str, *about: Subject, **rest: Any) -> Rule:
    return _rule(verdict, statuses=TOLD, about=about, **rest)


OF_AUTHENTICATION: tuple[Subject, ...] = ("auth_token", "credentials", "authentication", "api_key")
TOKEN_CAUSES = (OTHER_REGION, NOT_ACTIVE)
UNSURE_TOKEN: Mapping[str, Any] = {"is_sure": False, "other_causes": (ANOTHER_ACCOUNT, *TOKEN_CAUSES)}
UNSURE_SECRET: Mapping[str, Any] = {
    "is_sure": False,
    "other_causes": (DELETED, MISTYPED_ACCOUNT, OTHER_REGION, NOT_ACTIVE),
}
UNSURE_KEY: Mapping[str, Any] = {
    "is_sure": False,
    "other_causes": (WRONG_SECRET, OTHER_REGION),
    "facts": SAYS_KEY_UNKNOWN,
}
GONE: Mapping[str, Any] = {"codes": {20404}}
GONE_BY_TWILIO: Mapping[str, Any] = {"codes": {None}, "sender": "twilio"}
UNSURE_STATE: Mapping[str, Any] = {"is_sure": False, "other_causes": (CLOSED,)}

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
    # Words that name one cause.
    _state("account_closed", "closed"),
    _state("account_suspended", "suspended"),
    _state("account_under_review", "under_review"),
    _state("trial_limit", "trial"),
    _state("account_suspended", "not_active", **UNSURE_STATE, facts=IS_NOT_ACTIVE),
    _blame("test_credentials", "account", ("test_credentials",)),
    _blame("test_credentials", "key", ("test_credentials",)),
    _rule("server_network", statuses={401}, about=("not_sent",), facts=PROXY),
    # Codes that Twilio gives to one cause.
    _rule("test_credentials", codes={20008}),
    _rule("account_suspended", codes=NOT_ACTIVE_CODES, **UNSURE_STATE, facts=SEEMS_NOT_ACTIVE),
    # Words about authentication.
    _blame("unknown_account", "account", ("user_name",)),
    _blame("wrong_auth_token", "account", ("auth_token",), codes={20003}, other_causes=TOKEN_CAUSES),
    _blame("wrong_auth_token", "account", OF_AUTHENTICATION, **UNSURE_TOKEN),
    _blame("api_key_not_found", "key", ("user_name", "api_key"), **UNSURE_KEY),
    _blame("wrong_api_secret", "key", OF_AUTHENTICATION, **UNSURE_SECRET),
    # Codes that mean this or that, by the question that was asked.
    _rule("account_suspended", codes={20403}, about=("nothing",), **UNSURE_STATE, facts=SEEMS_NOT_ACTIVE),
    _rule("account_suspended", question="account", codes={70051}, **UNSURE_STATE, facts=SEEMS_NOT_ACTIVE),
    _rule(
        "restricted_key",
        question="key",
        codes={70051},
        is_sure=False,
        other_causes=(NOT_ACTIVE, DELETED),
        facts=SEEMS_RESTRICTED,
    ),
    _blame("wrong_auth_token", "account", ("nothing",), codes={20003}, **UNSURE_TOKEN),
    _blame("wrong_api_secret", "key", ("nothing",), codes={20003}, **UNSURE_SECRET),
    # What is not there.
    _rule("unknown_account", question="account", statuses=NOT_FOUND, **GONE),
    _rule(
        "api_key_not_found",
        question="key",
        statuses=NOT_FOUND,
        codes={20404},
        is_sure=False,
        other_causes=(OTHER_REGION,),
    ),
    _rule("api_key_not_found", question="key_lookup", statuses=NOT_FOUND, **GONE),
    _rule("api_key_not_found", question="key_lookup", statuses=NOT_FOUND, **GONE_BY_TWILIO),
    _rule("api_key_not_found", question="key_kind", statuses=NOT_FOUND, **GONE),
    _rule("api_key_not_found", question="key_kind", statuses=NOT_FOUND, **GONE_BY_TWILIO),
    _rule("twiml_app_missing", question="twiml_app", statuses=NOT_FOUND, **GONE),
    _rule("twiml_app_missing", question="twiml_app", statuses=NOT_FOUND, **GONE_BY_TWILIO),
)


def verdict_of_answer(question: Question, answer: TwilioAnswer, sender: Sender) -> Verdict:
    """What an answer means that is not the one hoped for.

    What bears no mark of Twilio's may be a proxy's, and is never held against the credentials.
    """
    subject = read_subject(answer.message)
    for rule in REST_RULES:
        if rule.fits(question, answer, sender, subject):
            return rule.build(answer)
    return build_verdict("unclear", twilio=answer, is_sure=False)
