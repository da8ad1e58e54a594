"""What the connect page mends by itself or by one click: a bad paste, swapped fields, a key that is gone."""

import re

import pytest

from accounts.audit.journal import AccountEvent
from accounts.failures.login_failures import LoginFailure
from accounts.twilio import connection, swapped
from accounts.twilio.credentials import PhoneNumber, TwilioCredentials
from accounts.twilio.proof import verify_again
from fake_twilio import catalogue
from tests.commits import committed
from tests.conftest import signed_in
from tests.connections import BROWSER, connect
from tests.tasks import run_tasks

PAGE = "/accounts/twilio/"
SWAP, MAKE_KEY = f"{PAGE}swap/", f"{PAGE}make-key/"
SID, TOKEN = catalogue.account_sid(catalogue.DEMO), catalogue.auth_token(catalogue.DEMO)
OWN_KEY = {
    "api_key_sid": catalogue.key_sid("demo standard"),
    "api_key_secret": catalogue.key_secret("demo standard"),
}
SWAPPED = {"account_sid": TOKEN, "auth_token": SID, "region": "us1"}


def read_value(page, name):
    field = re.search(f'<input[^>]*name="{name}"[^>]*>', page)[0]
    value = re.search('value="([^"]*)"', field)
    return value[1] if value else ""


def is_rest_open(page):
    return re.search(r'<details class="fold" data-part="rest"( open)?>', page)[1] is not None


def test_two_fields_come_first_and_the_rest_is_folded_under_its_question(alice_client):
    page = alice_client.get(PAGE).content.decode()
    assert not is_rest_open(page)
    before, fold = page.split('<details class="fold"')
    inside, after = fold.split("</details>", 1)
    assert "<summary>Rather an API key?</summary>" in inside
    for label in ("Account SID", "Auth Token"):
        assert f">{label}</label>" in before
    for label in ("API key SID", "API key secret", "TwiML App SID", "Region"):
        assert f">{label}</label>" in inside
    assert ">Connect</button>" in after


@pytest.mark.parametrize(
    "typed",
    [
        {"api_key_sid": OWN_KEY["api_key_sid"]},
        {"api_key_secret": "short"},
        {"twiml_app_sid": "AP1"},
        {"region": "ie1", "auth_token": ""},
        {"region": "mars1"},
    ],
)
def test_the_fold_is_open_where_something_was_typed_or_is_wrong_in_it(typed, alice_client, fake_twilio):
    response = alice_client.post(PAGE, {"account_sid": SID, "auth_token": TOKEN, "region": "us1", **typed})
    assert response.status_code == 422
    assert is_rest_open(response.content.decode())


def test_the_fold_stays_closed_where_the_first_two_are_wrong(alice_client, fake_twilio):
    response = alice_client.post(PAGE, {"account_sid": SID[:-1], "auth_token": TOKEN, "region": "us1"})
    assert response.status_code == 422
    assert not is_rest_open(response.content.decode())


@pytest.mark.parametrize(
    ("account_sid", "auth_token"),
    [
        (f"\u200e{SID}", f"{TOKEN[:5]}\u00ad{TOKEN[5:]}"),
        (f"TWILIO_ACCOUNT_SID={SID}", f'export TWILIO_AUTH_TOKEN="{TOKEN}"'),
        (f'"accountSid": "{SID}",', f"Auth Token:\u00a0{TOKEN}\u2060"),
        (f"SID {SID}", f"{TOKEN}\x00"),
    ],
)
def test_a_whole_value_is_found_in_what_was_pasted_and_that_is_said(
    account_sid, auth_token, alice_client, fake_twilio
):
    response = alice_client.post(PAGE, {"account_sid": account_sid, "auth_token": auth_token})
    assert response.status_code == 302
    assert TwilioCredentials.objects.get().auth_token.reveal() == TOKEN
    made = alice_client.get(PAGE).context["made"]
    assert [line for line in made if "left out" in line and "Account SID" in line]
    assert [line for line in made if "left out" in line and "Auth Token" in line]


def test_swapped_fields_are_swapped_by_one_click_and_the_secret_never_comes_back(alice_client, fake_twilio):
    response = alice_client.post(PAGE, SWAPPED)
    page = response.content.decode()
    assert response.status_code == 422 and 'data-verdict="malformed"' in page and "swapped" in page
    assert ">Swap them</button>" in page
    assert read_value(page, "account_sid") == SID and read_value(page, "auth_token") == ""
    assert TOKEN not in page and TOKEN not in str(dict(alice_client.session))
    assert fake_twilio.requests() == []
    response = alice_client.post(SWAP)
    assert (response.status_code, response.url) == (302, PAGE)
    assert TwilioCredentials.objects.get().auth_token.reveal() == TOKEN
    assert swapped.SWAPPED not in alice_client.session


def test_a_key_and_its_secret_are_swapped_as_well(alice_client, fake_twilio):
    sid, secret = OWN_KEY["api_key_secret"], OWN_KEY["api_key_sid"]
    typed = {"account_sid": SID, "api_key_sid": sid, "api_key_secret": secret, "leaves_numbers": "on"}
    page = alice_client.post(PAGE, typed).content.decode()
    assert is_rest_open(page) and read_value(page, "api_key_sid") == OWN_KEY["api_key_sid"]
    assert OWN_KEY["api_key_secret"] not in page
    alice_client.post(SWAP)
    credentials = TwilioCredentials.objects.get()
    assert credentials.api_key_secret.reveal() == OWN_KEY["api_key_secret"]
    assert credentials.leaves_numbers


def test_what_was_swapped_and_is_wrong_all_the_same_is_named(alice_client, fake_twilio):
    alice_client.post(PAGE, {**SWAPPED, "account_sid": "0" * 32})
    response = alice_client.post(SWAP)
    assert response.status_code == 422 and response.context["verdict"].code == "wrong_auth_token"
    assert read_value(response.content.decode(), "account_sid") == SID


def test_a_page_that_is_loaded_again_still_swaps_and_what_is_old_is_gone(alice_client, fake_twilio):
    alice_client.post(PAGE, SWAPPED)
    alice_client.get(PAGE)
    session = alice_client.session
    assert swapped.SWAPPED in session
    session[swapped.SWAPPED]["until"] -= swapped.KEPT_FOR_SECONDS
    session.save()
    alice_client.get(PAGE)
    assert swapped.SWAPPED not in alice_client.session


@pytest.mark.parametrize("since", ["nothing", "another attempt", "five minutes", "another person"])
def test_what_is_no_longer_kept_is_not_swapped(since, alice_client, bob, fake_twilio):
    client = alice_client
    if since != "nothing":
        client.post(PAGE, SWAPPED)
    if since == "another attempt":
        client.post(PAGE, {"account_sid": SID})
    if since == "five minutes":
        session = client.session
        session[swapped.SWAPPED]["until"] -= swapped.KEPT_FOR_SECONDS
        session.save()
    if since == "another person":
        kept, client = client.session[swapped.SWAPPED], signed_in(bob)
        session = client.session
        session[swapped.SWAPPED] = kept
        session.save()
    assert client.post(SWAP).url == PAGE
    assert not TwilioCredentials.objects.exists() and fake_twilio.requests() == []


def test_what_was_never_sent_does_not_count_as_an_attempt(alice_client, fake_twilio):
    for _ in range(12):
        assert alice_client.post(PAGE, {"account_sid": SID, "auth_token": "short"}).status_code == 422
    assert alice_client.post(PAGE, {"account_sid": SID, "auth_token": TOKEN}).status_code == 302


def test_a_flood_of_what_has_no_shape_is_stopped_and_does_not_stop_an_attempt(alice_client, fake_twilio):
    for _ in range(100):
        alice_client.post(PAGE, {"account_sid": ""})
    assert alice_client.post(PAGE, {"account_sid": ""}).status_code == 429
    assert LoginFailure.objects.count() == 100
    assert alice_client.post(PAGE, {"account_sid": SID, "auth_token": TOKEN}).status_code == 302


@pytest.fixture
def without_key(alice, fake_twilio):
    """Alice, whose key, which Dog n Bone had made, was deleted at Twilio and has been missed."""
    credentials = connect(alice)
    fake_twilio.control("DELETE", f"accounts/{SID}/keys/{credentials.api_key_sid}")
    with committed():
        verify_again(TwilioCredentials.objects.select_related("account", "user").get(), client=BROWSER)
    return TwilioCredentials.objects.get()


def test_a_key_that_is_gone_is_made_anew_by_one_button_and_open_pages_hear_of_it(
    without_key, alice, alice_client, fake_twilio, monkeypatch
):
    frames = []
    monkeypatch.setattr(connection, "push_to_user", lambda user_id, frame: frames.append((user_id, frame)))
    assert ">Make a new key</button>" in alice_client.get(PAGE).content.decode()
    assert alice_client.post(MAKE_KEY).url == PAGE
    after = TwilioCredentials.objects.get()
    assert after.api_key_sid != without_key.api_key_sid and after.is_api_key_ours and after.is_proven
    assert after.twiml_app_sid == without_key.twiml_app_sid and after.stopped_at is None
    assert frames == [(alice.pk, {"type": "credentials_changed"})]
    assert AccountEvent.objects.filter(kind=AccountEvent.Kind.CONNECTED).count() == 2
    assert ">Make a new key</button>" not in alice_client.get(PAGE).content.decode()


def test_no_key_is_made_while_the_one_there_works(alice, alice_client, fake_twilio):
    before = connect(alice)
    fake_twilio.control("DELETE", "requests")
    assert alice_client.post(MAKE_KEY).url == PAGE
    assert TwilioCredentials.objects.get().api_key_sid == before.api_key_sid
    assert fake_twilio.requests() == []


def test_no_key_is_made_in_place_of_a_persons_own(alice, alice_client, fake_twilio):
    connect(alice, **OWN_KEY)
    fake_twilio.control("DELETE", f"accounts/{SID}/keys/{OWN_KEY['api_key_sid']}")
    with committed():
        verify_again(TwilioCredentials.objects.select_related("account", "user").get(), client=BROWSER)
    assert ">Make a new key</button>" not in alice_client.get(PAGE).content.decode()
    alice_client.post(MAKE_KEY)
    assert TwilioCredentials.objects.get().api_key_sid == OWN_KEY["api_key_sid"]


def test_an_outage_while_a_key_is_made_changes_nothing(without_key, alice_client, fake_twilio):
    fake_twilio.add_fault("unavailable")
    response = alice_client.post(MAKE_KEY)
    assert response.status_code == 503 and response.context["verdict"].code == "twilio_unavailable"
    assert TwilioCredentials.objects.get().api_key_sid == without_key.api_key_sid


def test_numbers_are_shown_with_who_answered_before(alice, alice_client, fake_twilio):
    connect(alice)
    page = alice_client.get(PAGE).content.decode()
    row = page.split(f'data-number="{catalogue.DEMO_NUMBER}"')[1].split("</li>")[0]
    assert "Rings here" in row and "Answered before by nobody" in row
    alice_client.post(f"{PAGE}numbers/{PhoneNumber.objects.get(kind='owned').pk}/give-back/")
    page = alice_client.get(PAGE).content.decode()
    row = page.split(f'data-number="{catalogue.DEMO_NUMBER}"')[1].split("</li>")[0]
    assert "Does not ring here" in row and "Answered now by nobody" in row


def test_a_number_that_was_left_out_stays_so_until_its_owner_says_otherwise(alice, alice_client, fake_twilio):
    connect(alice)
    number = PhoneNumber.objects.get(kind="owned")
    alice_client.post(f"{PAGE}numbers/{number.pk}/give-back/")
    connect(alice)
    number.refresh_from_db()
    assert not number.points_here
    alice_client.post(f"{PAGE}numbers/{number.pk}/point-here/")
    connect(alice)
    number.refresh_from_db()
    assert number.points_here and not number.is_left_out


def test_who_asks_for_it_beforehand_has_no_number_touched(alice_client, fake_twilio):
    typed = {"account_sid": SID, "auth_token": TOKEN, "leaves_numbers": "on"}
    assert alice_client.post(PAGE, typed).status_code == 302
    run_tasks()
    number = PhoneNumber.objects.get(kind="owned")
    assert not number.points_here and number.answered_by == "nobody"
    touched = [
        one for one in fake_twilio.requests() if one["method"] == "POST" and "PhoneNumbers" in one["path"]
    ]
    assert touched == []


@pytest.mark.django_db
@pytest.mark.parametrize("address", [SWAP, MAKE_KEY])
def test_the_wrong_person_and_the_wrong_way_are_refused(address, client, mallory, fake_twilio):
    assert client.post(address).url.startswith("/accounts/login/")
    other = signed_in(mallory)
    assert other.get(address).status_code == 405
    assert other.post(address).status_code == (404 if address == MAKE_KEY else 302)
    other.handler.enforce_csrf_checks = True
    assert other.post(address).status_code == 403
    assert fake_twilio.requests() == []
