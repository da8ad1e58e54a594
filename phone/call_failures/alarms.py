"""Alarms about calls: those that fail for a reason of ours, and accounts of which no call gets through.

What the other side does (busy, declined, no answer) or the person who called (a wrong number, giving up) is
counted, and never a reason for an alarm.
"""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext, ngettext

from accounts.failures.alarms import WORDINGS, Alarm, build_list_address, raise_alarm
from accounts.failures.thresholds import get_thresholds
from accounts.masking import mask_sid
from phone.call_failures.blame import DEAD_ACCOUNTS, OURS
from phone.call_failures.groups import CallFailure, CallFailureGroup
from phone.causes.cause import build_cause
from phone.durations import describe_duration

MOST_COUNTED = 1000


def watch(pk: int) -> None:
    """Looks whether a failure that was just counted in the group `pk` is a reason for an alarm."""
    group = CallFailureGroup.objects.unresolved().select_related("account").filter(pk=pk).first()
    if group is None:
        return
    if group.cause in OURS:
        look_for_our_calls(group, timezone.now())
    if group.cause in DEAD_ACCOUNTS:
        look_for_dead_account(group, timezone.now())


def look_for_our_calls(group: CallFailureGroup, now: datetime) -> bool:
    limits = get_thresholds()
    since = now - timedelta(minutes=limits.minutes)
    groups = CallFailureGroup.objects.filter(cause=group.cause, last_seen_at__gte=since)
    failed = CallFailure.objects.filter(group__in=groups.order_by().values("pk"), failed_at__gte=since)
    calls = failed.order_by()[:MOST_COUNTED].count()
    if calls < limits.calls:
        return False
    return raise_alarm(
        kind=Alarm.Kind.OUR_CALLS,
        key=group.cause,
        facts={"calls": calls, "minutes": limits.minutes},
        address=build_list_address("callfailuregroup", app="phone", cause=group.cause),
        groups=groups,
        newest=CallFailureGroup.objects.filter(pk=group.pk),
        now=now,
    )


def say_our_calls(alarm: Alarm) -> str:
    minutes = alarm.facts["minutes"]
    reason = ngettext(
        "{calls} within {minutes} minute: {title}", "{calls} within {minutes} minutes: {title}", minutes
    )
    calls, title = count_calls(alarm.facts["calls"]), build_cause(alarm.key).title
    return reason.format(calls=calls, minutes=minutes, title=title)


def count_calls(calls: int) -> str:
    if calls >= MOST_COUNTED:
        return gettext("{count} calls or more").format(count=MOST_COUNTED)
    return ngettext("{count} call", "{count} calls", calls).format(count=calls)


def look_for_dead_account(group: CallFailureGroup, now: datetime) -> bool:
    """A call that gets through ends the group, and the next failure opens it anew: `opened_at`."""
    lasted = group.last_seen_at - group.opened_at
    if lasted < timedelta(minutes=get_thresholds().call_minutes):
        return False
    account = group.account
    this = CallFailureGroup.objects.filter(pk=group.pk)
    return raise_alarm(
        kind=Alarm.Kind.ACCOUNT_CALLS,
        key=account.account_sid,
        facts={"name": account.friendly_name, "seconds": lasted.total_seconds(), "cause": group.cause},
        address=build_list_address("callfailuregroup", app="phone", account=str(account.pk)),
        groups=this,
        newest=this,
        now=now,
    )


def say_account_calls(alarm: Alarm) -> str:
    facts = alarm.facts
    reason = gettext("No call of {name} ({account}) has got through for {duration}: {title}")
    return reason.format(
        name=facts["name"] or gettext("a Twilio account"),
        account=mask_sid(alarm.key),
        duration=describe_duration(timedelta(seconds=facts["seconds"])),
        title=build_cause(facts["cause"]).title,
    )


WORDINGS |= {Alarm.Kind.OUR_CALLS: say_our_calls, Alarm.Kind.ACCOUNT_CALLS: say_account_calls}
