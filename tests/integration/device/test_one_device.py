"""Whoever wants only one of their browsers to ring: which that is, who is told so, and who is not."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.clients import ClientInfo
from accounts.people import User
from phone.answering.changes import AnsweringChange
from phone.device import one_device
from phone.device.events import DeviceEvent
from phone.device.one_device import OneDevice, claim, switch_one_device
from phone.device.presence import DevicePresence, get_ringable
from phone.device.recording import record_device_event
from phone.timeline.overview import count_devices, get_present
from phone.timeline.trails import get_person_trail
from tests.conftest import signed_in
from tests.device_socket import build_event, open_socket
from tests.open_pages import record_connected
from tests.webhook_requests import make_member

pytestmark = pytest.mark.django_db

WINDOWS = ClientInfo(user_agent="Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36")
MAC = ClientInfo(user_agent="Mozilla/5.0 (Macintosh) AppleWebKit/605.1 Version/17 Safari/605.1")
DESK, LAPTOP, HOME = (uuid.uuid4() for _ in range(3))


@pytest.fixture
def alices_desk(alice: User) -> User:
    """She wants one device to ring, and has said so at her desk."""
    open_page(alice, DESK)
    assert switch_one_device(alice, is_on=True, page_session=DESK, client=WINDOWS)
    return alice


def open_page(user: User, page_session: uuid.UUID) -> None:
    record_connected(user=user, page_session=page_session, socket=uuid.uuid4())


def find_elsewhere(user: User, page_session: uuid.UUID) -> dict[str, Any] | None:
    return one_device.find_elsewhere([(user.pk, page_session)]).get((user.pk, page_session))


def claim_firmly(user: User, page_session: uuid.UUID, client: ClientInfo = MAC) -> bool:
    return claim(user=user, page_session=page_session, client=client, is_firm=True).is_here


def ask(user: User, page_session: uuid.UUID) -> bool:
    return claim(user=user, page_session=page_session, client=MAC, is_firm=False).is_here


def age(user: User, page_session: uuid.UUID, **fields: Any) -> None:
    DevicePresence.objects.filter(user=user, page_session=page_session).update(**fields)


def test_while_all_may_ring_the_phone_is_in_every_page_that_says_so(alice: User) -> None:
    assert claim_firmly(alice, DESK) and claim_firmly(alice, LAPTOP)
    assert find_elsewhere(alice, DESK) is None
    assert not OneDevice.objects.exists()


def test_the_newest_to_say_so_is_the_phone(alices_desk: User) -> None:
    open_page(alices_desk, LAPTOP)
    assert not ask(alices_desk, LAPTOP)
    assert claim_firmly(alices_desk, LAPTOP)
    told = find_elsewhere(alices_desk, DESK)
    assert told is not None
    assert (told["type"], told["where"], told["page_session"]) == (
        "taken_over",
        "Safari on a Mac",
        str(LAPTOP),
    )
    assert find_elsewhere(alices_desk, LAPTOP) is None
    found = claim(user=alices_desk, page_session=DESK, client=WINDOWS, is_firm=False)
    assert (found.is_here, found.where) == (False, "Safari on a Mac")


@pytest.mark.parametrize(
    ("seconds", "gone"),
    [
        ({"disconnected_at": 9}, False),
        ({"disconnected_at": 11}, True),
        ({"last_alive_at": 39}, False),
        ({"last_alive_at": 41}, True),
    ],
)
def test_a_phone_that_is_gone_is_to_be_had_by_whoever_asks(
    seconds: dict[str, int], gone: bool, alices_desk: User
) -> None:
    age(alices_desk, DESK, **{name: timezone.now() - timedelta(seconds=ago) for name, ago in seconds.items()})
    assert (find_elsewhere(alices_desk, LAPTOP) is None) is gone
    assert ask(alices_desk, LAPTOP) is gone


def test_a_phone_whose_socket_was_never_seen_counts_for_a_while(alices_desk: User) -> None:
    DevicePresence.objects.all().delete()
    assert not ask(alices_desk, LAPTOP)
    OneDevice.objects.update(since=timezone.now() - timedelta(seconds=41))
    assert ask(alices_desk, LAPTOP)


def test_without_a_page_that_says_so_the_newest_that_can_be_rung_is_the_phone(alice: User) -> None:
    for page_session in (DESK, LAPTOP):
        open_page(alice, page_session)
    age(alice, LAPTOP, state="offline")
    switch_one_device(alice, is_on=True, page_session=None, client=MAC)
    assert OneDevice.objects.get().page_session == DESK
    # Said twice, it stays where it is.
    assert not switch_one_device(alice, is_on=True, page_session=LAPTOP, client=MAC)
    assert OneDevice.objects.get().page_session == DESK


class TestAddresses:
    def test_a_page_says_that_the_phone_is_here(self, alices_desk: User) -> None:
        client, url = signed_in(alices_desk), reverse("use_here")
        agent = {"User-Agent": MAC.user_agent}
        asked = client.post(url, {"page_session": str(LAPTOP), "is_firm": "false"}, headers=agent).json()
        assert (asked["is_here"], asked["where"]) == (False, "Chrome on Windows")
        assert asked["since"].startswith(str(timezone.now().year))
        said = client.post(url, {"page_session": str(LAPTOP), "is_firm": "true"}, headers=agent)
        assert said.json() == {"is_here": True, "where": "", "since": None}
        assert OneDevice.objects.get().browser == "Safari on a Mac"

    @pytest.mark.parametrize("page_session", ["", "\x00", "1", "x" * 10_000, "{" + "0" * 36])
    def test_what_is_no_page_is_refused(self, page_session: str, alices_desk: User) -> None:
        response = signed_in(alices_desk).post(reverse("use_here"), {"page_session": page_session})
        assert (response.status_code, response.json()["cause"]) == (422, "refused_here")

    def test_nobody_takes_somebody_elses_phone(self, alices_desk: User, bob: User) -> None:
        fields = {"page_session": str(LAPTOP), "is_firm": "true"}
        assert Client().post(reverse("use_here"), fields).status_code == 302
        assert signed_in(bob).post(reverse("use_here"), fields).json()["is_here"] is True
        assert OneDevice.objects.get().page_session == DESK
        assert signed_in(alices_desk).get(reverse("use_here")).status_code == 405

    def test_the_setting_is_turned_on_the_settings_pane_and_is_on_record(self, alice: User) -> None:
        make_member(alice)
        client, url = signed_in(alice), reverse("one_device_settings")
        assert client.get(reverse("phone")).context["page"]["wants_one_device"] is False
        fragment = client.post(
            url, {"is_on": "on", "page_session": str(DESK)}, headers={"HX-Request": "true"}
        )
        assert 'id="one-device" aria-describedby="one-device-help" checked' in fragment.content.decode()
        assert OneDevice.objects.get(user=alice).page_session == DESK
        assert client.get(reverse("phone")).context["page"]["wants_one_device"] is True
        assert client.post(url, {"page_session": "\x00"}).status_code == 302
        assert not OneDevice.objects.exists()
        off, on = AnsweringChange.objects.all()
        assert (on.subject, on.after, off.after) == ("one_device", {"is_on": True}, {"is_on": False})
        trail = get_person_trail(alice, sought=timezone.now())
        assert "Ring on one device only on" in {entry.title for entry in trail.timeline.entries}


def test_a_spare_is_no_phone_that_is_offline_and_none_that_is_silent(alice: User) -> None:
    open_page(alice, DESK)

    def report(**fields: Any) -> None:
        record_device_event(user=alice, page_session=DESK, report=build_event(**fields), client=ClientInfo())

    report(state="offline", sdk_event="other-tab", message="The phone is in another tab.")
    now = timezone.now()
    assert not get_ringable(now).exists()
    assert (sum(count_devices(now).values()), get_present(now)) == (0, [])
    entry = next(one for one in get_person_trail(alice, sought=now).timeline.entries if one.kind == "device")
    assert (entry.title, entry.tone) == ("Beside the phone", "plain")
    report(state="connecting", sdk_event="registering")
    assert get_ringable(now).exists()
    assert count_devices(now)["connecting"] == 1


@pytest.mark.django_db(transaction=True)
async def test_the_others_are_told_also_those_who_come_back_later_and_the_phone_itself_is_not(
    alice: User,
) -> None:
    switch = database_sync_to_async(switch_one_device)
    async with open_socket(alice, DESK) as desk, open_socket(alice, LAPTOP) as laptop:
        await switch(alice, is_on=True, page_session=DESK, client=WINDOWS)
        told = await laptop.hear()
        assert (told["type"], told["where"]) == ("taken_over", "Chrome on Windows")
        await database_sync_to_async(claim_firmly)(alice, LAPTOP)
        # It was not told that the phone was there while it was.
        assert (await desk.hear())["where"] == "Safari on a Mac"
    # A page that has just been opened may yet say that the phone is here; one that comes back has said so.
    async with open_socket(alice, HOME) as home:
        async with open_socket(alice, DESK) as desk:
            assert (await desk.hear())["page_session"] == str(LAPTOP)
            await switch(alice, is_on=False, page_session=None, client=MAC)
            assert await desk.hear() == {"type": "all_ring"}
        assert await home.hear() == {"type": "all_ring"}
    assert await database_sync_to_async(DeviceEvent.objects.count)() == 0


@pytest.mark.parametrize(
    ("user_agent", "english", "german"),
    [
        (WINDOWS.user_agent, "Chrome on Windows", "Chrome (Windows)"),
        (MAC.user_agent, "Safari on a Mac", "Safari (Mac)"),
        ("curl on Linux", "a browser on Linux", "einem Browser (Linux)"),
        ("Firefox/1", "Firefox", "Firefox"),
        ("", "", ""),
    ],
)
def test_where_the_phone_is_is_said_in_the_language_of_whoever_reads_it(
    alice: User, user_agent: str, english: str, german: str
) -> None:
    switch_one_device(alice, is_on=True, page_session=DESK, client=ClientInfo(user_agent=user_agent))
    open_page(alice, DESK)
    told = find_elsewhere(alice, LAPTOP)
    assert told is not None and told["where"] == english
    alice.language = "de"
    alice.save()
    told = find_elsewhere(alice, LAPTOP)
    assert told is not None and told["where"] == german
