"""Recent calls as the page shows them: lines under the headings of their days."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.people import User
from phone.calls.call import Call
from phone.calls.records import read_identity
from phone.calls.withheld import WITHHELD, WITHHELD_NAME
from phone.causes.describing import BLOCKED
from phone.dialling.writing import format_number
from phone.durations import describe_duration
from phone.recents.causes import name_cause
from phone.recents.keeping import get_people_at
from phone.recents.recent_call import RecentCall
from phone.recents.sides import ANSWERED_ELSEWHERE
from phone.recents.zones import find_day, name_day

FORMER = gettext_lazy("a former person")


@dataclass(frozen=True)
class Line:
    """One call of one person."""

    row: RecentCall
    name: str
    address: str
    call_back: str
    our_number: str
    at: datetime
    duration: str
    cause_words: str

    @property
    def is_blocked(self) -> bool:
        """Whether it came in from somebody whose calls were not wanted."""
        return self.row.cause == BLOCKED and self.row.direction == Call.Direction.INCOMING

    @property
    def direction_words(self) -> str:
        return _("Outgoing") if self.row.direction == Call.Direction.OUTGOING else _("Incoming")


@dataclass
class Day:
    """`name` is empty where the page before has begun it."""

    date: date
    name: str
    lines: list[Line] = field(default_factory=list)


def build_days(rows: Iterable[RecentCall], *, zone: tzinfo, begun: str = "") -> list[Day]:
    """`begun` is the ISO date of the day that has its heading already."""
    lines = build_lines(list(rows), zone=zone)
    today = timezone.localtime(timezone=zone).date()
    days: list[Day] = []
    for line in lines:
        day = find_day(line.row.started_at, zone)
        if not days or days[-1].date != day:
            days.append(Day(day, "" if day.isoformat() == begun else name_day(day, today)))
        days[-1].lines.append(line)
    return days


def build_lines(rows: Sequence[RecentCall], *, zone: tzinfo) -> list[Line]:
    """One query more for the names of all."""
    people = get_people_at(row.address for row in rows)
    return [build_line(row, people, zone) for row in rows]


def build_line(row: RecentCall, people: dict[str, User], zone: tzinfo) -> Line:
    identity = read_identity(row.address)
    person = people.get(identity)
    number = format_number(row.address)
    if person is not None:
        name, address, call_back = person.display_name, person.email, person.email
    elif identity:
        name, address, call_back = row.name or str(FORMER), "", ""
    elif row.address == WITHHELD:
        name, address, call_back = str(WITHHELD_NAME), "", ""
    else:
        name, address, call_back = row.name or number, number if row.name else "", row.address
    return Line(
        row=row,
        name=name,
        address=address,
        call_back=call_back,
        our_number=format_number(row.our_number),
        at=timezone.localtime(row.started_at, zone),
        duration=measure(row),
        cause_words=name_cause(
            row.cause, row.call.status, is_incoming=row.direction == Call.Direction.INCOMING
        ),
    )


def measure(row: RecentCall) -> str:
    """How long it was talked; "" where it was not, or goes on."""
    if row.answered_at is None or row.ended_at is None or row.cause == ANSWERED_ELSEWHERE:
        return ""
    return describe_duration(max(row.ended_at - row.answered_at, timedelta()))
