"""Fetches a timeline: that of one page load, or of one person around a moment."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from accounts.audit.journal import AccountEvent
from accounts.failures.login_failures import LoginFailure
from accounts.people import User
from phone.answering.changes import AnsweringChange
from phone.calls.call import Call
from phone.calls.legs import CallLeg
from phone.connection_tests.connection_test import ConnectionTest
from phone.device.events import DeviceEvent
from phone.device.presence import DevicePresence
from phone.device.silences import DeviceSilence
from phone.echo_tests.echo_test import EchoTest
from phone.timeline.call_entries import (
    build_call_entries,
    build_joined_entries,
    build_missed_entries,
    build_rung_entry,
)
from phone.timeline.call_stories import CAME_IN
from phone.timeline.timeline import (
    Entry,
    Timeline,
    build_account_entry,
    build_answering_entry,
    build_connection_test_entry,
    build_device_entries,
    build_echo_test_entry,
    build_failure_entry,
    build_presence_entries,
    build_silence_entries,
    build_timeline,
    build_token_entry,
)
from phone.tokens.issued_tokens import IssuedToken

MOST_EVENTS = 300
MOST_OTHERS = 100
AROUND = timedelta(minutes=30)
JUST_BEFORE = timedelta(minutes=2)


@dataclass(frozen=True)
class Trail:
    """A timeline, whose it is, and the span of time it shows."""

    timeline: Timeline
    person: User | None
    email: str
    start: datetime
    end: datetime


def get_page_trail(page_session: uuid.UUID, *, sought: datetime | None = None) -> Trail | None:
    """What happened in one load of the page, and what its person did beside it; None if nothing is kept.

    Of a page with more than 300 reports those up to half an hour after `sought` are shown, or the newest.
    """
    reports = DeviceEvent.objects.filter(page_session=page_session).select_related("user")
    if sought:
        reports = reports.filter(received_at__lte=sought + AROUND)
    newest = list(reports.order_by("-received_at", "-id")[: MOST_EVENTS + 1])
    events = newest[:MOST_EVENTS]
    of_page = Q(page_session=page_session)
    failures = list(LoginFailure.objects.filter(of_page).select_related("user")[:MOST_OTHERS])
    first: DeviceEvent | LoginFailure | None = events[0] if events else failures[0] if failures else None
    if first is None:
        return None
    person = first.user
    silent = DeviceSilence.objects.filter(of_page, user=person)
    present = DevicePresence.objects.filter(of_page, user=person)
    if sought:
        silent = silent.filter(began_at__lte=sought + AROUND)
        present = present.filter(last_alive_at__lte=sought + AROUND)
    times = [
        *(event.received_at for event in events),
        *(failure.failed_at for failure in failures),
        *silent.values_list("began_at", flat=True)[:MOST_OTHERS],
        *present.values_list("last_alive_at", flat=True)[:1],
    ]
    start, end = min(times) - JUST_BEFORE, max(times) + JUST_BEFORE
    entries = [
        *build_device_entries(events),
        *map(build_failure_entry, failures),
        *get_entries_beside(person, start, end, page_session),
    ]
    timeline = build_timeline(entries, sought=sought, is_cut=len(newest) > MOST_EVENTS)
    return Trail(timeline, person, first.email, start, end)


def get_person_trail(person: User, *, sought: datetime) -> Trail:
    """Everything of one person from half an hour before `sought` to half an hour after."""
    start, end = sought - AROUND, sought + AROUND
    reports = DeviceEvent.objects.filter(user=person, received_at__range=(start, end))
    newest = list(reports.order_by("-received_at", "-id")[: MOST_EVENTS + 1])
    failures = LoginFailure.objects.filter(user=person, failed_at__range=(start, end))
    entries = [
        *build_device_entries(newest[:MOST_EVENTS]),
        *map(build_failure_entry, failures[:MOST_OTHERS]),
        *get_entries_beside(person, start, end, None),
    ]
    timeline = build_timeline(entries, sought=sought, is_cut=len(newest) > MOST_EVENTS)
    return Trail(timeline, person, person.email, start, end)


def get_entries_beside(
    person: User | None, start: datetime, end: datetime, page_session: uuid.UUID | None
) -> Iterable[Entry]:
    """Sign-ins, checks, tokens, calls; of one page those that belong to it or to no page at all.

    The last sign-in before the span is there too: it is how the person came in.
    """
    if person is None:
        return
    its_own = Q(page_session=page_session) | Q(page_session=None) if page_session else Q()
    journal = AccountEvent.objects.filter(user=person)
    yield from map(
        build_account_entry, journal.filter(its_own, happened_at__range=(start, end))[:MOST_OTHERS]
    )
    signed_in = journal.filter(kind=AccountEvent.Kind.SIGNED_IN, happened_at__lt=start)
    yield from map(build_account_entry, signed_in[:1])
    tokens = IssuedToken.objects.filter(its_own, user=person, issued_at__range=(start, end))
    yield from map(build_token_entry, tokens[:MOST_OTHERS])
    yield from get_call_entries(person, start, end)
    changes = AnsweringChange.objects.filter(user=person, changed_at__range=(start, end))
    yield from map(build_answering_entry, changes[:MOST_OTHERS])
    of_page = Q(page_session=page_session) if page_session else Q()
    tests = ConnectionTest.objects.filter(of_page, user=person, received_at__range=(start, end))
    yield from map(build_connection_test_entry, tests[:MOST_OTHERS])
    echoes = EchoTest.objects.filter(user=person, begun_at__range=(start, end))
    yield from map(build_echo_test_entry, echoes[:MOST_OTHERS])
    if page_session:
        stray = LoginFailure.objects.filter(user=person, page_session=None, failed_at__range=(start, end))
        yield from map(build_failure_entry, stray[:MOST_OTHERS])
    yield from get_presence_entries(person, start, end, page_session)


def get_call_entries(person: User, start: datetime, end: datetime) -> Iterable[Entry]:
    """Calls that a person made, took, missed, or came into."""
    began = Call.objects.filter(started_at__range=(start, end))
    calls = began.filter(user=person).select_related("conference").prefetch_related("legs")
    yield from build_call_entries(calls[:MOST_OTHERS])
    missed = began.filter(to_address=f"client:{person.identity}", status="no-answer").prefetch_related("legs")
    yield from build_missed_entries(missed[:MOST_OTHERS])
    rung = began.filter(rung=person, direction=Call.Direction.INCOMING).select_related("user")
    yield from map(build_rung_entry, rung.exclude(user=person)[:MOST_OTHERS])
    joined = CallLeg.objects.filter(user=person, asked_at__range=(start, end), role__in=CAME_IN)
    of_others = joined.exclude(call__user=person).select_related("call__user").prefetch_related("call__legs")
    yield from build_joined_entries(of_others[:MOST_OTHERS])


def get_presence_entries(
    person: User, start: datetime, end: datetime, page_session: uuid.UUID | None
) -> Iterable[Entry]:
    """Where pages ended, stopped answering, and were heard of again."""
    silent = DeviceSilence.objects.filter(user=person, began_at__range=(start, end))
    present = DevicePresence.objects.filter(user=person, last_alive_at__range=(start, end))
    if page_session:
        silent = silent.filter(page_session=page_session)
        present = present.filter(page_session=page_session)
    silences = list(silent[:MOST_OTHERS])
    for silence in silences:
        yield from build_silence_entries(silence)
    marked = {(silence.page_session, silence.began_at) for silence in silences}
    now = timezone.now()
    for presence in present[:MOST_OTHERS]:
        is_marked = (presence.page_session, presence.last_alive_at) in marked
        yield from build_presence_entries(presence, now, is_marked=is_marked)
