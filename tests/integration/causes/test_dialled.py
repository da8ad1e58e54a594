"""The numbers of the fake's network, dialled by a Device, with the product as the account's server."""

import time
from collections.abc import Callable
from typing import Any

from accounts.people import User
from fake_twilio import catalogue
from phone.calls.call import Call
from phone.calls.legs import CallLeg
from phone.causes.describing import describe_cause
from tests.conftest import signed_in
from tests.connections import connect
from tests.fake_control import FakeTwilio
from tests.integration.causes.conftest import Exchange, Scene, fetch_token, wait_for_causes

Play = Callable[[Scene], Any]

# The cause, and the words that a person reads who has called there.
DIALLED = {
    catalogue.BUSY_NUMBER: ("busy", "The line is busy."),
    catalogue.DECLINING_NUMBER: ("declined", "They declined the call."),
    catalogue.UNREACHABLE_NUMBER: ("no_answer", "They cannot be reached just now: switched off, or without"),
    catalogue.UNALLOCATED_NUMBER: ("number_unreachable", "+1 202-555-0184 is not in service."),
    catalogue.WARY_NUMBER: ("caller_id_refused", "because of the number that it came from: +1 202-555-0123"),
    catalogue.GEO_BLOCKED_NUMBER: ("country_not_allowed", "Calls to Cuba are not switched on for this"),
    catalogue.PREMIUM_NUMBER: ("number_blocked", "Twilio does not put calls through to +1 900-555-0191"),
    "+12025550100": ("number_unreachable", "The telephone network cannot reach +1 202-555-0100."),
    "911": ("refused_here", "This phone cannot make emergency calls."),
    catalogue.NOT_A_NUMBER: ("invalid_number", "it is too short for +1 (United States)"),
}


def test_each_number_has_its_true_cause_within_ten_seconds_and_with_two_questions_at_most(
    alices_token: str, play: Play, fake_twilio: FakeTwilio, alice: User
) -> None:
    before = len(fake_twilio.requests())

    async def scene(exchange: Exchange) -> None:
        device = await exchange.register(alices_token)
        for number, to in enumerate(DIALLED):
            await exchange.call(device, to, name=f"TJS{number}", call_from=catalogue.DEMO_NUMBER)
            # What is then said is an answer to Twilio.
            await exchange.hang_up_when(device, "answer")

    play(scene)
    calls = wait_for_causes(count=len(DIALLED))
    assert {to: call.cause for to, call in calls.items()} == {to: cause for to, (cause, _) in DIALLED.items()}
    for to, (_, words) in DIALLED.items():
        assert words in describe_cause(calls[to]).words
        answer = signed_in(alice).get(f"/phone/calls/{calls[to].call_sid}/ending/").json()
        assert (answer["cause"], answer["is_settled"]) == (calls[to].cause, True)
    asked = [one["path"] for one in fake_twilio.requests()[before:]]
    asked = [path for path in asked if "Notifications" in path or "Alerts" in path]
    # Only of those where Twilio's callbacks do not say it.
    unsaid = [catalogue.GEO_BLOCKED_NUMBER, catalogue.PREMIUM_NUMBER, "+12025550100"]
    assert len(asked) <= 2 * len(unsaid)
    assert {path.split("/Calls/")[1][:34] for path in asked if "/Calls/" in path} == {
        calls[to].call_sid for to in unsaid
    }
    assert calls[catalogue.GEO_BLOCKED_NUMBER].cause_facts["alerts"][0]["code"] == 13227


def test_who_hung_up_is_told_and_who_gave_up(
    alices_token: str, play: Play, fake_twilio: FakeTwilio, alice: User
) -> None:
    async def scene(exchange: Exchange) -> None:
        device = await exchange.register(alices_token)
        await exchange.call(device, catalogue.HASTY_NUMBER, name="TJSa")
        await exchange.hang_up_when(device, "hangup")
        await exchange.call(device, catalogue.ECHO_NUMBER, name="TJSb")
        await exchange.hang_up_when(device, "answer", 0.2)
        await exchange.call(device, catalogue.UNANSWERED_NUMBER, name="TJSc")
        await exchange.hang_up_when(device, "ringing", 0.2)

    play(scene)
    calls = wait_for_causes(count=3)
    wait_until(lambda: Call.objects.filter(cause_facts__has_key="dial").count() == 3)
    calls = wait_for_causes(count=3)
    assert describe_cause(calls[catalogue.HASTY_NUMBER]).words == "They hung up."
    assert describe_cause(calls[catalogue.ECHO_NUMBER]).words == "You hung up."
    assert calls[catalogue.UNANSWERED_NUMBER].cause == "canceled"
    legs = CallLeg.objects.filter(role="called")
    # A leg's last callback may follow the Dial's end.
    wait_until(lambda: not legs.filter(cause="").exists())
    assert {leg.address: leg.cause for leg in legs} == {
        catalogue.HASTY_NUMBER: "answered",
        catalogue.ECHO_NUMBER: "answered",
        catalogue.UNANSWERED_NUMBER: "canceled",
    }


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not is_so():
        if time.monotonic() > deadline:
            raise AssertionError("it did not come to that in 10 s")
        time.sleep(0.05)


def test_a_colleague_who_declines_and_one_who_is_not_there(
    alices_token: str, play: Play, alice: User, bob: User
) -> None:
    connect(bob)

    async def scene(exchange: Exchange) -> None:
        device = await exchange.register(alices_token)
        bobs = await exchange.register(fetch_token_later)
        await exchange.call(device, bob.email, name="TJSa")
        invited = await bobs.expect("invite")
        await bobs.send("reject", callsid=invited["callsid"])
        await exchange.hang_up_when(device, "answer")

    fetch_token_later = fetch_token(bob)
    play(scene)
    [call] = wait_for_causes().values()
    assert (call.cause, describe_cause(call).words) == ("declined", "Bob declined the call.")
    address = f"/phone/calls/{call.call_sid}/ending/"
    assert signed_in(alice).get(address).json()["words"] == "Bob declined the call."
    seen = signed_in(bob).get(address).json()
    assert (seen["cause"], seen["words"]) == ("missed", "Alice stopped ringing before you answered.")


def test_without_an_answer_of_twilios_the_cause_is_unclear_and_says_what_was_asked(
    alices_token: str, play: Play, fake_twilio: FakeTwilio, alice: User
) -> None:
    async def scene(exchange: Exchange) -> None:
        device = await exchange.register(alices_token)
        await exchange.call(device, catalogue.GEO_BLOCKED_NUMBER)
        await exchange.hang_up_when(device, "answer")

    fake_twilio.add_fault("unavailable", path="Notifications")
    fake_twilio.add_fault("reset", host="monitor.twilio.com")
    play(scene)
    [call] = wait_for_causes().values()
    assert call.cause == "unclear"
    assert call.cause_facts["answers"] == {"notifications": "HTTP 503", "alerts": "reset"}


def test_what_the_notifications_do_not_have_the_alerts_may(
    alices_token: str, play: Play, fake_twilio: FakeTwilio
) -> None:
    async def scene(exchange: Exchange) -> None:
        device = await exchange.register(alices_token)
        await exchange.call(device, catalogue.GEO_BLOCKED_NUMBER)
        await exchange.hang_up_when(device, "answer")

    # Twilio's log is behind: nothing is there yet.
    fake_twilio.add_fault("json null", path="Notifications")
    play(scene)
    [call] = wait_for_causes().values()
    answers = {"notifications": "HTTP 200", "alerts": "HTTP 200"}
    assert (call.cause, call.cause_facts["answers"]) == ("country_not_allowed", answers)
