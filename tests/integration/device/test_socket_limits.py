"""What one person's pages may have together, however many sockets they open."""

import asyncio
import uuid
from collections.abc import Sequence

import pytest
from channels.db import database_sync_to_async
from django.core.cache import cache
from django.db import OperationalError

from accounts.audit.refusals import Refusal
from accounts.people import User
from accounts.rate_limits import RateLimit
from phone.device import of_person
from phone.device.of_person import PersonsFrames, Slot, hold_slots, leave_slots, take_slots
from phone.device.writing import writer
from phone.device.writing.words import Outcome, Word
from tests.conftest import signed_in
from tests.device_socket import build_event, build_socket, open_socket

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def person(transactional_db: None, alice: User) -> User:
    return alice


@database_sync_to_async
def list_refusals() -> list[tuple[str, str, str, int]]:
    return list(Refusal.objects.values_list("what", "about", "email", "count"))


async def test_one_person_opens_so_many_sockets_and_no_more(
    person: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_person, "MOST_SOCKETS", 2)
    client = await database_sync_to_async(signed_in)(person)
    async with open_socket(person), open_socket(person) as second:
        for _ in range(3):
            third = build_socket(client)
            assert await third.connect(), "or the browser would take it for a network failure"
            assert (await third.hear())["reason"] == "Too many pages of yours are open."
            assert await third.hear_close() == 4429
        async with open_socket(bob) as other:
            assert (await other.report())["type"] == "recorded"
        assert (await second.report())["type"] == "recorded"
    async with open_socket(person) as again:
        assert (await again.report())["type"] == "recorded", "the two others are gone"
    assert await list_refusals() == [("socket", "sockets-of-person", person.email, 3)]


async def test_what_one_socket_has_sent_another_of_the_same_person_has_not_left(
    person: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_person, "FRAMES_AT_ONCE", 3)
    monkeypatch.setattr(of_person, "FRAMES_PER_SECOND", 0.001)
    async with open_socket(person) as one, open_socket(person) as two, open_socket(bob) as other:
        for socket in (one, two, one):
            assert (await socket.report())["type"] == "recorded"
        assert (await two.report())["type"] == "refused"
        assert await two.hear_close() == 4429
        assert (await other.report())["type"] == "recorded"
    assert ("socket", "frames-of-person", person.email, 1) in await list_refusals()


async def test_one_of_the_threads_of_all_is_one_persons_whatever_they_send(
    person: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Alice's frames wait in the database for a row that somebody holds; bob's come through meanwhile."""
    may_go_on, waiting = asyncio.Event(), 0
    record, loop = writer.record_words, asyncio.get_running_loop()

    def record_slowly(words: Sequence[Word], *, may_wait: bool = True) -> list[Outcome]:
        nonlocal waiting
        if any(word.page.user == person for word in words):
            if not may_wait:
                raise OperationalError("canceling statement due to lock timeout")
            waiting += 1
            asyncio.run_coroutine_threadsafe(may_go_on.wait(), loop).result(timeout=30)
        return record(words, may_wait=may_wait)

    monkeypatch.setattr(writer, "record_words", record_slowly)
    client = await database_sync_to_async(signed_in)(person)
    sockets = [build_socket(client) for _ in range(6)]
    async with open_socket(bob) as other:
        for socket in sockets:
            assert await socket.connect()
            await socket.tell(**build_event())
        for _ in range(3):
            assert (await other.report())["type"] == "recorded"
        assert waiting == 1
        may_go_on.set()
        for socket in sockets:
            assert (await socket.hear())["type"] == "recorded"
            await socket.disconnect()


async def test_all_workers_together_count_what_one_person_sends(
    person: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each worker has a count of its own, and takes from the one that they share, a packet at a time."""
    monkeypatch.setattr(of_person, "PACKETS", of_person.RateLimit("few-packets", limit=3, seconds=300))
    workers = [PersonsFrames(person.pk), PersonsFrames(person.pk)]
    taken = sum([await worker.take() for _ in range(300) for worker in workers])
    assert taken == 3 * of_person.PACKET
    assert await PersonsFrames(bob.pk).take()


async def test_all_whose_packets_are_used_up_ask_at_once(
    person: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str | int]] = []

    def take_many(limit: RateLimit, keys: Sequence[str | int]) -> list[int]:
        asked.append(sorted(keys))
        return [0 for _ in keys]

    monkeypatch.setattr(RateLimit, "take_many", take_many)
    alices, bobs = PersonsFrames(person.pk), PersonsFrames(bob.pk)
    assert all(await asyncio.gather(*(one.take() for one in (alices, bobs, alices))))
    assert asked == [sorted([person.pk, bob.pk])]
    # Both of her sockets have what is left of the one packet.
    assert (alices.packet, bobs.packet) == (of_person.PACKET - 2, of_person.PACKET - 1)


def take_slot(person: User) -> Slot | None:
    [slot] = take_slots([(person.pk, uuid.uuid4())])
    return slot


def test_a_place_falls_free_when_its_server_has_died_and_not_before(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_person, "MOST_SOCKETS", 2)
    first, second = (take_slot(alice) for _ in range(2))
    assert first and second and first.key != second.key
    assert take_slot(alice) is None
    hold_slots([first])
    # As the cache does it, once nobody has held on to it for a while.
    cache.delete(second.key)
    third = take_slot(alice)
    assert third is not None and third.key == second.key
    leave_slots([second])
    assert take_slot(alice) is None, "nobody gives up another's place"
    leave_slots([third])
    assert take_slot(alice) is not None


def test_a_place_that_the_cache_has_lost_is_had_anew(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when Redis goes, and when it comes back empty."""
    monkeypatch.setattr(of_person, "MOST_SOCKETS", 1)
    slot = take_slot(alice)
    assert slot is not None
    cache.clear()
    hold_slots([slot])
    assert take_slot(alice) is None
