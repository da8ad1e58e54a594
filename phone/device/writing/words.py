"""What pages say, written together: one transaction for all of it, few statements however much it is."""

import asyncio
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, connection, transaction

from accounts.failures.groups import note_all_ready
from accounts.metrics import EVENTS
from accounts.statements import as_uuid, insert_many
from accounts.twilio.credentials import get_account_sids
from phone.device.events import DeviceEvent
from phone.device.frames import Report
from phone.device.presence import Known, Told, record_told
from phone.device.silences import find_marked
from phone.device.told import events_recorded
from phone.device.writing.page import Page

# Nobody's words wait longer for a row of somebody else's: whoever's it is, theirs are written apart then.
LOCK_MILLISECONDS = 250

# An event by its sender and their id of it.
Key = tuple[str, uuid.UUID]


@dataclass(eq=False, slots=True)
class Word:
    """An event, where there is a `report`, or a heartbeat with the Device's `state`, if it says one."""

    page: Page
    report: Report | None = None
    state: str | None = None
    # Whether the page is to be told if it had been silent.
    asks_of_silence: bool = False
    written: "asyncio.Future[Outcome] | None" = None


@dataclass(slots=True)
class Outcome:
    """What became of a word: `event` is its committed row, `known` how its page stands if it was written."""

    event: DeviceEvent | None = None
    known: Known | None = None
    # Its page is as it was known to be: only when it was heard is to be kept.
    is_no_news: bool = False
    # Somebody has marked the page as silent.
    is_marked: bool = False


def record_words(words: Sequence[Word], *, may_wait: bool = True) -> list[Outcome]:
    """Writes them in their order, all or none; what became of each.

    An id that its sender has sent before is stored once, and answered with its first row (`is_repeat`).
    Without `may_wait`, raises OperationalError where another transaction holds a row for too long.
    """
    outcomes = [Outcome() for _ in words]
    with transaction.atomic():
        if not may_wait:
            limit_waiting()
        new = record_events(words, outcomes)
        record_pages(words, outcomes)
        note_marks(words, outcomes)
        if new:
            events_recorded.send(sender=DeviceEvent, events=new)
    for state, count in Counter(event.state for event in new).items():
        EVENTS.labels(state=state).inc(count)
    return outcomes


def limit_waiting() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = {LOCK_MILLISECONDS}")


# Events


def record_events(words: Sequence[Word], outcomes: Sequence[Outcome]) -> list[DeviceEvent]:
    """Those that are new, in their order."""
    account_sids = get_account_sids({word.page.user.pk for word in words if word.report is not None})
    told = [
        (outcome, build_event(word.page, word.report, account_sids.get(word.page.user.pk, "")))
        for word, outcome in zip(words, outcomes, strict=True)
        if word.report is not None
    ]
    if not told:
        return []
    keys = insert([event for _, event in told])
    new, repeats = [], []
    for outcome, event in told:
        outcome.event = event
        # Whoever sends an id twice at once has sent it first once.
        if (pk := keys.pop(name(event), None)) is None:
            repeats.append(outcome)
        else:
            event.pk, event._state.adding, event._state.db = pk, False, connection.alias
            new.append(event)
    if repeats:
        find_first(repeats)
    ready = [event for event in new if event.state == DeviceEvent.State.READY and not event.is_of_call]
    note_all_ready([(event.user, event.account_sid, event.received_at) for event in ready if event.user])
    return new


def build_event(page: Page, report: Report, account_sid: str) -> DeviceEvent:
    return DeviceEvent(
        event_id=report.event_id,
        user=page.user,
        identity=page.user.identity,
        email=page.user.email,
        account_sid=account_sid,
        page_session=page.page_session,
        seq=report.seq,
        state=report.state,
        sdk_event=report.sdk_event,
        code=report.code,
        original_code=report.original_code,
        message=report.message,
        reported_at=report.reported_at,
        ip_address=page.client.ip_address,
        user_agent=page.client.user_agent,
    )


def name(event: DeviceEvent) -> Key:
    return event.identity, event.event_id


def insert(events: Sequence[DeviceEvent]) -> dict[Key, int]:
    """Stores those that are not there yet, with one statement; their primary keys."""
    found = insert_many(events, returning=["id", "identity", "event_id"])
    return {(identity, as_uuid(event_id)): pk for pk, identity, event_id in found}


def find_first(repeats: Iterable[Outcome]) -> None:
    """Gives each outcome the row that was stored when its event was sent first.

    Raises IntegrityError where there is none: then something else has kept it from being stored.
    """
    keys = {name(outcome.event) for outcome in repeats if outcome.event is not None}
    rows = DeviceEvent.objects.filter(
        identity__among={identity for identity, _ in keys}, event_id__among={event_id for _, event_id in keys}
    )
    first = {name(event): event for event in rows.select_related("user")}
    for outcome in repeats:
        known = first.get(name(outcome.event)) if outcome.event is not None else None
        if known is None:
            raise IntegrityError("An event was not stored, and is not there.")
        known.is_repeat = True
        outcome.event = known


# Pages


def record_pages(words: Sequence[Word], outcomes: Sequence[Outcome]) -> None:
    """What pages say of themselves: the last word of each counts, and none where all is as it was known."""
    told: dict[Page, Told] = {}
    of_pages: list[tuple[Page, Outcome]] = []
    news: set[Page] = set()
    for word, outcome in zip(words, outcomes, strict=True):
        page = word.page
        if word.report is None:
            state, is_spare = word.state, None
            news.add(page)
        elif outcome.event is None or outcome.event.is_repeat or outcome.event.is_of_call:
            continue
        else:
            state, is_spare = outcome.event.state, outcome.event.is_of_spare
            if not page.is_as_known(state, is_spare):
                news.add(page)
        said = told.get(page, Told(page.user.pk, page.page_session))
        told[page] = said.then(state, is_spare)
        of_pages.append((page, outcome))
    written = record_told([told[page] for page in told if page in news])
    for page, outcome in of_pages:
        outcome.known = written.get((page.user.pk, page.page_session))
        outcome.is_no_news = page not in news


def note_marks(words: Sequence[Word], outcomes: Sequence[Outcome]) -> None:
    asking = [pair for pair in zip(words, outcomes, strict=True) if pair[0].asks_of_silence]
    marked = find_marked({word.page.page_session for word, _ in asking})
    for word, outcome in asking:
        outcome.is_marked = (word.page.user.identity, word.page.page_session) in marked
