"""Changes a company's limits, and keeps who changed what: its owner in the settings, staff in the admin."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.audit.journal import AccountEvent, record_account_event
from accounts.clients import ClientInfo
from accounts.failures.alarms import Alarm
from accounts.letters import withdraw
from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from phone.calling_limits.calling_limits import FIELDS, CallingLimits, lock_limits, record_limits_change


@transaction.atomic
def change_limits(
    *, account: TwilioAccount, by: User, wanted: Mapping[str, Any], client: ClientInfo | None = None
) -> bool:
    """Sets those of FIELDS that are `wanted`; whether any is another than before."""
    row = lock_limits(account)
    before = {name: getattr(row, name) for name in wanted if name in FIELDS}
    after = {name: wanted[name] for name in before if before[name] != wanted[name]}
    if not after:
        return False
    for name, value in after.items():
        setattr(row, name, value)
    row.save(update_fields=list(after))
    note(row, by, {name: before[name] for name in after}, after, client)
    return True


@transaction.atomic
def change_country(
    *, account: TwilioAccount, by: User, country: str, is_allowed: bool, client: ClientInfo | None = None
) -> bool:
    """Allows calls to one country, or does so no more; whether that is another than before."""
    row = lock_limits(account)
    countries = sorted({*row.countries, country} if is_allowed else {*row.countries} - {country})
    return change_limits(account=account, by=by, wanted={"countries": countries}, client=client)


@transaction.atomic
def release(account: TwilioAccount, by: User, client: ClientInfo | None = None) -> bool:
    """Allows calls abroad again that an alarm has stopped; whether they were."""
    row = lock_limits(account)
    if row.stopped_at is None:
        return False
    row.stopped_at, row.released_at, row.alarmed_at = None, timezone.now(), None
    row.save(update_fields=["stopped_at", "released_at", "alarmed_at"])
    withdraw(f"calling_limits:{row.pk}")
    Alarm.objects.filter(kind=Alarm.Kind.TOLL_FRAUD, key=account.account_sid).dismiss(by)
    note(row, by, {"calls_abroad": "stopped"}, {"calls_abroad": "allowed"}, client)
    return True


def note(
    row: CallingLimits, by: User, before: dict[str, Any], after: dict[str, Any], client: ClientInfo | None
) -> None:
    record_limits_change(account=row.account, by=by, before=before, after=after)
    record_account_event(
        kind=AccountEvent.Kind.LIMITS_CHANGED, user=by, account_sid=row.account.account_sid, client=client
    )
