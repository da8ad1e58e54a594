"""Every failed login, recorded: at the check, in the Device, at sign-in.

Named fields only: when, who, from where, why, and what Twilio said; never what was typed as a
secret, and never the request.
"""

import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.clients import ClientInfo
from accounts.failures.alarms import watch_after_commit
from accounts.failures.groups import note_failure
from accounts.failures.login_failures import LoginFailure
from accounts.people import User
from accounts.verdicts.verdict import Verdict, build_verdict

THROTTLED_PERIOD = timedelta(minutes=1)


def record_login_failure(
    *,
    shown_by: str,
    verdict: Verdict,
    user: User | None = None,
    email: str = "",
    account_sid: str = "",
    client: ClientInfo | None = None,
    page_session: uuid.UUID | None = None,
) -> LoginFailure:
    """Writes one row and counts it in its group. `shown_by` is one of LoginFailure.ShownBy."""
    client = client or ClientInfo()
    failure = LoginFailure(
        shown_by=shown_by,
        verdict=verdict.code,
        user=user,
        email=(email or (user.email if user else ""))[:254],
        account_sid=account_sid[:64],
        twilio_status=verdict.twilio.status,
        twilio_code=verdict.twilio.code,
        twilio_message=verdict.twilio.message,
        twilio_request_id=verdict.twilio.request_id[:64],
        page_session=page_session,
        ip_address=client.ip_address,
        user_agent=client.user_agent,
    )
    with transaction.atomic():
        failure.save(force_insert=True)
        note_failure(failure)
        watch_after_commit(failure)
    return failure


def record_sign_in_failure(*, email: str, client: ClientInfo) -> LoginFailure:
    """A sign-in to Dog n Bone with an unknown address or a wrong password."""
    return record_login_failure(
        shown_by=LoginFailure.ShownBy.SIGN_IN,
        verdict=build_verdict("sign_in_failed"),
        user=User.objects.filter(email=email.lower()).first(),
        email=email,
        client=client,
    )


def record_second_factor_failure(*, user: User | None, client: ClientInfo) -> LoginFailure:
    """A code or a passkey that was not right; of nobody known where it was to stand for the password, too."""
    return record_login_failure(
        shown_by=LoginFailure.ShownBy.SIGN_IN,
        verdict=build_verdict("second_factor_failed"),
        user=user,
        client=client,
    )


def record_throttled_sign_in(*, email: str, client: ClientInfo) -> LoginFailure:
    """A sign-in that was turned away unread.

    One row a minute counts them for each person and address; unknown people count as one, so that
    a flood of made-up names stays one row too.
    """
    user = User.objects.filter(email=email.lower()).first()
    with transaction.atomic():
        row = (
            LoginFailure.objects.select_for_update(of=("self",))
            .filter(
                verdict="sign_in_throttled",
                user=user,
                ip_address=client.ip_address,
                failed_at__gt=timezone.now() - THROTTLED_PERIOD,
            )
            .first()
        )
        if row:
            LoginFailure.objects.filter(pk=row.pk).update(count=F("count") + 1)
            note_failure(row)
            return row
        return record_login_failure(
            shown_by=LoginFailure.ShownBy.SIGN_IN,
            verdict=build_verdict("sign_in_throttled"),
            user=user,
            email=email,
            client=client,
        )
