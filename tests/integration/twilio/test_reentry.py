"""A secret that was rotated is asked for alone, proven, and swapped in; the page and its calls go on."""

import pytest

from accounts.failures.login_failures import LoginFailure
from accounts.twilio import connection
from accounts.twilio.credentials import TwilioCredentials
from accounts.twilio.proof import verify_again
from fake_twilio import catalogue
from tests.commits import committed
from tests.conftest import signed_in
from tests.connections import BROWSER, connect
from tests.tasks import read_outbox

PAGE = "/accounts/twilio/"
DEMO_SID = catalogue.account_sid(catalogue.DEMO)
OWN_KEY = {
    "api_key_sid": catalogue.key_sid("demo standard"),
    "api_key_secret": catalogue.key_secret("demo standard"),
}


def check():
    with committed():
        return verify_again(TwilioCredentials.objects.select_related("account", "user").get(), client=BROWSER)


def rotate_token(fake):
    rotated = fake.change_account(DEMO_SID, auth_token="new")["auth_token"]
    check()
    return rotated


def rotate_key(fake):
    rotated = fake.control("POST", f"accounts/{DEMO_SID}/keys/{OWN_KEY['api_key_sid']}")["secret"]
    check()
    return rotated


@pytest.fixture
def pushed(monkeypatch):
    frames = []
    monkeypatch.setattr(connection, "push_to_user", lambda user_id, frame: frames.append((user_id, frame)))
    return frames


def test_only_the_rotated_auth_token_is_asked_for(alice, alice_client, fake_twilio):
    connect(alice)
    rotate_token(fake_twilio)
    page = alice_client.get(PAGE).content.decode()
    assert f"The Auth Token of account …{DEMO_SID[-4:]} no longer works" in page
    assert page.count(">Auth Token</label>") == 1 and page.count(">Connect</button>") == 1
    assert ">Account SID</label>" not in page and ">API key secret</label>" not in page
    assert 'data-verdict="wrong_auth_token"' in page and "stopped working" in page


def test_the_new_auth_token_is_swapped_in_and_open_pages_hear_of_it(alice, alice_client, fake_twilio, pushed):
    before = connect(alice)
    rotated = rotate_token(fake_twilio)
    pushed.clear()
    assert alice_client.post(PAGE, {"auth_token": f" {rotated}\n"}).status_code == 302
    after = TwilioCredentials.objects.get()
    assert after.auth_token.reveal() == rotated and after.is_proven
    assert (after.api_key_sid, after.twiml_app_sid) == (before.api_key_sid, before.twiml_app_sid)
    assert (after.is_api_key_ours, after.is_twiml_app_ours) == (True, True)
    assert pushed == [(alice.pk, {"type": "credentials_changed"})]
    page = alice_client.get(PAGE)
    assert page.context["verdict"].is_ok and page.context["rotated"] is None
    assert rotated not in page.content.decode()


def test_the_secret_of_an_own_key_is_asked_for_alone_and_swapped_in(alice, alice_client, fake_twilio):
    connect(alice, **OWN_KEY)
    rotated = rotate_key(fake_twilio)
    page = alice_client.get(PAGE).content.decode()
    assert page.count(">API key secret</label>") == 1 and ">Auth Token</label>" not in page
    assert f"The API key secret of API key …{OWN_KEY['api_key_sid'][-4:]} no longer works" in page
    assert alice_client.post(PAGE, {"api_key_secret": rotated}).status_code == 302
    after = TwilioCredentials.objects.get()
    assert after.api_key_secret.reveal() == rotated
    assert after.auth_token.reveal() == catalogue.auth_token(catalogue.DEMO)
    assert not after.is_api_key_ours


def test_a_wrong_value_is_refused_recorded_and_asked_for_again(alice, alice_client, fake_twilio):
    connect(alice)
    rotate_token(fake_twilio)
    wrong = "0123456789abcdef" * 2
    before = TwilioCredentials.objects.values().get()
    response = alice_client.post(PAGE, {"auth_token": wrong})
    assert response.status_code == 422
    assert response.context["verdict"].code == "wrong_auth_token"
    page = response.content.decode()
    assert page.count(">Auth Token</label>") == 1 and wrong not in page
    assert TwilioCredentials.objects.values().get() == before
    assert LoginFailure.objects.filter(verdict="wrong_auth_token").count() == 2
    assert len(read_outbox()) == 1


@pytest.mark.parametrize("typed", [{}, {"auth_token": ""}, {"auth_token": "short"}, {"auth_token": "a\x00"}])
def test_what_has_no_shape_is_named_and_twilio_is_not_asked(typed, alice, alice_client, fake_twilio):
    connect(alice)
    rotate_token(fake_twilio)
    fake_twilio.control("DELETE", "requests")
    response = alice_client.post(PAGE, typed)
    assert response.status_code == 422
    verdict = response.context["verdict"]
    assert (verdict.code, verdict.field) == ("malformed", "auth_token")
    assert fake_twilio.requests() == []


def test_nothing_typed_does_not_drop_the_token_of_who_has_a_key_as_well(alice, alice_client, fake_twilio):
    connect(alice, **OWN_KEY)
    rotate_token(fake_twilio)
    response = alice_client.post(PAGE, {"auth_token": " "})
    assert (response.status_code, response.context["verdict"].field) == (422, "auth_token")
    assert TwilioCredentials.objects.get().auth_token_is_set


def test_during_an_outage_nothing_is_swapped_and_nobody_blamed(alice, alice_client, fake_twilio):
    connect(alice)
    rotated = rotate_token(fake_twilio)
    fake_twilio.add_fault("unavailable")
    response = alice_client.post(PAGE, {"auth_token": rotated})
    assert response.status_code == 503
    assert not response.context["verdict"].blames_credentials
    assert TwilioCredentials.objects.get().auth_token.reveal() != rotated


def test_everything_can_be_changed_all_the_same(alice, alice_client, fake_twilio):
    connect(alice)
    rotate_token(fake_twilio)
    assert 'href="/accounts/twilio/?change=everything"' in alice_client.get(PAGE).content.decode()
    page = alice_client.get(f"{PAGE}?change=everything").content.decode()
    for label in ("Account SID", "Auth Token", "API key SID", "API key secret", "TwiML App SID", "Region"):
        assert page.count(f">{label}</label>") == 1
    typed = {"account_sid": catalogue.account_sid("other"), "auth_token": catalogue.auth_token("other")}
    assert alice_client.post(PAGE, typed).status_code == 302
    assert TwilioCredentials.objects.get().account.account_sid == catalogue.account_sid("other")


def test_an_account_that_twilio_suspended_is_not_asked_for_another_token(alice, alice_client, fake_twilio):
    connect(alice)
    fake_twilio.change_account(DEMO_SID, status="suspended")
    check()
    page = alice_client.get(PAGE)
    assert page.context["rotated"] is None and 'data-verdict="account_suspended"' in page.content.decode()


def test_one_value_of_somebody_elses_changes_nothing_of_mine(alice, bob, alice_client, mallory, fake_twilio):
    connect(alice)
    connect(bob)
    rotated = fake_twilio.change_account(DEMO_SID, auth_token="new")["auth_token"]
    assert alice_client.post(PAGE, {"auth_token": rotated}).status_code == 302
    assert TwilioCredentials.objects.get(user=bob).auth_token.reveal() != rotated
    # Who is not connected has no stored account to put it into.
    response = signed_in(mallory).post(PAGE, {"auth_token": rotated})
    assert (response.status_code, response.context["verdict"].field) == (422, "account_sid")
    assert not TwilioCredentials.objects.filter(user=mallory).exists()


MALFORMED = {
    "far too long an Account SID": ("account_sid", "A" * 5000),
    "NUL in the Account SID": ("account_sid", "AC\x00"),
    "far too long an Auth Token": ("auth_token", "a" * 5000),
    "NUL in the Auth Token": ("auth_token", "a" * 31 + "\x00"),
    "far too long a secret": ("api_key_secret", "s" * 5000),
    "NUL in the secret": ("api_key_secret", "s\x00"),
    "a region nobody has": ("region", "xx1"),
    "NUL in the region": ("region", "us1\x00"),
    "a secret as region": ("region", catalogue.auth_token(catalogue.DEMO)),
}


@pytest.mark.parametrize("mistake", MALFORMED)
def test_what_a_form_would_reject_by_itself_is_a_verdict_too(mistake, alice_client, fake_twilio):
    field, value = MALFORMED[mistake]
    typed = {"account_sid": DEMO_SID, "auth_token": catalogue.auth_token(catalogue.DEMO), **OWN_KEY}
    response = alice_client.post(PAGE, {**typed, field: value})
    assert response.status_code == 422
    verdict = response.context["verdict"]
    assert (verdict.code, verdict.field) == ("malformed", field)
    page = response.content.decode()
    assert 'data-verdict="malformed"' in page
    assert len(value) < 4 or value[:12] not in page
    assert fake_twilio.requests() == []
    assert LoginFailure.objects.get().verdict == "malformed"
