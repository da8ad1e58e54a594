"""A person's recent calls, a hundred thousand of them, beside the limit of 100 ms: on SQLite and PostgreSQL.

Each answer is the pane's fragment, as the page asks for it, signed in; searches for other words every time.
`BENCH_CALLS` makes it smaller.
"""

import os
import random
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from bench.databases import measure_on_each, set_up
from bench.lists import ROUNDS, WARM_UP, measure_pages, sign_in
from bench.timing import tell

if TYPE_CHECKING:
    from accounts.people import User
    from accounts.twilio.credentials import TwilioAccount

LIMIT = 100.0
CALLS = int(os.environ.get("BENCH_CALLS", "100_000"))
# Others' calls in the same table.
OTHERS = CALLS // 10
BATCH = 5000
NAMES = ("Anna", "Ben", "Carla", "Dev", "Ella", "Femi", "Greta", "Hugo", "Ines", "Jonas")
NOTES = ("called about the invoice", "wants the blue one", "rings again on Thursday", "sent the offer")


def run() -> None:
    measure_on_each("bench.recent_calls", f"Recent calls, {CALLS:,} of one person")


def main() -> None:
    database = set_up()
    begun = time.perf_counter()
    person = seed()
    tell(f"{database}: written", f"in {time.perf_counter() - begun:.0f} s")
    pages = build_addresses(person)
    measure_pages(sign_in(person, hx_request="true"), pages, build_stock(person), LIMIT, f"{database}: ")


def seed() -> "User":
    """The person."""
    from django.db import connection

    from accounts.people import User
    from accounts.twilio.credentials import TwilioAccount, TwilioCredentials

    account = TwilioAccount.objects.create(account_sid=f"AC{1:032x}")
    person, other = (User.objects.create(email=f"bench-{name}@example.com") for name in ("own", "other"))
    for one in (person, other):
        TwilioCredentials.objects.create(user=one, account=account, verdict="ok")
    dice = random.Random(20261129)
    make_calls(dice, account, person, CALLS)
    make_calls(dice, account, other, OTHERS)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return person


def make_calls(dice: random.Random, account: "TwilioAccount", person: "User", count: int) -> None:
    """Over two years, from three thousand people; one in five missed, one in ten with a note."""
    from django.utils import timezone

    from phone.calls.call import Call
    from phone.recents.recent_call import RecentCall
    from phone.recents.searching import build_searched

    now, step = timezone.now(), timedelta(days=700) / count

    def make(number: int) -> tuple[Call, RecentCall]:
        whom = dice.randrange(3000)
        address, name = f"+1202{5550000 + whom:07d}", f"{NAMES[whom % 10]} {NAMES[whom // 10 % 10]}son {whom}"
        is_missed = dice.random() < 0.2
        note = dice.choice(NOTES) if dice.random() < 0.1 else ""
        at = now - step * (count - number)
        call = Call(
            id=uuid.UUID(int=dice.getrandbits(128), version=4),
            call_sid=f"CA{dice.getrandbits(128):032x}",
            account=account,
            direction="incoming",
            from_address=address,
            to_address="+12025550123",
            status="no-answer" if is_missed else "completed",
            started_at=at,
            answered_at=None if is_missed else at,
            ended_at=at + timedelta(minutes=2),
        )
        row = RecentCall(
            user=person,
            call=call,
            direction="incoming",
            address=address,
            name=name,
            our_number="+12025550123",
            started_at=at,
            answered_at=call.answered_at,
            ended_at=call.ended_at,
            cause="missed" if is_missed else "answered",
            is_missed=is_missed,
            seen_at=now if is_missed and number < count - 50 else None,
            note=note,
            searched=build_searched(
                name=name, email="", address=address, our_number="+12025550123", note=note
            ),
        )
        return call, row

    for batch in list_batches(count):
        made = [make(number) for number in batch]
        Call.objects.bulk_create([call for call, _ in made])
        RecentCall.objects.bulk_create([row for _, row in made])


def list_batches(count: int) -> Iterator[range]:
    for start in range(0, count, BATCH):
        yield range(start, min(start + BATCH, count))


def build_addresses(person: "User") -> dict[str, Callable[[int], str]]:
    """Each list's name, and its address for the nth time it is asked for."""
    from phone.recents.cursors import Cursor
    from phone.recents.recent_call import RecentCall

    rows = RecentCall.objects.filter(user=person).order_by("started_at")
    dice = random.Random(7)
    deep = [str(Cursor.of(rows[dice.randrange(CALLS // 10)])) for _ in range(ROUNDS + WARM_UP)]
    lists = "/phone/recents/"
    return {
        "the list": lambda n: lists,
        "missed": lambda n: f"{lists}?missed=1",
        "a cursor deep in": lambda n: f"{lists}?before={deep[n]}",
        "missed, a cursor deep in": lambda n: f"{lists}?missed=1&before={deep[n]}",
        "search, a name": lambda n: f"{lists}?q={NAMES[n % 10]}+{NAMES[n // 2 % 10]}son",
        "search, part of a number": lambda n: f"{lists}?q=202+555+{n * 7:02d}",
        "search, a whole number": lambda n: f"{lists}?q=(202)+555-{n * 83:04d}",
        "search, one person of 3,000": lambda n: f"{lists}?q=son+{n * 83 + 100}",
        "search, a note": lambda n: f"{lists}?q=invoice+{NAMES[n % 10]}",
        "search, nothing found": lambda n: f"{lists}?q=nobody{n}",
        "search, no number found": lambda n: f"{lists}?q=00999{n}",
        "missed, nothing found": lambda n: f"{lists}?missed=1&q=nobody{n}",
    }


def build_stock(person: "User") -> dict[str, Callable[[int], str]]:
    calls = f"/stock/phone/recentcall/?user__id__exact={person.pk}"
    return {
        "the list": lambda n: calls,
        "missed": lambda n: f"{calls}&is_missed__exact=1",
        "search, a name": lambda n: f"{calls}&q={NAMES[n % 10]}+{NAMES[n // 2 % 10]}son",
        "search, a whole number": lambda n: f"{calls}&q=+1202555{n * 83:04d}",
        "search, a note": lambda n: f"{calls}&q=invoice+{NAMES[n % 10]}",
        "search, nothing found": lambda n: f"{calls}&q=nobody{n}",
    }


if __name__ == "__main__":
    main()
