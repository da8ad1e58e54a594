"""What the database knows, asked once for each scrape: a few queries, each answered by an index.

They are about all processes and workers, so that every process tells the same and none is to be added up.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Case, Count, IntegerField, Max, Q, Sum, Value, When
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from prometheus_client.core import GaugeMetricFamily, Metric

from accounts.audit.months import find_missing
from accounts.failures.alarms import Alarm
from accounts.failures.login_failures import LoginFailure
from accounts.tasks.settling import get_oldest_waiting_seconds
from phone.calls.call import Call
from phone.device.events import DeviceEvent
from phone.device.presence import SILENT_AFTER, DevicePresence

# Long enough that no scrape misses anything, short enough that what is over is soon gone.
LATELY = timedelta(minutes=10)
# Of all queries together.
STATEMENT_MILLISECONDS = 2000
# A person's best page counts, in this order.
STATES = (
    DeviceEvent.State.READY,
    DeviceEvent.State.CONNECTING,
    DeviceEvent.State.ERROR,
    DeviceEvent.State.OFFLINE,
)


def ask_database() -> list[Metric]:
    """Raises django.db.Error where the database does not answer, or not in time."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {STATEMENT_MILLISECONDS}")
        return list(collect())


def collect() -> Iterator[Metric]:
    yield count_seats()
    yield count_login_failures()
    yield count_calls()
    yield count_calls_going_on()
    yield count_alarms()
    waiting = GaugeMetricFamily("dognbone_tasks_waiting", "Tasks that are due and that no worker has begun.")
    waiting.add_metric([], count_waiting_tasks())
    yield waiting
    oldest = GaugeMetricFamily(
        "dognbone_oldest_task_seconds", "For how long the task has waited that waits the longest; 0: none."
    )
    oldest.add_metric([], get_oldest_waiting_seconds())
    yield oldest
    months = GaugeMetricFamily(
        "dognbone_months_missing", "Tables without a part for the month that comes; 0: the clock makes them."
    )
    months.add_metric([], len(find_missing(connection)))
    yield months


def count_seats() -> Metric:
    """People with a page open, each once."""
    ranks = {state: len(STATES) - place for place, state in enumerate(STATES)}
    alive = DevicePresence.objects.filter(last_alive_at__gt=timezone.now() - SILENT_AFTER)
    rank = Case(
        *(When(state=state, then=Value(number)) for state, number in ranks.items()),
        default=Value(0),
        output_field=IntegerField(),
    )
    people = alive.order_by().values("user").annotate(best=Max(rank))
    counts = people.aggregate(
        **{str(state): Count("best", filter=Q(best=number)) for state, number in ranks.items()}
    )
    family = GaugeMetricFamily(
        "dognbone_seats", "People whose phone's page is open, by the best state of theirs.", labels=["state"]
    )
    return fill(family, counts.items())


def count_login_failures() -> Metric:
    lately = LoginFailure.objects.filter(failed_at__gt=timezone.now() - LATELY)
    family = GaugeMetricFamily(
        "dognbone_login_failures_lately",
        "Logins that failed within the last ten minutes, by verdict and by where it was shown.",
        labels=["verdict", "shown_by"],
    )
    rows = lately.order_by().values_list("verdict", "shown_by").annotate(times=Sum("count"))
    return fill(family, (((verdict, shown_by), times) for verdict, shown_by, times in rows))


def count_calls() -> Metric:
    lately = Call.objects.filter(started_at__gt=timezone.now() - LATELY)
    family = GaugeMetricFamily(
        "dognbone_calls_lately",
        "Calls that began within the last ten minutes, by direction and what they came to; "
        "going_on: nothing yet.",
        labels=["direction", "cause"],
    )
    rows = lately.order_by().values_list("direction", "cause").annotate(number=Count("pk"))
    return fill(family, (((direction, cause or "going_on"), number) for direction, cause, number in rows))


def count_calls_going_on() -> Metric:
    family = GaugeMetricFamily(
        "dognbone_calls_going_on", "Calls that have not ended, by direction.", labels=["direction"]
    )
    counts = dict.fromkeys(Call.Direction.values, 0)
    rows = Call.objects.filter(ended_at=None).order_by().values_list("direction")
    counts |= dict(rows.annotate(number=Count("pk")))
    return fill(family, counts.items())


def count_alarms() -> Metric:
    family = GaugeMetricFamily(
        "dognbone_alarms_standing", "Alarms that nobody has dismissed or resolved, by kind.", labels=["kind"]
    )
    counts = dict.fromkeys(Alarm.Kind.values, 0)
    rows = Alarm.objects.standing().order_by().values_list("kind").annotate(number=Count("pk"))
    counts |= dict(rows)
    return fill(family, counts.items())


def count_waiting_tasks() -> int:
    return DBTaskResult.objects.ready().order_by().count()


def fill(family: GaugeMetricFamily, counts: Any) -> Metric:
    for labels, number in counts:
        family.add_metric([str(one) for one in (labels if isinstance(labels, tuple) else (labels,))], number)
    return family
