"""What many pages say is written together: no fewer promises are kept than for each by itself."""

import asyncio
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.clients import ClientInfo
from accounts.failures.groups import FailureGroup
from accounts.people import User
from phone.device.events import DeviceEvent
from phone.device.frames import parse_report
from phone.device.presence import SILENT_AFTER, DevicePresence
from phone.device.told import events_recorded
from phone.device.writing import heartbeats
from phone.device.writing.heartbeats import record_heartbeats
from phone.device.writing.page import Page
from phone.device.writing.words import Word, record_words
from phone.device.writing.writer import Writer
from tests.conftest import signed_in
from tests.device_socket import build_event, build_socket, open_socket
from tests.open_pages import record_connected
from tests.webhook_requests import build_call_sid

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def person(transactional_db: None, alice: User) -> User:
    return alice


def open_page(user: User) -> Page:
    opened = Page(user, uuid.uuid4(), ClientInfo())
    record_connected(user=user, page_session=opened.page_session, socket=uuid.uuid4())
    return opened


def say(page: Page, **fields: Any) -> Word:
    return Word(page, parse_report(build_event(**fields)))


def list_seqs(**wanted: Any) -> list[int]:
    return list(DeviceEvent.objects.filter(**wanted).order_by("pk").values_list("seq", flat=True))


class TestTogether:
    def test_it_costs_the_same_however_many_say_something(self, person: User) -> None:
        people = User.objects.bulk_create(
            User(email=f"{number}@example.com", identity=f"dnb_{number:032x}") for number in range(40)
        )
        costs = []
        for some in (people[:2], people[2:]):
            said = [say(open_page(one)) for one in some]
            with CaptureQueriesContext(connection) as queries:
                record_words(said)
            costs.append(len(queries))
        assert costs[0] == costs[1] <= 13
        assert DeviceEvent.objects.count() == DevicePresence.objects.filter(state="ready").count() == 40

    def test_of_a_page_the_last_word_counts_and_a_call_is_none(self, person: User, bob: User) -> None:
        one, other = open_page(person), open_page(bob)
        said = [say(one), say(other), say(one, state="offline"), say(one, state="connect")]
        outcomes = record_words(said)
        states = dict(DevicePresence.objects.values_list("user", "state"))
        assert states == {person.pk: "offline", bob.pk: "ready"}
        one.known = outcomes[0].known
        assert one.known and one.known.state == "offline"
        [news], [no_news] = record_words([say(one)]), record_words([say(one, state="offline")])
        assert news.known and not news.is_no_news
        assert no_news.known is None and no_news.is_no_news

    def test_an_id_is_stored_once_and_its_repeats_are_told(self, person: User, bob: User) -> None:
        one, other, event_id = open_page(person), open_page(bob), str(uuid.uuid4())
        said = [say(one, id=event_id, seq=1), say(other, id=event_id, seq=2), say(one, id=event_id, seq=3)]
        events = [outcome.event for outcome in record_words(said)]
        assert [(event.seq, event.is_repeat) for event in events if event] == [
            (1, False),
            (2, False),
            (1, True),
        ]
        [again] = record_words([say(one, id=event_id)])
        assert again.event and again.event.is_repeat and again.event == events[0]
        assert list_seqs() == [1, 2]

    def test_whoever_registers_has_no_failed_login_any_more(self, person: User, bob: User) -> None:
        now = timezone.now()
        for number, user in enumerate((person, bob)):
            for hours in (-1, 1):
                at = now + timedelta(hours=hours)
                FailureGroup.objects.create(
                    user=user, person=f"user:{number}{hours}", verdict="wrong_auth_token", state="open",
                    first_seen_at=at, last_seen_at=at, last_failure=uuid.uuid4(),
                )  # fmt: skip
        record_words([say(open_page(person)), say(open_page(bob), state="connecting")])
        left = FailureGroup.objects.filter(state="open").values_list("user", flat=True)
        assert sorted(left) == sorted([person.pk, bob.pk, bob.pk])


class TestWriter:
    async def test_what_is_wrong_with_one_is_nobody_elses_and_order_is_kept(
        self, person: User, bob: User
    ) -> None:
        gone = User(pk=10**6, email="gone@example.com", identity="dnb_gone")
        pages = [await database_sync_to_async(open_page)(user) for user in (person, bob)]
        writer, told = Writer(), f"(outgoing {build_call_sid()})"
        said = [say(pages[0], seq=1), say(pages[1], seq=1), say(Page(gone, uuid.uuid4(), ClientInfo()))]
        # Written apart: a call's row may be held by others.
        said += [say(pages[1], seq=2, sdk_event="call.error", state="error", message=told)]
        said += [say(one, seq=seq) for seq in (3, 4) for one in pages]
        outcomes = await asyncio.gather(*map(writer.put, said), return_exceptions=True)
        wrong = [
            word.page.user for word, out in zip(said, outcomes, strict=True) if isinstance(out, DatabaseError)
        ]
        assert wrong == [gone]
        listed = database_sync_to_async(list_seqs)
        assert (await listed(user=person), await listed(user=bob)) == ([1, 3, 4], [1, 2, 3, 4])
        assert [page.waiting for page in pages] == [0, 0]
        assert writer.apart == {}

    async def test_what_is_not_committed_is_not_acknowledged_and_can_be_sent_again(
        self, person: User
    ) -> None:
        def break_down(events: Sequence[DeviceEvent], **kwargs: object) -> None:
            raise DatabaseError("the disk is full")

        event = build_event()
        async with open_socket(person) as socket:
            events_recorded.connect(break_down)
            try:
                answer = await socket.report(**event)
            finally:
                events_recorded.disconnect(break_down)
            assert (answer["type"], answer["id"]) == ("refused", None)
            assert not await DeviceEvent.objects.aexists()
            assert await socket.report(**event) == {"type": "recorded", "id": event["id"]}

    async def test_what_was_taken_is_written_though_its_page_leaves(self, person: User) -> None:
        client = await database_sync_to_async(signed_in)(person)
        socket = build_socket(client)
        assert await socket.connect()
        for seq in range(500):
            await socket.tell(**build_event(seq=seq))
        await socket.tell(type="alive", state="offline")
        await socket.disconnect()
        assert await database_sync_to_async(list_seqs)() == list(range(500))
        assert (await DevicePresence.objects.aget()).state == "offline"

    async def test_all_that_comes_at_once_is_few_transactions(
        self, person: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lots: list[int] = []
        monkeypatch.setattr(
            "phone.device.writing.writer.record_words",
            lambda said, **how: lots.append(len(said)) or record_words(said, **how),
        )
        opened = await database_sync_to_async(open_page)(person)
        writer = Writer()
        await asyncio.gather(*(writer.put(say(opened, seq=seq)) for seq in range(600)))
        assert lots == [500, 100]


class TestHeartbeats:
    async def test_those_that_are_no_news_are_kept_and_written_together(
        self, person: User, bob: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        written: list[int] = []

        def count(kept: Any, at: Any) -> Any:
            written.append(len(kept))
            return record_heartbeats(kept, at)

        monkeypatch.setattr(heartbeats, "record_heartbeats", count)
        monkeypatch.setattr(heartbeats, "KEPT_SECONDS", 3600)
        async with open_socket(person) as one, open_socket(bob) as other:
            for socket in (one, other):
                await socket.report()
            before = await DevicePresence.objects.aget(user=person)
            for socket in (one, other) * 20:
                await socket.tell(type="alive", state="ready")
            for socket in (one, other):
                await socket.tell(type="echo", id=str(uuid.uuid4()))
                assert (await socket.hear())["type"] == "echo"
            assert written == []
        assert sum(written) == 2
        assert (await DevicePresence.objects.aget(user=person)).last_alive_at > before.last_alive_at

    async def test_a_page_that_says_something_else_is_written_at_once(
        self, person: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(heartbeats, "KEPT_SECONDS", 3600)
        event = build_event(state="incoming", sdk_event="incoming")
        async with open_socket(person) as socket:
            await socket.report()
            for state in ("offline", "ready", "connecting"):
                await socket.tell(type="alive", state=state)
                assert (await socket.report(**event))["type"] == "recorded"
                assert (await DevicePresence.objects.aget()).state == state

    def test_a_page_of_which_another_says_something_else_is_told_apart(self, person: User, bob: User) -> None:
        pages = [open_page(person), open_page(bob)]
        for opened, outcome in zip(pages, record_words([say(one) for one in pages]), strict=True):
            opened.known = outcome.known
        now = timezone.now()
        assert record_heartbeats([(one, "ready") for one in pages], now) == []
        DevicePresence.objects.filter(user=bob).update(last_alive_at=now - SILENT_AFTER)
        assert record_heartbeats([(one, None) for one in pages], now) == [(pages[1], None)]
        DevicePresence.objects.update(state="offline", last_alive_at=now)
        assert len(record_heartbeats([(one, "ready") for one in pages], now)) == 2

    async def test_without_the_database_they_are_written_later(
        self, person: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        is_away = True

        def fail(*told: Any) -> Any:
            if is_away:
                raise DatabaseError("away")
            return record_heartbeats(*told)

        monkeypatch.setattr(heartbeats, "record_heartbeats", fail)
        monkeypatch.setattr(heartbeats, "KEPT_SECONDS", 0.01)
        async with open_socket(person) as socket:
            await socket.report()
            before = await DevicePresence.objects.aget()
            await socket.tell(type="alive", state="ready")
            assert await socket.receive_nothing(timeout=0.1)
            is_away = False
            for _ in range(200):
                if (await DevicePresence.objects.aget()).last_alive_at > before.last_alive_at:
                    break
                await asyncio.sleep(0.05)
            else:
                raise AssertionError("what was kept was not written")
