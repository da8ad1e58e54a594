"""A call that is recorded at the fake, from the setting to the sound: announced, paused, moved, heard."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from fake_twilio import catalogue
from fake_twilio.sounds import SAMPLE_RATE
from fake_twilio.twiml_run import decode_sound
from phone.calls.call import Call
from phone.calls.legs import CallLeg
from phone.recordings.choices import choose
from phone.recordings.recordings import Recording
from phone.recordings.state import get_recording_state
from tests.at_twilio import point_number
from tests.conftest import signed_in
from tests.fake.who_hears import measure
from tests.fake_control import FakeTwilio
from tests.site import browse, run_site, wait_until
from tests.webhook_requests import make_member

CALLER, STRANGER = 700, 440
AUDIBLE = 0.02
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site(transactional_db: None, settings: Any, fake_twilio: FakeTwilio) -> Iterator[str]:
    settings.ROOT_URLCONF = "tests.integration.recordings.urls"
    with run_site(settings) as url:
        yield url


@pytest.fixture
def account(site: str, alice: User, fake_twilio: FakeTwilio) -> TwilioAccount:
    account = make_member(alice)
    point_number(fake_twilio, f"{site}/answered/{account.webhook_key}/")
    return account


def talk(fake: FakeTwilio, person: User) -> Call:
    """Two strangers talk, and `person` is said to be one of them."""
    sid = fake.control("POST", "incoming", to=catalogue.DEMO_NUMBER, hertz=CALLER)["call_sid"]
    call: Call = wait_until(lambda: Call.objects.exclude(answered_at=None).filter(call_sid=sid).first())
    CallLeg.objects.create(
        call=call,
        role="called",
        route="client",
        user=person,
        address=f"client:{person.identity}",
        status="in-progress",
        answered_at=call.answered_at,
    )
    return call


def deed(person: User, call: Call, name: str) -> str:
    response = signed_in(person).post(f"/phone/calls/{call.call_sid}/{name}/")
    assert response.status_code == 200, response.content
    return str(response.json()["call"]["recording"])


def let_run(seconds: float) -> None:
    """Sound takes its time: the fake's tape runs by the clock."""
    end = time.monotonic() + seconds
    wait_until(lambda: time.monotonic() > end)


def hear(site: str, person: User, recording: Recording) -> bytes:
    response = browse(site, person).get(f"{site}/phone/recordings/{recording.pk}/", timeout=20)
    assert response.status_code == 200, response.text
    return decode_sound(response.content).pcm


def find_pitches(pcm: bytes) -> list[set[int]]:
    """What is heard in each tenth of a second."""
    step = SAMPLE_RATE // 10 * 2
    parts = [pcm[at : at + step] for at in range(0, len(pcm) - step, step)]
    return [{hertz for hertz in (CALLER, STRANGER) if measure(part, hertz) > AUDIBLE} for part in parts]


def test_a_call_is_announced_recorded_from_its_answer_and_silent_where_it_was_paused(
    site: str, account: TwilioAccount, alice: User, fake_twilio: FakeTwilio
) -> None:
    choose(account=account, person=None, is_on=True, by=alice)
    call = talk(fake_twilio, alice)
    recording: Recording = wait_until(
        lambda: Recording.objects.filter(status="in-progress").exclude(recording_sid="").first(), works=True
    )
    asked = [one["url"] for one in fake_twilio.control("GET", "webhooks")]
    assert any("recording-announcement" in url for url in asked)
    assert get_recording_state(call) == "on"
    let_run(1.0)
    assert deed(alice, call, "pause-recording") == "paused"
    let_run(1.2)
    assert deed(alice, call, "record") == "on"
    let_run(0.8)
    assert deed(alice, call, "stop-recording") == "off"
    recording = wait_until(lambda: Recording.objects.filter(status="completed").first())
    assert (recording.channels, recording.leg) == (2, call.legs.get(role="caller"))
    heard = find_pitches(hear(site, alice, recording))
    both = {CALLER, STRANGER}
    silent = [place for place, pitches in enumerate(heard) if not pitches]
    assert len(silent) >= 8 and silent == list(range(silent[0], silent[-1] + 1))
    assert both in heard[: silent[0]] and both in heard[silent[-1] :]


def test_in_a_conference_everybody_is_told_before_it_is_recorded(
    site: str, account: TwilioAccount, alice: User, fake_twilio: FakeTwilio
) -> None:
    call = talk(fake_twilio, alice)
    # A plain Dial has no way to tell both: it is moved into a room for that.
    assert deed(alice, call, "record") == "on"
    call.refresh_from_db()
    assert call.conference is not None
    urls = wait_until(
        lambda: [
            one["url"]
            for one in fake_twilio.control("GET", "webhooks")
            if "recording-announcement" in one["url"]
        ]
    )
    assert len(urls) == 1
    let_run(1.0)
    # Going on is no second announcement.
    deed(alice, call, "pause-recording")
    assert deed(alice, call, "resume-recording") == "on"
    deed(alice, call, "stop-recording")
    recording: Recording = wait_until(lambda: Recording.objects.filter(status="completed").first())
    assert recording.started_by == alice
    assert any({CALLER, STRANGER} <= pitches for pitches in find_pitches(hear(site, alice, recording)))


def test_a_recording_goes_on_when_the_call_is_moved(
    site: str, account: TwilioAccount, alice: User, fake_twilio: FakeTwilio
) -> None:
    choose(account=account, person=None, is_on=True, by=alice)
    call = talk(fake_twilio, alice)
    wait_until(lambda: Recording.objects.filter(status="in-progress").exists(), works=True)
    let_run(0.6)
    deed(alice, call, "hold")
    assert deed(alice, call, "resume") == "on"
    let_run(0.6)
    fake_twilio.control("DELETE", f"calls/{call.call_sid}")
    recording: Recording = wait_until(lambda: Recording.objects.filter(status="completed").first())
    heard = find_pitches(hear(site, alice, recording))
    both = {CALLER, STRANGER}
    assert both in heard[:6] and both in heard[-4:]
