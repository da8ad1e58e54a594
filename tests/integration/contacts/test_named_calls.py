"""Calls are named by each person's contacts, wherever they are shown to that person, and to nobody else."""

import re
import uuid
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from fake_twilio import catalogue
from phone.calls.legs import CallLeg
from phone.contacts.changes import tell_contacts_changed
from phone.contacts.contacts import Contact
from phone.in_call.state import build_states_of
from phone.recents.recent_call import RecentCall
from tests.conftest import signed_in
from tests.integration.contacts.book import build_card, keep
from tests.integration.recents.test_recents import make_call
from tests.integration.recordings.stock import make_message
from tests.tasks import run_tasks
from tests.webhook_requests import add_number, make_member, post

NUMBER, STRANGER = catalogue.DEMO_NUMBER, catalogue.STRANGER_NUMBER
HX = {"hx-request": "true"}


@pytest.fixture
def account(alice: User, bob: User) -> TwilioAccount:
    account = make_member(alice)
    make_member(bob)
    add_number(account, NUMBER, points_here=True)
    return account


def read(person: User, address: str) -> str:
    response = signed_in(person).get(address, headers=HX)
    assert response.status_code == 200
    return response.content.decode()


def list_names(page: str) -> list[str]:
    return re.findall(r'<a id="who-[^>]*>([^<]*)</a>', page)


def test_a_call_rings_at_each_under_their_own_name_for_the_caller(
    account: TwilioAccount, alice: User, bob: User
) -> None:
    carol = User.objects.create_user("carol@example.com", "dog-and-bone")
    make_member(carol)
    keep(alice, account, build_card("Mum <3 & Dad\u202e", STRANGER))
    keep(bob, account, build_card("B" * 160, STRANGER))
    twiml = post("voice_webhook", account, From=STRANGER, To=NUMBER).content.decode()
    rung = {}
    for client in ElementTree.fromstring(twiml).iter("Client"):
        parameters = {one.get("name"): one.get("value") for one in client.iter("Parameter")}
        rung[client.findtext("Identity")] = parameters.get("display")
    assert rung == {alice.identity: "Mum <3 & Dad", bob.identity: "B" * 60, carol.identity: None}


def test_pages_are_told_of_a_call_by_their_own_contacts(
    account: TwilioAccount, alice: User, bob: User
) -> None:
    keep(alice, account, build_card("Mum", STRANGER))
    keep(alice, account, build_card("Acme", STRANGER), is_shared=True)
    call = make_call(account, alice, bob, status="ringing", ended_at=None)
    CallLeg.objects.create(
        call=call, call_sid=call.call_sid, role="caller", route="number", address=STRANGER, status="ringing"
    )
    states = build_states_of([alice, bob])
    assert [states[person.pk][0]["name"] for person in (alice, bob)] == ["Mum", "Acme"]
    assert states[alice.pk][0]["address"] == STRANGER
    assert [party["name"] for party in states[bob.pk][0]["parties"]] == ["Acme"]


def test_recents_are_named_searched_and_renamed_by_contacts(
    account: TwilioAccount, alice: User, bob: User, mallory: User
) -> None:
    contact = keep(alice, account, build_card("Grete Acme", STRANGER))
    call = make_call(account, alice, bob)
    assert list_names(read(alice, "/phone/recents/?q=grete")) == ["Grete Acme"]
    assert list_names(read(bob, "/phone/recents/")) != ["Grete Acme"]
    assert list_names(read(bob, "/phone/recents/?q=grete")) == []
    # Shared now, for Bob; Alice's own name stays hers.
    keep(bob, account, build_card("Acme, Berlin", STRANGER), is_shared=True)
    run_tasks()
    assert list_names(read(alice, "/phone/recents/?q=acme")) == ["Grete Acme"]
    assert list_names(read(bob, "/phone/recents/?q=berlin")) == ["Acme, Berlin"]
    assert "Grete Acme" in read(alice, f"/phone/calls/{call.pk}/")
    Contact.objects.filter(pk=contact.pk).update(deleted_at=timezone.now())
    tell_contacts_changed({"owner": alice})
    run_tasks()
    assert list_names(read(alice, "/phone/recents/")) == ["Acme, Berlin"]
    assert list_names(read(alice, "/phone/recents/?q=grete")) == []
    # Whoever leaves the company leaves its contacts.
    bob.twilio_credentials.delete()
    run_tasks()
    assert RecentCall.objects.get(user=bob).name == ""
    make_member(bob)
    run_tasks()
    assert RecentCall.objects.get(user=bob).name == "Acme, Berlin"


def test_a_note_stays_and_is_found_when_a_call_is_renamed(account: TwilioAccount, alice: User) -> None:
    call = make_call(account, alice)
    client = signed_in(alice)
    client.post(f"/phone/calls/{call.call_sid}/note/", {"note": "wants a refund"})
    keep(alice, account, build_card("Grete", STRANGER))
    run_tasks()
    row = RecentCall.objects.get(user=alice)
    assert (row.name, row.note) == ("Grete", "wants a refund")
    assert list_names(read(alice, "/phone/recents/?q=refund")) == ["Grete"]


def test_the_story_of_a_call_names_everybody_by_the_persons_contacts(
    account: TwilioAccount, alice: User
) -> None:
    keep(alice, account, build_card("Ida", "+442079460000"))
    call = make_call(account, alice)
    CallLeg.objects.create(
        call=call,
        call_sid=f"CA{uuid.uuid4().hex}",
        role="transferred_to",
        route="number",
        address="+442079460000",
        status="completed",
    )
    assert "The call was passed on to Ida" in read(alice, f"/phone/calls/{call.pk}/")


def test_voicemail_names_whoever_left_it_by_the_persons_contacts(
    account: TwilioAccount, alice: User, bob: User
) -> None:
    keep(alice, account, build_card("Mum", STRANGER))
    make_message(make_call(account, alice, bob), alice, bob)
    page = read(alice, "/phone/voicemail/")
    assert ">Mum</b>" in page and f'data-call-back="{STRANGER}"' in page
    assert "Mum" not in read(bob, "/phone/voicemail/")


def test_a_caller_without_a_name_can_be_added_from_recents_and_voicemail(
    account: TwilioAccount, alice: User, bob: User
) -> None:
    call = make_call(account, alice, bob)
    make_message(call, alice, bob)
    link = f'href="/phone/contacts/new/?number=%2B{STRANGER[1:]}"'
    pages = (f"/phone/calls/{call.pk}/", "/phone/voicemail/")
    assert all(link in read(alice, page) for page in pages)
    shared = keep(alice, account, build_card("Acme", STRANGER), is_shared=True)
    own = keep(alice, account, build_card("Mum", STRANGER))
    assert not any(link in read(alice, page) for page in pages)
    for person, contact in ((alice, own), (bob, shared)):
        assert f'href="/phone/contacts/{contact.pk}/"' in read(person, pages[0])


def test_whom_answers_with_the_name_of_a_contact(account: TwilioAccount, alice: User, bob: User) -> None:
    keep(alice, account, build_card("Mum", STRANGER))
    answers = [
        signed_in(person).post("/phone/whom/", {"typed": STRANGER, "call_from": NUMBER}).json()["name"]
        for person in (alice, bob)
    ]
    assert answers == ["Mum", STRANGER]


@pytest.mark.parametrize(
    "address", ["/admin/phone/call/", "/admin/phone/recentcall/", "/admin/phone/contact/"]
)
def test_the_admin_shows_nobodys_contacts(
    account: TwilioAccount, alice: User, admin_user: User, address: str
) -> None:
    keep(alice, account, build_card("Very Private", STRANGER))
    call = make_call(account, alice)
    client = signed_in(admin_user)
    shown = client.get(address)
    assert shown.status_code in (200, 404) and "Very Private" not in shown.content.decode()
    for other in (f"/admin/phone/call/{call.pk}/change/", f"/admin/accounts/user/{alice.pk}/delete/"):
        shown = client.get(other)
        assert shown.status_code == 200 and "Very Private" not in shown.content.decode()
