"""What rows alone decide: events in any order and twice, whose call it is, what can be done and is shown."""

import itertools
import uuid
from datetime import timedelta
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.people import User
from accounts.sealing.encryption import make_credential_key
from accounts.tasks.background import enqueue
from accounts.twilio.credentials import TwilioAccount, TwilioCredentials
from accounts.twilio.rest import Answer
from fake_twilio import catalogue
from phone.calls.call import Call
from phone.calls.changes import call_changed, look_changed, tell_changed
from phone.calls.conferences import Conference
from phone.calls.confirmation import get_login
from phone.calls.destinations import Destination
from phone.calls.legs import CallLeg
from phone.calls.records import get_locked_call
from phone.device.presence import DevicePresence
from phone.in_call import rescue, tidying
from phone.in_call.inviting import note_brought
from phone.in_call.moving import learn_participants
from phone.in_call.parts import get_part
from phone.in_call.reconciling import reconcile_call
from phone.in_call.refusals import NotPossible, read_failure
from phone.in_call.second_call import GONE, TAKEN
from phone.in_call.state import build_states
from phone.in_call.targets import find_target
from phone.in_call.tidying import tidy_room
from phone.in_call.vanished import is_left
from phone.recents.recent_call import RecentCall
from tests.conftest import signed_in
from tests.device_socket import open_socket
from tests.fake.who_hears import until
from tests.fake_control import FakeTwilio
from tests.tasks import run_tasks
from tests.webhook_requests import add_number, build_call_sid, make_member, post


def test_the_action_of_the_dial_that_a_transfer_breaks_off_ends_nothing(call: Call) -> None:
    leg = CallLeg.objects.create(call=call, role="transferred_to", route="number", address="+12025550143")
    for is_over in (False, True):
        if is_over:
            CallLeg.objects.filter(pk=leg.pk).update(ended_at=timezone.now(), status="failed")
        over = {"DialCallStatus": "completed", "DialCallSid": build_call_sid("agent")}
        document = post("dial_action", call.account, query="?step=0", CallStatus="in-progress", **over)
        call.refresh_from_db()
        assert (call.ended_at is not None) == is_over
        assert (b"<Redirect" in document.content) == (not is_over)


ROOM_SID = "CF" + "a" * 32
SECOND_SID = build_call_sid("second")


@pytest.fixture
def account(alice: User, bob: User) -> TwilioAccount:
    make_member(bob)
    account = make_member(alice)
    add_number(account, catalogue.DEMO_NUMBER, friendly_name="Front desk")
    return account


@pytest.fixture
def call(account: TwilioAccount, alice: User) -> Call:
    """A call from outside that alice has answered, by the webhooks that tell of it."""
    post("voice_webhook", account, From=catalogue.STRANGER_NUMBER, To=catalogue.DEMO_NUMBER)
    answer_by(account, alice, "agent")
    return Call.objects.get()


def answer_by(account: TwilioAccount, user: User, leg: str) -> None:
    for number, status in enumerate(("initiated", "ringing", "in-progress")):
        tell_leg(account, user, leg, status, number)


def tell_leg(account: TwilioAccount, user: User, leg: str, status: str, number: int) -> None:
    post(
        "call_status",
        account,
        CallSid=build_call_sid(leg),
        ParentCallSid=build_call_sid(),
        To=f"client:{user.identity}",
        CallStatus=status,
        SequenceNumber=str(number),
    )


@pytest.fixture
def room(call: Call) -> Conference:
    """The room that the call has been sent to."""
    room = Conference.objects.create(account=call.account, asked_at=timezone.now())
    Call.objects.filter(pk=call.pk).update(conference=room)
    CallLeg.objects.filter(call=call).update(conference=room)
    return room


def tell(room: Conference, event: str, number: int, leg: str = "", **fields: str) -> Any:
    return post(
        "conference_event",
        room.account,
        StatusCallbackEvent=event,
        FriendlyName=room.name,
        ConferenceSid=ROOM_SID,
        SequenceNumber=str(number),
        CallSid=build_call_sid(leg or "call") if event.startswith("participant") else "-",
        CallStatus="-",
        **fields,
    )


EVENTS = (
    ("participant-join", 1, {}),
    ("participant-hold", 2, {"Hold": "true"}),
    ("participant-unhold", 3, {"Hold": "false"}),
    ("participant-hold", 4, {"Hold": "true"}),
)


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[::3])
def test_events_in_any_order_and_twice_come_to_the_same(room: Conference, order: tuple[int, ...]) -> None:
    for index in (*order, *order):
        event, number, fields = EVENTS[index]
        assert tell(room, event, number, **fields).status_code == 204
    leg = CallLeg.objects.get(call_sid=build_call_sid())
    assert leg.joined_at is not None
    assert (leg.left_at, leg.is_held, leg.conference_sequence) == (None, True, 4)
    room.refresh_from_db()
    assert room.conference_sid == ROOM_SID


def test_an_event_names_its_room_and_leg_with_the_call_locked_first(room: Conference) -> None:
    agent = CallLeg.objects.get(call_sid=build_call_sid("agent"))
    CallLeg.objects.filter(pk=agent.pk).update(call_sid="")
    with CaptureQueriesContext(connection) as queries:
        tell(room, "participant-join", 1, "agent", ParticipantLabel=agent.label)
    agent.refresh_from_db()
    room.refresh_from_db()
    assert (agent.call_sid, room.conference_sid) == (build_call_sid("agent"), ROOM_SID)
    asked = [one["sql"].replace('"', "") for one in queries.captured_queries]
    changed = [index for index, sql in enumerate(asked) if sql.startswith(("UPDATE", "INSERT"))]
    locked = [
        index
        for index, sql in enumerate(asked)
        if sql.startswith("SELECT") and "FROM phone_call WHERE" in sql
    ]
    assert locked[0] < changed[0], asked
    assert len(asked) <= 22, asked


def test_a_leg_that_is_named_while_it_is_looked_for_is_found(room: Conference) -> None:
    agent = CallLeg.objects.get(call_sid=build_call_sid("agent"))
    named = CallLeg.objects.filter(pk=agent.pk)
    named.update(call_sid="")
    looks = iter([True])

    def name_after_first_look(execute: Any, sql: str, *args: Any) -> Any:
        found = execute(sql, *args)
        if "phone_callleg" in sql and next(looks, False):
            named.update(call_sid=build_call_sid("agent"))
        return found

    with connection.execute_wrapper(name_after_first_look):
        tell(room, "participant-join", 1, "agent", ParticipantLabel=agent.label)
    agent.refresh_from_db()
    assert agent.joined_at is not None


@pytest.mark.parametrize("comes_meanwhile", [True, False])
def test_a_list_of_twilios_does_not_undo_what_it_has_told_since(
    room: Conference, monkeypatch: pytest.MonkeyPatch, comes_meanwhile: bool
) -> None:
    if not comes_meanwhile:
        tell(room, "participant-join", 1)

    def list_nobody(*args: Any) -> list[Any]:
        if comes_meanwhile:
            tell(room, "participant-join", 1)
        return []

    found = {"sid": ROOM_SID, "status": "in-progress"}
    monkeypatch.setattr("phone.in_call.moving.find_conference", lambda *_: found)
    monkeypatch.setattr("phone.in_call.moving.list_participants", list_nobody)
    login = get_login(room.account)
    assert login is not None
    learn_participants(room, login)
    leg = CallLeg.objects.get(call_sid=build_call_sid())
    assert leg.joined_at is not None and (leg.left_at is None) is comes_meanwhile


def test_who_has_left_is_not_brought_back_by_old_news_and_comes_back_by_new(room: Conference) -> None:
    tell(room, "participant-leave", 5)
    tell(room, "participant-join", 1)
    tell(room, "participant-hold", 2, Hold="true")
    leg = CallLeg.objects.get(call_sid=build_call_sid())
    assert leg.left_at is not None and not leg.is_held
    tell(room, "participant-join", 6)
    leg.refresh_from_db()
    assert (leg.left_at, leg.ended_at) == (None, None)


def test_a_room_that_starts_and_ends_is_told_without_a_call(room: Conference) -> None:
    assert tell(room, "conference-end", 2).status_code == 204
    assert tell(room, "conference-start", 1).status_code == 204
    room.refresh_from_db()
    assert room.started_at is not None and room.ended_at is not None


def test_a_room_of_another_account_is_nobodys_to_tell_of(room: Conference, mallory: User) -> None:
    other = make_member(mallory, "other")
    answer = post(
        "conference_event",
        other,
        auth_token=catalogue.auth_token("other"),
        StatusCallbackEvent="participant-join",
        FriendlyName=room.name,
        ConferenceSid=ROOM_SID,
        SequenceNumber="1",
    )
    assert answer.status_code == 204
    assert not CallLeg.objects.exclude(joined_at=None).exists()
    assert tell(room, "participant-join", 1, Extra="x").status_code == 204
    assert post("conference_event", room.account, signature="wrong").status_code == 403
    assert post("conference_event", room.account, CallSid="-", ConferenceSid="CFx").status_code == 403


def test_both_legs_of_a_move_are_sent_to_the_same_room(room: Conference) -> None:
    joined = post("join_room", room.account, CallSid=build_call_sid("agent")).content.decode()
    dial = {"DialCallSid": build_call_sid("agent"), "DialCallStatus": "completed"}
    went_on = post("dial_action", room.account, From="+12025550170", **dial).content.decode()
    assert joined.count(room.name) == went_on.count(room.name) == 1
    assert Call.objects.get().ended_at is None


def test_a_ring_that_was_taken_beside_another_call_rings_no_more_whatever_twilio_has_told(
    room: Conference, alice: User
) -> None:
    post("voice_webhook", room.account, CallSid=SECOND_SID, From="+12025550151", To=catalogue.DEMO_NUMBER)
    post(
        "call_status",
        room.account,
        CallSid=build_call_sid("ring of the second"),
        ParentCallSid=SECOND_SID,
        To=f"client:{alice.identity}",
        CallStatus="ringing",
    )
    ring = CallLeg.objects.get(call_sid=build_call_sid("ring of the second"))
    Call.objects.filter(call_sid=SECOND_SID).update(
        conference=room,
        status="in-progress",
        answered_at=timezone.now(),
        cause_facts={"taken": [str(ring.pk)]},
    )
    part = get_part(alice, SECOND_SID)
    assert part is not None and part.mine is not None
    assert part.mine.call_sid == build_call_sid("agent")


def test_a_dial_that_ends_by_hanging_up_ends_the_call_whatever_was_asked(room: Conference) -> None:
    CallLeg.objects.filter(call_sid=build_call_sid("agent")).update(ended_at=timezone.now())
    dial = {"DialCallSid": build_call_sid("agent"), "DialCallStatus": "completed"}
    assert room.name not in post("dial_action", room.account, **dial).content.decode()
    assert Call.objects.get().ended_at is not None


def test_a_call_in_a_room_is_over_when_nobody_is_left_in_it(room: Conference, call: Call) -> None:
    for leg in ("agent", "call"):
        tell(room, "participant-join", 1, leg)
    parent = {"agent": build_call_sid(), "call": "-"}
    for leg in ("agent", "call"):
        call.refresh_from_db()
        assert call.ended_at is None
        post(
            "call_status",
            room.account,
            CallSid=build_call_sid(leg),
            ParentCallSid=parent[leg],
            CallStatus="completed",
        )
    call.refresh_from_db()
    assert (call.status, call.ended_at is None) == ("completed", False)


def do(client: Client, call_sid: str, deed: str, **fields: Any) -> Any:
    return client.post(reverse("call_deed", args=[call_sid, deed]), fields)


def test_a_call_that_is_not_theirs_is_not_found(call: Call, bob: User, mallory: User) -> None:
    make_member(mallory, "other")
    assert do(signed_in(mallory), call.call_sid, "hold").status_code == 404
    assert do(signed_in(mallory), build_call_sid("none"), "hold").status_code == 404
    assert do(signed_in(mallory), "CA" + "'" * 32, "hold").status_code == 404
    assert do(signed_in(bob), call.call_sid, "juggle").status_code == 404
    # It rang for bob, too, and alice has it: he may know that, and do nothing to it.
    for deed in ("hold", "hang-up", "answer", "leave", "remove", "resume"):
        assert do(signed_in(bob), call.call_sid, deed).status_code == 409
    assert Client().post(reverse("call_deed", args=[call.call_sid, "hold"])).status_code == 302
    assert Client(enforce_csrf_checks=True).post(
        reverse("call_deed", args=[call.call_sid, "hold"])
    ).status_code in (302, 403)


def test_a_call_that_rings_for_others_too_is_nobodys_to_hang_up_but_its_callers(
    account: TwilioAccount, alice: User, bob: User
) -> None:
    post("voice_webhook", account, From=catalogue.STRANGER_NUMBER, To=catalogue.DEMO_NUMBER)
    tell_leg(account, alice, "agent", "ringing", 1)
    [state] = build_states(alice)
    assert "hang-up" not in state["can"] and "decline" in state["cannot"]["hang-up"]
    assert do(signed_in(alice), build_call_sid(), "hang-up").status_code == 409
    own = build_call_sid("own")
    post("voice_webhook", account, From=f"client:{alice.identity}", To="bob", CallSid=own)
    [state] = [one for one in build_states(alice) if one["call_sid"] == own]
    assert "hang-up" in state["can"]


def test_whoever_has_left_the_account_has_no_part_in_its_calls(call: Call, alice: User) -> None:
    TwilioCredentials.objects.filter(user=alice).delete()
    assert do(signed_in(alice), call.call_sid, "hold").status_code == 404


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        (b"[]", "not JSON with an object"),
        (b"{", "not JSON with an object"),
        (b"[" * 50_000, "not JSON with an object"),
        (b'{"party": 7}', "party is no text"),
        (b'{"note": "\\u0000"}', "note holds"),
        (b'{"note": "\\ud800"}', "note holds"),
        (b'{"to": "' + b"9" * 10_000 + b'"}', "to has 10000 characters; 200"),
    ],
)
def test_what_cannot_be_read_is_said(call: Call, alice: User, body: bytes, seen: str) -> None:
    answer = signed_in(alice).post(
        reverse("call_deed", args=[call.call_sid, "remove"]), body, content_type="application/json"
    )
    assert answer.status_code in (409, 422)
    assert seen in answer.json()["words"]


def test_what_cannot_be_done_is_not_offered_and_says_why(call: Call, alice: User) -> None:
    [state] = build_states(alice)
    assert {"hold", "hang-up"} <= set(state["can"])
    assert state["cannot"].keys() >= {"resume", "leave", "remove", "answer"}
    assert not set(state["can"]) & state["cannot"].keys()
    TwilioCredentials.objects.update(verdict="wrong_auth_token")
    [state] = build_states(alice)
    assert state["can"] == [] and "Connect again" in state["cannot"]["hold"]
    answer = do(signed_in(alice), call.call_sid, "hold")
    assert (answer.status_code, answer.json()["cause"]) == (422, "unclear")


def test_whom_it_rang_in_vain_can_be_asked_into_it_and_whom_it_rings_now_cannot(
    account: TwilioAccount, call: Call, alice: User, bob: User
) -> None:
    # Twilio's word that it does not ring there any more is still on the way.
    tell_leg(account, bob, "other", "ringing", 1)

    def find() -> Destination:
        part = get_part(alice, call.call_sid)
        assert part is not None
        return find_target(part, typed="Bob", call_from="", most_keys=0)

    assert find().colleague == bob
    CallLeg.objects.filter(user=bob).update(role=CallLeg.Role.ADDED)
    with pytest.raises(NotPossible, match="not_possible") as refused:
        find()
    assert refused.value.words == "Bob is in this call already."


def test_a_login_that_does_not_open_is_said_to_be_no_use(
    call: Call, alice: User, fake_twilio: FakeTwilio, settings: Any
) -> None:
    settings.CREDENTIAL_KEYS = [make_credential_key()]
    answer = do(signed_in(alice), call.call_sid, "hold")
    assert (answer.status_code, answer.json()["cause"]) == (422, "unclear")
    assert fake_twilio.requests() == []


@pytest.mark.parametrize(
    ("status", "code", "words", "expected"),
    [
        (401, 20003, "This feature is not available on a Trial account.", (422, "trial_limit")),
        (400, 21219, "The number is unverified.", (422, "trial_limit")),
        (403, 20003, "Authenticate", (422, "unclear")),
        (404, 20404, "The requested resource was not found", (409, "not_possible")),
        (429, 20429, "Too Many Requests", (503, "twilio_unavailable")),
        (502, None, "", (503, "twilio_unavailable")),
    ],
)
def test_each_refusal_of_twilios_has_its_cause(
    status: int, code: int | None, words: str, expected: tuple[int, str]
) -> None:
    refused = read_failure(Answer(status, code, words, sender="twilio"))
    assert (refused.status, refused.cause) == expected
    assert refused.words


def test_a_call_is_shown_to_each_as_it_is_theirs(call: Call, alice: User, bob: User) -> None:
    [mine] = build_states(alice)
    assert (mine["state"], mine["direction"]) == ("open", "incoming")
    assert (mine["name"], mine["address"]) == (catalogue.STRANGER_NUMBER, catalogue.STRANGER_NUMBER)
    assert (mine["called"], mine["called_name"]) == (catalogue.DEMO_NUMBER, "Front desk")
    assert mine["leg_sid"] == build_call_sid("agent")
    assert [one["name"] for one in mine["parties"]] == [catalogue.STRANGER_NUMBER, "Alice"]
    [his] = build_states(bob)
    assert (his["state"], his["leg_sid"], his["can"]) == ("ended", "", [])


def test_between_colleagues_no_identity_is_shown(account: TwilioAccount, alice: User, bob: User) -> None:
    post("voice_webhook", account, From=f"client:{alice.identity}", To="bob")
    answer_by(account, bob, "bobs")
    [hers], [his] = build_states(alice), build_states(bob)
    assert (hers["direction"], hers["name"], hers["address"]) == ("outgoing", "Bob", bob.email)
    assert (his["direction"], his["name"], his["address"]) == ("incoming", "Alice", alice.email)
    assert alice.identity not in str(his) and bob.identity not in str(hers)
    assert (hers["leg_sid"], his["leg_sid"]) == (build_call_sid(), build_call_sid("bobs"))


@pytest.mark.django_db(transaction=True)
async def test_a_page_is_told_of_its_calls_when_it_comes_and_of_each_change_once(
    account: TwilioAccount, alice: User
) -> None:
    @database_sync_to_async
    def ring() -> None:
        post("voice_webhook", account, From=catalogue.STRANGER_NUMBER, To=catalogue.DEMO_NUMBER)

    @database_sync_to_async
    def answer() -> None:
        answer_by(account, alice, "agent")

    @database_sync_to_async
    def answered_again() -> None:
        tell_leg(account, alice, "agent", "in-progress", 2)

    async with open_socket(alice) as socket:
        await until(lambda: bool(socket.of_calls))
        assert socket.of_calls == [{"type": "calls", "calls": []}]
        await ring()
        await until(lambda: len(socket.of_calls) > 1)
        assert [frame["calls"][0]["state"] for frame in socket.of_calls[1:]] == ["ringing"]
        await answer()
        await until(lambda: socket.of_calls[-1]["calls"][0]["state"] == "open")
        # Of the three things that Twilio has told, those that came together are told together.
        assert len(socket.of_calls) <= 5
        told = len(socket.of_calls)
        await answered_again()
        await until(lambda: len(socket.of_calls) > told)
        assert len(socket.of_calls) <= 6
    async with open_socket(alice) as socket:
        await until(lambda: bool(socket.of_calls))
        assert [one["state"] for one in socket.of_calls[0]["calls"]] == ["open"]


def test_a_call_that_ends_while_its_neighbour_does_is_not_recorded_as_going_on(
    room: Conference, alice: User
) -> None:
    neighbours = []
    for name in ("second", "third"):
        caller = {"From": catalogue.ECHO_NUMBER, "To": catalogue.DEMO_NUMBER}
        post("voice_webhook", room.account, CallSid=build_call_sid(name), **caller)
        answered = {"conference": room, "answered_at": timezone.now(), "user": alice}
        Call.objects.filter(call_sid=build_call_sid(name)).update(status="in-progress", **answered)
        CallLeg.objects.filter(call__call_sid=build_call_sid(name)).update(conference=room)
        neighbours.append(build_call_sid(name))

    def end_the_other(sender: Any, call: Call, **kwargs: Any) -> None:
        """While the first of the two is told of, whoever ends the other one commits."""
        if call.call_sid in neighbours:
            other = next(sid for sid in neighbours if sid != call.call_sid)
            neighbours.clear()
            post("call_status", room.account, CallSid=other, CallStatus="completed")
            ended.append(other)

    ended: list[str] = []
    for signal in (call_changed, look_changed):
        signal.connect(end_the_other)
    try:
        tell(room, "participant-join", 1)
    finally:
        for signal in (call_changed, look_changed):
            signal.disconnect(end_the_other)
    row = RecentCall.objects.get(user=alice, call__call_sid=ended[0])
    assert row.ended_at == row.call.ended_at is not None


def test_tidying_an_empty_room_closes_it(room: Conference) -> None:
    CallLeg.objects.update(ended_at=timezone.now(), status="completed")
    tell(room, "conference-end", 3)
    enqueue(tidy_room, room.pk)
    run_tasks()
    assert Call.objects.get().ended_at is not None


def test_nothing_is_found_by_no_sid(call: Call) -> None:
    CallLeg.objects.filter(call_sid=build_call_sid("agent")).update(call_sid="")
    assert get_locked_call(call.account, "") is None


def test_an_account_ends_no_leg_of_anothers_by_naming_it_as_its_own_calls(
    room: Conference, mallory: User
) -> None:
    other = make_member(mallory, "other")
    theirs = Call.objects.create(
        account=other,
        call_sid=build_call_sid("theirs"),
        direction="incoming",
        from_address="+12025550150",
        to_address="+12025550151",
        status="in-progress",
    )
    leg = CallLeg.objects.create(
        call=theirs,
        call_sid=build_call_sid("their leg"),
        role="called",
        route="number",
        address="+12025550151",
        status="in-progress",
    )
    told = {"CallSid": leg.call_sid, "ParentCallSid": build_call_sid(), "CallStatus": "completed"}
    assert post("call_status", room.account, **told).status_code == 204
    leg.refresh_from_db()
    assert (leg.status, leg.ended_at) == ("in-progress", None)


def test_pages_that_cannot_be_told_do_not_spoil_what_twilio_told(
    call: Call, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def fail(*args: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr("phone.in_call.telling.push_to_user", fail)
    done = []
    with django_capture_on_commit_callbacks(execute=True):
        tell_changed(call)
        transaction.on_commit(lambda: done.append("next"))
    assert done == ["next"]


@pytest.mark.parametrize("sid", ["CA%00", "x", "CA" + "0" * 33, "x" * 3000])
def test_what_is_no_sid_is_nobodys_call(call: Call, alice: User, sid: str) -> None:
    client = signed_in(alice)
    assert client.get(f"/phone/calls/{sid}/ending/").status_code == 404
    assert client.post(f"/phone/calls/{sid}/note/", {"note": "x"}).status_code == 404


def test_their_own_login_of_either_kind_comes_before_a_colleagues(
    account: TwilioAccount, alice: User, bob: User
) -> None:
    key = {"api_key_sid": "SK" + "1" * 32, "api_key_secret": "x"}
    theirs = TwilioCredentials.objects.get(user=bob)
    theirs.api_key_sid, theirs.api_key_secret = key["api_key_sid"], key["api_key_secret"]
    theirs.save()

    def find(first: User | None) -> str:
        login = get_login(account, first)
        return login.username if login else ""

    assert (find(alice), find(bob), find(None)) == (account.account_sid, *[key["api_key_sid"]] * 2)
    TwilioCredentials.objects.filter(user=alice).update(verdict="wrong_auth_token")
    assert find(alice) == key["api_key_sid"]


@pytest.mark.parametrize("when", ["hold", "redirect", "taken"])
def test_the_first_is_heard_again_where_the_second_is_not_to_be_had(
    call: Call, room: Conference, alice: User, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    second = build_call_sid("second")
    caller = {"From": catalogue.ECHO_NUMBER, "To": catalogue.DEMO_NUMBER}
    post("voice_webhook", room.account, CallSid=second, **caller)
    ringing = {"ParentCallSid": second, "To": f"client:{alice.identity}", "CallStatus": "ringing"}
    post("call_status", room.account, CallSid=build_call_sid("second agent"), **ringing)
    CallLeg.objects.filter(call=call).update(joined_at=timezone.now())
    Conference.objects.filter(pk=room.pk).update(conference_sid=ROOM_SID)
    room.refresh_from_db()
    held: list[bool] = []

    def hold(*args: Any, is_held: bool, **kwargs: Any) -> None:
        held.append(is_held)
        if when == "taken":
            Call.objects.filter(call_sid=second).update(answered_at=timezone.now())
        elif when == "hold":
            end_second()

    def end_second(*args: Any) -> None:
        CallLeg.objects.filter(call_sid=second).update(status="completed", ended_at=timezone.now())

    monkeypatch.setattr("phone.in_call.holding.hold_participant", hold)
    monkeypatch.setattr("phone.in_call.second_call.move_into_conference", lambda *_: room)
    monkeypatch.setattr("phone.in_call.second_call.redirect_leg", end_second)
    answer = do(signed_in(alice), second, "answer")
    assert (answer.status_code, answer.json()["words"]) == (409, TAKEN if when == "taken" else GONE)
    assert held == [True, False]
    assert not CallLeg.objects.filter(is_held=True).exists()


@pytest.mark.parametrize(("age", "is_over"), [(61, True), (30, False)])
def test_somebody_whom_twilio_never_named_does_not_ring_for_ever(
    call: Call, monkeypatch: pytest.MonkeyPatch, age: int, is_over: bool
) -> None:
    leg = CallLeg.objects.create(
        call=call,
        role="added",
        route="number",
        address=catalogue.ECHO_NUMBER,
        status="queued",
        asked_at=timezone.now() - timedelta(seconds=age),
    )
    monkeypatch.setattr("phone.in_call.reconciling.fetch_call", lambda *_: {"status": "in-progress"})
    reconcile_call(call)
    leg.refresh_from_db()
    assert (leg.ended_at is not None, leg.let_go_at is not None) == (is_over, is_over)
    call.refresh_from_db()
    assert call.ended_at is None


def note_done(
    monkeypatch: pytest.MonkeyPatch, *, present: dict[str, bool] | None = None, status: str = "ringing"
) -> list[tuple[str, str]]:
    """What is done to legs at Twilio from now on.

    Its list has whom `present` names, with whether they are on hold; without it, whoever our rows have.
    `status` is that of every leg that it is asked about.
    """
    done: list[tuple[str, str]] = []

    def find_conference(*_: Any) -> dict[str, str] | None:
        return None if present is None else {"sid": ROOM_SID, "status": "in-progress"}

    def list_participants(*_: Any) -> list[dict[str, Any]]:
        return [
            {"call_sid": sid, "hold": hold, "status": "connected"} for sid, hold in (present or {}).items()
        ]

    monkeypatch.setattr("phone.in_call.moving.find_conference", find_conference)
    monkeypatch.setattr("phone.in_call.moving.list_participants", list_participants)
    monkeypatch.setattr(tidying, "fetch_call", lambda login, sid: {"sid": sid, "status": status})
    monkeypatch.setattr(tidying, "end_leg", lambda login, sid: done.append(("end", sid)))
    monkeypatch.setattr(rescue, "redirect_leg", lambda login, sid, *_: done.append(("redirect", sid)))
    return done


def test_whoever_is_sent_out_to_be_rung_back_is_not_hung_up_on_before_they_are_gone(
    room: Conference, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page of one who asked somebody dies; whom it asked is seen to leave before the caller is.

    And it is for the one whose page died that the caller rings first, though the other left last.
    """
    now = timezone.now()
    legs = CallLeg.objects.filter(call__conference=room)
    legs.update(joined_at=now, answered_at=now, status="in-progress")
    legs.filter(role="caller").update(is_held=True)
    mine = {"status": "completed", "left_at": now, "ended_at": now}
    legs.filter(user=alice).update(**mine)
    CallLeg.objects.create(
        call=legs[0].call,
        call_sid=build_call_sid("asked"),
        role=CallLeg.Role.CONSULTED,
        user=bob,
        conference=room,
        status="in-progress",
        joined_at=now,
        answered_at=now,
    )
    done = note_done(monkeypatch)
    for _ in range(2):
        enqueue(tidy_room, room.pk)
        run_tasks()
    assert done == [("end", build_call_sid("asked")), ("redirect", build_call_sid())]
    caller = CallLeg.objects.get(role="caller")
    assert rescue.find_agent(caller.call, caller) == alice


@pytest.mark.parametrize(
    "left", [{"left_at": 0, "joined_at": None}, {"ended_at": 0, "joined_at": None}, {"ended_at": 0}]
)
def test_whoever_is_left_is_rung_back_though_twilio_tells_late_of_who_joined_and_left(
    left: dict[str, Any], room: Conference, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    legs = CallLeg.objects.filter(call__conference=room)
    legs.update(joined_at=now, answered_at=now, status="in-progress")
    told = {name: now if value == 0 else value for name, value in left.items()}
    legs.filter(user=alice).update(status="completed", **told)
    done = note_done(monkeypatch)
    enqueue(tidy_room, room.pk)
    run_tasks()
    assert done == [("redirect", build_call_sid())]


def test_whoever_is_being_put_through_is_not_hung_up_on_before_twilio_has_asked_where_to(
    room: Conference, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twilio tells that the person has left, and asks a moment later what to do with the other."""
    now = timezone.now()
    legs = CallLeg.objects.filter(call__conference=room)
    legs.update(joined_at=now, answered_at=now, status="in-progress")
    legs.filter(user=alice).update(status="completed", let_go_at=now, ended_at=now, left_at=now)
    target = CallLeg.objects.create(
        call=Call.objects.get(conference=room), role="transferred_to", route="number", status="queued"
    )
    done = note_done(monkeypatch)
    enqueue(tidy_room, room.pk)
    run_tasks()
    assert done == []
    again = DBTaskResult.objects.filter(task_path__endswith="tidy_room", status="READY")
    assert again.get().run_after > now + tidying.SENT_ON_WITHIN

    # It came to nothing, and nobody has said so.
    CallLeg.objects.filter(pk=target.pk).update(asked_at=now - tidying.SENT_ON_WITHIN)
    enqueue(tidy_room, room.pk)
    run_tasks()
    assert done == [("end", build_call_sid())]


@pytest.fixture
def second(room: Conference, account: TwilioAccount) -> Call:
    """Another call in the room, in which alice talks to its caller on the leg that she has; all have come."""
    now = timezone.now()
    post("voice_webhook", account, CallSid=SECOND_SID, From=catalogue.ECHO_NUMBER, To=catalogue.DEMO_NUMBER)
    Call.objects.filter(call_sid=SECOND_SID).update(
        conference=room, answered_at=now, status="in-progress", user=Call.objects.get(conference=room).user
    )
    second = Call.objects.get(call_sid=SECOND_SID)
    CallLeg.objects.filter(call_sid=SECOND_SID).update(conference=room)
    legs = CallLeg.objects.filter(conference=room)
    legs.update(joined_at=now, answered_at=now, status="in-progress", conference_sequence=1)
    return second


def send_on(call: Call, by: User) -> CallLeg:
    """A transfer that has been asked for: whom it is to."""
    to: dict[str, str] = {"role": "transferred_to", "route": "number", "status": "queued"}
    target = CallLeg.objects.create(call=call, address=catalogue.UNANSWERED_NUMBER, **to)
    note_brought(call, target, by)
    return target


@pytest.mark.parametrize("order", list(itertools.permutations(("leave", "ask"))) + [("leave",), ("ask",)])
def test_of_two_calls_the_other_goes_on_while_it_rings_for_the_one_that_is_put_through(
    order: tuple[str, ...], call: Call, second: Call, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whom it rings for may take long to answer, and Twilio tells in any order."""
    room = second.conference
    assert room is not None
    target = send_on(call, alice)
    for told in order:
        if told == "leave":
            tell(room, "participant-leave", 2, ParticipantCallStatus="in-progress")
        else:
            query = f"?leg={target.label}"
            assert b"<Dial" in post("transfer_leg", call.account, query=query).content
    done = note_done(monkeypatch)
    enqueue(tidy_room, room.pk)
    run_tasks()
    assert done == []
    second.refresh_from_db()
    assert (second.ended_at, second.conference) == (None, room)


def test_twilio_that_transfers_one_of_two_calls_without_an_answer_ends_nobodys_part_in_the_other(
    call: Call, second: Call, alice: User
) -> None:
    target = send_on(call, alice)
    CallLeg.objects.filter(pk=target.pk).update(status="canceled", ended_at=timezone.now())
    post("transfer_leg", call.account, query=f"?leg={target.label}")
    target.refresh_from_db()
    assert target.ended_at is None
    assert CallLeg.objects.get(user=alice, conference=second.conference).let_go_at is None


@pytest.mark.parametrize("is_asked_already", [True, False])
def test_whoever_puts_a_colleague_through_is_not_rung_back_as_if_the_colleague_were_lost(
    is_asked_already: bool, room: Conference, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twilio has not ended her leg yet, and tells first that the other has left for somebody else."""
    now = timezone.now()
    legs = CallLeg.objects.filter(conference=room)
    legs.update(joined_at=now, answered_at=now, status="in-progress")
    legs.filter(role="caller").update(user=bob)
    legs.filter(user=alice).update(let_go_at=now)
    target = send_on(Call.objects.get(conference=room), alice)
    tell(room, "participant-leave", 2, ParticipantCallStatus="in-progress")
    if is_asked_already:
        post("transfer_leg", room.account, query=f"?leg={target.label}")
    done = note_done(monkeypatch)
    enqueue(tidy_room, room.pk)
    run_tasks()
    assert done == [("end", build_call_sid("agent"))]


@pytest.fixture
def three(room: Conference, alice: User) -> CallLeg:
    """Alice's page is lost; the caller and somebody whom she has added are in the room. The one added."""
    now = timezone.now()
    legs = CallLeg.objects.filter(conference=room)
    legs.update(joined_at=now, answered_at=now, status="in-progress", conference_sequence=1)
    legs.filter(user=alice).update(status="completed", left_at=now, ended_at=now)
    return CallLeg.objects.create(
        call=Call.objects.get(conference=room),
        call_sid=build_call_sid("added"),
        role="added",
        route="number",
        address=catalogue.ECHO_NUMBER,
        status="ringing",
        conference=room,
        joined_at=now,
    )


@pytest.mark.parametrize(
    ("status", "wanted"),
    [
        ("in-progress", []),
        ("ringing", [("end", build_call_sid("added")), ("redirect", build_call_sid())]),
    ],
)
def test_whoever_was_added_and_has_answered_talks_on_though_twilio_tells_late_of_the_answer(
    status: str, wanted: list[Any], three: CallLeg, room: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = note_done(monkeypatch, status=status)
    enqueue(tidy_room, room.pk)
    run_tasks()
    assert done == wanted
    # And it is known from now on, should Twilio never tell.
    three.refresh_from_db()
    assert (three.answered_at is not None, three.ended_at is None) == (not wanted, not wanted)


def test_an_answer_that_was_not_told_is_asked_for(
    three: CallLeg, room: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    note_done(monkeypatch, present={build_call_sid(): False, three.call_sid: False})
    monkeypatch.setattr("phone.in_call.reconciling.fetch_call", lambda *_: {"status": "in-progress"})
    reconcile_call(Call.objects.get())
    three.refresh_from_db()
    assert (three.status, three.answered_at is None) == ("in-progress", False)


def test_nobody_is_sent_out_of_a_talk_by_old_news_of_a_hold(
    three: CallLeg, room: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    CallLeg.objects.filter(pk=three.pk).update(status="in-progress", answered_at=timezone.now())
    tell(room, "participant-hold", 2, Hold="true")
    # Of which Twilio has not told yet that it is over.
    done = note_done(monkeypatch, present={build_call_sid(): False, three.call_sid: False})
    enqueue(tidy_room, room.pk)
    run_tasks()
    assert done == []


def test_nobody_is_hung_up_on_of_whom_twilio_has_not_told_that_they_came_back(
    room: Conference, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    legs = CallLeg.objects.filter(conference=room)
    legs.update(joined_at=now, answered_at=now, status="in-progress", conference_sequence=1)
    legs.filter(user=alice).update(left_at=now)
    both = {build_call_sid(): False, build_call_sid("agent"): False}
    done = note_done(monkeypatch, present=both)
    enqueue(tidy_room, room.pk)
    run_tasks()
    assert done == []
    assert legs.get(user=alice).left_at is None


def test_a_tab_beside_the_phone_is_not_taken_for_the_page_that_a_call_is_talked_on(
    call: Call, alice: User
) -> None:
    leg = call.legs.get(user=alice)
    DevicePresence.objects.create(user=alice, page_session=uuid.uuid4(), socket=uuid.uuid4(), is_spare=True)
    assert is_left(alice, leg)
    DevicePresence.objects.create(user=alice, page_session=uuid.uuid4(), socket=uuid.uuid4())
    assert not is_left(alice, leg)
