"""How a person's credentials stand by their last check, and who hears of it when that changes.

A change from good to bad is told once: to open pages at once, and to the owner by e-mail; and once
more when they are good again. An outage changes nothing, so it tells nobody that they are wrong.
"""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.audit.journal import AccountEvent, record_account_event
from accounts.clients import ClientInfo
from accounts.failures.login_failures import LoginFailure
from accounts.failures.recording import record_login_failure
from accounts.push import CREDENTIALS_CHANGED, push_to_user
from accounts.twilio.credentials import PROOF_LIFETIME, TwilioCredentials
from accounts.twilio.notices import tell_stopped, tell_works_again
from accounts.verdicts.verdict import Verdict

# Judged, and yet nothing that the owner could mend, or that stops the phone.
NOT_THE_OWNERS = frozenset({"clock_skew", "trial_limit"})


def settle_check(
    credentials: TwilioCredentials,
    verdict: Verdict,
    *,
    client: ClientInfo,
    page_session: uuid.UUID | None = None,
    is_wanted: Callable[[], bool] = lambda: True,
) -> None:
    """Stores what a check found and records it, unless the credentials were changed meanwhile.

    `is_wanted`: whether a good outcome may still serve as a proof.
    """
    now = timezone.now()
    found: dict[str, Any] = {"verdict": verdict.code, "checked_at": now}
    if verdict.is_ok:
        found["proven_until"] = now + PROOF_LIFETIME if is_wanted() else None
    elif verdict.is_judged:
        found["proven_until"] = None
    if not find_unchanged(credentials).update(**found):
        return
    take_over(credentials, found)
    record_check(credentials, verdict, client, page_session)
    if verdict.is_ok:
        note_working(credentials)
    elif verdict.is_judged and verdict.code not in NOT_THE_OWNERS:
        note_stopped(credentials, verdict)


def find_unchanged(credentials: TwilioCredentials) -> Any:
    """The stored row, as long as it still is what was checked."""
    return TwilioCredentials.objects.filter(pk=credentials.pk, updated_at=credentials.updated_at)


def take_over(credentials: TwilioCredentials, found: Mapping[str, Any] | None) -> None:
    """Shows on the row at hand what is stored of it; None: it is not stored any more."""
    for name, value in (found or {}).items():
        setattr(credentials, name, value)


def record_check(
    credentials: TwilioCredentials, verdict: Verdict, client: ClientInfo, page_session: uuid.UUID | None
) -> None:
    account_sid = credentials.account.account_sid
    if verdict.is_ok:
        record_account_event(
            kind=AccountEvent.Kind.CHECK_PASSED,
            user=credentials.user,
            account_sid=account_sid,
            client=client,
            page_session=page_session,
        )
    else:
        record_login_failure(
            shown_by=LoginFailure.ShownBy.CHECK,
            verdict=verdict,
            user=credentials.user,
            account_sid=account_sid,
            client=client,
            page_session=page_session,
        )


def note_stopped(credentials: TwilioCredentials, verdict: Verdict) -> None:
    """Tells of it the first time; the database decides which of several checks was the first."""
    now, row = timezone.now(), find_unchanged(credentials)
    if row.filter(stopped_at=None).update(stopped_at=now, stopped_verdict=verdict.code):
        take_over(credentials, {"stopped_at": now, "stopped_verdict": verdict.code})
        push_to_user(credentials.user_id, {"type": "verdict", "verdict": verdict.as_json()})
    elif row.exclude(stopped_verdict=verdict.code).update(stopped_verdict=verdict.code):
        take_over(credentials, {"stopped_verdict": verdict.code})
    with transaction.atomic():
        if row.filter(owner_told_at=None).update(owner_told_at=now):
            tell_stopped(credentials, verdict)
            take_over(credentials, {"owner_told_at": now})


def note_working(credentials: TwilioCredentials) -> None:
    """What had stopped works again: pages begin anew, and an owner who was mailed hears of it."""
    row = find_unchanged(credentials)
    with transaction.atomic():
        if row.exclude(owner_told_at=None).update(owner_told_at=None):
            tell_works_again(credentials)
    has_changed = row.exclude(stopped_at=None).update(stopped_at=None, stopped_verdict="")
    take_over(credentials, {"stopped_at": None, "stopped_verdict": "", "owner_told_at": None})
    if has_changed:
        push_to_user(credentials.user_id, CREDENTIALS_CHANGED)
