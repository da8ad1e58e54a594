"""Pages that open and close their sockets at the same moment: all together, and each for itself."""

import asyncio
import uuid
from collections.abc import Sequence
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from accounts.clients import ClientInfo
from accounts.gathering import Gathering
from accounts.people import User
from phone.device import arrivals
from phone.device.arrivals import Admission, Arrival, Refused
from phone.device.departures import Departure, note_gone
from phone.device.presence import ClosedPage, DevicePresence
from phone.device.together import together
from tests.conftest import signed_in

BROWSER = ClientInfo("192.0.2.7", "Chromium in a test")


def arrive(person: User) -> Arrival:
    key = signed_in(person).session.session_key or ""
    return Arrival(key, uuid.uuid4(), uuid.uuid4(), BROWSER, "en", join=lambda user_id: None)


def let_in(coming: Sequence[Arrival]) -> Sequence[Any]:
    claimed = [one for one in arrivals.claim(coming) if not isinstance(one, Refused)]
    return arrivals.begin(claimed)


def test_it_costs_the_same_however_many_come_and_go(db: None) -> None:
    people = [User.objects.create_user(f"{number}@example.com") for number in range(8)]
    costs = []
    for some in (people[:2], people[2:]):
        coming = [arrive(person) for person in some]
        with CaptureQueriesContext(connection) as queries:
            admitted = let_in(coming)
            note_gone(
                [
                    Departure(ClosedPage(one.user, page.page_session, page.socket), one.slot)
                    for one, page in zip(admitted, coming, strict=True)
                ]
            )
        costs.append(len(queries))
        assert [one.user for one in admitted] == some
    assert costs[0] == costs[1] < 40
    assert not DevicePresence.objects.filter(disconnected_at=None).exists()


@pytest.mark.django_db(transaction=True)
async def test_each_of_those_who_come_together_is_told_their_own(alice: User, bob: User) -> None:
    """A session that ended, and a person who was locked out meanwhile, keep nobody else out."""
    coming = [await database_sync_to_async(arrive)(person) for person in (alice, bob, alice)]
    await database_sync_to_async(User.objects.filter(pk=bob.pk).update)(is_active=False)
    nobody = Arrival("no such session", uuid.uuid4(), uuid.uuid4(), BROWSER, "", join=lambda user_id: None)
    first, second, third, fourth = await asyncio.gather(
        *(arrivals.ARRIVALS.ask(one) for one in (*coming, nobody))
    )
    assert isinstance(first, Admission) and isinstance(third, Admission)
    assert (first.user, third.user) == (alice, alice) and first.slot != third.slot
    assert second is fourth is Refused.SIGNED_OUT


@pytest.mark.django_db(transaction=True)
async def test_what_cannot_be_done_of_one_is_done_of_all_others() -> None:
    def work(items: Sequence[int]) -> list[int]:
        if 3 in items:
            raise IntegrityError("three")
        return [10 * item for item in items]

    gathering: Gathering[int, int] = Gathering(lambda items: together(work, items), most=10)
    answers = await asyncio.gather(*(gathering.ask(item) for item in range(5)), return_exceptions=True)
    assert answers[:3] + answers[4:] == [0, 10, 20, 40]
    assert isinstance(answers[3], IntegrityError)
