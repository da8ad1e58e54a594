"""What one deed changes is told to each of a call's people in their own language."""

import uuid
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from fake_twilio import catalogue
from phone.calls.call import Call
from phone.in_call.telling import build_frames
from tests.conftest import signed_in
from tests.device_socket import open_socket
from tests.fake.who_hears import until
from tests.integration.waking.conftest import show_up
from tests.open_pages import record_connected
from tests.webhook_requests import add_number, build_call_sid, make_member, post


@pytest.fixture
def account(alice: User, bob: User) -> TwilioAccount:
    """Alice is spoken to in German, Bob in English."""
    alice.language = "de"
    alice.save()
    make_member(bob)
    account = make_member(alice)
    add_number(account, catalogue.DEMO_NUMBER)
    return account


def ring(account: TwilioAccount, **params: str) -> ElementTree.Element:
    told = {"From": catalogue.STRANGER_NUMBER, "To": catalogue.DEMO_NUMBER, **params}
    return ElementTree.fromstring(post("voice_webhook", account, **told).content)


@pytest.fixture
def call(account: TwilioAccount, alice: User) -> Call:
    """Alice has answered a call that rang for both."""
    ring(account)
    for number, status in enumerate(("ringing", "in-progress")):
        post(
            "call_status",
            account,
            CallSid=build_call_sid("agent"),
            ParentCallSid=build_call_sid(),
            To=f"client:{alice.identity}",
            CallStatus=status,
            SequenceNumber=str(number),
        )
    return Call.objects.get()


def test_pages_are_told_in_their_persons_language_whoever_caused_it(
    call: Call, alice: User, bob: User
) -> None:
    for person in (alice, bob):
        record_connected(user=person, page_session=uuid.uuid4(), socket=uuid.uuid4())
    # By a webhook of Twilio's, which asks for no language, or by a request of somebody who asks for one.
    for language in ("en", "de"):
        with override(language):
            frames = build_frames([call.pk])
        [of_alice], [of_bob] = frames[alice.pk]["calls"], frames[bob.pk]["calls"]
        assert of_alice["cannot"]["resume"] == "Er wird nicht gehalten."
        assert of_bob["cannot"]["resume"] == "You are not in this call."
        assert of_bob["words"] == "" or of_bob["words"].isascii()
    post("dial_action", call.account, From=catalogue.STRANGER_NUMBER, DialCallStatus="completed")
    frames = build_frames([call.pk])
    assert frames[alice.pk]["calls"][0]["words"] == "Sie haben aufgelegt."
    assert frames[bob.pk]["calls"][0]["words"] == "Answered by Alice."


@pytest.mark.django_db(transaction=True)
async def test_a_page_that_opens_its_socket_is_told_in_its_own_language(call: Call, alice: User) -> None:
    async with open_socket(alice) as socket:
        await until(lambda: bool(socket.of_calls))
    [told] = socket.of_calls[0]["calls"]
    assert told["cannot"]["resume"] == "Er wird nicht gehalten."


def test_a_deed_is_refused_in_the_language_of_whoever_asks(call: Call, alice: User, bob: User) -> None:
    address = reverse("call_deed", args=[call.call_sid, "resume"])
    asked = {
        alice: {"cause": "not_possible", "words": "Er wird nicht gehalten.", "remedy": ""},
        bob: {"cause": "not_possible", "words": "You are not in this call.", "remedy": ""},
    }
    for person, refusal in asked.items():
        answer = signed_in(person).post(address)
        assert (answer.status_code, answer.json()) == (409, refusal)


def test_each_phone_that_rings_is_given_the_card_of_the_call_in_its_persons_language(
    account: TwilioAccount, alice: User, bob: User
) -> None:
    for person in (alice, bob):
        show_up(person)
    document = ring(account, StirVerstat="TN-Validation-Failed-A")
    words = {
        client.findtext("Identity"): {one.get("name"): one.get("value") for one in client.iter("Parameter")}
        for client in document.iter("Client")
    }
    assert words[alice.identity]["attestation"] == "Nicht bestätigt: Die Signatur des Netzes ist ungültig"
    assert words[bob.identity]["attestation"] == "Not verified: the carrier's signature is not valid"


def test_who_shows_no_number_is_called_so_in_each_language(
    account: TwilioAccount, alice: User, bob: User
) -> None:
    for person in (alice, bob):
        show_up(person)
    document = ring(account, From="anonymous")
    names = {
        client.findtext("Identity"): client.find("Parameter[@name='display']").get("value")  # type: ignore[union-attr]
        for client in document.iter("Client")
    }
    assert names == {alice.identity: "Unterdrückte Nummer", bob.identity: "Withheld number"}


def test_sending_to_voicemail_is_refused_in_the_language_of_whoever_asks(call: Call, alice: User) -> None:
    client: Client = signed_in(alice)
    answer = client.post(reverse("voicemail_deed", args=[call.call_sid]))
    assert answer.status_code == 409
    assert answer.json()["words"] in (
        "Der Anruf wurde inzwischen angenommen.",
        "Er klingelt nicht bei Ihnen.",
    )
