"""What a verdict's sentences must not do: say twice, deny what they say, or claim what nobody has proven."""

import re

from accounts.verdicts.rest_rules import (
    ANOTHER_ACCOUNT,
    CLOSED,
    DELETED,
    MISTYPED_ACCOUNT,
    NOT_ACTIVE,
    OTHER_REGION,
    WRONG_SECRET,
)
from accounts.verdicts.verdict import Verdict

# By each cause that may stand among the less likely ones: words that say or deny it already.
SAID = {
    DELETED: r"delet",
    MISTYPED_ACCOUNT: r"another account|knows the account",
    ANOTHER_ACCOUNT: r"another account|knows the account",
    WRONG_SECRET: r"secret",
    OTHER_REGION: r"region",
    NOT_ACTIVE: r"suspend|closed|not active|proven",
    CLOSED: r"\bclosed\b",
}
# What no refusal proves.
CLAIMS = re.compile(r"twilio knows|(?:is|are) right\b|credentials work|are proven", re.IGNORECASE)


def find_contradictions(verdict: Verdict) -> list[str]:
    """Each fault of the verdict's sentences, in words; none for a verdict that is all of one piece."""
    said = f"{verdict.title}. {verdict.explanation}"
    faults = [f"claims “{claim[0]}”" for claim in CLAIMS.finditer(said)]
    faults += [f"no words for “{cause}”" for cause in verdict.other_causes if not cause.endswith(".")]
    for cause in verdict.other_causes:
        if cause in SAID and re.search(SAID[cause], said, re.IGNORECASE):
            faults.append(f"says “{cause}” twice, or denies it, in “{said}”")
    if len(set(verdict.other_causes)) < len(verdict.other_causes):
        faults.append(f"gives a cause twice: {verdict.other_causes}")
    if (DELETED in verdict.other_causes) and verdict.code == "api_key_not_found":
        faults.append("a key that is not there may also have been deleted")
    return faults
