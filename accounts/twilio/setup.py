"""What Dog n Bone makes in a person's Twilio account, and takes away again: API key and TwiML App."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from accounts.sealing.fields import Secret
from accounts.twilio.rest import Answer, TwilioLogin, TwilioUnreachable, fetch
from accounts.verdicts.rest_rules import verdict_of_answer
from accounts.verdicts.verdict import Verdict, build_unreachable_verdict

logger = logging.getLogger(__name__)

FRIENDLY_NAME = "Dog n Bone"
# Whoever worded the answer: what cannot be made here will not be there in a minute either.
NOT_THERE = (404, 405)


class SetupFailed(Exception):
    """Twilio could not be asked to make something; `verdict` says why, and judges no credentials."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.code)
        self.verdict = verdict


@dataclass(frozen=True)
class ApiKey:
    sid: str
    secret: Secret = field(repr=False)


def make_api_key(login: TwilioLogin) -> ApiKey | None:
    """A new Standard API key; None where the account may have none (a trial account, for one).

    Raises SetupFailed when Twilio did not answer the question.
    """
    answer = send(login, "/Keys.json", {"FriendlyName": FRIENDLY_NAME})
    body = answer.json if isinstance(answer.json, dict) else {}
    sid, secret = body.get("sid"), body.get("secret")
    if answer.is_success and isinstance(sid, str) and isinstance(secret, str) and sid and secret:
        return ApiKey(sid, Secret(secret))
    raise_if_not_judged(answer)
    logger.info("Twilio made no API key: HTTP %s, code %s", answer.status, answer.code)
    return None


def find_twiml_app(login: TwilioLogin, voice_url: str) -> str:
    """The SID of the TwiML App that was made for `voice_url` before, or ""."""
    try:
        answer = fetch(login, "/Applications.json", params={"FriendlyName": FRIENDLY_NAME, "PageSize": 50})
    except TwilioUnreachable as error:
        raise SetupFailed(build_unreachable_verdict(error.which)) from None
    raise_if_not_judged(answer)
    for app in read_list(answer, "applications"):
        if app.get("voice_url") == voice_url and app.get("voice_method") == "POST":
            return str(app.get("sid", ""))
    return ""


def make_twiml_app(login: TwilioLogin, voice_url: str) -> str:
    """The SID of a new TwiML App that asks `voice_url`, or "" where the account may have none."""
    answer = send(
        login,
        "/Applications.json",
        {"FriendlyName": FRIENDLY_NAME, "VoiceUrl": voice_url, "VoiceMethod": "POST"},
    )
    body = answer.json if isinstance(answer.json, dict) else {}
    if answer.is_success and isinstance(body.get("sid"), str):
        return str(body["sid"])
    raise_if_not_judged(answer)
    logger.info("Twilio made no TwiML App: HTTP %s, code %s", answer.status, answer.code)
    return ""


class Removed(Enum):
    """What came of asking Twilio to remove something."""

    GONE = "gone"
    REFUSED = "refused"
    NOT_YET = "not yet"


def remove_api_key(login: TwilioLogin, sid: str) -> Removed:
    """Never raises: what stays behind is no reason to stop."""
    return remove(login, f"/Keys/{sid}.json")


def remove_twiml_app(login: TwilioLogin, sid: str) -> Removed:
    """Never raises."""
    return remove(login, f"/Applications/{sid}.json")


def remove(login: TwilioLogin, path: str) -> Removed:
    try:
        answer = fetch(login, path, method="DELETE")
    except TwilioUnreachable as error:
        logger.warning("Left behind in a Twilio account: %s", error)
        return Removed.NOT_YET
    if answer.is_success or answer.status == 404:
        return Removed.GONE
    return Removed.NOT_YET if may_pass(answer) else Removed.REFUSED


def may_pass(answer: Answer) -> bool:
    """Whether the same question may get another answer later: Twilio was busy or ill."""
    return answer.status == 429 or answer.status >= 500


def send(login: TwilioLogin, path: str, data: Mapping[str, Any]) -> Answer:
    """A POST. Raises SetupFailed when no answer came."""
    try:
        return fetch(login, path, method="POST", data=data)
    except TwilioUnreachable as error:
        raise SetupFailed(build_unreachable_verdict(error.which)) from None


def raise_if_not_judged(answer: Answer) -> None:
    """Busy or ill is no refusal: what could not be made now may be made in a minute."""
    if answer.is_success or answer.status in NOT_THERE:
        return
    verdict = verdict_of_answer("twiml_app", answer.for_verdict, answer.sender)
    if not verdict.is_judged and verdict.code != "unclear":
        raise SetupFailed(verdict)


def read_list(answer: Answer, name: str) -> list[dict[str, Any]]:
    """The rows of a list that Twilio answered; none for any other answer."""
    if not answer.is_success or not isinstance(answer.json, dict):
        return []
    rows = answer.json.get(name)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
