"""Tokens for many people in one go, where nothing stands in the way of them.

Two or three statements for all of them together: whose sessions, on which credentials, and the rows that say
that tokens were issued. Nobody is refused here, and nobody asked anything: whoever has no fresh proof, had
too many, is signed out, or lacks a second factor is left to `answers.issue_token()`, which knows the words.
"""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError, models

from accounts.company.memberships import Membership
from accounts.metrics import TOKENS
from accounts.people import User
from accounts.sealing.encryption import UnsealError
from accounts.second_factor.requirement import is_required_of
from accounts.sign_ins.standing import Claim, read_claims
from accounts.statements import GivenMany, Question, insert_many
from accounts.twilio.credentials import TwilioCredentials
from phone.tokens.access_tokens import NothingToSignWith, Token, build_token
from phone.tokens.answers import TOKENS_PER_PERSON, TokenAnswer, build_body, build_row

NEEDED = (
    *("user__identity", "user__email", "user__password", "user__is_active", "user__is_staff"),
    *("credentials__api_key_sid", "credentials__api_key_secret", "credentials__auth_token"),
    *("credentials__twiml_app_sid", "credentials__region", "credentials__proven_until"),
    "credentials__account__account_sid",
)

MEMBERSHIPS = Question(
    lambda: (
        Membership.objects.filter(user__among=GivenMany("people", models.BigIntegerField()))
        .select_related("user", "credentials__account")
        .only(*NEEDED)
    )
)


@dataclass(frozen=True)
class Asked:
    """Somebody asks for a token: the person of an open socket, or whoever is signed in by `session_key`."""

    page_session: uuid.UUID | None
    user_id: int | None = None
    session_key: str = field(default="", repr=False)
    since: float = field(default_factory=time.perf_counter)


def answer_at_once(asked: Sequence[Asked]) -> list[TokenAnswer | None]:
    """The answer to each, a 200; None for whom it takes more. Their rows are committed."""
    found = find_credentials(asked)
    waits = TOKENS_PER_PERSON.take_many([one.person.identity for one in found.values()])
    issued = {}
    for (number, credentials), wait in zip(found.items(), waits, strict=True):
        token = None if wait else sign(credentials)
        if token is not None:
            issued[number] = token
    rows = [build_row(token, found[number], asked[number].page_session) for number, token in issued.items()]
    try:
        if rows:
            insert_many(rows, returning=["id"])
    except IntegrityError:
        # Somebody's account was deleted in that moment. Each by itself finds out whose.
        issued = {}
    for number in issued:
        TOKENS.labels(status="200", handed="asked").observe(time.perf_counter() - asked[number].since)
    return [
        TokenAnswer(200, build_body(issued[number], found[number])) if number in issued else None
        for number in range(len(asked))
    ]


def find_credentials(asked: Sequence[Asked]) -> dict[int, TwilioCredentials]:
    """The proven credentials of each who may have a token at once, by their number in `asked`."""
    sessions = read_claims({one.session_key for one in asked if one.session_key})
    whose = {number: find_person(one, sessions.get(one.session_key)) for number, one in enumerate(asked)}
    memberships = MEMBERSHIPS.ask(people={*whose.values()} - {None})
    of_person = {one.user_id: one for one in memberships}
    found = {}
    for number, one in enumerate(asked):
        person = whose[number]
        membership = of_person.get(person) if person else None
        if membership is not None and may_have_one(membership, sessions.get(one.session_key), one):
            found[number] = membership.credentials.fetched_for(membership.user)
    return found


def find_person(asked: Asked, session: Claim | None) -> int | None:
    return session.user_id if session else asked.user_id


def may_have_one(membership: Membership, session: Claim | None, asked: Asked) -> bool:
    user: User = membership.user
    if not membership.credentials.is_proven or not user.is_active:
        return False
    # A socket's session was looked at when it opened, and is watched.
    return not asked.session_key or (session is not None and session.is_of(user) and not is_required_of(user))


def sign(credentials: TwilioCredentials) -> Token | None:
    try:
        return build_token(credentials)
    except (NothingToSignWith, UnsealError):
        return None
