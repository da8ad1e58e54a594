"""Recordings of calls and conferences: what is on them, who is told, and what may be done with them."""

import io
import wave
from typing import Any

import pytest
from aiohttp import encode_basic_auth

from fake_twilio import catalogue
from fake_twilio.calls import LivingCall
from fake_twilio.sounds import get_energy
from fake_twilio.takes import RECORDINGS
from fake_twilio.twiml_run import decode_sound
from tests.fake.conftest import Fake
from tests.fake.customer import Customer
from tests.fake.living_calls import STRANGER_HOLDS, over, ring, until_bridged
from tests.fake.package import Package
from tests.fake.tokens import DEMO_SID
from tests.fake.who_hears import measure, until

HERTZ, STRANGER = 700, 440
AUDIBLE = 0.02
CALLBACK = 'recordingStatusCallback="/kept" recordingStatusCallbackEvent="in-progress completed absent"'


async def fetch(fake: Fake, recording: Any, kind: str = ".wav") -> bytes:
    path = f"/2010-04-01/Accounts/{DEMO_SID}/Recordings/{recording.sid}"
    auth = encode_basic_auth(DEMO_SID, catalogue.auth_token(catalogue.DEMO))
    async with fake.session.get(f"{fake.url}{path}{kind}", headers={"Authorization": auth}) as answer:
        answer.raise_for_status()
        return await answer.read()


def channels(body: bytes) -> list[bytes]:
    with wave.open(io.BytesIO(body)) as wav:
        count, pcm = wav.getnchannels(), wav.readframes(wav.getnframes())
    return [
        b"".join(pcm[at : at + 2] for at in range(2 * place, len(pcm), 2 * count)) for place in range(count)
    ]


async def until_recorded(fake: Fake, seconds: float = 1.0) -> None:
    """Until the one recording there is has come that far."""
    await until(lambda: any(one.length >= seconds for one in fake.app[RECORDINGS].values()))


async def talking(fake: Fake, customer: Customer, attributes: str = "") -> LivingCall:
    customer.answers["/voice"] = f'<Dial action="/done" {attributes}>{catalogue.STRANGER_NUMBER}</Dial>'
    call = await ring(fake, sound="tone", hertz=HERTZ)
    await until_bridged(call)
    return call


async def test_a_dial_is_recorded_on_two_channels_and_its_action_knows_where(
    fake: Fake, customer: Customer, package: Package
) -> None:
    call = await talking(fake, customer, f'record="record-from-answer-dual" {CALLBACK}')
    began = await customer.wait_for("/kept", RecordingStatus="in-progress")
    assert (began["CallSid"], began["RecordingSource"]) == (call.record.sid, "DialVerb")
    assert "RecordingDuration" not in began
    (recording,) = await package.ask(lambda it: it.recordings.list(call_sid=call.record.sid))
    assert (recording.status, recording.duration) == ("in-progress", "-1")
    await until_recorded(fake)
    call.hang_up()
    done = await customer.wait_for("/done")
    assert done["RecordingSid"] == recording.sid
    assert done["RecordingUrl"] == recording.media_url
    kept = await customer.wait_for("/kept", RecordingStatus="completed")
    assert (kept["RecordingChannels"], kept["RecordingUrl"]) == ("2", recording.media_url)
    assert int(kept["RecordingDuration"]) >= 1
    near, far = channels(await fetch(fake, recording))
    assert measure(near, HERTZ) > AUDIBLE > measure(near, STRANGER)
    assert measure(far, STRANGER) > AUDIBLE > measure(far, HERTZ)
    fetched = await package.ask(lambda it: it.recordings(recording.sid).fetch())
    assert (fetched.status, fetched.channels, fetched.source) == ("completed", 2, "DialVerb")


async def test_the_same_comes_as_mp3_and_on_one_channel(
    fake: Fake, customer: Customer, package: Package
) -> None:
    call = await talking(fake, customer, 'record="true"')
    await until_recorded(fake)
    call.hang_up()
    await over(call)
    (recording,) = await package.ask(lambda it: it.calls(call.record.sid).recordings.list())
    (both,) = channels(await fetch(fake, recording))
    assert measure(both, HERTZ) > AUDIBLE and measure(both, STRANGER) > AUDIBLE
    assert get_energy(decode_sound(await fetch(fake, recording, ".mp3")).pcm) > 0.001


async def test_a_live_call_is_recorded_paused_and_stopped_over_rest(
    fake: Fake, customer: Customer, package: Package
) -> None:
    call = await talking(fake, customer)
    sid = call.record.sid
    wanted = {
        "recording_channels": "dual",
        "recording_status_callback": f"{customer.url}/kept",
        "recording_status_callback_event": ["in-progress", "completed"],
    }
    begun = await package.ask(lambda it: it.calls(sid).recordings.create(**wanted))
    assert (begun.status, begun.source) == ("in-progress", "StartCallRecordingAPI")
    await until_recorded(fake, 0.6)
    paused = await package.ask(
        lambda it: it.calls(sid).recordings("Twilio.CURRENT").update(status="paused", pause_behavior="skip")
    )
    assert (paused.sid, paused.status) == (begun.sid, "paused")
    before = fake.app[RECORDINGS][begun.sid].length
    going = await package.ask(lambda it: it.calls(sid).recordings(begun.sid).update(status="in-progress"))
    assert going.status == "in-progress"
    await until_recorded(fake, before + 0.2)
    stopped = await package.ask(lambda it: it.calls(sid).recordings(begun.sid).update(status="stopped"))
    assert (stopped.status, stopped.error_code) == ("completed", None)
    await customer.wait_for("/kept", RecordingStatus="completed", RecordingSid=begun.sid)
    again = await package.refuses(lambda it: it.calls(sid).recordings(begun.sid).update(status="paused"))
    assert again == (400, 21220)
    gone = await package.refuses(
        lambda it: it.calls(sid).recordings("Twilio.CURRENT").update(status="paused")
    )
    assert gone == (404, 20404)


@pytest.mark.parametrize(("track", "heard"), [("inbound", HERTZ), ("outbound", STRANGER)])
async def test_one_track_holds_one_side(
    fake: Fake, customer: Customer, package: Package, track: str, heard: int
) -> None:
    call = await talking(fake, customer)
    begun = await package.ask(lambda it: it.calls(call.record.sid).recordings.create(recording_track=track))
    await until_recorded(fake, 0.8)
    call.hang_up()
    await until(lambda: fake.app[RECORDINGS][begun.sid].done.is_set())
    (only,) = channels(await fetch(fake, begun))
    assert {hertz for hertz in (HERTZ, STRANGER) if measure(only, hertz) > AUDIBLE} == {heard}


async def test_what_does_not_talk_is_not_recorded(fake: Fake, customer: Customer, package: Package) -> None:
    customer.answers["/voice"] = "<Hangup/>"
    record = await over(await ring(fake))
    assert await package.refuses(lambda it: it.calls(record.sid).recordings.create()) == (400, 21220)


async def test_a_silent_recording_is_absent(fake: Fake, customer: Customer, package: Package) -> None:
    customer.answers["/voice"] = f'<Record timeout="1" playBeep="false" {CALLBACK}/>'
    await over(await ring(fake, sound="silence"))
    absent = await customer.wait_for("/kept", RecordingStatus="absent")
    assert (absent["ErrorCode"], absent["RecordingDuration"]) == ("16102", "0")
    (recording,) = await package.ask(lambda it: it.recordings.list())
    assert (recording.status, recording.error_code) == ("absent", 16102)


async def test_a_conference_is_recorded_from_its_start_without_who_is_on_hold(
    fake: Fake, customer: Customer, package: Package
) -> None:
    customer.answers["/voice"] = (
        f'<Dial><Conference record="record-from-start" beep="false" {CALLBACK}>room</Conference></Dial>'
    )
    anna = await ring(fake, sound="tone", hertz=HERTZ)
    await customer.wait_for("/voice")
    assert await package.ask(lambda it: it.recordings.list()) == []
    bert = await ring(fake, sound="tone", hertz=1200)
    await until_recorded(fake, 0.6)
    (room,) = await package.ask(lambda it: it.conferences.list())
    await package.ask(lambda it: it.conferences(room.sid).participants(bert.record.sid).update(hold=True))
    (recording,) = await package.ask(lambda it: it.conferences(room.sid).recordings.list())
    length = fake.app[RECORDINGS][recording.sid].length
    await until_recorded(fake, length + 0.8)
    anna.hang_up()
    bert.hang_up()
    kept = await customer.wait_for("/kept", RecordingStatus="completed")
    assert (kept["ConferenceSid"], kept["RecordingSource"]) == (room.sid, "Conference")
    (pcm,) = channels(await fetch(fake, recording))
    assert measure(pcm[:6400], 1200) > AUDIBLE
    assert measure(pcm[-6400:], 1200) < AUDIBLE < measure(pcm[-6400:], HERTZ)


async def test_a_recording_is_deleted(fake: Fake, customer: Customer, package: Package) -> None:
    call = await talking(fake, customer, 'record="true"')
    await until_recorded(fake)
    call.hang_up()
    await over(call)
    (recording,) = await package.ask(lambda it: it.recordings.list())
    assert await package.ask(lambda it: it.recordings(recording.sid).delete())
    assert await package.ask(lambda it: it.recordings.list()) == []
    assert await package.refuses(lambda it: it.recordings(recording.sid).fetch()) == (404, 20404)
    (deleted,) = await package.ask(lambda it: it.recordings.list(include_soft_deleted=True))
    assert deleted.status == "deleted"
    auth = encode_basic_auth(DEMO_SID, catalogue.auth_token(catalogue.DEMO))
    path = recording.media_url.removeprefix("https://api.twilio.com")
    async with fake.session.get(f"{fake.url}{path}", headers={"Authorization": auth}) as answer:
        assert answer.status == 404


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"recording_channels": "many"}, 20001),
        ({"recording_track": "none"}, 20001),
        ({"trim": "short"}, 20001),
        ({"recording_status_callback": "nowhere"}, 21402),
        ({"recording_status_callback_event": ["begun"]}, 20001),
    ],
)
async def test_wrong_parameters_record_nothing(
    fake: Fake, customer: Customer, package: Package, wrong: dict[str, Any], code: int
) -> None:
    customer.answers["/voice"] = f"<Say>Hello</Say>{STRANGER_HOLDS}"
    call = await ring(fake)
    await until(lambda: call.is_answered)
    refused = await package.refuses(lambda it: it.calls(call.record.sid).recordings.create(**wrong))
    assert refused == (400, code)
    assert fake.app[RECORDINGS] == {}
