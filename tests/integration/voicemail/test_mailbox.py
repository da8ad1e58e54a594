"""The pane of voicemail, and what is done in it: by whom it is for, and by nobody else."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from phone.calls import unread
from phone.calls.withheld import WITHHELD
from phone.recordings.deletions import SoundDeletion
from phone.recordings.recordings import Recording
from phone.voicemail import mailbox
from phone.voicemail.arriving import list_people
from phone.voicemail.mailbox import list_messages
from phone.voicemail.messages import VoicemailCopy, VoicemailMessage
from tests.conftest import signed_in
from tests.integration.recordings.stock import count_new, make_call, make_message
from tests.told import read_told
from tests.webhook_requests import build_call_sid, make_member, post

PANE = "/phone/voicemail/"
HX = {"HX-Request": "true"}


@pytest.fixture
def account(alice: User, bob: User) -> TwilioAccount:
    make_member(bob)
    return make_member(alice)


@pytest.fixture
def message(account: TwilioAccount, alice: User, bob: User) -> VoicemailMessage:
    return make_message(make_call(account), alice, bob, seconds=75)


def read(client: Client, address: str = PANE) -> str:
    response = client.get(address, headers={"hx-request": "true"})
    assert response.status_code == 200
    return response.content.decode()


def get_button(page: str, name: str) -> str:
    """What is written in the tag of the one button of that name."""
    [before, _] = page.split(f">{name}</button>")
    return before.rpartition("<button")[2]


def test_a_message_shows_who_when_and_how_long(message: VoicemailMessage, alice_client: Client) -> None:
    page = read(alice_client)
    assert f'data-voicemail="{message.pk}"' in page and "1 min 15 s" in page
    assert ">+1 202-555-0147</b>" in page
    assert 'data-call-back="+12025550147"' in page and ">New<" in page
    for name in ("Play", "Delete", "Call back"):
        assert f">{name}</button>" in page
    # Nothing of Twilio's reaches a page.
    assert message.recording.recording_sid not in page and "twilio.com" not in page
    assert message.call.call_sid not in page


def test_a_colleague_is_called_by_name_and_who_withheld_a_number_cannot_be_called_back(
    account: TwilioAccount, alice: User, bob: User, alice_client: Client
) -> None:
    make_message(make_call(account, from_address=f"client:{bob.identity}"), alice)
    page = read(alice_client)
    assert ">Bob</b>" in page and 'data-call-back="bob@example.com"' in page and bob.identity not in page
    VoicemailMessage.objects.all().delete()
    make_message(make_call(account, name="other", from_address=WITHHELD), alice, name="2")
    page = read(alice_client)
    assert "Withheld number" in page
    assert get_button(page, "Call back").endswith(' disabled title="There is no number to call back."')


def test_a_sound_that_is_gone_cannot_be_played_and_says_why(
    message: VoicemailMessage, alice_client: Client
) -> None:
    assert "disabled" not in get_button(read(alice_client), "Play")
    Recording.objects.filter(pk=message.recording.pk).update(gone_at=timezone.now())
    page = read(alice_client)
    assert get_button(page, "Play").endswith(' disabled title="The sound was deleted at Twilio."')
    assert "<audio" not in page and "disabled" not in get_button(page, "Call back")


def test_there_may_be_none(account: TwilioAccount, alice_client: Client) -> None:
    assert "No messages." in read(alice_client)


def test_the_signed_out_and_strangers_see_nothing(message: VoicemailMessage, mallory: User) -> None:
    assert Client().get(PANE).status_code == 302
    make_member(mallory, "other")
    assert "No messages." in read(signed_in(mallory))
    for name in ("audio", "delete", "undo"):
        address = f"{PANE}{message.pk}/{name}/"
        method = signed_in(mallory).get if name == "audio" else signed_in(mallory).post
        assert method(address).status_code == 404
        assert Client().post(address).status_code in (302, 405)
    # Only looked at, nothing is deleted.
    assert signed_in(mallory).get(f"{PANE}{message.pk}/delete/").status_code == 302
    assert VoicemailCopy.objects.filter(deleted_at=None).count() == 2


def test_who_has_left_the_account_has_left_its_messages(
    message: VoicemailMessage, alice: User, alice_client: Client
) -> None:
    alice.twilio_credentials.delete()
    assert alice_client.get(PANE)["Location"] == "/accounts/twilio/" and count_new(alice) == 0
    make_member(alice, "other")
    assert "No messages." in read(alice_client)


class TestDeleting:
    def delete(self, client: Client, message: VoicemailMessage) -> Any:
        return client.post(f"{PANE}{message.pk}/delete/?before=999", headers=HX, follow=True)

    def test_leaves_it_to_the_others_until_the_last(
        self, message: VoicemailMessage, alice: User, bob: User, alice_client: Client
    ) -> None:
        [told] = read_told(self.delete(alice_client, message))
        assert told.words == "The message is deleted for you; Bob has it still."
        assert list(told.deeds) == ["Undo", "Delete for everybody"]
        assert count_new(bob) == 1 and not SoundDeletion.objects.exists()
        assert read_told(self.delete(alice_client, message)) == []
        [told] = read_told(self.delete(signed_in(bob), message))
        assert list(told.deeds) == ["Undo"]
        assert SoundDeletion.objects.get().recording_sid == message.recording.recording_sid

    def test_may_be_for_everybody(
        self, message: VoicemailMessage, alice: User, bob: User, alice_client: Client
    ) -> None:
        [told] = read_told(self.delete(alice_client, message))
        [told] = read_told(alice_client.post(told.deeds["Delete for everybody"], headers=HX, follow=True))
        assert count_new(bob) == 0 and SoundDeletion.objects.exists()
        # Pressed twice, it is still one deed.
        alice_client.post(f"{PANE}{message.pk}/delete/?for=everybody")
        with patch.object(unread, "push_to_user") as push:
            alice_client.post(told.deeds["Undo"])
        assert count_new(alice) == count_new(bob) == 1 and not SoundDeletion.objects.exists()
        counts = {"type": "counts", "missed": 0, "voicemail": 1}
        assert sorted((one.args for one in push.call_args_list), key=lambda told: told[0]) == [
            (alice.pk, counts),
            (bob.pk, counts),
        ]

    def test_that_was_for_everybody_is_taken_back_by_another_for_themselves_alone(
        self, message: VoicemailMessage, alice: User, bob: User, alice_client: Client
    ) -> None:
        alice_client.post(f"{PANE}{message.pk}/delete/?for=everybody")
        signed_in(bob).post(f"{PANE}{message.pk}/undo/")
        assert (count_new(alice), count_new(bob)) == (0, 1)

    def test_of_ones_own_is_taken_back_alone(
        self, message: VoicemailMessage, alice: User, bob: User, alice_client: Client
    ) -> None:
        self.delete(signed_in(bob), message)
        [told] = read_told(self.delete(alice_client, message))
        alice_client.post(told.deeds["Undo"])
        assert (count_new(alice), count_new(bob)) == (1, 0)

    def test_is_told_to_the_pages_of_those_it_concerns(
        self, message: VoicemailMessage, alice: User, alice_client: Client
    ) -> None:
        with patch.object(unread, "push_to_user") as push:
            alice_client.post(f"{PANE}{message.pk}/delete/")
        push.assert_called_once_with(alice.pk, {"type": "counts", "missed": 0, "voicemail": 0})


def test_a_page_has_no_more_than_a_page_and_costs_the_same_queries_however_many(
    account: TwilioAccount, alice: User, alice_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "A_PAGE", 2)
    now = timezone.now()
    for place in range(5):
        message = make_message(make_call(account, name=f"{place}"), alice, name=f"{place}")
        # Two of them in the same moment.
        VoicemailCopy.objects.filter(message=message).update(left_at=now - timedelta(minutes=place // 2))
    seen: list[str] = []
    before = None
    with CaptureQueriesContext(
        connection,
    ) as queries:
        items, before = list_messages(alice)
    assert len(queries) <= 3
    while items:
        seen += [item.pk for item in items]
        items, before = list_messages(alice, before=before) if before else ([], None)
    assert len(seen) == len(set(seen)) == 5
    assert "Older messages" in read(alice_client)
    for cursor in ("x", "-1", "9" * 400, "%00", "12345678"):
        assert alice_client.get(f"{PANE}?before={cursor}").status_code == 200


class TestWhoseItIs:
    def test_is_whose_phones_rang_else_everybodys_else_as_was_said(
        self, account: TwilioAccount, alice: User, bob: User, mallory: User
    ) -> None:
        make_member(mallory, "other")
        call = make_call(account)
        assert list_people(call) == [alice, bob]
        call.rung.set([bob, mallory])
        assert list_people(call) == [bob]
        call.cause_facts = {"voicemail_for": [alice.pk, mallory.pk]}
        assert list_people(call) == [alice]


def test_a_message_that_was_told_twice_is_one(account: TwilioAccount, alice: User) -> None:
    call = make_call(account)
    told = {"RecordingSid": "RE" + "b" * 32, "RecordingDuration": "9", "RecordingStatus": "completed"}
    post("voicemail_recorded", account, CallSid=call.call_sid, **told)
    assert not VoicemailMessage.objects.exists()
    for _ in range(2):
        post("voicemail_status", account, CallSid=call.call_sid, **told)
    post("voicemail_recorded", account, CallSid=call.call_sid, **told)
    assert VoicemailMessage.objects.count() == 1 and count_new(alice) == 1
    assert call.call_sid == build_call_sid()


@pytest.mark.parametrize(
    "told",
    [
        {"RecordingStatus": "absent", "ErrorCode": "16101"},
        {"RecordingStatus": "absent", "ErrorCode": "16102"},
        {"RecordingStatus": "failed", "ErrorCode": "0"},
        {"RecordingStatus": "completed", "RecordingDuration": "0"},
    ],
)
def test_what_is_too_short_silent_or_failed_is_no_message(
    told: dict[str, str], account: TwilioAccount
) -> None:
    call = make_call(account)
    post("voicemail_status", account, CallSid=call.call_sid, **{"RecordingSid": "RE" + "b" * 32, **told})
    assert not VoicemailMessage.objects.exists()
    call.refresh_from_db()
    assert call.cause_facts == {}


def test_what_ages_takes_the_sound_at_twilio_along(
    message: VoicemailMessage, pass_time: Callable[[timedelta], None]
) -> None:
    sid = message.recording.recording_sid
    pass_time(timedelta(days=400))
    call_command("prune", "--only", "voicemail_messages", verbosity=0)
    assert not VoicemailMessage.objects.exists()
    assert [one.recording_sid for one in SoundDeletion.objects.all()] == [sid]
