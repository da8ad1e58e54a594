"""What the credential doctor says of one thing that it looked at."""

from dataclasses import dataclass
from typing import Literal

from accounts.verdicts.verdict import Verdict

Outcome = Literal["good", "bad", "cannot_tell"]

# Every line there is, in the order in which it is told.
LABELS = {
    "format": "Format",
    "account": "Account",
    "status": "Status",
    "auth_token": "Auth Token",
    "key": "API key",
    "key_kind": "Kind of key",
    "secret": "API key secret",
    "region": "Region",
    "twiml_app": "TwiML App",
    "clock": "Clock",
    "numbers": "Numbers",
    "caller_ids": "Caller IDs",
    "token": "The phone’s pass",
    "registering": "Reaching Twilio",
}
OUTCOME_WORDS: dict[Outcome, str] = {"good": "Good", "bad": "Bad", "cannot_tell": "Cannot tell"}


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, how it stands, why, and what to do about it.

    `is_lasting`: nobody will ever tell, because the account may not ask this; no sign of an outage.
    """

    line: str
    outcome: Outcome
    words: str
    fix: str = ""
    is_lasting: bool = False

    @property
    def label(self) -> str:
        return LABELS[self.line]

    @property
    def outcome_words(self) -> str:
        return OUTCOME_WORDS[self.outcome]

    def as_json(self) -> dict[str, str]:
        return {
            "line": self.line,
            "label": self.label,
            "outcome": self.outcome,
            "outcome_words": self.outcome_words,
            "words": self.words,
            "fix": self.fix,
        }


def good(line: str, words: str) -> Finding:
    return Finding(line, "good", words)


def bad(line: str, words: str, fix: str) -> Finding:
    return Finding(line, "bad", words, fix)


def cannot_tell(line: str, words: str, *, is_lasting: bool = False) -> Finding:
    return Finding(line, "cannot_tell", words, is_lasting=is_lasting)


def blame(line: str, verdict: Verdict) -> Finding:
    """The line that a bad verdict is about."""
    causes = f" Less likely: {' '.join(map(str, verdict.other_causes))}" if verdict.other_causes else ""
    return bad(line, f"{verdict.title}. {verdict.explanation}{causes}", verdict.remedy)


def leave_open(line: str, verdict: Verdict) -> Finding:
    """A line that `verdict` keeps from being told, such as an outage."""
    return cannot_tell(line, f"{verdict.title}. {verdict.explanation}")


def count_words(findings: list[Finding]) -> str:
    """All of it in one sentence."""
    bad_ones = [finding for finding in findings if finding.outcome == "bad"]
    if bad_ones:
        verb = "is" if len(bad_ones) == 1 else "are"
        return f"{len(bad_ones)} of {len(findings)} checks {verb} bad. Begin with “{bad_ones[0].label}”."
    open_ones = [finding for finding in findings if finding.outcome == "cannot_tell"]
    if open_ones:
        return f"Nothing is bad. Of {len(findings)} checks, {len(open_ones)} cannot be told."
    return f"All {len(findings)} checks are good."


def count_good(findings: list[Finding]) -> str:
    """What the good ones are folded under; "" where there is none."""
    number = sum(finding.outcome == "good" for finding in findings)
    if number == len(findings):
        return count_words(findings) if findings else ""
    words = "1 check is good" if number == 1 else f"{number} checks are good"
    return f"{words}." if number else ""
