"""A page that was ready and stops answering: marked, not rung, and told so when it is back."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.db import models
from django.utils import timezone

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from phone.calls.call import Call
from phone.calls.reachability import is_reachable
from phone.device import consumers
from phone.device.presence import DevicePresence
from phone.device.silences import DeviceSilence, Heard, notice_returns
from phone.device.writing import heartbeats
from phone.durations import describe_duration
from tests.device_socket import DeviceSocket, build_event, hasten, open_socket
from tests.webhook_requests import build_call_sid, make_member

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def confirm_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next frame on the same socket shows that the page has heard what it was told."""
    monkeypatch.setattr(consumers, "HEARD_AFTER_SECONDS", 0.0)


@pytest.fixture(autouse=True)
def write_heartbeats_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test moves what is written back in time, of which a worker learns with what it writes next."""
    monkeypatch.setattr(heartbeats, "KEPT_SECONDS", 0.01)


PAGE = uuid.uuid4()


@pytest.fixture
def person(transactional_db: None, alice: User) -> User:
    return alice


@database_sync_to_async
def pass_time(seconds: float) -> None:
    """As if the page had last been heard of that much earlier."""
    DevicePresence.objects.update(last_alive_at=models.F("last_alive_at") - timedelta(seconds=seconds))


@database_sync_to_async
def list_silences() -> list[DeviceSilence]:
    return list(DeviceSilence.objects.all())


can_reach = database_sync_to_async(is_reachable)


async def come_back(socket: DeviceSocket, **frame: Any) -> dict[str, Any]:
    await socket.tell(**(frame or {"type": "alive", "state": "ready"}))
    return await socket.hear()


async def wait_for_mark(socket: DeviceSocket) -> DeviceSilence:
    for _ in range(100):
        assert await socket.receive_nothing(timeout=0.05)
        silences = await list_silences()
        if silences:
            return silences[0]
    raise AssertionError("the silence was not marked")


async def test_a_page_that_stops_answering_is_marked_though_its_socket_is_open(
    person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasten(monkeypatch, SILENCE_SECONDS=0.1)
    async with open_socket(person, PAGE) as socket:
        await socket.report()
        assert await can_reach(person)
        last_alive_at = (await database_sync_to_async(DevicePresence.objects.get)()).last_alive_at
        await pass_time(41)
        silence = await wait_for_mark(socket)
        assert (silence.user_id, silence.email) == (person.pk, person.email)
        assert silence.began_at == last_alive_at - timedelta(seconds=41)
        assert silence.ended_at is None
        assert not await can_reach(person)


async def test_a_page_that_answers_in_time_is_not_marked(
    person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasten(monkeypatch, SILENCE_SECONDS=0.05)
    async with open_socket(person, PAGE) as socket:
        await socket.report()
        await pass_time(30)
        assert await socket.receive_nothing(timeout=0.2)
        assert await list_silences() == []


@pytest.mark.parametrize("state", ["connecting", "offline", "error"])
async def test_a_page_that_was_not_registered_is_not_called_silent(
    state: str, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasten(monkeypatch, SILENCE_SECONDS=0.05)
    async with open_socket(person, PAGE) as socket:
        await socket.report(state=state)
        await pass_time(60)
        assert await socket.receive_nothing(timeout=0.2)
        assert await list_silences() == []


@pytest.mark.parametrize(
    "frame", [{"type": "alive", "state": "ready"}, {"type": "alive"}, {"type": "alive", "state": "connect"}]
)
async def test_on_its_return_the_page_is_told_how_long_it_was_silent(
    frame: dict[str, Any], person: User, confirm_at_once: None
) -> None:
    async with open_socket(person, PAGE) as socket:
        await socket.report()
    await pass_time(200)
    async with open_socket(person, PAGE) as socket:
        answer = await come_back(socket, **frame)
        assert answer["type"] == "verdict"
        assert answer["verdict"]["code"] == "device_silent"
        assert answer["verdict"]["blames_credentials"] is False
        assert "UTC" in answer["verdict"]["explanation"]
        assert "Nobody called meanwhile" in answer["verdict"]["explanation"]
        await socket.tell(type="alive", state="ready")
        assert await socket.receive_nothing()
        assert await can_reach(person)
    [silence] = await list_silences()
    assert silence.ended_at is not None
    lasted = silence.ended_at - silence.began_at
    assert lasted >= timedelta(seconds=200)
    assert f"for {describe_duration(lasted)}" in answer["verdict"]["explanation"]


async def test_a_silence_that_a_call_found_first_is_told_and_ended_by_the_next_heartbeat(
    person: User, confirm_at_once: None
) -> None:
    async with open_socket(person, PAGE) as socket:
        await socket.report()
        await pass_time(50)
        assert not await can_reach(person)
        assert (await come_back(socket))["verdict"]["code"] == "device_silent"
        await socket.tell(type="alive", state="ready")
        assert await socket.receive_nothing()
        [silence] = await list_silences()
        assert silence.ended_at is not None


async def test_a_report_is_a_return_too_and_is_acknowledged_first(
    person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasten(monkeypatch, SILENCE_SECONDS=0.1)
    event = build_event(state="offline", sdk_event="unregistered", at=timezone.now().isoformat())
    async with open_socket(person, PAGE) as socket:
        await socket.report()
        await pass_time(41)
        await wait_for_mark(socket)
        assert await socket.receive_nothing()
        await socket.tell(**event)
        assert await socket.hear() == {"type": "recorded", "id": event["id"]}
        assert (await socket.hear())["verdict"]["code"] == "device_silent"


async def test_a_page_that_noted_its_lost_network_meanwhile_is_not_told_that_it_slept(person: User) -> None:
    async with open_socket(person, PAGE) as socket:
        await socket.report()
    await pass_time(100)
    noted_at = (timezone.now() - timedelta(seconds=70)).isoformat()
    async with open_socket(person, PAGE) as socket:
        await socket.report(state="offline", sdk_event="watchdog", message="server-unreachable", at=noted_at)
        await socket.tell(type="alive", state="ready")
        assert await socket.receive_nothing()
    [silence] = await list_silences()
    assert silence.ended_at is not None


async def test_what_was_told_on_a_socket_that_the_page_was_giving_up_is_told_again(
    person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_socket(person, PAGE) as old:
        await old.report()
        await pass_time(200)
        assert not await can_reach(person)
        assert (await come_back(old))["verdict"]["code"] == "device_silent"
        # What had left before the page gave the socket up proves nothing.
        await old.tell(type="alive", state="ready")
        await old.report(state="connecting", sdk_event="registering")
        assert await old.receive_nothing()
    [silence] = await list_silences()
    assert silence.ended_at is None
    async with open_socket(person, PAGE) as new:
        assert (await come_back(new))["verdict"]["code"] == "device_silent"
        monkeypatch.setattr(consumers, "HEARD_AFTER_SECONDS", 0.0)
        await new.tell(type="alive", state="ready")
        assert await new.receive_nothing()
    async with open_socket(person, PAGE) as third:
        await third.tell(type="alive", state="ready")
        assert await third.receive_nothing()
    [silence] = await list_silences()
    assert silence.ended_at is not None
    assert silence.ended_at < timezone.now()


async def test_a_silence_ends_when_the_page_was_heard_of_not_when_it_is_known_to_have_heard(
    person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_socket(person, PAGE) as socket:
        await socket.report()
        await pass_time(60)
        assert not await can_reach(person)
        await come_back(socket)
        heard_at = timezone.now()
        monkeypatch.setattr(consumers, "HEARD_AFTER_SECONDS", 0.0)
        await socket.tell(type="alive", state="ready")
        assert await socket.receive_nothing()
    [silence] = await list_silences()
    assert silence.ended_at is not None and silence.ended_at <= heard_at


async def test_it_is_told_of_the_calls_that_found_nobody(person: User, bob: User) -> None:
    @database_sync_to_async
    def miss_calls() -> None:
        account: TwilioAccount = make_member(person)
        make_member(bob)
        known = {"account": account, "from_address": "+12025550170", "status": "no-answer"}
        now = timezone.now()
        meant = (f"client:{person.identity}", "outgoing"), ("+12025550123", "incoming")
        others = ((f"client:{bob.identity}", "outgoing"),)
        for number, (to_address, direction) in enumerate([*meant, *others]):
            Call.objects.create(
                call_sid=build_call_sid(str(number)),
                to_address=to_address,
                direction=direction,
                started_at=now - timedelta(seconds=30),
                **known,
            )

    await miss_calls()
    async with open_socket(person, PAGE) as socket:
        await socket.report()
    await pass_time(100)
    async with open_socket(person, PAGE) as socket:
        answer = await come_back(socket)
    assert "2 calls found nobody" in answer["verdict"]["explanation"]


async def test_another_page_of_the_same_person_is_told_nothing(person: User) -> None:
    async with open_socket(person, PAGE) as socket:
        await socket.report()
    await pass_time(60)
    async with open_socket(person, uuid.uuid4()) as other:
        await other.report()
        assert await other.receive_nothing()
        assert await can_reach(person)
    silences = await list_silences()
    assert [silence.page_session for silence in silences] == [PAGE]


async def test_somebody_elses_page_of_the_same_name_is_another_page(person: User, bob: User) -> None:
    async with open_socket(person, PAGE) as socket:
        await socket.report()
    await pass_time(60)
    async with open_socket(bob, PAGE) as other:
        await other.tell(type="alive", state="ready")
        assert await other.receive_nothing()
    assert await list_silences() == []


async def test_who_said_that_they_leave_was_not_silent(person: User) -> None:
    async with open_socket(person, PAGE) as socket:
        await socket.report()
        await socket.report(state="offline", sdk_event="destroyed")
        assert not await can_reach(person)
    await pass_time(60)
    async with open_socket(person, PAGE) as socket:
        await socket.tell(type="alive", state="ready")
        assert await socket.receive_nothing()
    assert await list_silences() == []


async def test_who_is_signed_out_cannot_be_rung(person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    hasten(monkeypatch, SESSION_CHECK_SECONDS=0.02)
    async with open_socket(person, PAGE) as socket:
        await socket.report()
        await database_sync_to_async(User.objects.filter(pk=person.pk).update)(is_active=False)
        assert await socket.hear() == {"type": "signed_out"}
    assert not await can_reach(person)


async def test_a_silence_is_marked_once_however_often_it_is_looked_at(person: User) -> None:
    async with open_socket(person, PAGE) as socket:
        await socket.report()
    await pass_time(60)
    for _ in range(3):
        assert not await can_reach(person)
    assert len(await list_silences()) == 1


def test_those_who_come_back_at_once_are_each_told_of_their_own(
    alice: User, bob: User, mallory: User
) -> None:
    account = make_member(alice)
    make_member(bob)
    now = timezone.now()
    people = (alice, bob, mallory)
    pages = {person: uuid.uuid4() for person in people}
    for person in people:
        DeviceSilence.objects.create(
            user=person,
            identity=person.identity,
            email=person.email,
            page_session=pages[person],
            began_at=now - timedelta(minutes=5),
        )
    Call.objects.create(
        call_sid=build_call_sid("1"),
        account=account,
        direction="outgoing",
        from_address="+12025550170",
        to_address=f"client:{bob.identity}",
        status="no-answer",
        started_at=now - timedelta(minutes=1),
    )
    awake = Heard(mallory, pages[mallory], now - timedelta(minutes=1))
    never_silent = Heard(alice, uuid.uuid4())
    told = notice_returns([*(Heard(person, pages[person]) for person in (alice, bob)), awake, never_silent])
    assert [one and (one.silence.user, one.missed) for one in told] == [(alice, 0), (bob, 1), None, None]
    assert list(DeviceSilence.objects.exclude(ended_at=None)) == [DeviceSilence.objects.get(user=mallory)]
