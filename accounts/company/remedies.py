"""What a verdict says to somebody whose phone runs on the owner's credentials: whom to ask."""

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.people import User
from accounts.verdicts.verdict import Verdict

ASK_OWNER = _(
    "Ask {owner}, on whose Twilio connection your phone runs: only they can put this right, on their Twilio "
    "page."
)
# Of an owner who cannot act: their account is deactivated.
ASK_STAFF = _(
    "Ask whoever runs Dog n Bone for you: the account of {owner}, on whose Twilio connection your phone "
    "runs, is deactivated, and only another owner can put this right."
)
# What is wrong with the account or the app, and not with what somebody typed.
OF_ACCOUNT = frozenset(
    {
        "account_suspended",
        "account_closed",
        "account_under_review",
        "twiml_app_missing",
        "twiml_app_misconfigured",
    }
)


def word_for(verdict: Verdict, credentials: Any, person: User | None = None) -> Verdict:
    """`verdict` as `person` may act on it, else `credentials.person`; the same for whoever typed them."""
    owner, person = credentials.user, person or credentials.person
    if person == owner or not (verdict.blames_credentials or verdict.code in OF_ACCOUNT):
        return verdict
    remedy = ASK_OWNER if owner.is_active else ASK_STAFF
    text = replace(verdict.text, remedy=remedy, link="")
    facts = {**verdict.facts, "owner": owner.display_name}
    return replace(verdict, text=text, facts=facts, other_causes=())
