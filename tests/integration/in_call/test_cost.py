"""What each event of a call costs the database: its webhook, and the telling of pages, which is beside it."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from fake_twilio import catalogue
from phone.calls.call import Call
from phone.in_call.telling import build_frames
from tests.open_pages import record_connected
from tests.webhook_requests import add_number, build_call_sid, make_member, post

PHONES = 10
# Of a request, however many phones ring: two find out who asks, one whether it is an old one once more, two
# are BEGIN and COMMIT, and two of the first one's are what all who are rung call the caller, on their pages
# and in their lists.
MOST = {"question": 29, "initiated": 14, "ringing": 12, "in-progress": 19, "canceled": 17}
# Of a telling, however many are told; one is who of them is still of the account, one what each of them calls
# the numbers in it.
MOST_FOR_TELLING = 12
# Where none of them has a page open: who they are, and that.
MOST_WITHOUT_PAGES = 2


@dataclass
class Costs:
    """How many queries each event has taken."""

    tenant: TwilioAccount
    of_requests: list[int] = field(default_factory=list)

    def tell(self, name: str, **params: str) -> int:
        with counted() as queries:
            assert post(name, self.tenant, **params).status_code in (200, 204)
        self.of_requests.append(len(queries))
        return len(queries)

    def tell_of_leg(self, number: int, person: User, status: str) -> int:
        leg = {"CallSid": build_call_sid(f"leg {number}"), "ParentCallSid": build_call_sid()}
        return self.tell("call_status", To=f"client:{person.identity}", CallStatus=status, **leg)


@contextmanager
def counted() -> Iterator[CaptureQueriesContext]:
    with CaptureQueriesContext(connection) as queries:
        yield queries


def open_pages(people: list[User]) -> None:
    for person in people:
        record_connected(user=person, page_session=uuid.uuid4(), socket=uuid.uuid4())


@pytest.fixture
def people(db: None) -> list[User]:
    return [User.objects.create_user(f"{number}@example.com", "dog-and-bone") for number in range(PHONES)]


@pytest.mark.parametrize("phones", [1, PHONES])
def test_an_event_costs_the_same_however_many_phones_ring(people: list[User], phones: int) -> None:
    ringing = people[:phones]
    tenant = [make_member(person) for person in ringing][0]
    add_number(tenant, catalogue.DEMO_NUMBER)
    costs = Costs(tenant)
    asked = costs.tell("voice_webhook", From="+12025550150", To=catalogue.DEMO_NUMBER)
    assert asked <= MOST["question"]
    for status in ("initiated", "ringing"):
        for number, person in enumerate(ringing):
            assert costs.tell_of_leg(number, person, status) <= MOST[status], status
    assert costs.tell_of_leg(0, ringing[0], "in-progress") <= MOST["in-progress"]
    for number, person in enumerate(ringing[1:], 1):
        assert costs.tell_of_leg(number, person, "canceled") <= MOST["canceled"]
    call = Call.objects.get()
    assert (call.status, call.user, call.legs.count()) == ("in-progress", ringing[0], phones + 1)
    with counted() as queries:
        assert build_frames([call.pk]) == {}
    assert len(queries) <= MOST_WITHOUT_PAGES
    open_pages(people)
    with counted() as queries:
        frames = build_frames([call.pk])
    assert len(queries) <= MOST_FOR_TELLING
    assert set(frames) == {person.pk for person in ringing}
    print(costs.of_requests, len(queries))


def test_a_telling_costs_the_same_however_many_calls_there_are(people: list[User]) -> None:
    tenant = [make_member(person) for person in people][0]
    add_number(tenant, catalogue.DEMO_NUMBER)
    calls = [build_call_sid(str(number)) for number in range(5)]
    for sid in calls:
        post("voice_webhook", tenant, CallSid=sid, From="+12025550150", To=catalogue.DEMO_NUMBER)
    ids = list(Call.objects.values_list("pk", flat=True))
    open_pages(people)
    with counted() as queries:
        frames = build_frames(ids)
    assert len(queries) <= MOST_FOR_TELLING
    assert [len(frame["calls"]) for frame in frames.values()] == [5] * PHONES
