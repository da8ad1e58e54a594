"""A call for somebody whose browser is closed: it is woken, waited for, rung, and told the end."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from fake_twilio import catalogue
from phone.answering.rules import NumberRules
from phone.calls.call import Call
from phone.calls.do_not_disturb import switch_do_not_disturb
from phone.causes.describing import show_number
from phone.contacts.card import CardNumber, ContactCard
from phone.contacts.keeping import keep_cards
from phone.device.presence import record_state
from phone.recents.recent_call import RecentCall
from phone.waking import calls
from phone.waking.subscriptions import PushSubscription
from tests.conftest import signed_in
from tests.integration.answering.conftest import make_rules
from tests.integration.answering.test_ringing import end_dial, find, read, verbs, who_rings
from tests.integration.waking.conftest import NUMBER, leave, show_up, subscribe
from tests.push_service import PushedBrowser, PushService
from tests.webhook_requests import build_call_sid, post

STRANGER = catalogue.STRANGER_NUMBER
CALLER = show_number(STRANGER)
Commit = Callable[..., Any]

pytestmark = pytest.mark.usefixtures("at_once")


@pytest.fixture
def ring(
    account: TwilioAccount, django_capture_on_commit_callbacks: Commit
) -> Callable[[], ElementTree.Element]:
    def ring() -> ElementTree.Element:
        with django_capture_on_commit_callbacks(execute=True):
            return read(post("voice_webhook", account, From=STRANGER, To=NUMBER))

    return ring


@pytest.fixture
def look(
    account: TwilioAccount, django_capture_on_commit_callbacks: Commit
) -> Callable[..., ElementTree.Element]:
    """Twilio goes on as the document says, after its pause."""

    def look(document: ElementTree.Element, **params: str) -> ElementTree.Element:
        query = "?" + (find(document, "Redirect").text or "").partition("?")[2]
        with django_capture_on_commit_callbacks(execute=True):
            return read(post("woken", account, query=query, **{"From": STRANGER, "To": NUMBER, **params}))

    return look


def test_a_closed_browser_is_woken_and_rung_once_its_page_is_there(
    account: TwilioAccount,
    bob: User,
    closed: PushedBrowser,
    push_service: PushService,
    ring: Any,
    look: Any,
    django_capture_on_commit_callbacks: Commit,
) -> None:
    make_rules(account, bob, seconds=17)
    waiting = ring()
    assert verbs(waiting) == ["Pause", "Redirect"]
    [told] = push_service.list_told(closed)
    assert (told["kind"], told["title"], told["call"]) == (
        "ring",
        f"{CALLER} is calling",
        build_call_sid(),
    )
    [pushed] = push_service.taken
    assert (pushed.headers["ttl"], pushed.headers["urgency"]) == ("17", "high")
    assert pushed.headers["authorization"].startswith("vapid t=")
    assert STRANGER[-4:].encode() not in pushed.body

    # Asked again before anybody has come, and Twilio twice: it waits, and nobody is woken twice.
    assert (
        ElementTree.tostring(ring()) == ElementTree.tostring(look(waiting)) == ElementTree.tostring(waiting)
    )
    assert len(push_service.taken) == 1

    # A page has come up, whose Device would not ring yet.
    page = show_up(bob, "connecting")
    assert verbs(look(waiting)) == ["Pause", "Redirect"]
    record_state(user=bob, page_session=page, state="ready")
    ringing = look(waiting)
    assert who_rings(ringing) == [bob.identity]
    assert find(ringing, "Dial").attrib["timeout"] == "17"
    assert ElementTree.tostring(look(waiting)) == ElementTree.tostring(ringing)

    leg = {"ParentCallSid": build_call_sid(), "CallSid": build_call_sid("leg"), "CallStatus": "in-progress"}
    with django_capture_on_commit_callbacks(execute=True):
        post("call_status", account, To=f"client:{bob.identity}", **leg)
    over = push_service.list_told(closed)[-1]
    assert (over["kind"], over["body"], over["is_missed"]) == ("over", "By you.", False)
    # It takes the other's place where that still waits at the push service.
    assert len({one.headers["topic"] for one in push_service.taken}) == 1


def test_who_has_a_name_for_the_caller_is_told_it(
    account: TwilioAccount, bob: User, closed: PushedBrowser, push_service: PushService, ring: Any
) -> None:
    keep_cards(bob, account, [ContactCard("Carol Miller", numbers=(CardNumber(STRANGER),))], is_shared=False)
    make_rules(account, bob, seconds=17)
    ring()
    assert [told["title"] for told in push_service.list_told(closed)] == ["Carol Miller is calling"]


def test_a_browser_is_woken_in_the_language_of_its_person(
    account: TwilioAccount,
    alice: User,
    bob: User,
    closed: PushedBrowser,
    push_service: PushService,
    django_capture_on_commit_callbacks: Commit,
) -> None:
    bob.language = "de"
    bob.save()
    alices = PushedBrowser("alices")
    subscribe(signed_in(alice), alices)
    leave(alice)
    with django_capture_on_commit_callbacks(execute=True):
        post("voice_webhook", account, From="anonymous", To=NUMBER)
    with django_capture_on_commit_callbacks(execute=True):
        post("call_status", account, From="anonymous", CallStatus="completed")
    of_bob, of_alice = (
        [(told["title"], told["body"]) for told in push_service.list_told(browser)]
        for browser in (closed, alices)
    )
    assert of_bob == [
        ("Unterdrückte Nummer ruft an", "Öffnen Sie das Telefon, um anzunehmen."),
        ("Verpasster Anruf von Unterdrückte Nummer", "Öffnen Sie das Telefon, um zurückzurufen."),
    ]
    assert of_alice == [
        ("Withheld number is calling", "Open the phone to answer."),
        ("Missed call from Withheld number", "Open the phone to call back."),
    ]


def test_nobody_comes_so_the_plan_goes_on_and_the_call_is_missed(
    account: TwilioAccount,
    alice: User,
    bob: User,
    closed: PushedBrowser,
    push_service: PushService,
    ring: Any,
    look: Any,
    pass_time: Callable[[timedelta], None],
) -> None:
    leave(alice)
    make_rules(account, alice, bob, seconds=20, unanswered_then="voicemail")
    waiting = ring()
    assert verbs(waiting) == ["Pause", "Redirect"]
    pass_time(timedelta(seconds=21))
    last = look(waiting)
    assert "Record" in verbs(last)
    assert ElementTree.tostring(look(waiting)) == ElementTree.tostring(last)

    call = Call.objects.get()
    assert (call.status, call.cause_facts["answering"]["why"]) == ("no-answer", "not_answered")
    # The message is for both: it has rung at nobody's page.
    assert call.cause_facts["answering"]["people"] == [alice.pk, bob.pk]
    assert RecentCall.objects.get(call=call, user=bob).is_missed
    over = push_service.list_told(closed)[-1]
    assert (over["title"], over["is_missed"], over["unseen"]) == (f"Missed call from {CALLER}", True, 1)
    assert int(push_service.taken[-1].headers["ttl"]) > 3600


def test_who_is_woken_while_it_rings_for_others_is_rung_after_them_if_they_have_come(
    account: TwilioAccount,
    alice: User,
    bob: User,
    closed: PushedBrowser,
    push_service: PushService,
    ring: Any,
) -> None:
    show_up(alice)
    make_rules(account, alice, bob)
    first = ring()
    assert who_rings(first) == [alice.identity]
    assert [one["kind"] for one in push_service.list_told(closed)] == ["ring"]
    show_up(bob)
    second = end_dial(account, find(first, "Dial"), "no-answer")
    assert who_rings(second) == [bob.identity]
    assert verbs(end_dial(account, find(second, "Dial"), "no-answer")) == ["Say", "Hangup"]


def test_who_does_not_come_while_it_rings_for_others_is_waited_for_no_longer(
    account: TwilioAccount, alice: User, bob: User, closed: PushedBrowser, ring: Any
) -> None:
    show_up(alice)
    make_rules(account, alice, bob)
    assert verbs(end_dial(account, find(ring(), "Dial"), "no-answer")) == ["Say", "Hangup"]


def test_one_after_the_other_each_is_woken_in_their_turn(
    account: TwilioAccount,
    alice: User,
    bob: User,
    closed: PushedBrowser,
    push_service: PushService,
    ring: Any,
    look: Any,
    pass_time: Callable[[timedelta], None],
    django_capture_on_commit_callbacks: Commit,
) -> None:
    alices = PushedBrowser("alices")
    subscribe(signed_in(alice), alices)
    leave(alice)
    make_rules(account, bob, alice, order=NumberRules.Order.IN_ORDER, seconds=10)
    first = ring()
    assert push_service.list_told(alices) == []
    pass_time(timedelta(seconds=11))
    second = look(first)
    assert verbs(second) == ["Pause", "Redirect"]
    assert [one["kind"] for one in push_service.list_told(alices)] == ["ring"]
    pass_time(timedelta(seconds=11))
    assert verbs(look(second)) == ["Say", "Hangup"]
    assert [one["kind"] for one in push_service.list_told(closed)] == ["ring", "over"]


def test_who_is_not_to_be_disturbed_or_is_there_is_not_woken(
    account: TwilioAccount,
    alice: User,
    bob: User,
    closed: PushedBrowser,
    push_service: PushService,
    ring: Any,
) -> None:
    make_rules(account, bob)
    switch_do_not_disturb(bob, is_on=True)
    assert verbs(ring()) == ["Say", "Hangup"]
    switch_do_not_disturb(bob, is_on=False)
    show_up(bob)
    Call.objects.all().delete()
    assert who_rings(ring()) == [bob.identity]
    assert push_service.taken == []


def test_telling_the_end_costs_the_same_however_many_were_woken(
    account: TwilioAccount, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[int, Any]] = []
    monkeypatch.setattr(calls, "push_to_browsers", told.append)
    call = Call.objects.create(
        account=account,
        call_sid=build_call_sid(),
        direction="incoming",
        from_address=STRANGER,
        to_address=NUMBER,
        status="no-answer",
    )
    queries = []
    for people in ([alice.pk], [alice.pk, bob.pk]):
        with CaptureQueriesContext(connection) as asked:
            calls.tell_over(call, people)
        queries.append(len(asked))
    assert queries[0] == queries[1]
    assert sorted(told[-1]) == sorted([alice.pk, bob.pk])


def test_without_the_servers_key_a_call_goes_on_as_ever(
    account: TwilioAccount,
    bob: User,
    closed: PushedBrowser,
    push_service: PushService,
    ring: Any,
    settings: Any,
) -> None:
    settings.VAPID_PRIVATE_KEY = ""
    make_rules(account, bob)
    assert verbs(ring()) == ["Say", "Hangup"]
    assert push_service.taken == []


def test_a_caller_who_has_hung_up_meanwhile_ends_it(
    account: TwilioAccount, bob: User, closed: PushedBrowser, ring: Any, look: Any
) -> None:
    make_rules(account, bob)
    assert verbs(look(ring(), CallStatus="completed")) == ["Hangup"]


@pytest.mark.parametrize("comes", [True, False])
def test_a_colleague_who_calls_hears_it_ring_meanwhile(
    account: TwilioAccount,
    alice: User,
    bob: User,
    closed: PushedBrowser,
    push_service: PushService,
    look: Any,
    comes: bool,
    pass_time: Callable[[timedelta], None],
    django_capture_on_commit_callbacks: Commit,
) -> None:
    sender = {"From": f"client:{alice.identity}", "To": bob.email}
    with django_capture_on_commit_callbacks(execute=True):
        waiting = read(post("voice_webhook", account, **sender))
    assert verbs(waiting) == ["Pause", "Redirect"]
    assert [one["title"] for one in push_service.list_told(closed)] == ["Alice is calling"]
    assert verbs(look(waiting, **sender)) == ["Pause", "Redirect"]
    if comes:
        page = show_up(bob, "connecting")
        assert verbs(look(waiting, **sender)) == ["Pause", "Redirect"]
        record_state(user=bob, page_session=page, state="ready")
        assert who_rings(look(waiting, **sender)) == [bob.identity]
        leg = {"ParentCallSid": build_call_sid(), "CallSid": build_call_sid("leg")}
        with django_capture_on_commit_callbacks(execute=True):
            post("call_status", account, To=f"client:{bob.identity}", CallStatus="in-progress", **leg)
        over = push_service.list_told(closed)[-1]
        assert (over["title"], over["body"]) == ("Alice was answered", "By you.")
        return
    pass_time(timedelta(seconds=26))
    assert verbs(look(waiting, **sender)) == ["Say", "Hangup"]
    call = Call.objects.get()
    assert (call.status, call.cause) == ("no-answer", "nobody_available")
    assert RecentCall.objects.get(user=bob).is_missed
    assert push_service.list_told(closed)[-1]["title"] == "Missed call from Alice"


def test_what_nobody_was_told_of_is_hung_up(account: TwilioAccount, closed: PushedBrowser) -> None:
    for query in ("?step=-1", "?step=7", "?until=99", "", "?step=x&until=y"):
        assert verbs(read(post("woken", account, query=query))) == ["Hangup"]


def test_a_browser_that_is_no_more_is_forgotten_and_one_that_fails_is_noted(
    account: TwilioAccount,
    bob: User,
    bobs_client: Client,
    closed: PushedBrowser,
    push_service: PushService,
    ring: Any,
) -> None:
    make_rules(account, bob)
    gone, failing, moved = PushedBrowser("gone"), PushedBrowser("failing"), PushedBrowser("moved")
    for one in (gone, failing, moved):
        subscribe(bobs_client, one)
    push_service.answers = {"gone": 410, "failing": 503, "moved": 307}
    ring()
    rows = {one.address.endpoint: one for one in PushSubscription.objects.all()}
    assert gone.endpoint not in rows
    assert (rows[failing.endpoint].failures, rows[closed.endpoint].failures) == (1, 0)
    assert rows[closed.endpoint].sent_at is not None
    # Nobody is sent elsewhere.
    assert rows[moved.endpoint].failures == 1
    assert sorted(one.name for one in push_service.taken) == ["bobs", "failing", "gone", "moved"]
