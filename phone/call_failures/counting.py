"""Counts a failed call in its group, once; and ends the groups that a call has disproved.

It hears of each cause that is found (`phone/causes/keeping.py`), within the transaction that stores it. A
cause that becomes clearer later takes its call along from one group to the other; a call that turns out to
have been none of the failed is counted no more.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.dispatch import receiver
from django.utils import timezone

from accounts.failures.grouping import count_one, take_back_one
from accounts.statements import Given, Question
from phone.call_failures.alarms import watch
from phone.call_failures.blame import DISPROVABLE, FAILURES, GOT_THROUGH
from phone.call_failures.groups import CallFailure, CallFailureGroup
from phone.calls.call import Call
from phone.calls.changes import call_changed
from phone.causes.keeping import cause_found

# The row that says that a call was counted is kept for 90 days; a call so old is not counted any more.
COUNTED_WITHIN = timedelta(days=30)


@receiver(cause_found, dispatch_uid="count_failure")
def note_cause(sender: object, call: Call, **kwargs: Any) -> None:
    """Counts the call, for the first time or as of another cause than before; or no more."""
    with transaction.atomic(savepoint=False):
        counted = COUNTED.ask_first(call=call.pk)
        if counted is None:
            if call.cause in FAILURES and call.started_at > timezone.now() - COUNTED_WITHIN:
                count(call, call.ended_at or timezone.now())
        elif counted.group.cause != call.cause:
            counted.delete()
            if call.cause in FAILURES:
                count(call, counted.failed_at)
            take_back_one(counted.group, at=counted.failed_at)
    if call.cause in GOT_THROUGH:
        note_success(call)


@receiver(call_changed, dispatch_uid="note_answer")
def note_answer(sender: object, call: Call, **kwargs: Any) -> None:
    """A call that is talked on has got through, long before it is over."""
    if call.answered_at is not None and call.ended_at is None:
        note_success(call)


COUNTED = Question(
    lambda: (
        CallFailure.objects.select_related("group").filter(call=Given("call", models.UUIDField())).order_by()
    )
)


def count(call: Call, at: datetime) -> None:
    group, _ = CallFailureGroup.objects.select_for_update().get_or_create(
        account_id=call.account_id,
        cause=call.cause,
        defaults={"opened_at": at, "first_seen_at": at, "last_seen_at": at, "last_call": call},
    )
    CallFailure.objects.create(call=call, group=group, failed_at=at)
    is_over = call.cause in DISPROVABLE and is_disproved(call, at)
    newest = {"last_call": call} if at >= group.last_seen_at else {}
    came_back = count_one(group, at=at, may_reopen=not is_over, **newest)
    this = CallFailureGroup.objects.filter(pk=group.pk)
    if came_back:
        this.update(opened_at=at)
    if is_over:
        this.filter(last_call=call).resolve()
    elif call.cause in DISPROVABLE:
        # An alarm that goes wrong must not undo, or seem to undo, what the call has become.
        transaction.on_commit(lambda: watch(group.pk), robust=True)


def is_disproved(call: Call, at: datetime) -> bool:
    """Whether a call that began after this one had failed got through: the news of this one came late."""
    later = Call.objects.filter(account=call.account_id, direction=call.direction, started_at__gt=at)
    return later.exclude(answered_at=None).exclude(cause__in=DISPROVABLE).exists()


def note_success(call: Call) -> None:
    """A call that got through shows that what ended those before it in the same direction is mended.

    A call that comes in takes another way than one that goes out: it shows nothing of the TwiML App.
    """
    given = {"account": call.account_id, "direction": call.direction, "begun": call.started_at}
    # Mostly there is none, and nothing to write.
    disproved = [key for (key,) in DISPROVED.ask_values(**given)]
    if disproved:
        CallFailureGroup.objects.filter(pk__in=disproved, last_seen_at__lt=call.started_at).resolve()


def build_disproved() -> Any:
    groups = CallFailureGroup.objects.unresolved().filter(
        account=Given("account", models.UUIDField()),
        cause__in=DISPROVABLE,
        last_call__direction=Given("direction", models.CharField()),
        last_seen_at__lt=Given("begun", models.DateTimeField()),
    )
    return groups.order_by().values_list("pk")


DISPROVED: "Question[Any]" = Question(build_disproved)
