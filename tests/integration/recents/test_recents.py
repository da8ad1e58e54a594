"""The list of a person's calls: kept true by what Twilio tells, seen, searched, and paged."""

import re
import uuid
from datetime import UTC, timedelta
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from fake_twilio import catalogue
from phone.calls.call import Call
from phone.calls.changes import tell_changed
from phone.calls.legs import CallLeg
from phone.calls.notes import get_notes
from phone.calls.unread import build_counts
from phone.causes.endings import describe_ending
from phone.causes.facts import note_facts
from phone.recents import views
from phone.recents.recent_call import RecentCall
from phone.recents.story import build_story
from phone.recordings.deletions import SoundDeletion
from phone.recordings.recordings import Recording
from phone.recordings.state import recording_settled
from phone.voicemail.messages import VoicemailMessage
from tests.conftest import signed_in
from tests.device_socket import open_socket
from tests.fake.who_hears import until
from tests.integration.recordings.stock import make_recording
from tests.webhook_requests import add_number, build_call_sid, make_member, post

NUMBER = catalogue.DEMO_NUMBER
STRANGER = catalogue.STRANGER_NUMBER
HX = {"hx-request": "true"}


@pytest.fixture
def account(alice: User, bob: User) -> TwilioAccount:
    account = make_member(alice)
    make_member(bob)
    add_number(account, NUMBER, points_here=True)
    return account


def make_call(account: TwilioAccount, *rung: User, **fields: Any) -> Call:
    """A call that came in from a stranger and was missed by `rung`, unless `fields` say otherwise."""
    at = fields.pop("started_at", timezone.now())
    told = {
        "direction": "incoming",
        "from_address": STRANGER,
        "to_address": NUMBER,
        "status": "no-answer",
        "started_at": at,
        "ended_at": at + timedelta(seconds=20),
        **fields,
    }
    with transaction.atomic():
        call = Call.objects.create(account=account, call_sid=f"CA{uuid.uuid4().hex}", **told)
        call.rung.set(rung)
        tell_changed(call)
    return call


def get_row(call: Call, user: User) -> RecentCall:
    return RecentCall.objects.get(call=call, user=user)


def make_leg(call: Call, user: User, **fields: Any) -> CallLeg:
    told = {"role": "called", "route": "client", "address": f"client:{user.identity}", **fields}
    return CallLeg.objects.create(call=call, user=user, call_sid=f"CA{uuid.uuid4().hex}", **told)


def leave_message(call: Call, **fields: Any) -> VoicemailMessage:
    """As where Twilio has said that a message is complete."""
    recording = make_recording(call, source="voicemail", seconds=9, **fields)
    with transaction.atomic():
        recording_settled.send(sender=Recording, recording=recording)
    return VoicemailMessage.objects.get(recording=recording)


def list_calls(client: Client, query: str = "") -> list[str]:
    response = client.get(f"/phone/recents/{query}", headers=HX)
    assert response.status_code == 200
    return re.findall(r'<li class="recent[^>]*data-call="([^"]+)"', response.content.decode())


def ids(*calls: Call) -> list[str]:
    return [str(call.pk) for call in calls]


class TestKeeping:
    def test_a_call_is_listed_from_its_first_word_to_its_last(
        self, account: TwilioAccount, alice: User
    ) -> None:
        post("voice_webhook", account, From=f"client:{alice.identity}", To=STRANGER)
        call = Call.objects.get()
        row = get_row(call, alice)
        assert (row.direction, row.address, row.our_number, row.cause) == ("outgoing", STRANGER, NUMBER, "")
        leg = {"ParentCallSid": build_call_sid(), "CallSid": build_call_sid("leg"), "To": STRANGER}
        post("call_status", account, CallStatus="in-progress", **leg)
        assert get_row(call, alice).answered_at
        RecentCall.objects.update(note="mine")
        post("dial_action", account, From=f"client:{alice.identity}", DialCallStatus="completed")
        row = get_row(call, alice)
        assert (row.cause, row.is_missed, row.note) == ("answered", False, "mine")
        assert row.ended_at

    def test_a_call_that_nobody_takes_is_missed_by_all_whom_it_rang(
        self, account: TwilioAccount, alice: User, bob: User, mallory: User
    ) -> None:
        make_member(mallory, "other")
        call = make_call(account, alice, bob)
        for person in (alice, bob):
            row = get_row(call, person)
            assert (row.direction, row.address, row.our_number) == ("incoming", STRANGER, NUMBER)
            assert (row.cause, row.is_missed, build_counts(person)["missed"]) == ("missed", True, 1)
        assert not RecentCall.objects.filter(user=mallory).exists()

    def test_what_another_took_is_not_missed(self, account: TwilioAccount, alice: User, bob: User) -> None:
        now = timezone.now()
        call = make_call(account, alice, bob, user=bob, status="completed", answered_at=now)
        assert (get_row(call, alice).cause, get_row(call, alice).is_missed) == ("answered_elsewhere", False)
        assert get_row(call, bob).cause == "answered"
        assert build_counts(alice)["missed"] == 0

    def test_a_colleagues_call_is_told_from_both_sides(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        call = make_call(
            account,
            bob,
            user=alice,
            direction="outgoing",
            from_address=f"client:{alice.identity}",
            to_address=f"client:{bob.identity}",
            status="busy",
        )
        hers, his = get_row(call, alice), get_row(call, bob)
        assert (hers.direction, hers.name, hers.cause, hers.is_missed) == (
            "outgoing",
            "Bob",
            "declined",
            False,
        )
        assert (his.direction, his.name, his.cause, his.is_missed) == ("incoming", "Alice", "missed", True)

    @pytest.mark.parametrize("cause", ["do_not_disturb", "nobody_available"])
    def test_the_calls_own_cause_is_the_cause_and_the_same_as_on_the_page(
        self, cause: str, account: TwilioAccount, alice: User, alice_client: Client
    ) -> None:
        call = make_call(account, alice, cause_facts={"disposition": cause})
        row = get_row(call, alice)
        assert (row.cause, row.is_missed) == (cause, True)
        assert alice_client.get(f"/phone/calls/{call.call_sid}/ending/").json()["cause"] == cause
        page = alice_client.get(f"/phone/calls/{call.pk}/").content.decode()
        assert f'data-cause="{cause}"' in page and describe_ending(call, alice).cause.words in page

    def test_whoever_had_no_microphone_has_that_in_the_list_too(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        call = make_call(account, alice, bob)
        leg = make_leg(call, alice, status="no-answer")
        report = {"event": "call.error", "code": 31401, "call_sid": leg.call_sid, "is_callers": False}
        with transaction.atomic():
            note_facts(call, page=[report])
            tell_changed(call)
        assert get_row(call, alice).cause == "microphone_denied" == describe_ending(call, alice).cause.slug
        for person in (alice, bob):
            assert get_row(call, person).cause == describe_ending(call, person).cause.slug

    def test_a_message_that_was_left_is_counted_as_that_and_not_as_missed(
        self, account: TwilioAccount, alice: User, bob: User, alice_client: Client
    ) -> None:
        call = make_call(account, alice, bob)
        assert build_counts(alice) == {"missed": 1, "voicemail": 0}
        message = leave_message(call)
        row = get_row(call, alice)
        assert (row.cause, row.has_voicemail, row.is_missed) == ("voicemail", True, True)
        assert build_counts(alice) == {"missed": 0, "voicemail": 1}
        page = alice_client.get("/phone/recents/?missed=1").content.decode()
        assert f'href="/phone/calls/{call.pk}/"' in page and "Message" in page
        assert 'aria-label="Voicemail, 1 new"' in page and 'aria-label="Recents"' not in page
        alice_client.post(f"/phone/voicemail/{message.pk}/delete/")
        assert (get_row(call, alice).has_voicemail, get_row(call, bob).has_voicemail) == (False, True)
        alice_client.post(f"/phone/voicemail/{message.pk}/undo/")
        assert get_row(call, alice).has_voicemail

    def test_a_call_that_rang_for_nobody_is_missed_by_all_whom_it_was_for(
        self, account: TwilioAccount, alice: User, bob: User, mallory: User
    ) -> None:
        make_member(mallory, "other")
        assert {row.user for row in make_call(account).recents.all()} == {alice, bob}
        for_bob = {"answering": {"people": [bob.pk, mallory.pk], "why": "closed", "result": "voicemail"}}
        assert [row.user for row in make_call(account, cause_facts=for_bob).recents.all()] == [bob]

    def test_who_is_consulted_has_the_call_in_their_list(
        self, account: TwilioAccount, alice: User, bob: User
    ) -> None:
        now = timezone.now()
        call = make_call(account, alice, user=alice, status="in-progress", answered_at=now, ended_at=None)
        CallLeg.objects.create(
            call=call,
            role="consulted",
            route="client",
            user=bob,
            address=f"client:{bob.identity}",
            status="no-answer",
            ended_at=now,
        )
        with transaction.atomic():
            tell_changed(call)
        row = get_row(call, bob)
        assert (row.direction, row.address, row.cause, row.is_missed) == (
            "incoming",
            STRANGER,
            "missed",
            False,
        )
        assert get_row(call, alice).cause == ""

    def test_word_of_what_is_known_changes_nothing(self, account: TwilioAccount, alice: User) -> None:
        call = make_call(account, alice)
        signed_in(alice).get("/phone/recents/")
        with transaction.atomic():
            tell_changed(call)
        assert get_row(call, alice).seen_at
        assert RecentCall.objects.filter(call=call).count() == 1

    def test_pages_are_told_of_what_changed_and_how_many_were_missed(
        self, account: TwilioAccount, alice: User, monkeypatch: Any, django_capture_on_commit_callbacks: Any
    ) -> None:
        pushed: list[dict[str, Any]] = []
        monkeypatch.setattr("accounts.push.send_to_group", lambda group, frame: pushed.append(frame))
        with django_capture_on_commit_callbacks(execute=True):
            call = make_call(account, alice)
        assert {"type": "recents", "call": str(call.pk)} in pushed
        assert [frame["missed"] for frame in pushed if frame["type"] == "counts"] == [1]


@pytest.mark.django_db(transaction=True)
async def test_a_page_is_told_both_figures_when_its_socket_opens_and_when_one_changes(
    account: TwilioAccount, alice: User
) -> None:
    await database_sync_to_async(make_call)(account, alice)
    async with open_socket(alice) as socket:
        await until(lambda: bool(socket.of_counts))
        assert socket.of_counts == [{"type": "counts", "missed": 1, "voicemail": 0}]
        await database_sync_to_async(leave_message)(await database_sync_to_async(Call.objects.get)())
        expected = {"type": "counts", "missed": 0, "voicemail": 1}
        await until(lambda: socket.of_counts[-1] == expected)


class TestSeeing:
    def test_the_link_says_how_many_until_the_list_is_opened(
        self, account: TwilioAccount, alice: User, alice_client: Client
    ) -> None:
        make_call(account, alice)
        assert 'aria-label="Recents, 1 missed"' in alice_client.get("/").content.decode()
        response = alice_client.get("/phone/recents/", headers=HX)
        assert '"missed": 0' in response["X-Counts"]
        assert "Recents, 1 missed" not in alice_client.get("/").content.decode()
        assert get_row(Call.objects.get(), alice).is_missed

    def test_to_page_back_or_to_ask_for_the_head_is_not_to_have_seen(
        self, account: TwilioAccount, alice: User, alice_client: Client
    ) -> None:
        make_call(account, alice)
        alice_client.head("/phone/recents/")
        alice_client.get("/phone/recents/?before=1.1", headers=HX)
        assert build_counts(alice)["missed"] == 1

    def test_a_line_has_what_a_person_looks_for(
        self, account: TwilioAccount, alice: User, alice_client: Client
    ) -> None:
        call = make_call(account, alice, from_address="+442079460123")
        RecentCall.objects.update(note="the <b>blue</b> one")
        page = alice_client.get("/phone/recents/").content.decode()
        assert f'data-call="{call.pk}" data-direction="incoming" data-cause="missed"' in page
        for words in ("Today", "+44 20 7946 0123", "to +1 202-555-0123", "the &lt;b&gt;blue&lt;/b&gt; one"):
            assert words in page
        assert 'aria-label="Call back"' in page
        assert 'data-call-back="+442079460123"' in page

    def test_a_colleague_is_called_back_by_address_and_a_withheld_number_not_at_all(
        self, account: TwilioAccount, alice: User, bob: User, alice_client: Client
    ) -> None:
        make_call(account, alice, from_address=f"client:{bob.identity}", user=bob, direction="outgoing")
        page = alice_client.get("/phone/recents/").content.decode()
        assert 'data-call-back="bob@example.com"' in page
        Call.objects.all().delete()
        make_call(account, alice, from_address="withheld")
        page = alice_client.get("/phone/recents/").content.decode()
        assert "Withheld number" in page
        assert 'data-call-back="" data-call-from="+12025550123" disabled' in page


class TestListing:
    def test_the_newest_is_first_and_equal_times_keep_their_order(
        self, account: TwilioAccount, alice: User, alice_client: Client, monkeypatch: Any
    ) -> None:
        monkeypatch.setattr(views, "PAGE", 3)
        now = timezone.now()
        calls = [make_call(account, alice, started_at=now) for _ in range(5)]
        calls += [make_call(account, alice, started_at=now - timedelta(hours=1))]
        order = ids(*reversed(calls[:5]), calls[5])
        page = alice_client.get("/phone/recents/", headers=HX).content.decode()
        first = re.findall(r'<li class="recent[^>]*data-call="([^"]+)"', page)
        assert first == order[:3]
        found = re.search(r'href="/phone/recents/(\?before=[^"]+)"', page)
        assert found
        # What arrives meanwhile moves nothing.
        make_call(account, alice)
        assert list_calls(alice_client, found[1]) == order[3:]

    def test_a_page_brings_all_down_to_where_one_has_read(
        self, account: TwilioAccount, alice: User, alice_client: Client, monkeypatch: Any
    ) -> None:
        monkeypatch.setattr(views, "PAGE", 2)
        now = timezone.now()
        calls = [make_call(account, alice, started_at=now - timedelta(minutes=n)) for n in range(5)]
        row = get_row(calls[3], alice)
        cursor = f"{int(row.started_at.timestamp() * 1_000_000)}.{row.pk}"
        assert list_calls(alice_client, f"?down_to={cursor}") == ids(*calls[:4])

    def test_only_the_missed(self, account: TwilioAccount, alice: User, alice_client: Client) -> None:
        missed = make_call(account, alice)
        make_call(account, alice, user=alice, status="completed", answered_at=timezone.now())
        assert list_calls(alice_client, "?missed=1") == ids(missed)
        assert len(list_calls(alice_client)) == 2

    @pytest.mark.parametrize(
        "query", ["", "?q=nobody", "?missed=1", "?before=x", "?down_to=x", "?q=%00", "?day=%00&before=1.1"]
    )
    def test_an_empty_list_says_so(self, query: str, account: TwilioAccount, alice_client: Client) -> None:
        response = alice_client.get(f"/phone/recents/{query}")
        assert response.status_code == 200
        assert re.search(
            "No calls yet|No call is found|You have missed no|no older calls", response.content.decode()
        )

    def test_days_are_the_persons_own(
        self, account: TwilioAccount, alice: User, alice_client: Client, time_machine: Any
    ) -> None:
        time_machine.move_to("2026-11-29T11:30:00Z")
        make_call(account, alice, started_at=timezone.now())
        assert "Today" in alice_client.get("/phone/recents/", headers=HX).content.decode()
        time_machine.move_to("2026-11-29T13:00:00Z")
        alice_client.cookies["time_zone"] = "Pacific%2FAuckland"
        page = alice_client.get("/phone/recents/", headers=HX).content.decode()
        times = re.findall(r"<time[^>]*>([^<]+)</time>", page)
        assert (re.findall("Today|Yesterday", page), times) == (["Today"], ["00:30"])


class TestSearching:
    @pytest.fixture
    def calls(self, account: TwilioAccount, alice: User, bob: User) -> dict[str, str]:
        found = {
            "number": make_call(account, alice, from_address="+442079460123"),
            "colleague": make_call(
                account, alice, user=bob, direction="outgoing", from_address=f"client:{bob.identity}"
            ),
            "note": make_call(account, alice),
        }
        RecentCall.objects.filter(call=found["note"]).update(note="")
        response = signed_in(alice).post(
            f"/phone/calls/{found['note'].call_sid}/note/", {"note": "100% Blue_Widget, Straße"}
        )
        assert response.status_code == 200
        return {str(call.pk): name for name, call in found.items()}

    @pytest.mark.parametrize(
        ("typed", "expected"),
        [
            ("bob", ["colleague"]),
            ("BOB@EXAMPLE", ["colleague"]),
            ("020 7946", ["number"]),
            ("+44 20", ["number"]),
            ("0044 (20) 7946-0123", ["number"]),
            ("442079460123", ["number"]),
            ("blue_w", ["note"]),
            ("strasse 100%", ["note"]),
            ("widget blue", ["note"]),
            ("_", ["note"]),
            ("bluexwidget", []),
            ("555 0199 77", []),
        ],
    )
    def test_a_name_a_number_in_any_writing_and_a_note_are_found(
        self, typed: str, expected: list[str], calls: dict[str, str], alice_client: Client
    ) -> None:
        response = alice_client.get("/phone/recents/", {"q": typed}, headers=HX)
        found = re.findall(r'<li class="recent[^>]*data-call="([^"]+)"', response.content.decode())
        assert [calls[one] for one in found] == expected

    def test_what_is_searched_for_is_shown_as_text(
        self, account: TwilioAccount, alice_client: Client
    ) -> None:
        page = alice_client.get("/phone/recents/", {"q": '"><script>'}).content.decode()
        assert "<script>&" not in page
        assert "&quot;&gt;&lt;script&gt;" in page
        assert alice_client.get("/phone/recents/", {"q": "x" * 10_000}).status_code == 200


class TestOneCall:
    def test_it_is_told_as_a_story(
        self, account: TwilioAccount, alice: User, bob: User, alice_client: Client
    ) -> None:
        now = timezone.now()
        call = make_call(account, alice, bob, user=bob, status="completed", answered_at=now)
        CallLeg.objects.create(
            call=call,
            call_sid=call.call_sid,
            role="caller",
            route="number",
            address=STRANGER,
            status="completed",
            ended_at=now,
        )
        CallLeg.objects.create(
            call=call,
            role="called",
            route="client",
            user=bob,
            status="completed",
            address=f"client:{bob.identity}",
            rung_at=now,
            answered_at=now,
        )
        CallLeg.objects.create(
            call=call,
            role="called",
            route="client",
            user=alice,
            status="canceled",
            address=f"client:{alice.identity}",
            rung_at=now,
            ended_at=now,
        )
        page = alice_client.get(f"/phone/calls/{call.pk}/").content.decode()
        for words in (
            "Answered elsewhere",
            "It rang at Bob",
            "Bob answered",
            "It rang here",
            "You: given up",
        ):
            assert words in page, words

    def test_what_befell_within_a_second_is_told_in_the_order_in_which_it_can_only_have_been(
        self, account: TwilioAccount, alice: User
    ) -> None:
        # Ours are finer than Twilio's whole seconds, and the server's clock may be ahead.
        second = timezone.now().replace(microsecond=0)
        later, ahead = second.replace(microsecond=800_000), second + timedelta(seconds=1)
        call = make_call(account, alice, user=alice, status="completed", answered_at=second)
        CallLeg.objects.create(
            call=call, role="caller", route="number", address=STRANGER, asked_at=later, status="in-progress"
        )
        make_leg(call, alice, asked_at=ahead, rung_at=second, answered_at=second, ended_at=ahead)
        steps = build_story(get_row(call, alice), UTC)
        assert [step.words for step in steps] == [
            "+1 202-555-0170 called",
            "You were called",
            "It rang here",
            "You answered",
            "You were gone",
        ]

    def test_anothers_call_and_one_that_is_none_are_not_found(
        self, account: TwilioAccount, alice: User, mallory: User
    ) -> None:
        call = make_call(account, alice)
        make_member(mallory, "other")
        outsider = signed_in(mallory)
        assert outsider.get(f"/phone/calls/{call.pk}/").status_code == 404
        assert outsider.post(f"/phone/calls/{call.call_sid}/note/", {"note": "x"}).status_code == 404
        assert outsider.post(f"/phone/calls/{call.pk}/", {"note": "x"}).status_code == 404
        assert outsider.get(f"/phone/calls/{uuid.uuid4()}/").status_code == 404
        assert list_calls(outsider) == []
        assert get_row(call, alice).note == ""

    def test_what_was_said_and_the_message_are_listened_to_there(
        self, account: TwilioAccount, alice: User, bob: User, alice_client: Client
    ) -> None:
        now = timezone.now()
        call = make_call(account, alice, bob, user=bob, status="completed", answered_at=now)
        make_leg(call, bob, status="completed", answered_at=now)
        make_leg(call, alice, status="canceled")
        said = make_recording(call, seconds=12)
        with transaction.atomic():
            tell_changed(call)
        address, player = f"/phone/calls/{call.pk}/", f'src="/phone/recordings/{said.pk}/"'
        page = signed_in(bob).get(address).content.decode()
        assert player in page and "Recording</h3>" in page and "12 s" in page
        assert "Recording</a>" in signed_in(bob).get("/phone/recents/").content.decode()
        # It only rang for her.
        assert player not in alice_client.get(address).content.decode()
        assert "Recording</a>" not in alice_client.get("/phone/recents/").content.decode()
        missed = make_call(account, alice)
        message = leave_message(missed, name="2")
        page = alice_client.get(f"/phone/calls/{missed.pk}/").content.decode()
        assert f'src="/phone/voicemail/{message.pk}/audio/"' in page and ">New<" in page

    def test_what_ages_is_not_offered_any_more(
        self, account: TwilioAccount, alice: User, pass_time: Any, alice_client: Client
    ) -> None:
        call = make_call(account, alice)
        leave_message(call)
        pass_time(timedelta(days=400))
        call_command("prune", verbosity=0)
        row = get_row(call, alice)
        assert (row.has_voicemail, SoundDeletion.objects.count()) == (False, 1)
        assert "audio" not in alice_client.get(f"/phone/calls/{call.pk}/").content.decode()
        pass_time(timedelta(days=400))
        call_command("prune", verbosity=0)
        assert not RecentCall.objects.exists()

    def test_the_note_is_what_the_phone_reads(
        self, account: TwilioAccount, alice: User, bob: User, alice_client: Client
    ) -> None:
        call = make_call(account, alice, bob)
        alice_client.post(f"/phone/calls/{call.call_sid}/note/", {"note": "hers"})
        assert get_notes([call], [alice, bob]) == {(call.pk, alice.pk): "hers"}

    def test_a_note_is_kept_by_its_form(
        self, account: TwilioAccount, alice: User, alice_client: Client
    ) -> None:
        call = make_call(account, alice)
        response = alice_client.post(f"/phone/calls/{call.pk}/", {"note": "one\r\ntwo"}, headers=HX)
        assert response["Location"] == f"/phone/calls/{call.pk}/"
        assert get_row(call, alice).note == "one\ntwo"
        too_long = alice_client.post(f"/phone/calls/{call.pk}/", {"note": "x" * 2001}, headers=HX)
        assert too_long.status_code == 422
        assert "2,000 are kept at most" in too_long.content.decode()

    @pytest.mark.parametrize(
        "body", ["[]", "{", '{"note": 7}', '{"note": "\\u0000"}', '{"note": "\\ud800"}', "{}", "1" * 100_000]
    )
    def test_what_is_no_note_is_refused_in_words(
        self, body: str, account: TwilioAccount, alice: User, alice_client: Client
    ) -> None:
        call = make_call(account, alice)
        address = f"/phone/calls/{call.call_sid}/note/"
        response = alice_client.post(address, body, content_type="application/json")
        assert response.status_code == 422
        assert response.json()["words"]
        kept = alice_client.post(address, '{"note": "ok"}', content_type="application/json")
        assert kept.json() == {"note": "ok"}


class TestPanes:
    @pytest.mark.parametrize("address", ["/phone/recents/", "/phone/colleagues/", "/", "/accounts/twilio/"])
    def test_a_pane_is_a_fragment_or_a_whole_page(
        self, address: str, account: TwilioAccount, alice_client: Client
    ) -> None:
        fragment, whole = alice_client.get(address, headers=HX), alice_client.get(address)
        assert "<html" not in fragment.content.decode()
        assert "X-Pane" in fragment
        assert "<html" in whole.content.decode()
        for response in (fragment, whole):
            assert "HX-Request" in response["Vary"]
            assert "no-store" in response["Cache-Control"]
        if address.startswith("/phone/"):
            assert 'aria-label="Handset"' in whole.content.decode()

    @pytest.mark.parametrize("address", ["/phone/recents/", "/accounts/twilio/"])
    def test_the_signed_out_are_sent_to_sign_in_and_back(self, address: str, client: Client) -> None:
        response = client.get(address, headers=HX)
        assert response["HX-Redirect"] == f"/accounts/login/?next={address}"
        assert response.content == b""
        assert client.get(address)["Location"] == f"/accounts/login/?next={address}"
        assert client.post("/phone/calls/CA0/note/").status_code == 302

    def test_those_without_twilio_are_sent_to_connect_it(self, alice_client: Client) -> None:
        assert alice_client.get("/phone/recents/", headers=HX)["HX-Redirect"] == "/accounts/twilio/"
        assert alice_client.get("/phone/recents/")["Location"] == "/accounts/twilio/"
