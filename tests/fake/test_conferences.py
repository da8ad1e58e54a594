"""Conferences over REST, with the official package, and what a customer is told about them."""

import asyncio
from typing import Any

import pytest
from twilio.rest import Client

from fake_twilio import catalogue
from fake_twilio.calls import LivingCall
from fake_twilio.switchboard import SWITCHBOARD
from tests.fake.conftest import Fake, OpenDevice, OpenPeer
from tests.fake.customer import Customer
from tests.fake.device import PATIENCE
from tests.fake.living_calls import codes, over, ring
from tests.fake.package import Package
from tests.fake.tokens import build_access_token
from tests.fake.who_hears import hears, until

EVENTS = "start end join leave mute hold modify announcement"
STRANGER_HERTZ = 440


def room(then: str = "<Pause length='60'/>", **attributes: str) -> str:
    attributes = {"statusCallback": "/events", "statusCallbackEvent": EVENTS} | attributes
    written = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    return f"<Dial><Conference {written}>room</Conference></Dial>{then}"


async def join(
    fake: Fake, customer: Customer, then: str = "<Pause length='60'/>", **attributes: str
) -> LivingCall:
    customer.answers["/voice"] = room(then, **attributes)
    call = await ring(fake, sound="tone")
    await customer.wait_for("/events", CallSid=call.record.sid, StatusCallbackEvent="participant-join")
    return call


def events(customer: Customer) -> list[str]:
    told = sorted(customer.asked("/events"), key=lambda event: int(event["SequenceNumber"]))
    return [event["StatusCallbackEvent"].removeprefix("participant-") for event in told]


async def told(customer: Customer, event: str, **wanted: str) -> dict[str, str]:
    return await customer.wait_for("/events", StatusCallbackEvent=event, **wanted)


async def find_sid(package: Package) -> str:
    return (await package.ask(lambda it: it.conferences.list(friendly_name="room")))[0].sid


async def test_a_conference_is_listed_by_name_status_and_day_and_told_about_in_order(
    fake: Fake, customer: Customer, package: Package
) -> None:
    anna = await join(fake, customer, participantLabel="anna")
    (found,) = await package.ask(lambda it: it.conferences.list(friendly_name="room", status="init"))
    assert await package.ask(lambda it: it.conferences.list(status="in-progress")) == []
    bert = await join(fake, customer)
    started = await told(customer, "conference-start")
    assert (started["ConferenceSid"], started["FriendlyName"]) == (found.sid, "room")
    today = found.date_created.date()
    listed = await package.ask(lambda it: it.conferences.list(status="in-progress", date_created=today))
    assert [one.sid for one in listed] == [found.sid]
    bert.hang_up()
    left = await told(customer, "participant-leave")
    assert (left["CallSid"], left["ReasonParticipantLeft"]) == (bert.record.sid, "participant_hung_up")
    assert left["ParticipantCallStatus"] == "completed"
    anna.hang_up()
    ended = await told(customer, "conference-end")
    assert ended["ReasonConferenceEnded"] == "last-participant-left"
    assert "CallSid" not in ended
    assert events(customer) == ["join", "join", "conference-start", "leave", "leave", "conference-end"]
    assert [one["SequenceNumber"] for one in customer.asked("/events")] == ["1", "2", "3", "4", "5", "6"]
    fetched = await package.ask(lambda it: it.conferences(found.sid).fetch())
    assert (fetched.status, fetched.reason_conference_ended) == ("completed", "last-participant-left")
    assert await package.ask(lambda it: it.conferences.list(friendly_name="room", status="init")) == []
    assert await package.refuses(lambda it: it.conferences(found.sid).participants("anna").fetch()) == (
        404,
        20404,
    )


async def test_a_moderator_who_leaves_ends_it_for_everybody(
    fake: Fake, customer: Customer, package: Package
) -> None:
    customer.answers["/left"] = ""
    anna = await join(fake, customer, endConferenceOnExit="true", participantLabel="anna")
    bert = await join(fake, customer, then="<Redirect>/after</Redirect>")
    sid = await find_sid(package)
    anna.hang_up()
    await customer.wait_for("/after", CallSid=bert.record.sid)
    left = await told(customer, "participant-leave", CallSid=bert.record.sid)
    assert left["ReasonParticipantLeft"] == "moderator_ended_conference"
    assert left["ParticipantCallStatus"] == "in-progress"
    ended = await told(customer, "conference-end")
    assert ended["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-left"
    assert (ended["CallSidEndingConference"], ended["ParticipantLabelEndingConference"]) == (
        anna.record.sid,
        "anna",
    )
    fetched = await package.ask(lambda it: it.conferences(sid).fetch())
    assert fetched.call_sid_ending_conference == anna.record.sid


async def test_participants_are_found_by_label_and_by_call_and_filtered(
    fake: Fake, customer: Customer, package: Package
) -> None:
    anna = await join(fake, customer, participantLabel="anna", muted="true")
    bert = await join(fake, customer, participantLabel="bert")
    sid = await find_sid(package)
    by_label = await package.ask(lambda it: it.conferences(sid).participants("anna").fetch())
    assert (by_label.call_sid, by_label.muted, by_label.status) == (anna.record.sid, True, "connected")
    by_call = await package.ask(lambda it: it.conferences(sid).participants(bert.record.sid).fetch())
    assert (by_call.label, by_call.end_conference_on_exit) == ("bert", False)
    everybody = await package.ask(lambda it: it.conferences(sid).participants.list(page_size=1))
    assert {one.label for one in everybody} == {"anna", "bert"}
    muted = await package.ask(lambda it: it.conferences(sid).participants.list(muted=True))
    assert [one.label for one in muted] == ["anna"]
    assert await package.refuses(lambda it: it.conferences(sid).participants("cara").fetch()) == (404, 20404)


async def test_every_change_of_a_participant_is_told(
    fake: Fake, customer: Customer, package: Package
) -> None:
    await join(fake, customer, participantLabel="anna")
    await join(fake, customer, participantLabel="bert")
    sid = await find_sid(package)

    async def change(**wanted: Any) -> None:
        await package.ask(lambda it: it.conferences(sid).participants("anna").update(**wanted))

    await change(muted=True)
    assert (await told(customer, "participant-mute"))["Muted"] == "true"
    await change(muted=False, hold=True)
    held = await told(customer, "participant-hold")
    assert (held["Hold"], held["Muted"], held["ParticipantLabel"]) == ("true", "false", "anna")
    await change(hold=True)
    await change(hold=False)
    await change(end_conference_on_exit=True, beep_on_exit=False)
    assert (await told(customer, "participant-modify"))["EndConferenceOnExit"] == "true"
    customer.answers["/said"] = "<Say>x</Say>"
    await change(announce_url=f"{customer.url}/said", announce_method="GET")
    announced = await told(customer, "announcement-end")
    assert announced["AnnounceUrl"] == f"{customer.url}/said"
    assert events(customer)[3:] == ["mute", "unmute", "hold", "unhold", "modify", "announcement-end"]


async def test_someone_is_removed_and_goes_on_with_their_next_verb(
    fake: Fake, customer: Customer, package: Package
) -> None:
    anna = await join(fake, customer, then="<Redirect>/after</Redirect>", participantLabel="anna")
    await join(fake, customer)
    sid = await find_sid(package)
    assert await package.ask(lambda it: it.conferences(sid).participants("anna").delete())
    left = await told(customer, "participant-leave")
    assert (left["CallSid"], left["ReasonParticipantLeft"]) == (
        anna.record.sid,
        "participant_updated_via_api",
    )
    await customer.wait_for("/after", CallSid=anna.record.sid)
    assert await package.refuses(lambda it: it.conferences(sid).participants("anna").fetch()) == (404, 20404)


async def test_the_last_one_removed_ends_it(fake: Fake, customer: Customer, package: Package) -> None:
    await join(fake, customer, participantLabel="anna")
    sid = await find_sid(package)
    await package.ask(lambda it: it.conferences(sid).participants("anna").delete())
    assert (await told(customer, "conference-end"))["ReasonConferenceEnded"] == "last-participant-kicked"


async def test_a_conference_is_ended_over_rest(fake: Fake, customer: Customer, package: Package) -> None:
    calls = [await join(fake, customer, then="") for _ in range(2)]
    sid = await find_sid(package)
    ended = await package.ask(lambda it: it.conferences(sid).update(status="completed"))
    assert (ended.status, ended.reason_conference_ended) == ("completed", "conference-ended-via-api")
    for call in calls:
        assert (await over(call)).status == "completed"
    left = await told(customer, "participant-leave")
    assert left["ReasonParticipantLeft"] == "conference_ended_via_api"
    await told(customer, "conference-end", ReasonConferenceEnded="conference-ended-via-api")
    assert await package.refuses(lambda it: it.conferences(sid).update(status="completed")) == (404, 20404)


async def test_a_participant_that_is_redirected_has_left_and_hears_no_more_of_it(
    fake: Fake, customer: Customer, package: Package
) -> None:
    anna = await join(fake, customer)
    bert = await join(fake, customer)
    customer.answers["/else"] = "<Pause length='60'/>"
    await package.ask(lambda it: it.calls(anna.record.sid).update(url=f"{customer.url}/else"))
    left = await told(customer, "participant-leave")
    assert left["ReasonParticipantLeft"] == "participant_updated_via_api"
    await until(lambda: hears(anna, of=(STRANGER_HERTZ,)) and hears(bert, of=(STRANGER_HERTZ,)))


def adding(customer: Customer, **more: Any) -> dict[str, Any]:
    return {"from_": catalogue.DEMO_NUMBER, "to": catalogue.STRANGER_NUMBER, "label": "other", **more}


async def test_somebody_is_added_and_talks_and_is_gone_when_removed(
    fake: Fake, customer: Customer, package: Package
) -> None:
    anna = await join(fake, customer)
    sid = await find_sid(package)
    progress = {
        "status_callback": f"{customer.url}/progress",
        "status_callback_event": ["initiated", "ringing", "answered", "completed"],
    }
    added = await package.ask(
        lambda it: it.conferences(sid).participants.create(**adding(customer, **progress))
    )
    assert (added.status, added.label, added.conference_sid) == ("queued", "other", sid)
    await customer.wait_for("/progress", CallStatus="in-progress", CallSid=added.call_sid)
    call = fake.app[SWITCHBOARD].calls[added.call_sid]
    await until(lambda: hears(call, STRANGER_HERTZ, of=(STRANGER_HERTZ,)))
    assert call.record.direction == "outbound-api"
    await package.ask(lambda it: it.conferences(sid).participants("other").delete())
    assert (await over(call)).status == "completed"
    assert anna.record.status == "in-progress"


@pytest.mark.parametrize(
    ("to", "status"),
    [
        (catalogue.BUSY_NUMBER, "busy"),
        (catalogue.UNANSWERED_NUMBER, "no-answer"),
        ("client:nobody", "no-answer"),
    ],
)
@pytest.mark.parametrize("early_media", [True, False])
async def test_somebody_who_does_not_come_is_told_about_with_the_reason(
    fake: Fake, customer: Customer, package: Package, to: str, status: str, early_media: bool
) -> None:
    await join(fake, customer)
    sid = await find_sid(package)
    wanted = adding(customer, to=to, timeout=5, early_media=early_media)
    await package.ask(lambda it: it.conferences(sid).participants.create(**wanted))
    async with asyncio.timeout(2 * PATIENCE):
        while "leave" not in events(customer):
            await asyncio.sleep(0.02)
    left = await told(customer, "participant-leave")
    assert left["ReasonParticipantLeft"] == "participant_add_failed"
    assert left["ParticipantCallStatus"] == status
    assert ("conference-start" in events(customer)) is early_media
    assert (await package.ask(lambda it: it.conferences(sid).fetch())).status != "completed"


async def test_with_early_media_the_ringing_is_heard(
    fake: Fake, customer: Customer, package: Package
) -> None:
    anna = await join(fake, customer, beep="false", waitUrl="")
    sid = await find_sid(package)
    wanted = adding(customer, to=catalogue.UNANSWERED_NUMBER, beep="false")
    await package.ask(lambda it: it.conferences(sid).participants.create(**wanted))
    await until(lambda: hears(anna, 425, of=(425, STRANGER_HERTZ)))
    anna.hang_up()


async def test_a_conference_that_is_not_there_is_opened_by_name_and_a_browser_called_into_it(
    fake: Fake, customer: Customer, package: Package, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    device, peer = await open_device(), open_peer()
    await device.register(build_access_token())
    events_to = {
        "conference_status_callback": f"{customer.url}/events",
        "conference_status_callback_event": ["start", "join", "end"],
    }
    wanted = adding(customer, to="client:alice?who=Bert%20B", label="agent", **events_to)
    added = await package.ask(lambda it: it.conferences("new room").participants.create(**wanted))
    assert added.conference_sid.startswith("CF")
    invited = await device.expect("invite")
    assert invited["parameters"]["Params"] == "who=Bert+B"
    await device.send("answer", callsid=invited["callsid"], sdp=await peer.answer(invited["sdp"]))
    await device.expect("answer")
    await peer.wait_for_sound()
    customer.answers["/voice"] = "<Dial><Conference>new room</Conference></Dial>"
    stranger = await ring(fake, sound="tone")
    await told(customer, "conference-start", FriendlyName="new room")
    await until(lambda: hears(stranger, 600, of=(600, STRANGER_HERTZ)))


async def test_a_label_is_taken_once_and_a_full_room_takes_nobody(
    fake: Fake, customer: Customer, package: Package
) -> None:
    await join(fake, customer, participantLabel="anna", maxParticipants="2")
    sid = await find_sid(package)
    twice = adding(customer, label="anna")
    assert await package.refuses(lambda it: it.conferences(sid).participants.create(**twice)) == (400, 16025)
    customer.answers["/voice"] = room("<Redirect>/next</Redirect>", participantLabel="anna")
    await over(await ring(fake))
    assert len(customer.asked("/next")) == 1
    await join(fake, customer)
    customer.answers["/voice"] = '<Dial action="/full"><Conference>room</Conference></Dial>'
    call = await ring(fake)
    assert (await customer.wait_for("/full"))["DialCallStatus"] == "failed"
    assert await package.refuses(lambda it: it.conferences(sid).participants.create(**adding(customer))) == (
        400,
        16020,
    )
    assert codes(call.account) == ["16025", "16020"]


async def test_who_is_to_be_coached_must_be_there(fake: Fake, customer: Customer, package: Package) -> None:
    nobody = "CA" + 32 * "0"
    customer.answers["/voice"] = f'<Dial action="/y"><Conference coach="{nobody}">empty</Conference></Dial>'
    await ring(fake)
    assert (await customer.wait_for("/y"))["DialCallStatus"] == "failed"
    assert await package.ask(lambda it: it.conferences.list()) == []
    await join(fake, customer, participantLabel="anna")
    sid = await find_sid(package)

    def coach(**wanted: Any) -> Any:
        return lambda it: it.conferences(sid).participants("anna").update(**wanted)

    assert await package.refuses(coach(coaching=True)) == (400, 20001)
    assert await package.refuses(coach(coaching=True, call_sid_to_coach=nobody)) == (400, 13240)
    customer.answers["/voice"] = f'<Dial action="/x"><Conference coach="{nobody}">room</Conference></Dial>'
    call = await ring(fake)
    assert (await customer.wait_for("/x"))["DialCallStatus"] == "failed"
    assert codes(call.account) == ["13240", "13240"]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"to": "12"}, 21211),
        ({"from_": "+12025550000"}, 21210),
        ({"from_": "client:alice"}, 21212),
        ({"caller_id": "+12025550000"}, 21210),
        ({"timeout": 4}, 20001),
        ({"coaching": True}, 20001),
        ({"beep": "loud"}, 20001),
        ({"wait_url": "nowhere"}, 21402),
        ({"max_participants": 251}, 20001),
        ({"conference_status_callback_event": ["hang"]}, 20001),
    ],
)
async def test_wrong_parameters_add_nobody(
    fake: Fake, customer: Customer, package: Package, wrong: dict[str, Any], code: int
) -> None:
    def create(it: Client) -> Any:
        return it.conferences("room").participants.create(**adding(customer, **wrong))

    assert await package.refuses(create) == (400, code)
    assert await package.ask(lambda it: it.conferences.list()) == []


async def test_who_speaks_is_told_to_those_who_ask(fake: Fake, customer: Customer) -> None:
    anna = await join(fake, customer, statusCallbackEvent="join speaker")
    spoke = await told(customer, "participant-speech-start")
    assert spoke["CallSid"] == anna.record.sid
    anna.hang_up()


async def test_values_that_cannot_be_are_warnings_with_twilios_codes(fake: Fake, customer: Customer) -> None:
    customer.answers["/voice"] = room(
        statusCallbackEvent="start hang", beep="loud", record="yes", muted="no", endConferenceOnExit="1"
    )
    call = await ring(fake)
    await until(lambda: len(codes(call.account)) == 5)
    assert sorted(codes(call.account)) == ["12200", "12200", "13230", "13231", "13235"]


async def test_a_conference_is_dialled_by_its_sid_while_it_is_under_way(
    fake: Fake, customer: Customer, package: Package
) -> None:
    anna = await join(fake, customer)
    sid = await find_sid(package)
    customer.answers["/voice"] = f'<Dial action="/x"><Conference>{sid}</Conference></Dial>'
    bert = await ring(fake)
    await told(customer, "participant-join", CallSid=bert.record.sid)
    for call in (anna, bert):
        call.hang_up()
        await over(call)
    await told(customer, "conference-end")
    customer.requests.clear()
    await ring(fake)
    assert (await customer.wait_for("/x"))["DialCallStatus"] == "failed"
    assert codes(anna.account) == ["13236"]
