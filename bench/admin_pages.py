"""The admin's pages over ten million Device events and a million login failures in PostgreSQL.

Each page is asked for through the whole of Django in this process, for other people and other
words every time, and stands beside the limit of 200 ms at p95 and, where there is one, beside the
same list in stock ModelAdmin on the same rows. `BENCH_EVENTS` makes it smaller; a `BENCH_DATABASE_URL`
names a PostgreSQL that is filled once and kept.
"""

import os
import random
import subprocess
import sys
from collections.abc import Callable
from itertools import count

from bench.lists import ROUNDS, WARM_UP, measure_pages, sign_in

LIMIT = 200.0
EVENTS = int(os.environ.get("BENCH_EVENTS", "10_000_000"))
FAILURES = EVENTS // 10


def run() -> None:
    """Starts a PostgreSQL of its own, and measures in a process of its own that has it as its database."""
    from tests.machine import find_postgresql
    from tests.servers import run_postgresql

    print(
        f"\nThe admin over {EVENTS:,} Device events and {FAILURES:,} login failures, PostgreSQL", flush=True
    )
    if kept := os.environ.get("BENCH_DATABASE_URL"):
        measure_in_child(kept)
    elif find_postgresql():
        with run_postgresql() as database_url:
            measure_in_child(database_url)
    else:
        print("  not measured: PostgreSQL is not installed")


def measure_in_child(database_url: str) -> None:
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        "LOG_LEVEL": "ERROR",
    }
    subprocess.run([sys.executable, "-m", "bench.admin_pages"], env=environment, check=True)


def main() -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from accounts.failures.login_failures import LoginFailure
    from accounts.people import User
    from bench.audit_rows import seed

    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", verbosity=0)
    if not LoginFailure.objects.exists():
        seed(EVENTS, FAILURES)
    admin, _ = User.objects.get_or_create(
        email="bench-admin@example.com", defaults={"is_staff": True, "is_superuser": True}
    )
    measure_pages(sign_in(admin), build_pages(), build_stock_pages(), LIMIT)


FAILURE_LIST = "/admin/accounts/loginfailure/"
GROUP_LIST = "/admin/accounts/failuregroup/"
EVENT_LIST = "/admin/phone/deviceevent/"


def build_pages() -> dict[str, Callable[[int], str]]:
    """Each page's name, and its address for the nth time it is asked for."""
    from accounts.failures.groups import FailureGroup
    from accounts.failures.login_failures import LoginFailure

    dice = random.Random(7)
    slots = [0.98 * dice.random() for _ in range(ROUNDS + WARM_UP)]
    newest, oldest = (
        LoginFailure.objects.order_by("-failed_at")[0],
        LoginFailure.objects.order_by("failed_at")[0],
    )
    span = newest.failed_at - oldest.failed_at
    some = [LoginFailure.objects.filter(failed_at__lte=newest.failed_at - span * slot)[0] for slot in slots]
    checked = LoginFailure.objects.exclude(twilio_request_id="")
    requests = [
        checked.filter(failed_at__lte=newest.failed_at - span * slot)[0].twilio_request_id for slot in slots
    ]
    groups = list(
        FailureGroup.objects.order_by("-last_seen_at").values_list("pk", flat=True)[: ROUNDS + WARM_UP]
    )
    verdicts = ("browser_network", "wrong_auth_token", "unclear", "malformed")
    day = newest.failed_at.date().isoformat()
    return {
        "overview": lambda n: "/admin/",
        "who is online": lambda n: "/admin/live/",
        "failure groups": lambda n: GROUP_LIST,
        "failure groups, all, by verdict": lambda n: f"{GROUP_LIST}?state=all&verdict={verdicts[n % 4]}",
        "failure groups, one opened": lambda n: f"{GROUP_LIST}?state=all&open={groups[n]}",
        "failure groups, seen today and nobody's": lambda n: f"{GROUP_LIST}?seen=day&assigned=nobody",
        "failure groups, by e-mail": lambda n: f"{GROUP_LIST}?state=all&q=person{n * 97 % 5000}@",
        "login failures": lambda n: FAILURE_LIST,
        "login failures, page 25": lambda n: f"{FAILURE_LIST}?reviewed=all&p=25",
        "login failures, by verdict": lambda n: f"{FAILURE_LIST}?reviewed=all&verdict={verdicts[n % 4]}",
        "login failures, reviewed": lambda n: f"{FAILURE_LIST}?reviewed=yes",
        "login failures, of today": lambda n: (
            f"{FAILURE_LIST}?reviewed=all&failed_at__gte={day}+00:00:00%2B00:00"
        ),
        "login failures, by e-mail": lambda n: f"{FAILURE_LIST}?reviewed=all&q={some[n].email}",
        "login failures, by SID tail": lambda n: (
            f"{FAILURE_LIST}?reviewed=all&q={some[n].account_sid[-6:] or 'beef'}"
        ),
        "login failures, by code": lambda n: f"{FAILURE_LIST}?reviewed=all&q={(20003, 20429, 31005)[n % 3]}",
        "login failures, by request id": lambda n: f"{FAILURE_LIST}?reviewed=all&q={requests[n]}",
        "one login failure": lambda n: f"{FAILURE_LIST}{some[n].pk}/change/",
        "Device events": lambda n: EVENT_LIST,
        "Device events, by state": lambda n: (
            f"{EVENT_LIST}?state__exact={('error', 'ready', 'offline')[n % 3]}"
        ),
        "Device events, by e-mail": lambda n: f"{EVENT_LIST}?q={some[n].email}",
        "Device events, by SID tail": lambda n: f"{EVENT_LIST}?q={some[n].account_sid[-6:] or 'beef'}",
        "Device events, by code": lambda n: f"{EVENT_LIST}?q=31005",
        "Device events, by page session": lambda n: f"{EVENT_LIST}?q={some[n].page_session}",
        "timeline of a page": lambda n: f"/admin/timeline/page/{some[n].page_session}/",
        "timeline of a person": lambda n: (
            f"/admin/timeline/person/{some[n].user_id}/?at={some[n].failed_at:%Y-%m-%dT%H:%M:%S}"
        ),
        "timeline of a person, failures only": lambda n: (
            f"/admin/timeline/person/{some[n].user_id}/?at={some[n].failed_at:%Y-%m-%dT%H:%M:%S}&kind=failure"
        ),
    }


def build_stock_pages() -> dict[str, Callable[[int], str]]:
    failures, events = "/stock/accounts/loginfailure/", "/stock/phone/deviceevent/"
    numbers = count(1)
    return {
        "login failures": lambda n: failures,
        "login failures, by verdict": lambda n: f"{failures}?verdict=wrong_auth_token",
        "login failures, by e-mail": lambda n: f"{failures}?q=person{next(numbers) * 31}@example.com",
        "login failures, by code": lambda n: f"{failures}?q=20003",
        "Device events": lambda n: events,
        "Device events, by state": lambda n: f"{events}?state__exact=error",
        "Device events, by e-mail": lambda n: f"{events}?q=person{next(numbers) * 31}@example.com",
    }


if __name__ == "__main__":
    main()
