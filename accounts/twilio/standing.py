"""How a person's credentials stand by their last check, and who hears of it when that changes.

A change from good to bad is told once: to open pages at once, and to the owner by e-mail; and once
more when they are good again. An outage changes nothing, so it tells nobody that they are wrong.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.audit.journal import AccountEvent, record_account_event
from accounts.clients import ClientInfo
from accounts.company.memberships import list_people_on
from accounts.company.remedies import word_for
from accounts.failures.login_failures import LoginFailure
from accounts.failures.recording import record_login_failure
from accounts.languages import speaking_to
from accounts.push import CREDENTIALS_CHANGED, push_to_user
from accounts.twilio.credentials import PROOF_LIFETIME, TwilioCredentials
from accounts.twilio.notices import tell_stopped, tell_works_again
from accounts.verdicts.verdict import Verdict

# Judged, and yet nothing that the owner could mend, or that stops the phone.
NOT_THE_OWNERS = frozenset({"clock_skew", "trial_limit"})


@transaction.atomic
def settle_check(
    credentials: TwilioCredentials,
    verdict: Verdict,
    *,
    client: ClientInfo,
    page_session: uuid.UUID | None = None,
) -> None:
    """Records what a check found, and stores what follows from it: all of it, or nothing.

    `credentials` is the row as it was when the check began. Of credentials that were replaced since
    nothing is kept. Where something has spoken against them since, the outcome is on record and
    decides nothing: whoever doubts them has them checked anew.
    """
    stored = lock_unchanged(credentials)
    if stored is None:
        return
    record_check(credentials, verdict, client, page_session)
    if stored["proof_version"] != credentials.proof_version:
        return
    found = judge_standing(stored, verdict)
    TwilioCredentials.objects.filter(pk=credentials.pk).update(**found)
    take_over(credentials, found)
    tell(credentials, verdict, stored)


def lock_unchanged(credentials: TwilioCredentials) -> Mapping[str, Any] | None:
    """What is stored, as long as it still is what was checked; nobody else changes it until commit."""
    rows = TwilioCredentials.objects.select_for_update().filter(
        pk=credentials.pk, updated_at=credentials.updated_at
    )
    return rows.values("proof_version", "stopped_at", "owner_told_at").first()


def take_over(credentials: TwilioCredentials, found: Mapping[str, Any] | None) -> None:
    """Shows on the row at hand what is stored of it; None: it is not stored any more."""
    for name, value in (found or {}).items():
        setattr(credentials, name, value)


def judge_standing(stored: Mapping[str, Any], verdict: Verdict) -> dict[str, Any]:
    """The fields that a check's outcome changes. An outage takes no proof away."""
    now = timezone.now()
    found: dict[str, Any] = {"verdict": verdict.code, "checked_at": now}
    if verdict.is_ok:
        found["proven_until"] = now + PROOF_LIFETIME
        found |= {"stopped_at": None, "stopped_verdict": "", "owner_told_at": None}
    elif verdict.is_judged:
        found["proven_until"] = None
        if is_owners_matter(verdict):
            found["stopped_verdict"] = verdict.code
            for name in ("stopped_at", "owner_told_at"):
                found[name] = stored[name] or now
    return found


def is_owners_matter(verdict: Verdict) -> bool:
    """Whether the phone has stopped for something that its owner could mend."""
    return not verdict.is_ok and verdict.is_judged and verdict.code not in NOT_THE_OWNERS


def tell(credentials: TwilioCredentials, verdict: Verdict, before: Mapping[str, Any]) -> None:
    """Tells pages and owner what they have not been told yet, once all of it is committed."""
    if is_owners_matter(verdict):
        if before["stopped_at"] is None:
            for person in list_people_on(credentials):
                theirs = word_for(verdict, credentials, person)
                with speaking_to(person):
                    frame = {"type": "verdict", "verdict": theirs.as_json()}
                push_to_user(person.pk, frame)
        if before["owner_told_at"] is None:
            tell_stopped(credentials, verdict)
    elif verdict.is_ok:
        # What had stopped works again: pages begin anew, and an owner who was mailed hears of it.
        if before["stopped_at"] is not None:
            for person in list_people_on(credentials):
                push_to_user(person.pk, CREDENTIALS_CHANGED)
        if before["owner_told_at"] is not None:
            tell_works_again(credentials)


def record_check(
    credentials: TwilioCredentials, verdict: Verdict, client: ClientInfo, page_session: uuid.UUID | None
) -> None:
    account_sid = credentials.account.account_sid
    if verdict.is_ok:
        record_account_event(
            kind=AccountEvent.Kind.CHECK_PASSED,
            user=credentials.person,
            account_sid=account_sid,
            client=client,
            page_session=page_session,
        )
    else:
        record_login_failure(
            shown_by=LoginFailure.ShownBy.CHECK,
            verdict=verdict,
            user=credentials.person,
            account_sid=account_sid,
            client=client,
            page_session=page_session,
        )
