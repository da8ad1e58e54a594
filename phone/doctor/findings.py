"""What the credential doctor says of one thing that it looked at."""

from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.translated import Words
from accounts.verdicts.verdict import Verdict

Outcome = Literal["good", "bad", "cannot_tell"]

# Every line there is, in the order in which it is told.
LABELS = {
    "format": _("Format"),
    "account": _("Account"),
    "status": _("Status"),
    "auth_token": _("Auth Token"),
    "key": _("API key"),
    "key_kind": _("Kind of key"),
    "secret": _("API key secret"),
    "region": _("Region"),
    "twiml_app": _("TwiML App"),
    "clock": _("Clock"),
    "numbers": _("Numbers"),
    "caller_ids": _("Caller IDs"),
    "token": _("The phone’s pass"),
    "registering": _("Reaching Twilio"),
}
OUTCOME_WORDS: dict[Outcome, Words] = {
    "good": _("Good"),
    "bad": _("Bad"),
    "cannot_tell": _("Cannot tell"),
}


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, how it stands, why, and what to do about it, for the person who asked.

    `is_lasting`: nobody will ever tell, because the account may not ask this; no sign of an outage.
    """

    line: str
    outcome: Outcome
    words: str
    fix: str = ""
    is_lasting: bool = False

    @property
    def label(self) -> str:
        return str(LABELS[self.line])

    @property
    def outcome_words(self) -> str:
        return str(OUTCOME_WORDS[self.outcome])

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
    words = [f"{verdict.title}. {verdict.explanation}"]
    if verdict.other_causes:
        words.append(gettext("Less likely: {causes}").format(causes=" ".join(map(str, verdict.other_causes))))
    return bad(line, " ".join(words), verdict.remedy)


def leave_open(line: str, verdict: Verdict) -> Finding:
    """A line that `verdict` keeps from being told, such as an outage."""
    return cannot_tell(line, f"{verdict.title}. {verdict.explanation}")


def count_words(findings: list[Finding]) -> str:
    """All of it in one sentence."""
    bad_ones = [finding for finding in findings if finding.outcome == "bad"]
    if bad_ones:
        words = ngettext(
            "{count} of {all} checks is bad. Begin with “{label}”.",
            "{count} of {all} checks are bad. Begin with “{label}”.",
            len(bad_ones),
        )
        return words.format(count=len(bad_ones), all=len(findings), label=bad_ones[0].label)
    open_ones = [finding for finding in findings if finding.outcome == "cannot_tell"]
    if open_ones:
        words = gettext("Nothing is bad. Of {all} checks, {count} cannot be told.")
        return words.format(all=len(findings), count=len(open_ones))
    return gettext("All {all} checks are good.").format(all=len(findings))


def count_good(findings: list[Finding]) -> str:
    """What the good ones are folded under; "" where there is none."""
    number = sum(finding.outcome == "good" for finding in findings)
    if number == len(findings):
        return count_words(findings) if findings else ""
    words = ngettext("{count} check is good.", "{count} checks are good.", number)
    return words.format(count=number) if number else ""
