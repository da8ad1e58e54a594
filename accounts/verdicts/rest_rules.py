"""One table: what Twilio's REST API answered -> what it means. The words are in `texts.py`.

Twilio's wording is no contract, so a rule asks for status, code and question first, and for words
last; the first rule that fits decides, and what fits none is `unclear`. The facts behind each rule
are Twilio's error dictionary (https://www.twilio.com/docs/api/errors) and what was logged from
the live API; an outage is never taken for a wrong password, nor the reverse.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Literal

from accounts.verdicts.texts import (
    UNREACHABLE_REASONS,
)

Question = Literal["account", "key", "key_lookup", "key_kind", "twiml_app"]
from accounts.verdicts.verdict import TwilioAnswer, Verdict, build_verdict

# Whose answer it is, by the marks it bears: Twilio's, a web page of somebody else's, or neither.
Sender = Literal["twilio", "page", "unknown"]


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
