"""The ladder of questions that proves a set of credentials, or names what is wrong with it.

Format, account, key, key's kind, TwiML App, clock: asked side by side, judged in this order. Only
where one answer is not enough, second probes follow, each with its reason. A network fault, a 5xx or
a 429 ends in "not judged".
"""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from accounts.regions import Region
from accounts.twilio.candidate import Candidate, find_malformed
from accounts.twilio.rest import Answer, Limits, TwilioLogin, TwilioUnreachable, fetch, read_text
from accounts.twilio.shares import ShareTaken
from accounts.twilio.side_by_side import ask_side_by_side
from accounts.verdicts.rest_rules import DELETED, OTHER_ACCOUNT, Question, verdict_of_answer
from accounts.verdicts.verdict import (
    Verdict,
    build_unreachable_verdict,
    build_verdict,
    build_wrong_region_verdict,
)

PROBE_SECONDS = 3.0
CLOCK_SKEW_SECONDS = 60
BUSY_RETRIES = 1

PARENT_KEY = "The API key belongs to the main account, of which this one is a subaccount."


@dataclass(frozen=True)
class CheckResult:
    """What the ladder found. `cannot_tell`: the questions that the account may not ask."""

    verdict: Verdict
    account_type: str = ""
    friendly_name: str = ""
    owner_account_sid: str = ""
    clock_skew_seconds: float | None = None
    cannot_tell: tuple[Question, ...] = ()


@dataclass(frozen=True)
class Asked:
    """A question and its fate: an answer, or why none came."""

    question: Question
    answer: Answer | None = None
    unreachable: str = ""

    @property
    def verdict(self) -> Verdict:
        """What it means if it is not the answer hoped for."""
        if self.answer is None:
            return build_unreachable_verdict(self.unreachable)
        return verdict_of_answer(self.question, self.answer.for_verdict, self.answer.sender)

    @property
    def body(self) -> Mapping[str, Any]:
        """The JSON object of a success, else nothing."""
        if self.answer is None or not self.answer.is_success or not isinstance(self.answer.json, dict):
            return {}
        return self.answer.json


def token_login(candidate: Candidate, region: str = "") -> TwilioLogin:
    return TwilioLogin(
        candidate.account_sid, candidate.account_sid, candidate.auth_token, region or candidate.region
    )


def key_login(candidate: Candidate, region: str = "") -> TwilioLogin:
    return TwilioLogin(
        candidate.account_sid, candidate.api_key_sid, candidate.api_key_secret, region or candidate.region
    )


def best_login(candidate: Candidate) -> TwilioLogin:
    """The one that may do the most."""
    return token_login(candidate) if candidate.auth_token else key_login(candidate)


def verify_credentials(candidate: Candidate, *, is_key_kind_known: bool = False) -> CheckResult:
    """Proves `candidate`, or says what is wrong. Never raises for anything that Twilio does.

    `is_key_kind_known`: the key is known to be none of the Restricted kind, so that is not asked.
    """
    if malformed := find_malformed(candidate):
        return CheckResult(malformed)
    asked = ask_all(candidate, is_key_kind_known)
    result = judge_account(candidate, asked)
    for judge in (judge_key, judge_key_kind, judge_twiml_app, judge_clock):
        if not result.verdict.is_ok:
            break
        result = judge(candidate, asked, result)
    return result


def ask_all(candidate: Candidate, is_key_kind_known: bool) -> dict[Question, Asked]:
    """Everything there is to ask, side by side: the time of one round trip."""
    todo: dict[Question, Callable[[], Asked]] = {}
    if candidate.has_key:
        todo["key"] = partial(ask_key, key_login(candidate))
        if candidate.auth_token and candidate.region == Region.US1 and not is_key_kind_known:
            # Restricted keys exist in US1 only, and one that may read calls passes for any other.
            todo["key_kind"] = partial(ask_key_kind, token_login(candidate), candidate.api_key_sid)
    if candidate.twiml_app_sid:
        path = f"/Applications/{candidate.twiml_app_sid}.json"
        todo["twiml_app"] = partial(ask, "twiml_app", best_login(candidate), path)
    if candidate.auth_token:
        todo["account"] = partial(ask, "account", token_login(candidate), ".json")
    try:
        return ask_side_by_side(candidate.account_sid, todo)
    except ShareTaken as error:
        return {question: Asked(question, unreachable=error.which) for question in todo}


def ask(question: Question, login: TwilioLogin, path: str, **options: Any) -> Asked:
    """One question. A 429 was not processed, so it is asked again after a moment."""
    try:
        for _ in range(BUSY_RETRIES):
            answer = fetch(login, path, **options)
            if answer.status != 429:
                return Asked(question, answer)
            time.sleep(random.uniform(0.2, 0.6))
        return Asked(question, fetch(login, path, **options))
    except TwilioUnreachable as error:
        return Asked(question, unreachable=error.which)


def ask_key(login: TwilioLogin, limits: Limits | None = None) -> Asked:
    """Reading one call is what every key but a Restricted one may do, on a trial account too."""
    return ask("key", login, "/Calls.json", params={"PageSize": 1}, limits=limits)


def ask_key_kind(login: TwilioLogin, api_key_sid: str) -> Asked:
    return ask("key_kind", login, f"/v1/Keys/{api_key_sid}", product="iam")


def judge_account(candidate: Candidate, asked: Mapping[Question, Asked]) -> CheckResult:
    account = asked.get("account")
    if account is None:
        return CheckResult(build_verdict("ok"), clock_skew_seconds=find_skew(asked))
    if not account.answer or not account.answer.is_success:
        return CheckResult(explain_token_refusal(candidate, asked))
    body = account.body
    if body.get("sid") != candidate.account_sid:
        return CheckResult(explain_odd_answer(account))
    result = CheckResult(
        build_verdict("ok", twilio=account.answer.for_verdict),
        account_type=read_text(body, "type", 20),
        friendly_name=read_text(body, "friendly_name", 255),
        owner_account_sid=read_text(body, "owner_account_sid", 34),
        clock_skew_seconds=find_skew(asked),
    )
    status = read_text(body, "status", 20)
    if status in ("suspended", "closed"):
        verdict = build_verdict(f"account_{status}", twilio=account.answer.for_verdict)
        return replace(result, verdict=verdict)
    return result


def explain_token_refusal(candidate: Candidate, asked: Mapping[Question, Asked]) -> Verdict:
    """A refused Auth Token: joined with what the key was answered, which shows account and region."""
    verdict = asked["account"].verdict
    if verdict.code != "wrong_auth_token":
        return verdict
    if "key" in asked and is_key_accepted(asked["key"], candidate.account_sid):
        return replace(verdict, is_sure=True, other_causes=())
    if candidate.region == Region.US1 and "key" not in asked:
        # The plain case: nothing speaks for another region, so nothing more is sent.
        return verdict
    for region, probe in probe_regions(candidate, probe_token).items():
        if probe.body.get("sid") == candidate.account_sid:
            return build_wrong_region_verdict(region=region, tried=candidate.region, twilio=verdict.twilio)
    return verdict


def explain_odd_answer(asked: Asked) -> Verdict:
    """A success that is not the one hoped for: a portal's page, or another account's answer."""
    answer = asked.answer
    if answer is None or answer.sender == "page":
        return asked.verdict if answer is None else build_unreachable_verdict("portal")
    return build_verdict("unclear", twilio=answer.for_verdict, is_sure=False)


def judge_key(candidate: Candidate, asked: Mapping[Question, Asked], result: CheckResult) -> CheckResult:
    key = asked.get("key")
    if key is None:
        return result
    if is_key_accepted(key, candidate.account_sid):
        if "account" not in asked and key.answer:
            return replace(result, verdict=build_verdict("ok", twilio=key.answer.for_verdict))
        return result
    if key.answer and key.answer.is_success:
        return replace(result, verdict=explain_odd_answer(key))
    verdict = key.verdict
    if verdict.code in ("wrong_api_secret", "api_key_not_found"):
        verdict = explain_key_refusal(candidate, verdict, result, is_token_good="account" in asked)
    elif verdict.code == "restricted_key" and "account" in asked:
        # The account has just been seen active, which is what else the same code could have meant.
        verdict = replace(verdict, is_sure=True, other_causes=())
    return replace(result, verdict=verdict)


def is_key_accepted(key: Asked, account_sid: str) -> bool:
    """Whether the list of calls came back, and is this account's."""
    calls = key.body.get("calls")
    if not isinstance(calls, list):
        return False
    owners = {call.get("account_sid") for call in calls if isinstance(call, dict)}
    return owners <= {account_sid, None}


def explain_key_refusal(
    candidate: Candidate, verdict: Verdict, result: CheckResult, *, is_token_good: bool
) -> Verdict:
    """Key or secret? This region or another? Twilio's first answer is the same for all."""
    deadline = time.monotonic() + PROBE_SECONDS
    lookup = None
    if is_token_good:
        path = f"/Keys/{candidate.api_key_sid}.json"
        lookup = ask("key_lookup", token_login(candidate), path, limits=build_probe_limits(deadline))
        if lookup.body.get("sid") == candidate.api_key_sid:
            return build_verdict("wrong_api_secret", twilio=verdict.twilio)
    for region, probe in probe_regions(candidate, probe_key, deadline).items():
        if is_key_accepted(probe, candidate.account_sid):
            return build_wrong_region_verdict(region=region, tried=candidate.region, twilio=verdict.twilio)
        if probe.verdict.code == "restricted_key":
            return probe.verdict
    if lookup and lookup.verdict.code == "api_key_not_found":
        is_subaccount = result.owner_account_sid not in ("", candidate.account_sid)
        causes = (PARENT_KEY,) if is_subaccount else (DELETED, OTHER_ACCOUNT)
        return build_verdict("api_key_not_found", twilio=verdict.twilio, other_causes=causes)
    return verdict


def probe_regions(candidate: Candidate, probe: Any, deadline: float | None = None) -> dict[str, Asked]:
    """Asks the same of the other regions, side by side: credentials are good in one region only."""
    deadline = deadline or time.monotonic() + PROBE_SECONDS
    limits = build_probe_limits(deadline)
    regions = [region for region in Region.values if region != candidate.region]
    try:
        return ask_side_by_side(
            candidate.account_sid, {region: partial(probe, candidate, region, limits) for region in regions}
        )
    except ShareTaken:
        return {}


def probe_key(candidate: Candidate, region: str, limits: Limits) -> Asked:
    return ask_key(key_login(candidate, region), limits)


def probe_token(candidate: Candidate, region: str, limits: Limits) -> Asked:
    return ask("account", token_login(candidate, region), ".json", limits=limits)


def build_probe_limits(deadline: float) -> Limits:
    """What is left until `deadline`, shared between connecting and reading."""
    left = max(deadline - time.monotonic(), 0.3)
    return Limits(connect=left / 3, read=left * 2 / 3)


def judge_key_kind(candidate: Candidate, asked: Mapping[Question, Asked], result: CheckResult) -> CheckResult:
    """A policy is what makes a key Restricted. Any refusal to tell is no reason to doubt the key."""
    kind = asked.get("key_kind")
    if kind is None:
        return result
    body = kind.body
    if body.get("sid") != candidate.api_key_sid:
        return replace(result, cannot_tell=(*result.cannot_tell, "key_kind"))
    if body.get("policy") and kind.answer:
        return replace(result, verdict=build_verdict("restricted_key", twilio=kind.answer.for_verdict))
    return result


def judge_twiml_app(
    candidate: Candidate, asked: Mapping[Question, Asked], result: CheckResult
) -> CheckResult:
    app = asked.get("twiml_app")
    if app is None:
        return result
    if app.answer is None or not app.answer.is_success:
        verdict = app.verdict
        if verdict.code == "twiml_app_missing" or not verdict.is_judged and verdict.code != "unclear":
            return replace(result, verdict=verdict)
        # A trial account, or any other refusal: the credentials are proven, the app cannot be told.
        return replace(result, cannot_tell=(*result.cannot_tell, "twiml_app"))
    if app.body.get("sid") != candidate.twiml_app_sid:
        return replace(result, verdict=explain_odd_answer(app))
    if fault := find_app_fault(app.body):
        verdict = build_verdict("twiml_app_misconfigured", twilio=app.answer.for_verdict, fault=fault)
        return replace(result, verdict=verdict)
    return result


def find_app_fault(app: Mapping[str, Any]) -> str:
    """Why calls through this TwiML App would not reach Dog n Bone; "" if they would."""
    voice_url = read_text(app, "voice_url", 2000)
    if not voice_url:
        return "has no Voice URL"
    try:
        found, ours = urlsplit(voice_url), urlsplit(settings.PUBLIC_URL)
    except ValueError:
        return "has a Voice URL that is no web address"
    if found.netloc.lower() != ours.netloc.lower():
        return f"sends calls to {found.hostname or 'nowhere'} instead of {ours.hostname}"
    if found.scheme.lower() != ours.scheme:
        return f"has a Voice URL with {found.scheme} instead of {ours.scheme}"
    if read_text(app, "voice_method", 10).upper() not in ("POST", ""):
        return "asks with GET instead of POST"
    return ""


def judge_clock(candidate: Candidate, asked: Mapping[Question, Asked], result: CheckResult) -> CheckResult:
    """Twilio refuses a token whose times do not fit its own clock (codes 20104, 20105, 31204)."""
    skew = result.clock_skew_seconds
    if skew is None or abs(skew) <= CLOCK_SKEW_SECONDS:
        return result
    words = f"{abs(skew) / 60:.0f} minutes" if abs(skew) >= 120 else f"{abs(skew):.0f} seconds"
    return replace(result, verdict=build_verdict("clock_skew", twilio=result.verdict.twilio, skew=words))


def find_skew(asked: Mapping[Question, Asked]) -> float | None:
    """Twilio's clock minus ours, by the answer in which it shows the least."""
    skews = [
        one.answer.clock_skew_seconds
        for one in asked.values()
        if one.answer and one.answer.clock_skew_seconds is not None
    ]
    return min(skews, key=abs, default=None)
