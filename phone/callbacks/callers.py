"""Whoever calls from a phone of ours, and what their call depends on: one question for all of it."""

from dataclasses import dataclass

from django.db.models import Exists, F, QuerySet

from accounts.company.memberships import Membership
from accounts.people import User
from accounts.statements import Question
from accounts.twilio.credentials import TwilioAccount
from phone.calls.records import build_members
from phone.calls.webhooks import ToldOf, build_long_over
from phone.recordings.choices import build_wanted_of


@dataclass(frozen=True)
class Caller:
    """`is_long_over`: the call that is told of, for a long time; `is_recorded`: each call that they make."""

    person: User
    is_long_over: bool
    is_recorded: bool


def find_caller(account: TwilioAccount, identity: str, told_of: ToldOf) -> Caller | None:
    """Whose phone runs on the account's credentials, as `get_member()`."""
    found = CALLERS.ask_first(identity=identity, account=account.pk, **told_of) if identity else None
    if found is None:
        return None
    read = vars(found)
    return Caller(found.user, is_long_over=read["is_long_over"], is_recorded=read["is_recorded"])


def build_callers() -> QuerySet[Membership]:
    return build_members().annotate(
        is_long_over=Exists(build_long_over()), is_recorded=Exists(build_wanted_of([F("user")]))
    )


CALLERS = Question(build_callers)
