"""How people are just now, from what the server knows already: their pages, their calls, their switch."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import models
from django.utils import timezone

from accounts.people import User, choose_display_name
from accounts.statements import GivenMany, GivenMoment, Question
from accounts.twilio.credentials import TwilioAccount
from phone.calls.do_not_disturb import DoNotDisturb
from phone.calls.legs import CallLeg
from phone.calls.records import ENDED
from phone.colleagues.states import ORDER, WORDS, State, decide_state
from phone.device.presence import get_there
from phone.echo_tests.echo_test import find_going_on

# No call lasts longer: https://www.twilio.com/docs/voice/twiml/dial#timelimit. Of a leg whose end was lost,
# nobody is in a call for ever.
LONGEST_CALL = timedelta(hours=24)


@dataclass
class Seen:
    """One person as they are now. `version`: of what was told of them last."""

    pk: int
    name: str
    email: str
    account: Any
    state: State
    version: int

    @property
    def words(self) -> str:
        return str(WORDS[self.state])

    def as_json(self) -> dict[str, Any]:
        return {"email": self.email, "state": self.state.value, "version": self.version}


def see(people: Collection[int]) -> list[Seen]:
    """Those of `people`, by their keys, who use an account; one query."""
    return make_seen(PEOPLE.ask_values(keys=people, now=timezone.now()))


def see_all(accounts: Collection[Any]) -> list[Seen]:
    """Whoever uses one of `accounts`, by their keys; one query."""
    return make_seen(MEMBERS.ask_values(keys=accounts, now=timezone.now()))


def build_rows(people: "models.QuerySet[User]") -> "models.QuerySet[Any]":
    now = GivenMoment("now")
    pages = get_there(now).filter(user=models.OuterRef("pk"))
    is_talking = models.Exists(find_talked(now).filter(user=models.OuterRef("pk")))
    is_echoing = models.Exists(find_going_on(now).filter(user=models.OuterRef("pk")))
    switches = DoNotDisturb.objects.filter(user=models.OuterRef("pk"))
    return people.filter(is_active=True, membership__account__isnull=False).values_list(
        "pk",
        "name",
        "email",
        "membership__account",
        "told_state__version",
        models.ExpressionWrapper(is_talking | is_echoing, models.BooleanField()),
        models.Exists(switches),
        models.Exists(pages),
    )


PEOPLE: "Question[Any]" = Question(
    lambda: build_rows(User.objects.filter(pk__among=GivenMany("keys", models.BigIntegerField())))
)
MEMBERS: "Question[Any]" = Question(
    lambda: build_rows(User.objects.filter(membership__account__among=GivenMany("keys", models.UUIDField())))
)


def make_seen(rows: Iterable[tuple[Any, ...]]) -> list[Seen]:
    return [
        Seen(
            pk=pk,
            name=choose_display_name(name, email),
            email=email,
            account=account,
            version=version or 0,
            state=decide_state(is_talking=is_talking, is_undisturbed=is_undisturbed, is_there=is_there),
        )
        for pk, name, email, account, version, is_talking, is_undisturbed, is_there in rows
    ]


def find_talked(now: Any) -> "models.QuerySet[CallLeg]":
    """The legs on which people of ours talk, or wait for whom they have called.

    Of a call that is over, the end of a leg may be told later; in a room it may go on in another call.
    """
    live = CallLeg.objects.filter(ended_at=None, asked_at__gt=now - LONGEST_CALL).exclude(status__in=ENDED)
    is_theirs = models.Q(role=CallLeg.Role.CALLER) | models.Q(answered_at__isnull=False)
    goes_on = models.Q(call__ended_at=None) | models.Q(conference__isnull=False)
    return live.filter(is_theirs | models.Q(status="in-progress"), goes_on)


def see_members(account: TwilioAccount) -> list[Seen]:
    return see_all([account.pk])


def see_colleagues(person: User, account: TwilioAccount) -> list[Seen]:
    """Whoever else uses `account`: who can best be talked to first, then by name."""
    members = see_members(account)
    others = [seen for seen in members if seen.pk != person.pk]
    if len(others) == len(members):
        # Refused by the owner: they are nobody's colleague, and nobody is theirs.
        return []
    return sorted(others, key=lambda seen: (ORDER[seen.state], seen.name.casefold(), seen.email))
