"""The ladder that proves a set of credentials, or names what is wrong with it.

Format, account, key, key's kind, TwiML App, clock: judged in this order. Only where one answer is not
enough, further questions follow, each with its reason. A network fault, a 5xx or a 429 ends in "not
judged". No verdict takes more than `MOST_REQUESTS`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.utils.text import format_lazy
from django.utils.translation import ngettext_lazy

from accounts.metrics import CHECKS, timed
from accounts.twilio.app_fitness import find_app_fault
from accounts.twilio.candidate import Candidate, find_malformed
from accounts.twilio.check import Asked, Budget, Inquiry, is_key_accepted
from accounts.twilio.rest import read_text
from accounts.verdicts.rest_rules import NOT_ACTIVE, OTHER_REGION, REFUSALS, Question
from accounts.verdicts.sentences import is_same_sentence, read_subject
from accounts.verdicts.verdict import (
    Verdict,
    build_unreachable_verdict,
    build_verdict,
    build_wrong_region_verdict,
)

CLOCK_SKEW_SECONDS = 60
# What a refused key may come to, as far as its own answer tells.
OF_THE_KEY = frozenset({"wrong_api_secret", "api_key_not_found", "restricted_key"})
OF_THE_ACCOUNT = frozenset({"account_suspended", "account_closed", "account_under_review"})


@dataclass(frozen=True)
class CheckResult:
    """What the ladder found. `cannot_tell`: the questions that the account may not ask.

    `is_app_shown`: Twilio showed the TwiML App, which it does not show to a trial account.
    """

    verdict: Verdict
    account_type: str = ""
    friendly_name: str = ""
    clock_skew_seconds: float | None = None
    cannot_tell: tuple[Question, ...] = ()
    is_app_shown: bool = False


def verify_credentials(
    candidate: Candidate, *, voice_url: str = "", is_key_kind_known: bool = False
) -> CheckResult:
    """Proves `candidate`, or says what is wrong. Never raises for anything that Twilio does.

    `voice_url`: where Dog n Bone answers this account's calls; "" for an account that it does not know
    yet, for which no TwiML App can be fit. `is_key_kind_known`: see `Inquiry`.
    """
    if malformed := find_malformed(candidate):
        return CheckResult(malformed)
    with timed(CHECKS, "verdict") as timing:
        result = climb(Inquiry(candidate, is_key_kind_known), voice_url)
        timing.label = result.verdict.code
    return result


def climb(inquiry: Inquiry, voice_url: str) -> CheckResult:
    """From step to step, until one does not hold."""
    ask_first(inquiry)
    result = judge_account(inquiry)
    if result.verdict.is_ok:
        result = judge_key(inquiry, result)
    if result.verdict.is_ok:
        result = judge_key_kind(inquiry, result)
    if result.verdict.is_ok:
        result = judge_twiml_app(inquiry, result, voice_url)
    return judge_clock(result) if result.verdict.is_ok else result


def verify_twiml_app(candidate: Candidate, *, voice_url: str) -> Verdict:
    """Whether the TwiML App alone is fit, in one request (two, where Twilio was busy); `ok` also where
    Twilio does not show it. Never raises for anything that Twilio does."""
    inquiry = Inquiry(candidate)
    inquiry.ask("twiml_app")
    return judge_twiml_app(inquiry, CheckResult(build_verdict("ok")), voice_url).verdict


def verify_api_key(candidate: Candidate) -> Verdict:
    """Whether the API key alone is accepted, by its own answer to one request. Never raises, as above."""
    inquiry = Inquiry(candidate, budget=Budget(1))
    inquiry.ask("key")
    key = inquiry.asked.get("key")
    if key is None or is_key_accepted(key, candidate.account_sid):
        return build_verdict("ok")
    return explain_odd_answer(key) if key.body else key.verdict


def ask_first(inquiry: Inquiry) -> None:
    """Asks what every login is asked: side by side, unless a refused key would leave too little to ask on."""
    candidate = inquiry.candidate
    if inquiry.is_key_kind_known or not (candidate.auth_token and candidate.has_key):
        inquiry.ask("account", "key", "twiml_app")
        return
    inquiry.ask("key")
    if is_key_accepted(inquiry.asked.get("key"), candidate.account_sid):
        inquiry.ask("account", "twiml_app", "key_kind")
    elif inquiry.asked["key"].verdict.code not in OF_THE_KEY:
        inquiry.ask("account")


# The account and its Auth Token


def judge_account(inquiry: Inquiry) -> CheckResult:
    """Good as well where the account was not asked, because the key's answer has to be explained first."""
    account = inquiry.asked.get("account")
    skew = find_skew(inquiry.asked)
    if account is None:
        return CheckResult(build_verdict("ok"), clock_skew_seconds=skew)
    if not account.answer or not account.answer.is_success:
        return CheckResult(explain_token_refusal(inquiry, account))
    body = account.body
    if body.get("sid") != inquiry.candidate.account_sid:
        return CheckResult(explain_odd_answer(account))
    status = read_text(body, "status", 20).lower()
    slug = f"account_{status}" if status in ("suspended", "closed") else "ok"
    return CheckResult(
        build_verdict(slug, twilio=account.answer.for_verdict),
        account_type=read_text(body, "type", 20),
        friendly_name=read_text(body, "friendly_name", 255),
        clock_skew_seconds=skew,
    )


def explain_token_refusal(inquiry: Inquiry, account: Asked) -> Verdict:
    """A refused Auth Token: joined with what the key was answered, which shows account and region."""
    verdict, candidate = account.verdict, inquiry.candidate
    key = inquiry.asked.get("key")
    is_account_open = is_key_accepted(key, candidate.account_sid)
    if verdict.code == "account_suspended" and not verdict.is_sure and is_account_open:
        # Its key works, so whatever that answer meant, it was not this.
        return build_verdict("unclear", twilio=verdict.twilio, is_sure=False)
    if verdict.code != "wrong_auth_token":
        return verdict
    if is_account_open:
        return replace(verdict, is_sure=True, other_causes=())
    if candidate.region != "us1" or key:
        # Without a key, nothing speaks for another region than US1, so nothing more is sent.
        for region, probe in inquiry.ask_other_regions("account").items():
            if probe.body.get("sid") == candidate.account_sid:
                return build_wrong_region_verdict(
                    region=region, tried=candidate.region, twilio=verdict.twilio
                )
    return doubt_account(verdict, key) if key else verdict


def doubt_account(verdict: Verdict, key: Asked) -> Verdict:
    """What is said to Auth Token and key alike is said of the account, unless it can only mean a secret."""
    answer = key.answer
    if answer is None or answer.status not in REFUSALS:
        return verdict
    if (answer.code, answer.status) != (verdict.twilio.code, verdict.twilio.status):
        return verdict
    if not is_same_sentence(answer.message, verdict.twilio.message):
        return verdict
    if read_subject(answer.message) in ("authentication", "nothing"):
        return build_verdict("unclear", twilio=verdict.twilio, is_sure=False)
    causes = (NOT_ACTIVE, *(cause for cause in verdict.other_causes if cause != NOT_ACTIVE))
    return replace(verdict, is_sure=False, other_causes=causes)


def explain_odd_answer(asked: Asked) -> Verdict:
    """A success that is not the one hoped for: a portal's page, or another account's answer."""
    answer = asked.answer
    if answer is None or answer.sender == "page":
        return asked.verdict if answer is None else build_unreachable_verdict("portal")
    return build_verdict("unclear", twilio=answer.for_verdict, is_sure=False)


# The API key


def judge_key(inquiry: Inquiry, result: CheckResult) -> CheckResult:
    key = inquiry.asked.get("key")
    if key is None:
        return result
    if is_key_accepted(key, inquiry.candidate.account_sid):
        if "account" not in inquiry.asked and key.answer:
            return replace(result, verdict=build_verdict("ok", twilio=key.answer.for_verdict))
        return result
    if key.answer and key.answer.is_success:
        return replace(result, verdict=explain_odd_answer(key))
    verdict = key.verdict
    if verdict.code in OF_THE_KEY:
        verdict = explain_key_refusal(inquiry, verdict)
    return replace(result, verdict=verdict)


def explain_key_refusal(inquiry: Inquiry, verdict: Verdict) -> Verdict:
    """Key or secret? This region or another? Twilio's first answer is the same for all."""
    lookup = look_up_key(inquiry, verdict)
    if lookup and lookup.body.get("sid") == inquiry.candidate.api_key_sid:
        return explain_known_key(lookup, verdict)
    found = lookup.verdict.code if lookup else ""
    if lookup and found in OF_THE_ACCOUNT and lookup.verdict.is_sure:
        return lookup.verdict
    if lookup and found not in ("api_key_not_found", "trial_limit") and "account" not in inquiry.asked:
        # The lookup was refused too: the account itself says whose fault that is.
        inquiry.ask("account")
        account = judge_account(inquiry)
        if not account.verdict.is_ok:
            return account.verdict
    may_be_elsewhere = verdict.code != "restricted_key" or found == "api_key_not_found"
    if may_be_elsewhere and (elsewhere := find_key_elsewhere(inquiry, verdict)):
        return elsewhere
    if found == "api_key_not_found":
        is_sure = inquiry.has_asked_other_regions
        causes = () if is_sure else (OTHER_REGION,)
        return build_verdict(found, twilio=verdict.twilio, is_sure=is_sure, other_causes=causes)
    return verdict


def look_up_key(inquiry: Inquiry, verdict: Verdict) -> Asked | None:
    """What the Auth Token is told of the key, where there is one: with its policy, if that matters."""
    if verdict.code == "restricted_key":
        inquiry.ask("key_kind")
    if "key_kind" not in inquiry.asked:
        inquiry.ask("key_lookup")
    return inquiry.asked.get("key_kind") or inquiry.asked.get("key_lookup")


def explain_known_key(lookup: Asked, verdict: Verdict) -> Verdict:
    """The account has the key, and still it was refused: for its policy, or for its secret."""
    if lookup.body.get("policy"):
        return build_verdict("restricted_key", twilio=verdict.twilio)
    # Without a policy, a key may read calls: no permission is what it lacks.
    return build_verdict("wrong_api_secret", twilio=verdict.twilio, is_sure=verdict.code != "restricted_key")


def find_key_elsewhere(inquiry: Inquiry, verdict: Verdict) -> Verdict | None:
    """What another region's answer says of the key; refused as here, by 70051, it says nothing more."""
    candidate = inquiry.candidate
    for region, probe in inquiry.ask_other_regions("key").items():
        if is_key_accepted(probe, candidate.account_sid):
            return build_wrong_region_verdict(region=region, tried=candidate.region, twilio=verdict.twilio)
        if probe.verdict.code == "restricted_key" != verdict.code:
            return probe.verdict
    return None


def judge_key_kind(inquiry: Inquiry, result: CheckResult) -> CheckResult:
    """A policy is what makes a key Restricted. Any refusal to tell is no reason to doubt the key."""
    if not inquiry.applies("key_kind"):
        return result
    kind = inquiry.asked.get("key_kind")
    if kind is None or kind.body.get("sid") != inquiry.candidate.api_key_sid:
        if kind and kind.verdict.code in OF_THE_ACCOUNT and kind.verdict.is_sure:
            return replace(result, verdict=kind.verdict)
        return replace(result, cannot_tell=(*result.cannot_tell, "key_kind"))
    if kind.body.get("policy") and kind.answer:
        return replace(result, verdict=build_verdict("restricted_key", twilio=kind.answer.for_verdict))
    return result


# The TwiML App


def judge_twiml_app(inquiry: Inquiry, result: CheckResult, voice_url: str) -> CheckResult:
    if not inquiry.candidate.twiml_app_sid:
        return result
    app = inquiry.asked.get("twiml_app")
    if app is None or app.answer is None or not app.answer.is_success:
        return explain_app_refusal(app, result)
    if app.body.get("sid") != inquiry.candidate.twiml_app_sid:
        return replace(result, verdict=explain_odd_answer(app))
    result = replace(result, is_app_shown=True)
    if fault := find_app_fault(app.body, voice_url):
        verdict = build_verdict("twiml_app_misconfigured", twilio=app.answer.for_verdict, fault=fault)
        return replace(result, verdict=verdict)
    return result


def explain_app_refusal(app: Asked | None, result: CheckResult) -> CheckResult:
    """A trial account, or any other refusal: the credentials are proven, the app cannot be told."""
    verdict = app.verdict if app else None
    if verdict and verdict.code == "trial_limit" and not result.account_type:
        # A key alone is not told the account's type.
        result = replace(result, account_type="Trial")
    if verdict and (
        verdict.code == "twiml_app_missing"
        or (verdict.code in OF_THE_ACCOUNT and verdict.is_sure)
        or (not verdict.is_judged and verdict.code != "unclear")
    ):
        return replace(result, verdict=verdict)
    return replace(result, cannot_tell=(*result.cannot_tell, "twiml_app"))


# The clock


def judge_clock(result: CheckResult) -> CheckResult:
    """Twilio refuses a token whose times do not fit its own clock (codes 20104, 20105, 31204)."""
    skew = result.clock_skew_seconds
    if skew is None or abs(skew) <= CLOCK_SKEW_SECONDS:
        return result
    if abs(skew) >= 120:
        minutes = round(abs(skew) / 60)
        words = format_lazy(ngettext_lazy("{number} minute", "{number} minutes", minutes), number=minutes)
    else:
        seconds = round(abs(skew))
        words = format_lazy(ngettext_lazy("{number} second", "{number} seconds", seconds), number=seconds)
    return replace(result, verdict=build_verdict("clock_skew", twilio=result.verdict.twilio, skew=words))


def find_skew(asked: Mapping[Question, Asked]) -> float | None:
    """Twilio's clock minus ours, by the answer in which it shows the least."""
    skews = [
        one.answer.clock_skew_seconds
        for one in asked.values()
        if one.answer and one.answer.clock_skew_seconds is not None
    ]
    return min(skews, key=abs, default=None)
