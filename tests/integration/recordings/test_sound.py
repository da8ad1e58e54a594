"""The sound of a recording through our server: in parts, to whom it belongs, and true where there is none."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from django.db import connection
from django.test import Client

from accounts.people import User
from accounts.twilio import rest
from accounts.twilio.credentials import TwilioAccount
from accounts.twilio.shares import SOUND_SHARES
from phone.recordings.listenings import Listening
from phone.recordings.recordings import Recording
from tests.conftest import signed_in
from tests.fake_control import FakeTwilio
from tests.integration.recordings.stock import SOUND, Sounds, make_call, make_recording, run_sounds
from tests.webhook_requests import make_member

TOTAL = len(SOUND)
RANGES = [
    ("bytes=0-", 0, TOTAL - 1),
    ("bytes=0-0", 0, 0),
    ("bytes=70000-140000", 70000, 140000),
    ("bytes=199999-", TOTAL - 1, TOTAL - 1),
    ("bytes=-1000", TOTAL - 1000, TOTAL - 1),
    ("bytes=100000-999999", 100000, TOTAL - 1),
]


@pytest.fixture
def sounds(settings: Any) -> Iterator[Sounds]:
    with run_sounds() as server:
        settings.TWILIO_BASE_URL = server.url
        yield server


@pytest.fixture
def account(alice: User, bob: User) -> TwilioAccount:
    make_member(bob)
    return make_member(alice)


@pytest.fixture
def recording(account: TwilioAccount, alice: User) -> Recording:
    return make_recording(make_call(account, alice))


def get(client: Client, recording: Recording, query: str = "", **headers: str) -> Any:
    """Read to the end; the sound is its `body`."""
    response: Any = client.get(f"/phone/recordings/{recording.pk}/{query}", headers=headers)
    response.body = b"".join(response.streaming_content) if response.streaming else response.content
    return response


def test_the_whole_comes_as_it_is_with_the_owners_credentials(
    alice_client: Client, recording: Recording, sounds: Sounds
) -> None:
    response = get(alice_client, recording)
    assert (response.status_code, response.body) == (200, SOUND)
    assert response["Content-Type"] == "audio/mpeg" and response["Accept-Ranges"] == "bytes"
    assert response["Content-Length"] == str(TOTAL)
    assert response["Cache-Control"] == "private, no-cache"
    assert re.fullmatch(r'inline; filename="call-[\d-]+\.mp3"', response["Content-Disposition"])
    (asked,) = sounds.asked
    assert asked["path"].endswith(f"/Recordings/{recording.recording_sid}.mp3")
    assert asked["authorization"].startswith("Basic ") and "range" not in asked
    assert get(alice_client, recording, "?download")["Content-Disposition"].startswith("attachment;")


@pytest.mark.parametrize("takes_ranges", [True, False])
@pytest.mark.parametrize(("header", "first", "last"), RANGES)
def test_a_part_is_the_same_whether_twilio_cuts_it_or_we_do(
    header: str,
    first: int,
    last: int,
    takes_ranges: bool,
    alice_client: Client,
    recording: Recording,
    sounds: Sounds,
) -> None:
    sounds.takes_ranges = takes_ranges
    response = get(alice_client, recording, Range=header)
    assert (response.status_code, response.body) == (206, SOUND[first : last + 1])
    assert response["Content-Range"] == f"bytes {first}-{last}/{TOTAL}"
    assert response["Content-Length"] == str(last - first + 1)
    assert sounds.asked[0]["range"] == header


@pytest.mark.parametrize("takes_ranges", [True, False])
def test_beyond_the_end_there_is_nothing(
    takes_ranges: bool, alice_client: Client, recording: Recording, sounds: Sounds
) -> None:
    sounds.takes_ranges = takes_ranges
    response = get(alice_client, recording, Range=f"bytes={TOTAL}-")
    assert (response.status_code, response["Content-Range"]) == (416, f"bytes */{TOTAL}")


@pytest.mark.parametrize(
    "header", ["bytes=0-1,5-6", "bytes=9-1", "frames=1-2", "bytes=x", "bytes=" + "9" * 9000]
)
def test_what_is_no_single_range_gets_the_whole(
    header: str, alice_client: Client, recording: Recording, sounds: Sounds
) -> None:
    response = get(alice_client, recording, Range=header)
    assert (response.status_code, len(response.body)) == (200, TOTAL)


def test_if_range_holds_for_the_same_sound_alone(
    alice_client: Client, recording: Recording, sounds: Sounds
) -> None:
    etag = f'"{recording.recording_sid}"'
    same = get(alice_client, recording, **{"Range": "bytes=5-6", "If-Range": etag})
    assert (same.status_code, same.body) == (206, SOUND[5:7])
    for other in ('"another"', f"W/{etag}", "Sat, 01 Jan 2022 00:00:00 GMT"):
        response = get(alice_client, recording, **{"Range": "bytes=5-6", "If-Range": other})
        assert (response.status_code, len(response.body)) == (200, TOTAL)
    assert get(alice_client, recording, **{"If-None-Match": etag}).status_code == 304


def test_head_tells_the_length_and_is_no_listening(
    alice_client: Client, recording: Recording, sounds: Sounds
) -> None:
    response = alice_client.head(f"/phone/recordings/{recording.pk}/")
    assert (response.status_code, response["Content-Length"], response.content) == (200, str(TOTAL), b"")
    assert not Listening.objects.exists()


def test_a_length_that_is_not_told_is_not_made_up(
    alice_client: Client, recording: Recording, sounds: Sounds
) -> None:
    sounds.tells_length = False
    response = get(alice_client, recording, Range="bytes=5-6")
    assert (response.status_code, response.body) == (200, SOUND)
    assert "Content-Length" not in response and "Accept-Ranges" not in response


def test_a_part_that_does_not_say_which_it_is_is_not_passed_on(
    alice_client: Client, recording: Recording, sounds: Sounds
) -> None:
    sounds.takes_ranges, sounds.content_range = True, "bytes 0-9/*"
    assert get(alice_client, recording, Range="bytes=0-9").status_code == 503


class TestWhose:
    def test_a_colleague_who_talked_on_it_may_listen_and_one_whose_phone_it_only_rang_may_not(
        self, account: TwilioAccount, alice: User, bob: User, recording: Recording, sounds: Sounds
    ) -> None:
        recording.call.rung.set([alice, bob])
        assert get(signed_in(bob), recording).status_code == 404
        recording.call.legs.create(
            call_sid="CA" + "7" * 32,
            role="transferred_to",
            route="client",
            user=bob,
            address="client:bob",
            status="completed",
            answered_at=recording.begun_at,
        )
        assert get(signed_in(bob), recording).status_code == 200

    def test_nobody_elses_is_there(self, recording: Recording, mallory: User, sounds: Sounds) -> None:
        make_member(mallory, "other")
        assert get(signed_in(mallory), recording).status_code == 404
        assert get(Client(), recording).status_code == 302
        assert signed_in(mallory).post(f"/phone/recordings/{recording.pk}/").status_code == 405
        assert sounds.asked == []

    def test_who_has_left_the_account_hears_nothing_any_more(
        self, recording: Recording, alice: User, alice_client: Client, sounds: Sounds
    ) -> None:
        alice.twilio_credentials.delete()
        assert get(alice_client, recording).status_code == 404

    @pytest.mark.parametrize("pk", ["1", "x" * 10_000, "%00", "00000000-0000-0000-0000-000000000000"])
    def test_what_is_no_recordings_id_is_not_there(self, pk: str, alice_client: Client) -> None:
        assert alice_client.get(f"/phone/recordings/{pk}/").status_code == 404


class TestWhoListened:
    def test_is_kept_once_a_sitting_with_the_address(
        self, alice_client: Client, alice: User, recording: Recording, sounds: Sounds
    ) -> None:
        for header in ("bytes=0-", "bytes=90000-", "bytes=5-6"):
            get(alice_client, recording, Range=header)
        row = Listening.objects.get()
        assert (row.user, row.email, row.recording, row.ip_address) == (
            alice,
            "alice@example.com",
            recording,
            "127.0.0.1",
        )
        get(alice_client, recording, "?download")
        assert Listening.objects.filter(is_download=True).count() == 1

    def test_outlives_the_recording(self, alice_client: Client, recording: Recording, sounds: Sounds) -> None:
        get(alice_client, recording)
        sid = recording.recording_sid
        recording.delete()
        row = Listening.objects.get()
        assert (row.recording, row.recording_sid) == (None, sid)


class TestWithoutASound:
    def test_one_that_was_deleted_at_twilio_is_said_to_be_gone(
        self, alice_client: Client, recording: Recording, fake_twilio: FakeTwilio
    ) -> None:
        response = get(alice_client, recording)
        assert response.status_code == 410
        assert response.json()["cause"] == "gone" and "deleted" in response.json()["words"]
        recording.refresh_from_db()
        assert recording.gone_at is not None
        assert not Listening.objects.exists()
        asked = len(fake_twilio.requests())
        assert get(alice_client, recording).status_code == 410
        assert len(fake_twilio.requests()) == asked

    def test_one_that_is_not_complete_is_not_ready(
        self, alice_client: Client, recording: Recording, sounds: Sounds
    ) -> None:
        Recording.objects.update(status="processing")
        response = get(alice_client, recording)
        assert (response.status_code, response.json()["cause"]) == (503, "not_ready")
        assert sounds.asked == []

    @pytest.mark.parametrize(
        ("status", "cause"),
        [
            (401, "no_credentials"),
            (403, "no_credentials"),
            (302, "twilio_unavailable"),
            (500, "twilio_unavailable"),
        ],
    )
    def test_what_twilio_refuses_is_told_in_words_and_shows_nothing_of_twilios(
        self, status: int, cause: str, alice_client: Client, recording: Recording, sounds: Sounds
    ) -> None:
        sounds.status = status
        response = get(alice_client, recording)
        assert (response.status_code, response.json()["cause"]) == (503, cause)
        assert sounds.url not in response.content.decode() and "Recordings" not in response.content.decode()
        assert dict(SOUND_SHARES.begun) == {}

    @pytest.mark.parametrize(
        "fault", [{"fault": "hang"}, {"fault": "reset"}, {"fault": "slow", "seconds": 5}]
    )
    def test_a_twilio_that_hangs_costs_its_limit_and_no_more(
        self,
        fault: dict[str, Any],
        alice_client: Client,
        recording: Recording,
        fake_twilio: FakeTwilio,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(rest, "READ_SECONDS", 0.3)
        fake_twilio.add_fault(path="/Recordings/", **fault)
        response = get(alice_client, recording)
        assert (response.status_code, response.json()["cause"]) == (503, "twilio_unavailable")
        assert response["Retry-After"]
        assert dict(SOUND_SHARES.begun) == {}

    def test_without_credentials_there_is_nobody_to_ask(
        self, alice_client: Client, recording: Recording, alice: User, bob: User, sounds: Sounds
    ) -> None:
        bob.twilio_credentials.delete()
        type(alice.twilio_credentials).objects.update(verdict="wrong_auth_token")
        assert get(alice_client, recording).json()["cause"] == "no_credentials"
        assert sounds.asked == []

    def test_a_full_share_is_told_at_once(
        self, alice_client: Client, recording: Recording, sounds: Sounds, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(SOUND_SHARES, "share", 1)
        monkeypatch.setattr(SOUND_SHARES, "patience", 0.0)
        first: Any = alice_client.get(f"/phone/recordings/{recording.pk}/")
        assert get(alice_client, recording).json()["words"].startswith("Too many")
        assert b"".join(first.streaming_content) == SOUND
        assert get(alice_client, recording).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_no_database_connection_is_held_while_twilio_is_asked_nor_while_the_sound_flows(
    recording: Recording, alice_client: Client, sounds: Sounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[bool] = []
    send = requests.Session.send

    def watch(self: requests.Session, *args: Any, **kwargs: Any) -> requests.Response:
        held.append(connection.connection is not None)
        return send(self, *args, **kwargs)

    monkeypatch.setattr(requests.Session, "send", watch)
    response: Any = alice_client.get(f"/phone/recordings/{recording.pk}/")
    for _ in response.streaming_content:
        held.append(connection.connection is not None)
    assert held and not any(held)
    assert dict(SOUND_SHARES.begun) == {}
