"""The Device's socket: who may open it, and what becomes of each frame."""

import asyncio
import json
import uuid
from collections.abc import Collection
from typing import Any

import pytest
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.test import Client

from accounts.people import User
from accounts.push import push_to_session, push_to_user, user_group
from accounts.twilio.credentials import TwilioAccount, TwilioCredentials
from dognbone.serving import serving
from phone.calls.reachability import is_reachable
from phone.device import arrivals, of_person
from phone.device.events import DeviceEvent
from phone.device.presence import DevicePresence
from tests.conftest import signed_in
from tests.device_socket import build_error, build_event, build_socket, hasten, open_socket
from tests.webhook_requests import make_member

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def person(transactional_db: None, alice: User) -> User:
    return alice


@database_sync_to_async
def list_events(**wanted: Any) -> list[DeviceEvent]:
    return list(DeviceEvent.objects.filter(**wanted).order_by("pk"))


class TestOpening:
    @pytest.mark.parametrize(
        "origin",
        [
            None,
            "",
            "null",
            "http://evil.example",
            "http://testserver.evil.example",
            "https://evil.example/http://testserver",
            "ws://testserver",
            "testserver",
            "http://testserver:81",
        ],
    )
    async def test_another_sites_page_is_refused_at_the_door(self, origin: str | None, person: User) -> None:
        client = await database_sync_to_async(signed_in)(person)
        socket = build_socket(client, origin=origin)
        assert not await socket.connect()

    @pytest.mark.parametrize("origin", ["http://testserver", "http://testserver:80", "HTTP://TestServer"])
    async def test_our_own_page_is_let_in(self, origin: str, person: User) -> None:
        client = await database_sync_to_async(signed_in)(person)
        socket = build_socket(client, origin=origin)
        assert await socket.connect()
        await socket.disconnect()

    async def test_the_public_address_counts_whatever_a_proxy_made_of_the_host(
        self, person: User, settings: Any
    ) -> None:
        settings.PUBLIC_URL = "https://phone.example.com"
        client = await database_sync_to_async(signed_in)(person)
        socket = build_socket(client, origin="https://phone.example.com", host="127.0.0.1:9000")
        assert await socket.connect()
        await socket.disconnect()

    @pytest.mark.parametrize(
        ("origin", "is_taken"),
        [
            ("https://testserver", True),
            ("https://phone.example.com:443", True),
            ("http://testserver", False),
            ("http://testserver:443", False),
            ("http://phone.example.com", False),
            ("http://phone.example.com:80", False),
            ("HTTP://Phone.Example.com", False),
        ],
    )
    async def test_a_page_without_tls_is_another_sites_where_the_site_has_it(
        self, origin: str, is_taken: bool, person: User, settings: Any
    ) -> None:
        settings.PUBLIC_URL = "https://phone.example.com"
        client = await database_sync_to_async(signed_in)(person)
        socket = build_socket(client, origin=origin)
        assert await socket.connect() is is_taken
        if is_taken:
            await socket.disconnect()

    @pytest.mark.parametrize("host", ["rebound.example", "[::1", "[::1]:x", "℀"])
    async def test_a_host_that_is_not_ours_vouches_for_nobody(self, host: str, person: User) -> None:
        client = await database_sync_to_async(signed_in)(person)
        socket = build_socket(client, origin=f"http://{host}", host=host)
        assert not await socket.connect()
        await socket.wait()

    @pytest.mark.parametrize("path", ["/ws/", "/ws/device", "/ws/device//", "/phone/"])
    async def test_where_there_is_no_socket_none_is_opened_and_nothing_breaks(
        self, path: str, person: User
    ) -> None:
        socket = build_socket(await database_sync_to_async(signed_in)(person))
        socket.scope["path"] = path
        assert not await socket.connect()
        await socket.wait()

    async def test_the_origin_is_asked_before_the_session_which_is_read_once(
        self, person: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client = await database_sync_to_async(signed_in)(person)
        reads: list[str] = []
        read_claims = arrivals.read_claims

        def count(session_keys: Collection[str]) -> Any:
            reads.extend(session_keys)
            return read_claims(session_keys)

        monkeypatch.setattr(arrivals, "read_claims", count)
        assert not await build_socket(client, origin="http://evil.example").connect()
        assert reads == []
        socket = build_socket(client)
        assert await socket.connect()
        assert reads == [client.cookies["sessionid"].value]
        await socket.disconnect()

    async def test_nobody_is_let_in_before_the_stored_secrets_were_seen(
        self, person: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client = await database_sync_to_async(signed_in)(person)
        monkeypatch.setattr(serving, "is_held_back", True)
        assert not await build_socket(client).connect()
        monkeypatch.setattr(serving, "is_held_back", False)
        socket = build_socket(client)
        assert await socket.connect()
        await socket.disconnect()

    async def test_the_signed_out_are_told_so(self) -> None:
        socket = build_socket(None)
        assert await socket.connect()
        assert await socket.hear() == {"type": "signed_out"}
        assert await socket.hear_close() == 4401
        await socket.disconnect()

    async def test_a_session_that_has_ended_is_signed_out(self, person: User) -> None:
        client = await database_sync_to_async(signed_in)(person)
        socket = build_socket(client)
        await database_sync_to_async(client.session.flush)()
        await socket.connect()
        assert await socket.hear() == {"type": "signed_out"}
        assert await socket.hear_close() == 4401
        await socket.disconnect()

    @pytest.mark.parametrize(
        ("known", "asked", "kept"),
        [("", "de-AT,de;q=0.9", "de"), ("de", "en-GB", "en"), ("de", "fr", "de"), ("de", "", "de")],
    )
    async def test_it_is_kept_which_language_the_browser_asks_for(
        self, known: str, asked: str, kept: str, person: User
    ) -> None:
        """For what is pushed and written to somebody who signed in long ago."""
        client = await database_sync_to_async(signed_in)(person)
        await User.objects.aupdate(last_language=known)
        socket = build_socket(client, language=asked)
        assert await socket.connect()
        await socket.disconnect()
        await person.arefresh_from_db()
        assert person.last_language == kept


class TestEvents:
    async def test_an_event_is_recorded_with_all_that_it_says_and_where_it_came_from(
        self, person: User
    ) -> None:
        await database_sync_to_async(make_member)(person)
        page_session = uuid.uuid4()
        event = build_event(state="error", sdk_event="call.error", code=31005, original_code=31404, seq=7)
        async with open_socket(person, page_session) as socket:
            await socket.tell(**event)
            assert await socket.hear() == {"type": "recorded", "id": event["id"]}
            [row] = await list_events()
        assert str(row.event_id) == event["id"]
        assert (row.user_id, row.identity, row.email) == (person.pk, person.identity, person.email)
        assert (row.page_session, row.seq, row.state, row.sdk_event) == (
            page_session,
            7,
            "error",
            "call.error",
        )
        assert (row.code, row.original_code) == (31005, 31404)
        assert (row.ip_address, row.user_agent) == ("192.0.2.7", "Chromium in a test")
        assert row.account_sid.startswith("AC")
        assert row.reported_at.isoformat() == "2026-11-23T10:42:00.123000+00:00"

    @pytest.mark.parametrize("state", DeviceEvent.State.values)
    async def test_every_state_is_taken(self, state: str, person: User) -> None:
        async with open_socket(person) as socket:
            assert (await socket.report(state=state))["type"] == "recorded"

    async def test_a_repeat_is_answered_the_same_and_stored_once(self, person: User) -> None:
        event = build_event()
        for _ in range(2):
            async with open_socket(person) as socket:
                for _ in range(2):
                    assert await socket.report(**event) == {"type": "recorded", "id": event["id"]}
        assert len(await list_events()) == 1

    async def test_the_same_id_from_somebody_else_is_a_row_of_its_own(self, person: User, bob: User) -> None:
        event = build_event()
        for user in (person, bob):
            async with open_socket(user) as socket:
                assert (await socket.report(**event))["type"] == "recorded"
        assert {row.user_id for row in await list_events()} == {person.pk, bob.pk}

    async def test_order_is_kept(self, person: User) -> None:
        events = [build_event(seq=seq) for seq in range(50)]
        async with open_socket(person) as socket:
            for event in events:
                await socket.tell(**event)
            answers = [await socket.hear() for _ in events]
        assert answers == [{"type": "recorded", "id": event["id"]} for event in events]
        assert [row.seq for row in await list_events()] == list(range(50))

    async def test_two_sockets_that_send_the_same_at_once_store_it_once(self, person: User) -> None:
        events = [build_event(seq=seq) for seq in range(20)]
        async with open_socket(person) as first, open_socket(person) as second:

            async def send_all(socket: Any) -> list[dict[str, Any]]:
                return [await socket.report(**event) for event in events]

            answers = await asyncio.gather(send_all(first), send_all(second))
        assert all(answer["type"] == "recorded" for both in answers for answer in both)
        assert len(await list_events()) == 20

    async def test_without_a_page_session_each_socket_is_one_of_its_own(self, person: User) -> None:
        for _ in range(2):
            async with open_socket(person) as socket:
                await socket.report()
                await socket.report()
        assert len({row.page_session for row in await list_events()}) == 2

    async def test_the_row_outlives_its_person(self, person: User) -> None:
        async with open_socket(person) as socket:
            await socket.report()
        email = person.email
        await database_sync_to_async(person.delete)()
        [row] = await list_events()
        assert (row.user_id, row.email) == (None, email)


class TestEcho:
    async def test_an_echo_comes_back_with_its_id_and_leaves_no_trace(self, person: User) -> None:
        async with open_socket(person) as socket:
            for wanted in (str(uuid.uuid4()), str(uuid.uuid4())):
                await socket.send_text(json.dumps({"type": "echo", "id": wanted}))
                assert await socket.hear() == {"type": "echo", "id": wanted}
            for wrong in ({}, {"id": 5}, {"id": "x" * 10_000}):
                await socket.send_text(json.dumps({"type": "echo", **wrong}))
                answer = await socket.hear()
                assert (answer["type"], answer["id"]) == ("refused", None)
                assert "expected a UUID" in answer["reason"]
        assert await list_events() == []


class TestBadFrames:
    @pytest.mark.parametrize(
        "text",
        [
            "",
            "not json",
            "[]",
            "null",
            "{}",
            '{"type": "event"}',
            '{"type": "unknown"}',
            '{"type": ["event"]}',
            '{"type": "alive", "state": "registered"}',
            '{"type": "push.frame"}',
            "x" * 100_000,
            json.dumps(build_event(message="x" * 2000)),
            json.dumps(build_event(seq=-1)),
            json.dumps(build_event(code=float("nan"))),
        ],
    )
    async def test_a_bad_frame_is_refused_and_the_socket_lives(self, text: str, person: User) -> None:
        async with open_socket(person) as socket:
            await socket.send_text(text)
            answer = await socket.hear()
            assert answer["type"] == "refused"
            assert set(answer) == {"type", "id", "reason"}
            assert answer["reason"]
            assert (await socket.report())["type"] == "recorded"
        assert len(await list_events()) == 1

    async def test_a_binary_frame_is_refused_too(self, person: User) -> None:
        async with open_socket(person) as socket:
            await socket.send_bytes(b"\x00\xff")
            assert "binary" in (await socket.hear())["reason"]
            assert (await socket.report())["type"] == "recorded"

    async def test_a_refusal_names_the_event_where_it_can(self, person: User) -> None:
        event = build_event(state="registered")
        async with open_socket(person) as socket:
            answer = await socket.report(**event)
            assert (answer["type"], answer["id"]) == ("refused", event["id"])
            assert "registered" in answer["reason"]
            assert (await socket.report(id="7"))["id"] is None

    async def test_a_page_that_sends_nothing_but_rubbish_is_shown_out(
        self, person: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(of_person, "REFUSALS_AT_ONCE", 3)
        async with open_socket(person) as socket:
            for _ in range(4):
                await socket.send_text("rubbish")
                assert (await socket.hear())["type"] == "refused"
            assert (await socket.hear())["type"] == "refused"
            assert await socket.hear_close() == 4429

    async def test_a_flood_is_shown_out(self, person: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(of_person, "FRAMES_AT_ONCE", 2)
        monkeypatch.setattr(of_person, "FRAMES_PER_SECOND", 0.001)
        async with open_socket(person) as socket:
            for _ in range(2):
                assert (await socket.report())["type"] == "recorded"
            assert (await socket.report())["type"] == "refused"
            assert await socket.hear_close() == 4429
        assert len(await list_events()) == 2


class TestPresence:
    @database_sync_to_async
    def get_presence(self) -> DevicePresence:
        return DevicePresence.objects.get()

    async def test_heartbeats_say_who_is_there(self, person: User) -> None:
        page_session = uuid.uuid4()
        async with open_socket(person, page_session) as socket:
            await socket.tell(type="alive", state="ready")
            await socket.report(state="incoming", sdk_event="incoming")
            first = await self.get_presence()
            assert (first.user_id, first.page_session) == (person.pk, page_session)
            assert (first.state, first.disconnected_at) == ("ready", None)
            await socket.tell(type="alive", state="connect")
            await socket.tell(type="alive", version=2)
            await socket.report(state="incoming", sdk_event="incoming", version=2)
        # What was kept for a moment is written once the socket has ended.
        second = await self.get_presence()
        assert second.state == "ready"
        assert second.last_alive_at > first.last_alive_at
        assert second.disconnected_at is not None

    @pytest.mark.parametrize(
        ("state", "sdk_event", "code"),
        [
            ("error", "call.error", 31401),
            ("error", "call.connect", None),
            ("offline", "call.transportClose", 31005),
            ("ready", "call.reconnected", None),
            ("incoming", "incoming", None),
            ("connect", "accept", None),
            ("disconnect", "reject", None),
            ("cancel", "cancel", None),
        ],
    )
    @pytest.mark.parametrize("before", ["ready", "offline"])
    async def test_what_befalls_a_call_is_not_the_devices_state(
        self, before: str, state: str, sdk_event: str, code: int | None, person: User
    ) -> None:
        async with open_socket(person) as socket:
            await socket.report(state=before, sdk_event="registered" if before == "ready" else "unregistered")
            await socket.report(state=state, sdk_event=sdk_event, code=code)
            assert (await self.get_presence()).state == before
            assert await database_sync_to_async(is_reachable)(person) == (before == "ready")

    async def test_an_error_of_the_device_itself_is_its_state(self, person: User) -> None:
        async with open_socket(person) as socket:
            await socket.report()
            await socket.report(state="error", sdk_event="error", code=53000)
            assert (await self.get_presence()).state == "error"

    async def test_a_page_that_comes_back_is_the_same_one(self, person: User) -> None:
        page_session = uuid.uuid4()
        async with open_socket(person, page_session), open_socket(person, page_session) as newer:
            await newer.report(state="offline", sdk_event="unregistered")
        async with open_socket(person, page_session):
            presence = await self.get_presence()
            assert (presence.state, presence.disconnected_at) == ("offline", None)

    async def test_the_late_end_of_an_older_socket_does_not_hide_the_newer(self, person: User) -> None:
        page_session = uuid.uuid4()
        client = await database_sync_to_async(signed_in)(person)
        older = build_socket(client, query=f"page_session={page_session}")
        await older.connect()
        async with open_socket(person, page_session):
            await older.disconnect()
            assert (await self.get_presence()).disconnected_at is None


class TestPushes:
    async def test_what_concerns_a_person_reaches_every_page_of_theirs_and_nobody_elses(
        self, person: User, bob: User
    ) -> None:
        async with open_socket(person) as one, open_socket(person) as two, open_socket(bob) as other:
            await database_sync_to_async(push_to_user)(person.pk, {"type": "credentials_changed"})
            assert await one.hear() == {"type": "credentials_changed"}
            assert await two.hear() == {"type": "credentials_changed"}
            assert await other.receive_nothing()

    async def test_signing_out_ends_the_sockets_of_that_session_only(self, person: User) -> None:
        clients = [await database_sync_to_async(signed_in)(person) for _ in range(2)]
        sockets = [build_socket(client) for client in clients]
        for socket in sockets:
            await socket.connect()
        session_key = await database_sync_to_async(lambda: clients[0].session.session_key)()
        await database_sync_to_async(push_to_session)(session_key, {"type": "signed_out"})
        assert await sockets[0].hear() == {"type": "signed_out"}
        assert await sockets[0].hear_close() == 4401
        assert await sockets[1].receive_nothing()
        for socket in sockets:
            await socket.disconnect()

    async def test_once_shown_out_a_page_hears_and_is_heard_no_more(self, person: User) -> None:
        async with open_socket(person) as socket:
            for _ in range(2):
                await database_sync_to_async(push_to_user)(person.pk, {"type": "signed_out"})
            assert await socket.hear() == {"type": "signed_out"}
            assert await socket.hear_close() == 4401
            await socket.tell(**build_event())
            assert await socket.receive_nothing()
        assert await list_events() == []

    @database_sync_to_async
    def change_credentials(self, person: User) -> None:
        """As another process does whose push is lost."""
        account, _ = TwilioAccount.objects.get_or_create(account_sid="AC" + "0" * 32)
        TwilioCredentials.objects.update_or_create(user=person, defaults={"account": account})

    async def cast_doubt(self, person: User) -> None:
        layer: Any = get_channel_layer()
        await layer.group_send(user_group(person.pk), {"type": "push.resumed"})

    async def test_a_page_that_may_have_missed_a_push_is_told_of_what_changed_and_only_once(
        self, person: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hasten(monkeypatch, DOUBT_SECONDS=0)
        async with open_socket(person) as socket:
            for _ in range(2):
                await self.change_credentials(person)
                await self.cast_doubt(person)
                assert await socket.hear() == {"type": "credentials_changed"}
                await self.cast_doubt(person)
                assert await socket.receive_nothing(timeout=0.3)

    async def test_what_a_page_was_told_it_is_not_told_again_when_it_is_in_doubt(
        self, person: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hasten(monkeypatch, DOUBT_SECONDS=0)
        async with open_socket(person) as socket:
            await self.change_credentials(person)
            await database_sync_to_async(push_to_user)(person.pk, {"type": "credentials_changed"})
            assert await socket.hear() == {"type": "credentials_changed"}
            await self.cast_doubt(person)
            assert await socket.receive_nothing(timeout=0.3)

    async def test_what_a_page_hears_of_something_else_leaves_it_in_doubt(
        self, person: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hasten(monkeypatch, DOUBT_SECONDS=0)
        async with open_socket(person) as socket:
            await self.change_credentials(person)
            other = {"type": "taken_over"}
            await database_sync_to_async(push_to_user)(person.pk, other)
            assert await socket.hear() == other
            await self.cast_doubt(person)
            assert await socket.hear() == {"type": "credentials_changed"}

    async def test_who_was_signed_out_unheard_is_shown_out_when_in_doubt(
        self, person: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hasten(monkeypatch, DOUBT_SECONDS=0)
        client: Client = await database_sync_to_async(signed_in)(person)
        socket = build_socket(client)
        await socket.connect()
        await database_sync_to_async(client.session.flush)()
        await self.cast_doubt(person)
        assert await socket.hear() == {"type": "signed_out"}
        assert await socket.hear_close() == 4401
        await socket.disconnect()

    async def test_a_session_that_ends_without_a_word_is_found_out(
        self, person: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hasten(monkeypatch, SESSION_CHECK_SECONDS=0.02)
        client: Client = await database_sync_to_async(signed_in)(person)
        socket = build_socket(client)
        await socket.connect()
        assert (await socket.report())["type"] == "recorded"
        await database_sync_to_async(client.session.flush)()
        assert await socket.hear() == {"type": "signed_out"}
        assert await socket.hear_close() == 4401
        await socket.disconnect()

    async def test_so_is_a_changed_password_or_a_deactivated_person(
        self, person: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hasten(monkeypatch, SESSION_CHECK_SECONDS=0.02)
        async with open_socket(person) as socket:
            await database_sync_to_async(User.objects.filter(pk=person.pk).update)(is_active=False)
            assert await socket.hear() == {"type": "signed_out"}


async def test_nothing_is_taken_from_a_socket_that_was_signed_out(person: User) -> None:
    socket = build_socket(None)
    await socket.connect()
    assert await socket.hear() == {"type": "signed_out"}
    await socket.hear_close()
    await socket.tell(**build_error(31202))
    assert await socket.receive_nothing()
    await socket.disconnect()
    assert await list_events() == []
