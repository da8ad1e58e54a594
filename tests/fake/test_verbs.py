"""Every verb of TwiML but <Dial> and <Enqueue>."""

import asyncio
import io
import wave
from dataclasses import dataclass

import pytest
from aiohttp import encode_basic_auth, web

from fake_twilio import catalogue
from fake_twilio.people import PhoneEnd
from fake_twilio.sounds import FRAME_SECONDS, Sound, build_tone, get_energy
from fake_twilio.store import Account
from tests.fake.conftest import Fake
from tests.fake.customer import Customer
from tests.fake.device import PATIENCE
from tests.fake.living_calls import codes, over, ring
from tests.fake.tokens import DEMO_SID


async def test_digits_are_gathered_while_a_prompt_plays(fake: Fake, customer: Customer) -> None:
    customer.answers["/voice"] = (
        '<Gather numDigits="3" action="/digits"><Say>A very long prompt indeed it is</Say></Gather>'
    )
    call = await ring(fake)
    await customer.wait_for("/voice")
    async with asyncio.timeout(PATIENCE):
        while not call.is_answered:
            await asyncio.sleep(0.01)
    call.press("12w3")
    assert (await customer.wait_for("/digits"))["Digits"] == "123"
    await over(call)


async def test_a_gather_without_digits_goes_on_or_asks_as_told(fake: Fake, customer: Customer) -> None:
    customer.answers["/voice"] = (
        '<Gather timeout="0" action="/no"/><Gather timeout="0" action="/yes" actionOnEmptyResult="true"/>'
    )
    await over(await ring(fake))
    assert customer.asked("/no") == []
    assert customer.asked("/yes")[0]["Digits"] == ""


async def test_a_gather_ends_at_its_key(fake: Fake, customer: Customer) -> None:
    customer.answers["/voice"] = '<Gather finishOnKey="*" timeout="3" action="/digits"/>'
    call = await ring(fake)
    async with asyncio.timeout(PATIENCE):
        while not call.is_answered:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0)
    call.press("4#*9")
    assert (await customer.wait_for("/digits"))["Digits"] == "4#"


async def test_a_recording_is_kept_reported_and_played_back(
    fake: Fake, customer: Customer, account: Account
) -> None:
    customer.answers["/voice"] = (
        '<Record maxLength="1" playBeep="false" action="/recorded" recordingStatusCallback="/kept"/>'
    )
    await over(await ring(fake, sound="tone"))
    recorded = customer.asked("/recorded")[0]
    assert recorded["RecordingDuration"] == "1"
    kept = await customer.wait_for("/kept")
    assert (kept["RecordingStatus"], kept["RecordingSid"]) == ("completed", recorded["RecordingSid"])

    path = recorded["RecordingUrl"].removeprefix("https://api.twilio.com")
    auth = encode_basic_auth(DEMO_SID, catalogue.auth_token(catalogue.DEMO))
    async with fake.session.get(f"{fake.url}{path}.wav", headers={"Authorization": auth}) as answer:
        with wave.open(io.BytesIO(await answer.read())) as wav:
            assert wav.getframerate() == 8000
            assert get_energy(wav.readframes(wav.getnframes())) > 0.01
    wrong = encode_basic_auth(DEMO_SID, "wrong")
    for headers in ({}, {"Authorization": wrong}, {"Authorization": "Basic é"}):
        async with fake.session.get(f"{fake.url}{path}", headers=headers) as answer:
            assert answer.status == 401


async def test_silence_is_no_recording(fake: Fake, customer: Customer) -> None:
    customer.answers["/voice"] = '<Record timeout="1" playBeep="false" action="/recorded"/>'
    await over(await ring(fake, sound="silence"))
    assert customer.asked("/recorded") == []


@dataclass
class HeardTone:
    """What a stranger says, and when a second of it has been heard, however long that took."""

    tone: Sound
    heard: asyncio.Event
    frames: int = 0

    def read(self) -> bytes:
        self.frames += 1
        if self.frames * FRAME_SECONDS >= 1:
            self.heard.set()
        return self.tone.read()

    def close(self) -> None:
        self.tone.close()


async def test_a_recording_ends_when_the_caller_hangs_up(
    fake: Fake, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard, speech = asyncio.Event(), PhoneEnd.speech
    monkeypatch.setattr(PhoneEnd, "speech", lambda end: HeardTone(speech(end), heard))
    customer.answers["/voice"] = '<Record playBeep="false" action="/recorded"/>'
    call = await ring(fake, sound="tone")
    async with asyncio.timeout(PATIENCE):
        await heard.wait()
    call.hang_up()
    await over(call)
    recorded = await customer.wait_for("/recorded")
    assert (recorded["Digits"], recorded["CallStatus"]) == ("hangup", "completed")


async def test_a_file_is_fetched_and_played(fake: Fake, customer: Customer, account: Account) -> None:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(8000)
        writer.writeframes(build_tone(seconds=0.2).pcm)
    customer.answers["/tune.wav"] = web.Response(body=file.getvalue(), content_type="audio/wav")
    customer.answers["/voice"] = "<Play>/tune.wav</Play><Play>/voice</Play><Play digits='1w2'/>"
    await over(await ring(fake))
    assert len(customer.asked("/tune.wav")) == 1
    assert codes(account) == ["12300"]


@pytest.mark.parametrize(("reason", "status"), [("", "failed"), ("reason='busy'", "busy")])
async def test_a_rejected_call_is_never_answered(
    fake: Fake, customer: Customer, reason: str, status: str
) -> None:
    customer.answers["/voice"] = f"<Reject {reason}/>"
    record = await over(await ring(fake))
    assert (record.status, record.answered_at) == (status, None)


async def test_a_redirect_may_be_a_get(fake: Fake, customer: Customer) -> None:
    customer.answers["/voice"] = '<Redirect method="GET">/next?x=1</Redirect>'
    call = await ring(fake)
    await over(call)
    assert customer.asked("/next")[0]["CallSid"] == call.record.sid
    assert customer.asked("/next")[0]["x"] == "1"


async def test_what_is_not_supported_becomes_an_alert(
    fake: Fake, customer: Customer, account: Account
) -> None:
    customer.answers["/voice"] = "<Sing>la</Sing><Gather input='speech' timeout='0'/><Leave/>"
    await over(await ring(fake))
    assert codes(account) == ["12200", "12200", "12200"]
    assert {alert["log_level"] for alert in account.alerts} == {"warning"}
