"""Asking Twilio about one set of credentials: each question once, side by side, within a budget of requests.

What the answers mean is decided by `accounts/twilio/ladder.py`.
"""

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from accounts.regions import Region
from accounts.twilio.candidate import Candidate
from accounts.twilio.rest import Answer, Limits, TwilioLogin, TwilioUnreachable, fetch
from accounts.twilio.shares import ShareTaken
from accounts.twilio.side_by_side import ask_side_by_side
from accounts.verdicts.rest_rules import Question, verdict_of_answer
from accounts.verdicts.verdict import Verdict, build_unreachable_verdict

# For one verdict, with every retry and every other region.
MOST_REQUESTS = 4
PROBE_SECONDS = 3.0


@dataclass(frozen=True)
class Asked:
    """A question and its fate: an answer, or why none came."""

    question: Question
    answer: Answer | None = None
    unreachable: str = ""

    @property
    def verdict(self) -> Verdict:
        """What it means if it is not the answer hoped for."""
        return self.verdict_as(self.question)

    def verdict_as(self, question: Question) -> Verdict:
        """What the same answer means for another question that was put with the same login."""
        if self.answer is None:
            return build_unreachable_verdict(self.unreachable)
        return verdict_of_answer(question, self.answer.for_verdict, self.answer.sender)

    @property
    def body(self) -> Mapping[str, Any]:
        """The JSON object of a success, else nothing."""
        if self.answer is None or not self.answer.is_success or not isinstance(self.answer.json, dict):
            return {}
        return self.answer.json


class Budget:
    """How many requests a verdict may still take; threads share it."""

    def __init__(self, most: int = MOST_REQUESTS) -> None:
        self.left = most
        self.lock = threading.Lock()

    def take(self) -> bool:
        """Whether there was one left; it is spent then."""
        with self.lock:
            if self.left <= 0:
                return False
            self.left -= 1
            return True


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


def ask(
    question: Question,
    login: TwilioLogin,
    path: str,
    *,
    may_repeat: Callable[[], bool] = lambda: True,
    **options: Any,
) -> Asked:
    """One question.

    A 429 was not processed, and a kept-alive connection may be closed at the moment it is used again:
    both are asked once more, if `may_repeat` then says so.
    """
    for is_first in (True, False):
        try:
            answer = fetch(login, path, is_repeated=False, **options)
        except TwilioUnreachable as error:
            if not (is_first and error.which == "reset" and may_repeat()):
                return Asked(question, unreachable=error.which)
        else:
            if not (is_first and answer.status == 429 and may_repeat()):
                break
            time.sleep(random.uniform(0.2, 0.6))
    return Asked(question, answer)


def ask_key(login: TwilioLogin, **options: Any) -> Asked:
    """Reading one call is what every key but a Restricted one may do, on a trial account too."""
    return ask("key", login, "/Calls.json", params={"PageSize": 1}, **options)


@dataclass
class Inquiry:
    """What is asked about one candidate, and what was answered until now.

    `is_key_kind_known`: the key is known to be none of the Restricted kind, so that is not asked.
    """

    candidate: Candidate
    is_key_kind_known: bool = False
    budget: Budget = field(default_factory=Budget)
    asked: dict[Question, Asked] = field(default_factory=dict)
    has_asked_other_regions: bool = False

    def ask(self, *questions: Question) -> None:
        """Asks, side by side, what applies and was not asked yet, as far as the budget goes."""
        wanted = [one for one in questions if one not in self.asked and self.applies(one)]
        # Taken before any of them begins, so that no retry takes what another question needs.
        paid = [question for question in wanted if self.budget.take()]
        todo = {question: partial(self.ask_one, question) for question in paid}
        try:
            self.asked |= ask_side_by_side(self.candidate.account_sid, todo)
        except ShareTaken as error:
            self.asked |= {question: Asked(question, unreachable=error.which) for question in paid}

    def applies(self, question: Question) -> bool:
        has_token, has_key = bool(self.candidate.auth_token), self.candidate.has_key
        match question:
            case "account":
                return has_token
            case "key":
                return has_key
            case "key_lookup":
                return has_token and has_key
            case "key_kind":
                # Restricted keys exist in US1 only, and one that may read calls passes for any other.
                is_open = self.candidate.region == Region.US1 and not self.is_key_kind_known
                return has_token and has_key and is_open
            case "twiml_app":
                return bool(self.candidate.twiml_app_sid)

    def ask_one(self, question: Question) -> Asked:
        one, may_repeat = self.candidate, self.budget.take
        match question:
            case "account":
                return ask(question, token_login(one), ".json", may_repeat=may_repeat)
            case "key":
                return ask_key(key_login(one), may_repeat=may_repeat)
            case "key_lookup":
                path = f"/Keys/{one.api_key_sid}.json"
                return ask(question, token_login(one), path, may_repeat=may_repeat)
            case "key_kind":
                path = f"/v1/Keys/{one.api_key_sid}"
                return ask(question, token_login(one), path, product="iam", may_repeat=may_repeat)
            case "twiml_app":
                path = f"/Applications/{one.twiml_app_sid}.json"
                return ask(question, best_login(one), path, may_repeat=may_repeat)

    def ask_other_regions(self, question: Question) -> dict[str, Asked]:
        """The same of the other regions, as many as the budget allows: credentials are good in one only."""
        limits = build_probe_limits(time.monotonic() + PROBE_SECONDS)
        others = [region for region in Region.values if region != self.candidate.region]
        regions = [region for region in others if self.budget.take()]
        self.has_asked_other_regions = regions == others
        todo = {region: partial(self.ask_region, question, region, limits) for region in regions}
        try:
            return ask_side_by_side(self.candidate.account_sid, todo)
        except ShareTaken:
            return {}

    def ask_region(self, question: Question, region: str, limits: Limits) -> Asked:
        options: dict[str, Any] = {"limits": limits, "may_repeat": self.budget.take}
        if question == "key":
            return ask_key(key_login(self.candidate, region), **options)
        return ask("account", token_login(self.candidate, region), ".json", **options)


def build_probe_limits(deadline: float) -> Limits:
    """What is left until `deadline`, shared between connecting and reading."""
    left = max(deadline - time.monotonic(), 0.3)
    return Limits(connect=left / 3, read=left * 2 / 3)


def is_key_accepted(key: Asked | None, account_sid: str) -> bool:
    """Whether the list of calls came back, and is this account's."""
    calls = key.body.get("calls") if key else None
    if not isinstance(calls, list):
        return False
    owners = {call.get("account_sid") for call in calls if isinstance(call, dict)}
    return owners <= {account_sid, None}
