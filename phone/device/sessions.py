"""Whose sessions opened sockets, whether they still stand, and how their people's credentials do.

All of it is asked of many sockets at once.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import models
from django.http import parse_cookie

from accounts.people import User
from accounts.second_factor.requirement import find_missing_factors
from accounts.sign_ins.standing import Claim, read_claims
from accounts.statements import GivenMany, Question
from phone.device.origins import get_headers

# What a page shows of its credentials rests on these; all of them None where nothing is connected.
Standing = tuple[Any, ...]
STANDING = ("credentials", "credentials__updated_at", "credentials__verdict")


@dataclass(frozen=True)
class SignedIn:
    """The person of a session, and how their credentials stand, to be compared with how they stood."""

    user: User
    standing: Standing


def read_session_key(scope: dict[str, Any]) -> str:
    """The key in a socket's cookie, whether or not there is such a session; "" without one."""
    cookies = parse_cookie("; ".join(get_headers(scope, b"cookie")))
    return cookies.get(settings.SESSION_COOKIE_NAME, "")


def find_signed_in(session_keys: Collection[str]) -> dict[str, SignedIn]:
    """Who is signed in by each of these sessions; of those that do not stand, nothing."""
    return check_claims(read_claims(session_keys))


def check_claims(claims: Mapping[str, Claim]) -> dict[str, SignedIn]:
    """Who is signed in as they claim: not deactivated, password unchanged.

    Nor one who has to set up a second factor first: a socket would give them what no page does.
    """
    people = find_people({claim.user_id for claim in claims.values()})
    known = {key: people[claim.user_id] for key, claim in claims.items() if claim.user_id in people}
    lacking = find_missing_factors([found.user for found in people.values()])
    return {
        key: found
        for key, found in known.items()
        if found.user.pk not in lacking and claims[key].is_of(found.user)
    }


def find_people(user_ids: Collection[int]) -> dict[int, SignedIn]:
    """Those of them who may sign in."""
    people = PEOPLE.ask(keys=user_ids)
    return {user.pk: SignedIn(user, tuple(vars(user).pop(name) for name in FIELDS)) for user in people}


FIELDS = {f"standing_{place}": models.F(f"membership__{name}") for place, name in enumerate(STANDING)}
PEOPLE = Question(
    lambda: User.objects.filter(
        pk__among=GivenMany("keys", models.BigIntegerField()), is_active=True
    ).annotate(**FIELDS)
)


def get_standing(user: User) -> Standing:
    """How a person's credentials stand now."""
    found = find_people([user.pk]).get(user.pk)
    return found.standing if found else (None,) * len(STANDING)
