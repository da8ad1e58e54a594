"""How colleagues are just now: found out once for each change, and told to those who may know."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.company.memberships import Membership
from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from fake_twilio import catalogue
from phone.calls.do_not_disturb import switch_do_not_disturb
from phone.calls.legs import CallLeg
from phone.colleagues import listed
from phone.colleagues.seeing import LONGEST_CALL, see_colleagues, see_members
from phone.colleagues.sweeping import find_untrue, sweep_states
from phone.colleagues.telling import build_frames, build_presence_frames, hear_call
from phone.colleagues.told import ToldState
from phone.device.presence import (
    SILENT_AFTER,
    DevicePresence,
    Told,
    keep_alive,
    record_state,
    record_told,
)
from phone.device.silences import note_silences
from phone.device.told import presence_changed
from phone.echo_tests.echo_test import LONGEST, EchoTest
from tests.device_socket import DeviceSocket, build_event, open_socket
from tests.fake.who_hears import until
from tests.open_pages import record_connected, record_disconnected
from tests.webhook_requests import add_number, build_call_sid, make_member, post

NUMBER = catalogue.DEMO_NUMBER
MANY = 50


@pytest.fixture
def account(alice: User, bob: User) -> TwilioAccount:
    account = make_member(alice)
    make_member(bob)
    add_number(account, NUMBER, points_here=True)
    return account


def sit_down(person: User, state: str = "ready") -> uuid.UUID:
    """A page of theirs, open and heard of just now."""
    page_session = uuid.uuid4()
    record_connected(user=person, page_session=page_session, socket=page_session)
    record_state(user=person, page_session=page_session, state=state)
    return page_session


def get_states(account: TwilioAccount) -> dict[str, str]:
    return {seen.email: seen.state.value for seen in see_members(account)}


def read(frame: dict[str, Any]) -> dict[str, str]:
    return {one["email"]: one["state"] for one in frame["people"]}


class TestSeeing:
    def test_who_is_at_their_phone_is_free_until_they_are_not_heard_of(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        assert get_states(account) == {"alice@example.com": "away", "bob@example.com": "away"}
        page = sit_down(bob)
        assert get_states(account)["bob@example.com"] == "free"
        DevicePresence.objects.update(last_alive_at=timezone.now() - SILENT_AFTER)
        assert get_states(account)["bob@example.com"] == "away"
        record_told([Told(bob.pk, page, "ready")])
        assert get_states(account)["bob@example.com"] == "free"
        record_state(user=bob, page_session=page, state="offline")
        assert get_states(account)["bob@example.com"] == "away"

    def test_who_does_not_want_to_be_disturbed_says_so(self, account: TwilioAccount, bob: User) -> None:
        sit_down(bob)
        switch_do_not_disturb(bob, is_on=True)
        assert get_states(account)["bob@example.com"] == "do_not_disturb"

    def test_who_is_rung_is_free_and_who_answers_is_in_a_call_until_it_ends(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        sit_down(alice)
        sit_down(bob)
        post("voice_webhook", account, From=catalogue.STRANGER_NUMBER, To=NUMBER)
        leg = {
            "ParentCallSid": build_call_sid(),
            "CallSid": build_call_sid("leg"),
            "To": f"client:{bob.identity}",
        }
        free = {"alice@example.com": "free", "bob@example.com": "free"}
        for status, states in (
            ("ringing", free),
            ("in-progress", {**free, "bob@example.com": "in_call"}),
            ("completed", free),
        ):
            post("call_status", account, CallStatus=status, **leg)
            assert get_states(account) == states, status

    def test_who_calls_is_in_a_call_from_the_first_ring(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        sit_down(alice)
        sit_down(bob)
        post("voice_webhook", account, From=f"client:{alice.identity}", To="bob@example.com")
        assert get_states(account) == {"alice@example.com": "in_call", "bob@example.com": "free"}
        CallLeg.objects.update(asked_at=timezone.now() - LONGEST_CALL)
        assert get_states(account)["alice@example.com"] == "free"
        CallLeg.objects.update(asked_at=timezone.now())
        # The end of her own leg is told after that of the Dial, if at all.
        post(
            "dial_action", account, To="bob@example.com", DialCallStatus="no-answer", CallStatus="in-progress"
        )
        assert CallLeg.objects.filter(user=alice, ended_at=None).exists()
        assert get_states(account)["alice@example.com"] == "free"

    def test_who_makes_an_echo_test_is_in_a_call(
        self, account: TwilioAccount, alice: User, bob: User, heard: list[int]
    ) -> None:
        sit_down(alice)
        sit_down(bob)
        heard.clear()
        ring = {"From": f"client:{bob.identity}", "ConnectionTest": "echo"}
        post("voice_webhook", account, **ring)
        assert get_states(account) == {"alice@example.com": "free", "bob@example.com": "in_call"}
        assert heard == [bob.pk]
        build_frames([bob.pk])
        assert find_untrue() == []
        # Nothing was heard, and that was said.
        post("echo_test", account, CallStatus="in-progress")
        assert heard == [bob.pk] * 2
        assert get_states(account)["bob@example.com"] == "free"
        build_frames([bob.pk])
        # Of one whose end is lost they are not in a call for ever, and the clock finds it.
        post("voice_webhook", account, CallSid=build_call_sid("lost"), **ring)
        build_frames([bob.pk])
        EchoTest.objects.filter(ended_at=None).update(begun_at=timezone.now() - LONGEST)
        assert get_states(account)["bob@example.com"] == "free"
        assert find_untrue() == [bob.pk]

    def test_whom_one_can_talk_to_comes_first_and_oneself_not_at_all(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        for name in ("zoe", "carol", "dave"):
            make_member(User.objects.create_user(f"{name}@example.com", "dog-and-bone"))
        sit_down(User.objects.get(email="zoe@example.com"))
        switch_do_not_disturb(bob, is_on=True)
        names = [seen.name for seen in see_colleagues(alice, account)]
        assert names == ["Zoe", "Bob", "Carol", "Dave"]

    def test_the_pane_says_it_in_words(self, account: TwilioAccount, alice_client: Client, bob: User) -> None:
        sit_down(bob)
        shown = alice_client.get(reverse("colleagues"), headers={"HX-Request": "true"}).content.decode()
        assert 'data-state="free"' in shown and "Free" in shown


@pytest.fixture
def heard() -> Iterator[list[int]]:
    """The keys of those of whom something was heard."""
    people: list[int] = []

    def hear(sender: object, people: list[int], **kwargs: object) -> None:
        noted.extend(people)

    noted = people
    presence_changed.connect(hear)
    yield people
    presence_changed.disconnect(hear)


class TestHearing:
    def test_heartbeats_are_no_news_and_one_query_for_all(
        self, account: TwilioAccount, alice: User, bob: User, heard: list[int]
    ) -> None:
        for person in (alice, bob):
            sit_down(person)
        heard.clear()
        pages = [(page.pk, page.state) for page in DevicePresence.objects.all()]
        with CaptureQueriesContext(connection) as queries:
            assert keep_alive(pages, timezone.now()) == set()
        assert (heard, len(queries)) == ([], 1)

    def test_who_is_not_as_they_were_is_none_of_them_and_is_heard(
        self, account: TwilioAccount, alice: User, bob: User, heard: list[int]
    ) -> None:
        pages = {person: sit_down(person) for person in (alice, bob)}
        heard.clear()
        DevicePresence.objects.filter(user=bob).update(last_alive_at=timezone.now() - SILENT_AFTER)
        rows = {page.user_id: page for page in DevicePresence.objects.all()}
        told = [(page.pk, page.state) for page in rows.values()]
        assert keep_alive(told, timezone.now()) == {rows[bob.pk].pk}
        assert keep_alive([(rows[alice.pk].pk, "offline")], timezone.now()) == {rows[alice.pk].pk}
        record_told([Told(person.pk, page) for person, page in pages.items()])
        assert heard == [bob.pk]

    def test_what_may_change_somebody_is_heard(
        self, account: TwilioAccount, bob: User, heard: list[int]
    ) -> None:
        # Whose page is connecting is there already; that it is ready is nothing new.
        page = sit_down(bob)
        record_state(user=bob, page_session=page, state="offline")
        record_state(user=bob, page_session=page, state="ready")
        switch_do_not_disturb(bob, is_on=True)
        record_disconnected(user=bob, page_session=page, socket=page)
        DevicePresence.objects.update(last_alive_at=timezone.now() - SILENT_AFTER)
        note_silences(User.objects.all())
        assert heard == [bob.pk] * 6

    def test_a_phone_that_only_rings_changes_nobody(
        self, account: TwilioAccount, alice: User, bob: User, django_capture_on_commit_callbacks: Any
    ) -> None:
        post("voice_webhook", account, From=catalogue.STRANGER_NUMBER, To=NUMBER)
        leg = {
            "ParentCallSid": build_call_sid(),
            "CallSid": build_call_sid("leg"),
            "To": f"client:{bob.identity}",
        }
        post("call_status", account, CallStatus="ringing", **leg)
        call = CallLeg.objects.all()[0].call
        with django_capture_on_commit_callbacks() as telling:
            hear_call(None, call)
        assert telling == []
        post("call_status", account, CallStatus="in-progress", **leg)
        with django_capture_on_commit_callbacks() as telling:
            hear_call(None, call)
        assert [hook.args for hook in telling] == [(frozenset({bob.pk}),)]


class TestTelling:
    def test_changes_are_told_once_to_who_has_a_page_open_and_to_nobody_elses(
        self, account: TwilioAccount, alice: User, bob: User, mallory: User
    ) -> None:
        theirs = make_member(mallory, "other")
        for person in (alice, mallory):
            sit_down(person)
        build_frames([alice.pk, bob.pk, mallory.pk])
        sit_down(bob)
        page = DevicePresence.objects.get(user=alice)
        told = build_frames([bob.pk, mallory.pk])
        assert {key: read(frame) for key, frame in told.items()} == {
            alice.pk: {"bob@example.com": "free"},
            bob.pk: {"bob@example.com": "free"},
        }
        assert set(told[alice.pk]["people"][0]) == {"email", "state", "version"}
        assert build_frames([bob.pk, mallory.pk]) == {}
        record_disconnected(user=alice, page_session=page.page_session, socket=page.socket)
        switch_do_not_disturb(bob, is_on=True)
        assert set(build_frames([bob.pk])) == {bob.pk}
        assert read(build_presence_frames([mallory])[mallory.pk]) == {"mallory@example.com": "free"}
        assert [seen.email for seen in see_members(theirs)] == ["mallory@example.com"]

    def test_the_newer_of_two_frames_can_be_told(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        sit_down(alice)
        versions = []
        for is_on in (False, True, False):
            switch_do_not_disturb(bob, is_on=is_on)
            versions.append(build_frames([bob.pk])[alice.pk]["people"][0]["version"])
        assert versions == [1, 2, 3]
        greeted = {one["email"]: one["version"] for one in build_presence_frames([alice])[alice.pk]["people"]}
        assert greeted == {"alice@example.com": 0, "bob@example.com": 3}

    def test_who_is_gone_or_of_no_account_is_told_of_to_nobody(self, alice: User) -> None:
        sit_down(alice)
        assert build_frames([alice.pk, 10**6]) == {}
        nobody = {"type": "presence", "people": [], "is_all": True}
        assert build_presence_frames([alice])[alice.pk] == nobody

    @pytest.mark.parametrize("colleagues", [2, MANY])
    def test_a_change_costs_the_same_however_many_colleagues_there_are(
        self, db: None, colleagues: int
    ) -> None:
        people = User.objects.bulk_create(
            User(email=f"{number}@example.com", identity=f"dnb_{number:032x}") for number in range(colleagues)
        )
        for person in people:
            make_member(person)
        DevicePresence.objects.bulk_create(
            DevicePresence(user=person, page_session=uuid.uuid4(), socket=uuid.uuid4(), state="ready")
            for person in people
        )
        build_frames([person.pk for person in people])
        with CaptureQueriesContext(connection) as queries:
            assert build_frames([people[0].pk]) == {}
        # To lock the row, and to look; two more are BEGIN and COMMIT.
        assert len(queries) <= 4
        switch_do_not_disturb(people[0], is_on=True)
        with CaptureQueriesContext(connection) as queries:
            assert len(build_frames([people[0].pk])) == colleagues
        assert len(queries) <= 6, [query["sql"] for query in queries]
        with CaptureQueriesContext(connection) as queries:
            assert [len(frame["people"]) for frame in build_presence_frames(people[:2]).values()] == [
                colleagues
            ] * 2
        assert len(queries) == 2

    def test_who_was_told_to_be_free_when_a_server_died_is_found_by_the_clock(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        sit_down(alice)
        sit_down(bob)
        build_frames([alice.pk, bob.pk])
        assert find_untrue() == []
        DevicePresence.objects.filter(user=bob).update(last_alive_at=timezone.now() - SILENT_AFTER)
        ToldState.objects.filter(user=alice).update(state="in_call")
        assert sorted(find_untrue()) == sorted([alice.pk, bob.pk])
        sweep_states.call()
        assert find_untrue() == []
        assert ToldState.objects.get(user=bob).state == "away"


def read_names(frame: dict[str, Any]) -> list[str]:
    assert frame["is_all"] is True
    return sorted(one["name"] for one in frame["people"])


class TestListing:
    @pytest.fixture
    def told(
        self, account: TwilioAccount, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
    ) -> list[tuple[int, dict[str, Any]]]:
        """What pages are told of their lists, from when alice and bob have theirs open."""
        frames: list[tuple[int, dict[str, Any]]] = []
        monkeypatch.setattr(listed, "push_to_user", lambda key, frame: frames.append((key, frame)))
        for person in (alice, bob):
            sit_down(person)
        return frames

    def test_who_joins_is_renamed_is_deactivated_and_leaves_is_told_to_the_company(
        self,
        account: TwilioAccount,
        alice: User,
        bob: User,
        mallory: User,
        told: Any,
        django_capture_on_commit_callbacks: Any,
    ) -> None:
        others = make_member(mallory, "other")
        sit_down(mallory)
        carol = User.objects.create_user("carol@example.com", "dog-and-bone")

        def rename() -> None:
            carol.name = "Caroline"
            carol.save()

        def deactivate() -> None:
            carol.is_active = False
            carol.save()

        def come_back() -> None:
            carol.is_active = True
            carol.save()

        for deed, names in (
            (lambda: make_member(carol), ["Alice", "Bob", "Carol"]),
            (rename, ["Alice", "Bob", "Caroline"]),
            (deactivate, ["Alice", "Bob"]),
            (come_back, ["Alice", "Bob", "Caroline"]),
            (lambda: Membership.objects.get(user=carol).delete(), ["Alice", "Bob"]),
        ):
            told.clear()
            with django_capture_on_commit_callbacks(execute=True):
                deed()
            assert {key: read_names(frame) for key, frame in told} == {alice.pk: names, bob.pk: names}
        assert Membership.objects.filter(account=others).count() == 1

    def test_what_changes_nobodys_list_is_told_to_nobody(
        self, account: TwilioAccount, bob: User, told: Any, django_capture_on_commit_callbacks: Any
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            bob.language = "de"
            bob.save()
            membership = Membership.objects.get(user=bob)
            membership.may_call_abroad = False
            membership.save()
        assert told == []

    def test_who_is_refused_or_moves_sees_those_who_are_left_to_them(
        self,
        account: TwilioAccount,
        alice: User,
        bob: User,
        mallory: User,
        told: Any,
        django_capture_on_commit_callbacks: Any,
    ) -> None:
        others = make_member(mallory, "other")
        membership = Membership.objects.get(user=bob)
        for key, names, of_alice in (
            (None, [], {alice.pk: ["Alice"]}),
            (others.pk, ["Bob", "Mallory"], {}),
            (account.pk, ["Alice", "Bob"], {alice.pk: ["Alice", "Bob"]}),
        ):
            told.clear()
            with django_capture_on_commit_callbacks(execute=True):
                membership.account_id = key
                membership.save()
            own = {key: read_names(frame) for key, frame in told}
            assert own.pop(bob.pk) == names
            assert own == of_alice


def told_of(socket: DeviceSocket, person: User) -> list[str]:
    """All that a page has heard of somebody, the newest last."""
    states = [read(frame).get(person.email) for frame in socket.of_presence]
    return [state for state in states if state is not None]


def read_wholes(socket: DeviceSocket) -> list[list[str]]:
    """The names of everybody, each time that a page was told of all."""
    return [read_names(frame) for frame in socket.of_presence if "is_all" in frame]


def rename(person: User, name: str) -> None:
    person.name = name
    person.save()


@pytest.mark.django_db(transaction=True)
async def test_open_pages_hear_at_once_what_becomes_of_a_colleague(
    alice: User, bob: User, mallory: User
) -> None:
    for person in (alice, bob):
        await database_sync_to_async(make_member)(person)
    await database_sync_to_async(make_member)(mallory, "other")
    async with open_socket(alice, uuid.uuid4()) as hers, open_socket(mallory, uuid.uuid4()) as strangers:
        await until(lambda: told_of(hers, bob)[-1:] == ["away"])
        async with open_socket(bob, uuid.uuid4()) as his:
            await until(lambda: told_of(hers, bob)[-1] == "free")
            await database_sync_to_async(switch_do_not_disturb)(bob, is_on=True)
            await until(lambda: told_of(hers, bob)[-1] == "do_not_disturb")
            await database_sync_to_async(switch_do_not_disturb)(bob, is_on=False)
            await until(lambda: told_of(hers, bob)[-1] == "free")
            await his.tell(**build_event(state="offline", sdk_event="destroyed"))
            await until(lambda: told_of(hers, bob)[-1] == "away")
        await database_sync_to_async(rename)(bob, "Robert")
        # She is greeted with all of them, and may be told once more that they have just become colleagues.
        await until(lambda: read_wholes(hers)[-1] == ["Alice", "Robert"])
        assert set(map(tuple, read_wholes(hers)[:-1])) == {("Alice", "Bob")}
        assert told_of(strangers, bob) == []
        assert set(told_of(strangers, mallory)) <= {"free", "away"}
