"""A call with several in it, from the side of each: what they see, may do, and are told at its end."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from fake_twilio import catalogue
from phone.calls.call import Call
from phone.calls.changes import tell_changed
from phone.calls.conferences import Conference
from phone.calls.legs import CallLeg
from phone.causes.endings import describe_ending
from phone.in_call import awaiting, inviting, leaving
from phone.in_call.awaiting import NOT_TOLD, wait_until_answered
from phone.in_call.parts import Part, get_part
from phone.in_call.rescue import ring
from phone.in_call.rooms import mark_over
from phone.in_call.second_call import ASKED
from phone.in_call.state import build_states
from phone.recents.recent_call import RecentCall
from tests.conftest import signed_in
from tests.integration.in_call.test_rows import account, answer_by, call, do, room, tell_leg
from tests.webhook_requests import build_call_sid, post

__all__ = ["account", "call", "room"]

OTHER = "+12025550199"
Role = CallLeg.Role


def find_part(person: User, call: Call) -> Part:
    part = get_part(person, call.call_sid)
    assert part is not None
    return part


def bring(call: Call, by: User, role: str, **fields: Any) -> CallLeg:
    """Somebody who has come into the call's room, asked there by `by`."""
    call.refresh_from_db()
    wanted: dict[str, Any] = {
        "address": OTHER,
        "route": CallLeg.Route.NUMBER,
        "status": "in-progress",
        "answered_at": timezone.now(),
        "joined_at": timezone.now(),
        "call_sid": build_call_sid("brought"),
        "conference": call.conference,
    }
    leg = CallLeg.objects.create(call=call, role=role, **(wanted | fields))
    inviting.note_brought(call, leg, by)
    tell_changed(call)
    return leg


def bring_bob(call: Call, by: User, bob: User, role: str) -> CallLeg:
    address = f"client:{bob.identity}"
    return bring(call, by, role, user=bob, address=address, route=CallLeg.Route.CLIENT)


def move(call: Call) -> None:
    room = Conference.objects.create(account=call.account, conference_sid="CF" + "b" * 32)
    Call.objects.filter(pk=call.pk).update(conference=room)
    CallLeg.objects.filter(call=call).update(conference=room, joined_at=timezone.now())
    call.refresh_from_db()


def go(leg: CallLeg, after: float = 0) -> None:
    """The leg is over, so many seconds from now."""
    leg.refresh_from_db()
    mark_over([leg], timezone.now() + timedelta(seconds=after))


def finish(call: Call, after: float) -> None:
    at = timezone.now() + timedelta(seconds=after)
    mark_over(CallLeg.objects.filter(call=call, ended_at=None), at)
    Call.objects.filter(pk=call.pk).update(status="completed", ended_at=at)
    call.refresh_from_db()
    tell_changed(call)


def read_ending(person: User, call: Call) -> tuple[str, str]:
    call.refresh_from_db()
    cause = describe_ending(call, person, was_open=True).cause
    return (cause.slug, cause.words) if cause else ("", "")


@pytest.fixture
def between(account: TwilioAccount, alice: User, bob: User) -> Call:
    """Alice has called Bob, who has answered; the two are in a room."""
    post("voice_webhook", account, From=f"client:{alice.identity}", To="bob")
    answer_by(account, bob, "bobs")
    call = Call.objects.get()
    move(call)
    return call


class TestAside:
    def test_who_is_put_aside_neither_sees_whom_the_other_asks_nor_decides(
        self, between: Call, alice: User, bob: User
    ) -> None:
        bring(between, alice, Role.CONSULTED)
        # Also in the moment before Twilio has put him on hold.
        assert not {"complete", "back", "join"} & set(build_states(bob)[0]["can"])
        CallLeg.objects.filter(user=bob).update(is_held=True)
        [his], [hers] = build_states(bob), build_states(alice)
        assert (his["state"], [one["name"] for one in his["parties"]]) == ("held", ["Alice", "Bob"])
        assert (his["can"], OTHER in str(his)) == (["hang-up"], False)
        client = signed_in(bob)
        for deed in ("complete", "back", "join", "add", "remove", "consult", "transfer", "hold", "resume"):
            answer = do(client, between.call_sid, deed, to=OTHER)
            assert (answer.status_code, "on hold" in answer.json()["words"]) == (409, True), deed
        assert (hers["state"], {"complete", "back", "join"} <= set(hers["can"])) == ("consulting", True)

    def test_of_two_on_hold_neither_lets_the_other_be_heard(
        self, between: Call, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bring(between, alice, Role.ADDED, is_held=True)
        CallLeg.objects.filter(user=bob).update(is_held=True)
        assert build_states(bob)[0]["can"] == ["leave", "hang-up"]
        ended: list[str] = []
        monkeypatch.setattr(leaving, "end_leg", lambda login, sid: ended.append(sid))
        assert do(signed_in(bob), between.call_sid, "hang-up").status_code == 200
        assert ended == [build_call_sid("bobs")]
        between.refresh_from_db()
        assert between.ended_at is None and CallLeg.objects.get(address=OTHER).is_held
        assert read_ending(bob, between) == ("answered", "You left the call, and the others went on.")

    def test_who_is_at_the_other_end_is_told_anew_once_it_is_somebody_else(
        self, call: Call, alice: User, bob: User
    ) -> None:
        move(call)
        caller = call.legs.get(role=Role.CALLER)
        CallLeg.objects.filter(pk=caller.pk).update(is_held=True)
        asked = bring_bob(call, alice, bob, Role.CONSULTED)
        [guest] = build_states(bob)
        assert (guest["name"], guest["is_another"], guest["state"]) == ("Alice", True, "open")
        assert {one["role"] for one in guest["parties"]} >= {"caller"}
        # Completed.
        CallLeg.objects.filter(pk=caller.pk).update(is_held=False)
        CallLeg.objects.filter(pk=asked.pk).update(role=Role.TRANSFERRED_TO)
        go(call.legs.get(user=alice))
        [his] = build_states(bob)
        assert (his["name"], his["is_another"]) == (catalogue.STRANGER_NUMBER, True)

    def test_whom_she_called_sees_who_is_left_with_him(self, between: Call, alice: User, bob: User) -> None:
        assert build_states(bob)[0]["is_another"] is False
        bring(between, alice, Role.TRANSFERRED_TO)
        go(between.legs.get(user=alice))
        [his] = build_states(bob)
        assert (his["name"], his["address"], his["is_another"]) == (OTHER, OTHER, True)


class TestEarly:
    def test_what_a_page_has_answered_waits_for_twilios_word(
        self, account: TwilioAccount, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        post("voice_webhook", account, From=catalogue.STRANGER_NUMBER, To=catalogue.DEMO_NUMBER)
        tell_leg(account, alice, "agent", "ringing", 1)
        call = Call.objects.get()
        [state] = build_states(alice)
        assert state["soon"] == ["hold", "transfer", "consult", "add", "record"]
        assert {state["cannot"][deed] for deed in state["soon"]} == {NOT_TOLD}
        slept: list[float] = []

        def answer(seconds: float) -> None:
            slept.append(seconds)
            tell_leg(account, alice, "agent", "in-progress", 2)

        monkeypatch.setattr(awaiting.time, "sleep", answer)
        part = wait_until_answered(find_part(alice, call))
        assert (part.is_in_it, len(slept)) == (True, 1)
        assert build_states(alice)[0]["soon"] == []

    def test_nobody_waits_for_ever(
        self, account: TwilioAccount, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        post("voice_webhook", account, From=catalogue.STRANGER_NUMBER, To=catalogue.DEMO_NUMBER)
        tell_leg(account, alice, "agent", "ringing", 1)
        monkeypatch.setattr(awaiting, "SECONDS", 0.0)
        answer = do(signed_in(alice), Call.objects.get().call_sid, "hold")
        assert (answer.status_code, answer.json()["words"]) == (409, NOT_TOLD)


class TestOut:
    def test_who_leaves_is_out_at_once_with_their_own_time(self, call: Call, alice: User, bob: User) -> None:
        move(call)
        bring_bob(call, alice, bob, Role.ADDED)
        part = find_part(alice, call)
        assert part.mine is not None
        leaving.note_sent_out(part, part.mine)
        leaving.note_ended(part, [part.mine])
        assert read_ending(alice, call) == ("answered", "You left the call, and the others went on.")
        row = RecentCall.objects.get(user=alice)
        part.mine.refresh_from_db()
        assert (row.cause, row.ended_at, row.answered_at) == (
            "answered",
            part.mine.ended_at,
            call.answered_at,
        )
        # To the one who stays it goes on; and hers is as it was when he is gone, too.
        assert RecentCall.objects.get(user=bob).cause == ""
        finish(call, after=90)
        again = RecentCall.objects.get(user=alice)
        assert (again.cause, again.ended_at) == ("answered", row.ended_at)

    def test_who_is_removed_is_told_by_whom(self, call: Call, alice: User, bob: User) -> None:
        move(call)
        his = bring_bob(call, alice, bob, Role.ADDED)
        part = find_part(alice, call)
        leaving.note_sent_out(part, his)
        leaving.note_ended(part, [his])
        assert read_ending(bob, call) == (
            "answered",
            "Alice took you out of the call, and the others went on.",
        )

    def test_who_puts_through_is_out_before_it_is_answered_there(
        self, between: Call, alice: User, bob: User
    ) -> None:
        mine = between.legs.get(user=alice)
        leaving.let_go([mine])
        bring(between, alice, Role.TRANSFERRED_TO, status="ringing", answered_at=None, joined_at=None)
        leaving.note_ended(find_part(alice, between), [mine])
        mine.refresh_from_db()
        row = RecentCall.objects.get(user=alice)
        assert (row.cause, row.ended_at) == ("answered", mine.ended_at)
        assert read_ending(alice, between)[1] == "You put the call through to +1 202-555-0199."
        # Whom she has put through goes on: he has put nobody through.
        assert RecentCall.objects.get(user=bob).cause == ""

    def test_who_hangs_up_on_hold_has_put_nobody_through(self, between: Call, alice: User, bob: User) -> None:
        leg = bring(between, alice, Role.CONSULTED)
        his = between.legs.get(user=bob)
        CallLeg.objects.filter(pk=his.pk).update(is_held=True)
        part = find_part(bob, between)
        leaving.let_go([his])
        leaving.note_sent_out(part, his)
        leaving.note_ended(part, [his])
        CallLeg.objects.filter(pk=leg.pk).update(role=Role.TRANSFERRED_TO)
        assert read_ending(bob, between) == ("answered", "You left the call, and the others went on.")

    @pytest.mark.parametrize("by", ["alice", "bob"])
    def test_who_ended_it_for_all_is_told_to_each(self, by: str, call: Call, alice: User, bob: User) -> None:
        move(call)
        bring_bob(call, alice, bob, Role.ADDED)
        people = {"alice": alice, "bob": bob}
        leaving.note_who_hung_up(find_part(people[by], call))
        finish(call, after=1)
        other = "bob" if by == "alice" else "alice"
        assert read_ending(people[by], call) == ("answered", "You hung up.")
        assert read_ending(people[other], call) == ("answered", f"{by.capitalize()} hung up.")

    def test_who_was_brought_into_a_call_that_the_other_side_ends_has_not_hung_up(
        self, between: Call, alice: User, bob: User
    ) -> None:
        Call.objects.filter(pk=between.pk).update(to_address=OTHER)
        CallLeg.objects.filter(user=bob).update(user=None, address=OTHER, route=CallLeg.Route.NUMBER)
        bobs = bring_bob(between, alice, bob, Role.ADDED)
        go(between.legs.get(user=alice))
        go(between.legs.get(address=OTHER), after=1)
        go(bobs, after=2)
        finish(between, after=2)
        assert read_ending(bob, between) == ("answered", "+1 202-555-0199 hung up.")


class TestRungAgain:
    def rescue(self, call: Call, people: list[User]) -> None:
        """Alice's page has died, and it rings for `people` in its place."""
        go(call.legs.get(user=call.user))
        leg = call.legs.get(role=Role.CALLER)
        ring(call.account, call, leg, people, "2")

    def test_who_lets_a_call_ring_that_was_left_to_them_has_missed_it(
        self, account: TwilioAccount, call: Call, alice: User, bob: User
    ) -> None:
        self.rescue(call, [bob])
        tell_leg(account, bob, "again", "ringing", 1)
        assert not RecentCall.objects.get(user=bob).is_missed
        tell_leg(account, bob, "again", "no-answer", 2)
        row = RecentCall.objects.get(user=bob)
        assert (row.cause, row.is_missed, row.is_unseen, row.answered_at) == ("missed", True, True, None)
        finish(call, after=3)
        found = describe_ending(call, bob).cause
        assert found is not None and found.slug == "missed"
        assert found.words.endswith("stopped ringing before you answered.")
        assert RecentCall.objects.get(user=bob).cause == "missed"
        assert not RecentCall.objects.get(user=alice).is_missed

    def test_who_takes_it_is_named_to_those_whom_it_rang_as_well(
        self, account: TwilioAccount, call: Call, alice: User, bob: User, mallory: User
    ) -> None:
        self.rescue(call, [bob, mallory])
        Call.objects.filter(pk=call.pk).update(answered_at=timezone.now() - timedelta(minutes=1))
        CallLeg.objects.filter(user=alice).update(answered_at=timezone.now() - timedelta(minutes=1))
        CallLeg.objects.create(
            call=call,
            role=Role.CALLED,
            route=CallLeg.Route.CLIENT,
            user=mallory,
            address=f"client:{mallory.identity}",
            status="canceled",
            ended_at=timezone.now(),
            call_sid=build_call_sid("third"),
        )
        answer_by(account, bob, "again")
        call.refresh_from_db()
        cause = describe_ending(call, mallory).cause
        assert cause is not None
        assert (cause.slug, cause.words) == ("answered_elsewhere", "Answered by Bob.")
        assert not RecentCall.objects.get(user=mallory).is_missed


def test_a_note_is_as_long_on_the_page_as_it_is_kept(account: TwilioAccount, alice: User) -> None:
    assert b'aria-label="Note" rows="1" maxlength="2000"' in signed_in(alice).get(reverse("phone")).content


@pytest.mark.parametrize("role", ["consulted", "added"])
def test_whoever_is_asked_into_a_call_sends_nobody_of_it_to_voicemail(
    role: str, call: Call, alice: User, bob: User
) -> None:
    move(call)
    leg = bring_bob(call, alice, bob, role)
    CallLeg.objects.filter(pk=leg.pk).update(status="ringing", answered_at=None, joined_at=None)
    call.rung.add(bob)
    [his] = build_states(bob)
    assert (his["state"], his["cannot"]["voicemail"]) == ("ringing", ASKED)
    answer = signed_in(bob).post(reverse("voicemail_deed", args=[call.call_sid]))
    assert (answer.status_code, answer.json()["words"]) == (409, ASKED)
