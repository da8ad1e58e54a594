"""What an admin types to find somebody's trouble: an e-mail, the end of a SID, a code, a request id.

Each reading of the words is answered by an index; `icontains` over millions of rows is not.
"""

import re
import uuid

from django.db.models import Q, QuerySet
from django.db.models.functions import Right

from accounts.failure_groups import FailureGroup
from accounts.models import LoginFailure, User
from accounts.verdict_words import find_verdicts

TAIL = 4
MOST_PEOPLE = 50
SID = re.compile(r"[A-Z]{2}[0-9a-f]{32}", re.IGNORECASE)
SID_TAIL = re.compile(rf"(…|\.\.\.)?([0-9a-f]{{{TAIL},32}})", re.IGNORECASE)
CODE = re.compile(r"\d{3,6}")


def read_uuid(words: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(words)
    except ValueError:
        return None


def read_sid_tail(words: str) -> str:
    """The end of a SID as typed, with or without the dots before it; empty if it is none."""
    match = SID_TAIL.fullmatch(words)
    return match[2] if match else ""


def find_people(words: str) -> list[int]:
    """Keys of the people whose e-mail begins so, or whose name is that; at most fifty."""
    people = User.objects.filter(Q(email__startswith=words.lower()) | Q(name__iexact=words))
    return list(people.values_list("pk", flat=True)[:MOST_PEOPLE])


def search_login_failures(failures: QuerySet[LoginFailure], words: str) -> QuerySet[LoginFailure]:
    if (key := read_uuid(words)) is not None:
        return failures.filter(Q(page_session=key) | Q(pk=key))
    if SID.fullmatch(words):
        return failures.filter(account_sid=words)
    if words.upper().startswith("RQ"):
        return failures.filter(twilio_request_id__startswith=words)
    meanings = Q(user__in=find_people(words)) | Q(email__startswith=words)
    if CODE.fullmatch(words):
        meanings |= Q(twilio_code=int(words)) | Q(twilio_status=int(words))
    if verdicts := find_verdicts(words):
        meanings |= Q(verdict__in=verdicts)
    if tail := read_sid_tail(words):
        failures = failures.alias(sid_tail=Right("account_sid", TAIL))
        meanings |= Q(sid_tail=tail[-TAIL:], account_sid__endswith=tail)
    return failures.filter(meanings)


def search_failure_groups(groups: QuerySet[FailureGroup], words: str) -> QuerySet[FailureGroup]:
    if SID.fullmatch(words):
        return groups.filter(account_sid=words)
    meanings = Q(user__in=find_people(words)) | Q(email__startswith=words.lower())
    if CODE.fullmatch(words):
        meanings |= Q(twilio_code=int(words)) | Q(twilio_status=int(words))
    if verdicts := find_verdicts(words):
        meanings |= Q(verdict__in=verdicts)
    if tail := read_sid_tail(words):
        groups = groups.alias(sid_tail=Right("account_sid", TAIL))
        meanings |= Q(sid_tail=tail[-TAIL:], account_sid__endswith=tail)
    return groups.filter(meanings)
