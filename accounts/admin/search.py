"""What an admin types to find somebody's trouble: an e-mail, the end of a SID, a code, a request id.

Words are read one way after the other, and the first reading that finds anything counts: each alone
is answered by an index that is already in the list's order, which an OR of them, or `icontains`,
over millions of rows is not.
"""

import re
import uuid
from collections.abc import Iterator
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Right

from accounts.failures.groups import FailureGroup
from accounts.failures.login_failures import LoginFailure
from accounts.masking import SID_TAIL, get_sid_tail
from accounts.people import User
from accounts.verdicts.words import find_verdicts

MOST_PEOPLE = 50
SID = re.compile(r"[A-Z]{2}[0-9a-f]{32}", re.IGNORECASE)
TYPED_SID_TAIL = re.compile(rf"(?:…|\.\.\.)?([0-9a-f]{{{SID_TAIL},32}})", re.IGNORECASE)
CODE = re.compile(r"\d{3,6}")


def read_uuid(words: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(words)
    except ValueError:
        return None


def read_sid_tail(words: str) -> str:
    """The end of a SID as typed, with or without the dots before it; empty if it is none."""
    match = TYPED_SID_TAIL.fullmatch(words)
    return match[1] if match else ""


def find_people(words: str) -> list[int]:
    """Keys of the people whose e-mail begins so, or whose name is that; at most fifty."""
    people = User.objects.filter(Q(email__startswith=words.lower()) | Q(name__iexact=words))
    return list(people.values_list("pk", flat=True)[:MOST_PEOPLE])


def filter_by_tail(rows: QuerySet[Any], field: str, tail: str) -> QuerySet[Any]:
    """The rows whose SID in `field` ends so, by the index on its last four characters."""
    return rows.alias(sid_tail=Right(field, SID_TAIL)).filter(
        **{"sid_tail": get_sid_tail(tail), f"{field}__endswith": tail}
    )


def read_person(rows: QuerySet[Any], words: str) -> Iterator[QuerySet[Any]]:
    """As a page session or as a person, in a table that has `page_session` and `user`."""
    if (key := read_uuid(words)) is not None:
        yield rows.filter(page_session=key)
    if people := find_people(words):
        yield rows.filter(user__in=people)


def read_person_or_email(rows: QuerySet[Any], words: str) -> Iterator[QuerySet[Any]]:
    """The same where the row has an `email` of its own, which stays when the person has gone."""
    yield from read_person(rows, words)
    yield rows.filter(email=words.lower())


def take_first(readings: Iterator[QuerySet[Any]], rows: QuerySet[Any]) -> QuerySet[Any]:
    """The first reading that finds anything; else nothing at all."""
    return next((found for found in readings if found.order_by()[:1].exists()), rows.none())


def search_login_failures(failures: QuerySet[LoginFailure], words: str) -> QuerySet[LoginFailure]:
    if (key := read_uuid(words)) is not None:
        return failures.filter(Q(page_session=key) | Q(pk=key))
    if SID.fullmatch(words):
        return failures.filter(account_sid=words)
    if words.upper().startswith("RQ"):
        return failures.filter(twilio_request_id__startswith=words)
    return take_first(read_failure(failures, words), failures)


def search_failure_groups(groups: QuerySet[FailureGroup], words: str) -> QuerySet[FailureGroup]:
    if SID.fullmatch(words):
        return groups.filter(account_sid=words)
    return take_first(read_failure(groups, words.lower()), groups)


def read_failure(rows: QuerySet[Any], words: str) -> Iterator[QuerySet[Any]]:
    """As a code, a person, an e-mail that nobody has, a verdict, the end of an Account SID."""
    if CODE.fullmatch(words):
        yield rows.filter(twilio_code=int(words))
        yield rows.filter(twilio_status=int(words))
    if people := find_people(words):
        yield rows.filter(user__in=people)
    yield rows.filter(email__startswith=words)
    if verdicts := find_verdicts(words):
        yield rows.filter(verdict__in=verdicts)
    if tail := read_sid_tail(words):
        yield filter_by_tail(rows, "account_sid", tail)
