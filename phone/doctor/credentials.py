"""The credential doctor: the ladder of `accounts/twilio/ladder.py`, told line by line.

Where the ladder stops at the first fault, the doctor goes on and says of each thing whether it is
good, bad with its fix, or cannot be told and why. The same questions, asked once; nothing is stored.
"""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from accounts.masking import mask_phone_number, mask_sid
from accounts.regions import Region
from accounts.sealing.encryption import UnsealError
from accounts.twilio.candidate import Candidate, find_malformed
from accounts.twilio.check import Asked, Inquiry, best_login, is_key_accepted, key_login
from accounts.twilio.credentials import PhoneNumber, TwilioAccount, TwilioCredentials
from accounts.twilio.ladder import (
    CLOCK_SKEW_SECONDS,
    CheckResult,
    find_skew,
    judge_account,
    judge_clock,
    judge_key,
    judge_key_kind,
    judge_twiml_app,
)
from accounts.twilio.numbers import fetch_lists, points_at
from accounts.verdicts.rest_rules import Question
from accounts.verdicts.verdict import Verdict, build_verdict
from phone.doctor.findings import Finding, bad, blame, cannot_tell, good, leave_open

ACCOUNT_STATES = ("account_suspended", "account_closed", "account_under_review")


@dataclass(frozen=True)
class Case:
    """The credentials that are looked at, what Twilio answered, and what that means, part by part."""

    account: TwilioAccount
    candidate: Candidate
    asked: Mapping[Question, Asked]
    of_account: CheckResult
    of_key: Verdict
    of_kind: CheckResult
    of_app: CheckResult
    of_clock: Verdict
    # The rungs of the ladder in their order: the first that is not ok is the verdict.
    rungs: tuple[Verdict, ...] = field(default=())

    @property
    def is_key_good(self) -> bool:
        return "key" in self.asked and is_key_accepted(self.asked["key"], self.candidate.account_sid)

    @property
    def is_token_good(self) -> bool:
        return "account" in self.asked and self.of_account.verdict.is_ok

    @property
    def verdict(self) -> Verdict:
        return next((verdict for verdict in self.rungs if not verdict.is_ok), build_verdict("ok"))


def examine_credentials(credentials: TwilioCredentials) -> Generator[Finding, None, Verdict]:
    """Yields each finding as soon as it is known; returns the ladder's verdict on all of it."""
    candidate = Candidate.of(credentials)
    try:
        malformed = find_malformed(candidate)
    except UnsealError:
        yield bad(
            "format",
            _("What is stored was sealed with a key that this server no longer has."),
            _("Type the credentials again, or ask the people who run this Dog n Bone to put the key back."),
        )
        return build_verdict("unclear")
    if malformed:
        yield blame("format", malformed)
        return malformed
    yield good("format", _("Every value has the shape that Twilio gives it."))
    case = open_case(credentials, candidate)
    for look in (
        look_at_account,
        look_at_status,
        look_at_auth_token,
        look_at_key,
        look_at_key_kind,
        look_at_secret,
        look_at_region,
        look_at_twiml_app,
        look_at_clock,
    ):
        yield look(case)
    yield from look_at_numbers(case)
    return case.verdict


def open_case(credentials: TwilioCredentials, candidate: Candidate) -> Case:
    """Asks Twilio everything side by side, and judges each part by itself."""
    inquiry = Inquiry(candidate)
    inquiry.ask("account", "key", "key_kind", "twiml_app")
    account = judge_account(inquiry)
    proven = CheckResult(build_verdict("ok"), clock_skew_seconds=find_skew(inquiry.asked))
    key = judge_key(inquiry, proven)
    kind = judge_key_kind(inquiry, proven)
    app = judge_twiml_app(inquiry, proven, credentials.account.voice_url)
    # A refusal tells the time as well as a success does.
    clock = judge_clock(proven)
    asked = inquiry.asked
    rungs = (account.verdict, key.verdict, kind.verdict, app.verdict, clock.verdict)
    return Case(credentials.account, candidate, asked, account, key.verdict, kind, app, clock.verdict, rungs)


def look_at_account(case: Case) -> Finding:
    tail = mask_sid(case.candidate.account_sid)
    verdict = case.of_account.verdict
    if verdict.code in ("unknown_account", "test_credentials"):
        return blame("account", verdict)
    if case.is_token_good or case.is_key_good or verdict.code in ACCOUNT_STATES:
        name = case.of_account.friendly_name
        words = (
            _("Twilio knows the account {tail}, “{name}”.") if name else _("Twilio knows the account {tail}.")
        )
        return good("account", words.format(tail=tail, name=name))
    if not verdict.is_ok and not verdict.is_judged:
        return leave_open("account", verdict)
    if "account" not in case.asked and not case.of_key.is_judged:
        return leave_open("account", case.of_key)
    words = _("Twilio tells nothing of {tail} to a login that it does not accept.")
    return cannot_tell("account", words.format(tail=tail))


def look_at_status(case: Case) -> Finding:
    verdict = case.of_account.verdict
    for one in (verdict, case.of_key):
        if one.code in ACCOUNT_STATES:
            return blame("status", one)
    if case.is_token_good:
        is_trial = case.of_account.account_type == "Trial"
        return good("status", _("Active, on trial.") if is_trial else _("Active."))
    if case.is_key_good:
        return good("status", _("Active. Whether it is on trial is told to the Auth Token alone."))
    if not verdict.is_ok and not verdict.is_judged:
        return leave_open("status", verdict)
    return cannot_tell("status", _("Twilio tells it only to a login that it accepts."))


def look_at_auth_token(case: Case) -> Finding:
    verdict = case.of_account.verdict
    if not case.candidate.auth_token:
        return good("auth_token", _("None is kept. Dog n Bone asks Twilio about each call instead."))
    if verdict.is_ok:
        return good("auth_token", _("Twilio accepts it."))
    if verdict.code == "wrong_auth_token":
        return blame("auth_token", verdict)
    if verdict.code == "wrong_region":
        return good("auth_token", _("Twilio accepts it, in another region."))
    return leave_open("auth_token", verdict)


def look_at_key(case: Case) -> Finding:
    if not case.candidate.has_key:
        return good("key", _("None: calls run on the Auth Token alone."))
    tail, verdict = mask_sid(case.candidate.api_key_sid), case.of_key
    if verdict.code == "api_key_not_found":
        return blame("key", verdict)
    if verdict.is_ok or verdict.code in ("wrong_region", "restricted_key"):
        return good("key", _("Twilio knows the key {tail}.").format(tail=tail))
    if verdict.code == "wrong_api_secret" and verdict.is_sure:
        return good("key", _("The account has the key {tail}.").format(tail=tail))
    if verdict.code == "wrong_api_secret":
        words = _("Twilio does not say whether the key {tail} or its secret is wrong.")
        return cannot_tell("key", words.format(tail=tail))
    return leave_open("key", verdict)


def look_at_key_kind(case: Case) -> Finding:
    if not case.candidate.has_key:
        return good("key_kind", _("There is no key."))
    for one in (case.of_key, case.of_kind.verdict):
        if one.code == "restricted_key":
            return blame("key_kind", one)
    if case.candidate.region != Region.US1:
        return good("key_kind", _("Not Restricted: such keys exist in the United States (US1) only."))
    kind = case.asked.get("key_kind")
    if kind and "key_kind" not in case.of_kind.cannot_tell:
        return good("key_kind", _("Standard or Main: either can run a phone."))
    if kind and not kind.verdict.is_judged and kind.verdict.code != "unclear":
        return leave_open("key_kind", kind.verdict)
    return cannot_tell(
        "key_kind", _("Twilio tells it only to the Auth Token, and not on trial."), is_lasting=True
    )


def look_at_secret(case: Case) -> Finding:
    if not case.candidate.has_key:
        return good("secret", _("There is no key, and so no secret."))
    verdict = case.of_key
    if verdict.is_ok or verdict.code == "restricted_key":
        return good("secret", _("It is the key's own: Twilio accepts the two together."))
    if verdict.code == "wrong_api_secret":
        return blame("secret", verdict)
    if verdict.code == "wrong_region":
        return good("secret", _("It is the key's own, in another region."))
    if verdict.code == "api_key_not_found":
        return cannot_tell("secret", _("Without its key, a secret cannot be tried."))
    return leave_open("secret", verdict)


def look_at_region(case: Case) -> Finding:
    name = Region(case.candidate.region).label
    for one in (case.of_account.verdict, case.of_key):
        if one.code == "wrong_region":
            return blame("region", one)
    if case.is_token_good or case.is_key_good:
        return good("region", _("The credentials belong to {region}.").format(region=name))
    return cannot_tell("region", _("Nothing that is stored is accepted in {region}.").format(region=name))


def look_at_twiml_app(case: Case) -> Finding:
    sid, verdict = case.candidate.twiml_app_sid, case.of_app.verdict
    if not sid:
        fix = _(
            "Connect again with “TwiML App SID” left empty: Dog n Bone then makes one. "
            "A trial account may have to be upgraded first."
        )
        return bad("twiml_app", _("There is none: this phone can be called, but cannot call."), fix)
    app = case.asked["twiml_app"]
    if case.candidate.auth_token and not case.is_token_good and verdict.is_judged:
        return cannot_tell("twiml_app", _("Twilio shows it only to a login that it accepts."))
    if "twiml_app" in case.of_app.cannot_tell:
        is_refused = app.verdict.code != "unclear"
        words = _("Twilio does not show {app}: {reason}.").format(app=mask_sid(sid), reason=app.verdict.title)
        return cannot_tell("twiml_app", words, is_lasting=is_refused)
    if verdict.is_ok:
        words = _("{app} sends calls to Dog n Bone, with POST.").format(app=mask_sid(sid))
        return good("twiml_app", words)
    if verdict.code in ("twiml_app_missing", "twiml_app_misconfigured"):
        return blame("twiml_app", verdict)
    return leave_open("twiml_app", verdict)


def look_at_clock(case: Case) -> Finding:
    skew = find_skew(case.asked)
    if skew is None:
        return cannot_tell("clock", _("No answer of Twilio's said what time it is."))
    if abs(skew) > CLOCK_SKEW_SECONDS:
        return blame("clock", case.of_clock)
    if abs(skew) < 2:
        return good("clock", _("This server's and Twilio's agree."))
    words = _("This server's and Twilio's differ by {seconds} seconds.")
    return good("clock", words.format(seconds=f"{abs(skew):.0f}"))


def look_at_numbers(case: Case) -> Iterator[Finding]:
    """The numbers and who answers them, then what may be shown when calling."""
    if not (case.is_token_good or case.is_key_good):
        yield cannot_tell("numbers", _("Not asked: the login is not accepted."))
        yield cannot_tell("caller_ids", _("Not asked: the login is not accepted."))
        return
    login = best_login(case.candidate) if case.is_token_good else key_login(case.candidate)
    is_trial = case.of_account.account_type == "Trial"
    owned, verified = fetch_lists(login)
    yield judge_numbers(case.account, owned, is_lasting=is_trial)
    yield judge_caller_ids(owned, verified, is_lasting=is_trial)


def judge_numbers(account: TwilioAccount, rows: list[dict[str, Any]] | None, *, is_lasting: bool) -> Finding:
    if rows is None:
        return cannot_tell("numbers", _("Twilio did not list them."), is_lasting=is_lasting)
    if not rows:
        return good("numbers", _("The account has none, so nobody outside can call here."))
    here = {str(row["sid"]) for row in rows if points_at(row, account.voice_url)}
    kept = PhoneNumber.objects.filter(account=account, kind=PhoneNumber.Kind.OWNED, points_here=True)
    gone = [number for number in kept if number.sid not in here]
    if gone:
        names = ", ".join(mask_phone_number(number.phone_number) for number in gone[:3])
        words = _("Somebody has pointed elsewhere, at Twilio, what is to ring here: {names}.")
        return bad(
            "numbers",
            words.format(names=names),
            _("Choose “Give back”, then “Let it ring here”, beside the number."),
        )
    words = _("In the account: {owned}. Ringing here: {here}.")
    return good("numbers", words.format(owned=len(rows), here=len(here)))


def judge_caller_ids(
    owned: list[dict[str, Any]] | None, verified: list[dict[str, Any]] | None, *, is_lasting: bool
) -> Finding:
    if owned is None or verified is None:
        return cannot_tell("caller_ids", _("Twilio did not list them."), is_lasting=is_lasting)
    if not owned and not verified:
        return bad(
            "caller_ids",
            _("There is no number that a call could show, so no telephone can be called."),
            _("Buy a number, or verify one of yours, in the Twilio console."),
        )
    words = _("The account's own: {owned}. Verified: {verified}.")
    return good("caller_ids", words.format(owned=len(owned), verified=len(verified)))
