"""The owner of a connection is spoken to in their language, also by a worker, and by others' requests."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import get_language, override

from accounts.failures.login_failures import LoginFailure
from accounts.people import User
from accounts.twilio import standing
from accounts.twilio.credentials import PhoneNumber, TwilioAccount, TwilioCredentials
from accounts.twilio.errands import Errand
from accounts.twilio.proof import verify_again
from fake_twilio import catalogue
from tests.commits import committed
from tests.conftest import signed_in
from tests.connections import BROWSER, connect
from tests.fake_control import FakeTwilio
from tests.german import find_english
from tests.tasks import read_outbox, run_tasks

PAGE = "/accounts/twilio/"
DEMO_SID = catalogue.account_sid(catalogue.DEMO)
TYPED = {"account_sid": DEMO_SID, "auth_token": catalogue.auth_token(catalogue.DEMO), "region": "us1"}


# Tried with the doctor.
DOCTOR = re.compile(r'<section[^>]* data-part="doctor">.*?</section>', re.DOTALL)


def list_english(page: str) -> list[str]:
    return find_english(DOCTOR.sub("", page))


@pytest.fixture
def german(alice: User) -> User:
    alice.language = "de"
    alice.save()
    return alice


def check() -> None:
    """As a worker does it, which speaks English."""
    assert get_language() == "en"
    with committed():
        verify_again(TwilioCredentials.objects.select_related("account", "user").get(), client=BROWSER)


def test_the_owner_is_told_by_letter_and_on_open_pages_in_their_language(
    german: User, fake_twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames: list[dict[str, Any]] = []
    monkeypatch.setattr(standing, "push_to_user", lambda user_id, frame: frames.append(frame))
    connect(german)
    right = catalogue.auth_token(catalogue.DEMO)
    fake_twilio.change_account(DEMO_SID, auth_token="new")
    check()
    (stopped,) = read_outbox()
    fake_twilio.change_account(DEMO_SID, auth_token=right)
    check()
    works_again = read_outbox()[-1]
    assert stopped.subject == "Ihr Twilio-Zugang funktioniert nicht mehr"
    assert works_again.subject == "Ihr Twilio-Zugang funktioniert wieder"
    assert "Das Auth Token ist falsch." in stopped.body
    assert find_english(stopped.body) == find_english(works_again.body) == []
    verdict = frames[0]["verdict"]
    assert verdict["title"] == "Das Auth Token ist falsch"
    assert (
        find_english("\n".join([verdict["explanation"], verdict["remedy"], *verdict["other_causes"]])) == []
    )


def test_what_a_worker_did_is_read_in_the_language_of_who_reads_it(
    alice: User, alice_client: Client, fake_twilio: FakeTwilio
) -> None:
    alice_client.post(PAGE, TYPED)
    run_tasks()
    (done,) = Errand.objects.get().outcome
    assert done == {"slug": "rings_here", "number": catalogue.DEMO_NUMBER}
    german = alice_client.get(PAGE, headers={"accept-language": "de"}).text
    assert f"Anrufe an {catalogue.DEMO_NUMBER}, die niemand annahm, klingeln jetzt hier." in german
    english = alice_client.get(PAGE).text
    assert f"Calls to {catalogue.DEMO_NUMBER}, which nobody answered, now ring here." in english


def test_what_was_kept_as_a_sentence_is_still_read(alice_client: Client, alice: User) -> None:
    account = TwilioAccount.objects.create(account_sid=DEMO_SID)
    Errand.objects.create(kind="clearing", user=alice, account=account, outcome=["It went well."])
    assert "It went well." in alice_client.get(PAGE, headers={"accept-language": "de"}).text


def test_the_page_is_german_from_the_first_visit_to_the_last(german: User, fake_twilio: FakeTwilio) -> None:
    client = signed_in(german)

    def see(expected: int = 200) -> None:
        response = client.get(PAGE)
        assert response.status_code == expected and list_english(response.text) == []

    see()
    response = client.post(PAGE, {**TYPED, "auth_token": "0" * 31})
    assert response.status_code == 422 and list_english(response.text) == []
    swapped = {**TYPED, "account_sid": TYPED["auth_token"], "auth_token": DEMO_SID}
    response = client.post(PAGE, swapped)
    assert response.status_code == 422 and list_english(response.text) == []
    client.post(PAGE, {**TYPED, "auth_token": f" \u200b{TYPED['auth_token']}"})
    for _ in range(2):
        see()
    run_tasks()
    see()
    number = PhoneNumber.objects.filter(kind="owned").first()
    assert number is not None
    for address in ("give_number_back", "point_number_here", "point_number_here"):
        client.post(reverse(address, args=[number.pk]))
        see()
    fake_twilio.change_account(DEMO_SID, auth_token="new")
    check()
    see()
    client.post(reverse("disconnect_twilio"))
    see()
    run_tasks()
    see()


def test_a_trial_account_is_told_its_limits_in_german(german: User, fake_twilio: FakeTwilio) -> None:
    connect(german, "trial")
    page = signed_in(german).get(PAGE).text
    assert "Dies ist ein Twilio-Testkonto." in page and list_english(page) == []


def test_too_many_attempts_are_refused_in_german(german: User) -> None:
    client = signed_in(german)
    for _ in range(100):
        client.post(PAGE, {"account_sid": "x"})
    response = client.post(PAGE, {"account_sid": "x"})
    assert response.status_code == 429 and list_english(response.text) == []
    assert "Dog n Bone erlaubt einer Person 100 Versuche in 5 Minuten." in response.text


def test_no_sentence_is_kept_of_a_failed_login(german: User, fake_twilio: FakeTwilio) -> None:
    client = signed_in(german)
    client.post(PAGE, {**TYPED, "auth_token": "f" * 32})
    client.post(PAGE, {**TYPED, "auth_token": "0" * 31})
    told_by_twilio = {"", "Authenticate"}
    for failure in LoginFailure.objects.all():
        assert failure.verdict in ("wrong_auth_token", "malformed")
        assert failure.twilio_message in told_by_twilio
    with override("de"):
        titles = {failure.describe().title for failure in LoginFailure.objects.all()}
    assert titles == {"Das Auth Token ist falsch", "„Eines der Felder“ sieht nicht richtig aus"}
