"""What looks like misuse alarms: staff by an alarm, the owner by a letter, once; and it stops calls abroad.

They stay stopped until the owner or staff allow them again (`changing.py: release`).
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.failures.alarms import WORDINGS, Alarm, build_list_address, raise_alarm
from accounts.languages import speaking_to
from accounts.letters import post
from accounts.masking import get_sid_tail, mask_sid
from accounts.people import User
from phone.calling_limits.calling_limits import CallingLimits, record_limits_change
from phone.calling_limits.owner import get_owner
from phone.calling_limits.patterns import WITHIN, Attempt, find_pattern
from phone.calling_limits.placed_calls import PlacedCall

# Calls abroad that go on without being stopped are told of again after so long.
QUIET = timedelta(hours=6)
# Nobody's fingers make more in an hour.
MOST_SEEN = 500
PATTERNS = {
    "sequential": _("numbers abroad that follow one another"),
    "short_calls": _("many short calls to one range of numbers abroad"),
    "new_numbers": _("many numbers abroad that had never been called before"),
    "refused": _("many numbers abroad that are not allowed"),
    "night": _("new numbers abroad by night"),
}


def look_for_pattern(row: CallingLimits, person: User, now: datetime) -> bool:
    """Whether what `person` has called abroad within the hour stops calls abroad now. `row` is locked."""
    if row.stopped_at is not None or (row.alarmed_at is not None and now - row.alarmed_at < QUIET):
        return False
    found = find_pattern(
        list_attempts(row, person, now),
        new_numbers=row.alarm_new_numbers,
        time_zone=row.time_zone,
        now=now,
    )
    if not found:
        return False
    alarm(row, person, found, now)
    return row.stops_on_alarm


def list_attempts(row: CallingLimits, person: User, now: datetime) -> list[Attempt]:
    """What was asked for since the hour began, or since calls abroad were allowed again."""
    since = max(now - WITHIN, row.released_at or now - WITHIN)
    rows = PlacedCall.objects.filter(account=row.account, person=person, is_abroad=True, begun_at__gt=since)
    return [
        Attempt(one.begun_at, one.number, one.is_new, not one.refused_for, one.seconds)
        for one in rows.order_by("-begun_at")[:MOST_SEEN]
    ]


def alarm(row: CallingLimits, person: User, pattern: str, now: datetime) -> None:
    row.alarmed_at = now
    row.stopped_for = {"pattern": pattern, "email": person.email}
    if row.stops_on_alarm:
        row.stopped_at = now
        record_limits_change(
            account=row.account,
            by=None,
            before={"calls_abroad": "allowed"},
            after={"calls_abroad": "stopped", **row.stopped_for},
        )
    row.save(update_fields=["alarmed_at", "stopped_for", "stopped_at"])
    raise_alarm(
        kind=Alarm.Kind.TOLL_FRAUD,
        key=row.account.account_sid,
        facts={
            "name": row.account.friendly_name,
            "pattern": pattern,
            "email": person.email,
            "is_stopped": row.stops_on_alarm,
        },
        address=build_list_address("callinglimits", app="phone", account=str(row.account.pk)),
        now=now,
        is_news=True,
    )
    write_to_owner(row, person, pattern)


def write_to_owner(row: CallingLimits, person: User, pattern: str) -> None:
    owner = get_owner(row.account)
    # Staff are alarmed in any case.
    if owner is None or not owner.is_active:
        return
    with speaking_to(owner):
        facts: dict[str, Any] = {
            "person": person.display_name,
            "email": person.email,
            "what": str(PATTERNS[pattern]),
            "is_stopped": row.stops_on_alarm,
            "account_tail": get_sid_tail(row.account.account_sid),
            "link": settings.PUBLIC_URL + reverse("calling_limits"),
        }
        text = render_to_string("phone/email/calls_abroad.txt", facts)
        message = EmailMessage(gettext("Calls abroad that look like misuse"), text, to=[owner.email])
    post(message, about=f"calling_limits:{row.pk}")


def say_toll_fraud(alarm: Alarm) -> str:
    facts = alarm.facts
    reason = (
        gettext("{name} ({account}): {what}, by {email}. Calls abroad are stopped.")
        if facts["is_stopped"]
        else gettext("{name} ({account}): {what}, by {email}.")
    )
    return reason.format(
        name=facts["name"] or gettext("a Twilio account"),
        account=mask_sid(alarm.key),
        what=PATTERNS[facts["pattern"]],
        email=facts["email"],
    )


WORDINGS |= {Alarm.Kind.TOLL_FRAUD: say_toll_fraud}
