"""The connect page as a person meets it, and the people it must not serve."""

import pytest
from django.contrib.messages import get_messages

from accounts.failures.login_failures import LoginFailure
from accounts.twilio.credentials import PhoneNumber, TwilioCredentials
from fake_twilio import catalogue
from fake_twilio.store import make_sid
from tests.conftest import signed_in
from tests.connections import connect

PAGE = "/accounts/twilio/"
LABELS = ("Account SID", "Auth Token", "API key SID", "API key secret", "TwiML App SID", "Region")


@pytest.fixture
def typed():
    return {
        "account_sid": catalogue.account_sid(catalogue.DEMO),
        "auth_token": catalogue.auth_token(catalogue.DEMO),
        "region": "us1",
    }


def test_the_page_has_the_fields_by_name(alice_client):
    page = alice_client.get(PAGE).content.decode()
    for label in LABELS:
        assert f">{label}</label>" in page
    assert ">Connect</button>" in page


def test_connecting_leads_to_a_page_that_says_what_was_done(alice_client, typed, fake_twilio):
    response = alice_client.post(PAGE, typed)
    assert (response.status_code, response.url) == (302, PAGE)
    response = alice_client.get(PAGE)
    assert response.context["verdict"].code == "ok"
    assert 'data-verdict="ok"' in response.content.decode()
    assert any("API key" in line for line in response.context["made"])
    assert alice_client.get(PAGE).context["verdict"] is None


def test_no_page_ever_shows_a_stored_secret(alice_client, typed, fake_twilio):
    alice_client.post(PAGE, typed)
    credentials = TwilioCredentials.objects.get()
    secrets = [credentials.auth_token.reveal(), credentials.api_key_secret.reveal()]
    pages = [
        alice_client.get(PAGE),
        alice_client.get(PAGE),
        alice_client.post(PAGE, {**typed, "auth_token": "0" * 32}),
        alice_client.get("/"),
    ]
    for page in pages:
        assert not any(secret in page.content.decode() for secret in secrets)


def test_what_was_typed_comes_back_but_never_a_secret(alice_client, typed, fake_twilio):
    wrong = "0123456789abcdef" * 2
    page = alice_client.post(PAGE, {**typed, "auth_token": wrong}).content.decode()
    assert typed["account_sid"] in page
    assert wrong not in page


@pytest.mark.parametrize("field", ["account_sid", "api_key_sid", "twiml_app_sid"])
def test_a_secret_in_the_field_of_a_sid_does_not_come_back(field, alice_client, typed, fake_twilio):
    secret = catalogue.auth_token(catalogue.DEMO)
    response = alice_client.post(PAGE, {**typed, "auth_token": "", field: secret})
    assert response.context["verdict"].code == "malformed"
    assert secret not in response.content.decode()
    assert secret not in repr(LoginFailure.objects.values().get())
    assert fake_twilio.requests() == []


def test_what_clings_to_a_pasted_value_is_left_out_and_that_is_said(alice_client, typed, fake_twilio):
    typed = {**typed, "account_sid": f" {typed['account_sid']}\n", "auth_token": f'"{typed["auth_token"]}"'}
    assert alice_client.post(PAGE, typed).status_code == 302
    made = alice_client.get(PAGE).context["made"]
    assert [line for line in made if "left out" in line and "Account SID" in line]
    assert [line for line in made if "left out" in line and "Auth Token" in line]


def test_a_rotated_token_alone_is_typed_again(alice, alice_client, fake_twilio):
    before = connect(alice)
    rotated = fake_twilio.change_account(before.account.account_sid, auth_token="new")["auth_token"]
    typed = {"account_sid": before.account.account_sid, "auth_token": rotated, "region": "us1"}
    assert alice_client.post(PAGE, typed).status_code == 302
    after = TwilioCredentials.objects.get()
    assert after.auth_token.reveal() == rotated
    assert after.api_key_sid == before.api_key_sid
    assert after.is_proven


def test_an_own_key_is_kept_when_only_the_token_is_typed(alice, alice_client, fake_twilio):
    sid, secret = catalogue.key_sid("demo standard"), catalogue.key_secret("demo standard")
    connect(alice, api_key_sid=sid, api_key_secret=secret)
    form = alice_client.get(PAGE).context["form"]
    assert form["api_key_sid"].value() == sid
    typed = {**form.initial, "auth_token": catalogue.auth_token(catalogue.DEMO)}
    assert alice_client.post(PAGE, typed).status_code == 302
    assert TwilioCredentials.objects.get().api_key_secret.reveal() == secret


def test_too_many_attempts_are_stopped_by_us_and_twilio_is_not_asked(alice_client, typed, fake_twilio):
    typed = {**typed, "auth_token": "0" * 32}
    for _ in range(10):
        assert alice_client.post(PAGE, typed).status_code == 422
    fake_twilio.control("DELETE", "requests")
    response = alice_client.post(PAGE, typed)
    assert response.status_code == 429
    assert 1 <= int(response["Retry-After"]) <= 300
    assert "Twilio was not asked" in response.content.decode()
    assert fake_twilio.requests() == []


def test_one_persons_attempts_do_not_stop_another(alice_client, bob, typed, fake_twilio):
    for _ in range(11):
        alice_client.post(PAGE, {**typed, "auth_token": "short"})
    assert signed_in(bob).post(PAGE, typed).status_code == 302


def test_removing_leads_back_to_the_page_and_says_what_was_done(alice, alice_client, fake_twilio):
    connect(alice)
    assert alice_client.post(f"{PAGE}disconnect/").url == PAGE
    page = alice_client.get(PAGE)
    assert page.context["credentials"] is None and page.context["verdict"] is None
    assert "forgotten" in page.content.decode()
    assert not TwilioCredentials.objects.exists()


def test_a_number_is_pointed_here_and_given_back_by_a_click(alice, alice_client, fake_twilio):
    connect(alice)
    number = PhoneNumber.objects.get(kind="owned")
    response = alice_client.post(f"{PAGE}numbers/{number.pk}/give-back/")
    assert response.url == PAGE
    number.refresh_from_db()
    assert not number.points_here
    alice_client.post(f"{PAGE}numbers/{number.pk}/point-here/")
    number.refresh_from_db()
    assert number.points_here


def test_a_number_that_twilio_does_not_change_is_said_to_be_unchanged(alice, alice_client, fake_twilio):
    connect(alice)
    number = PhoneNumber.objects.get(kind="owned")
    fake_twilio.add_fault("unavailable", path="/IncomingPhoneNumbers", method="POST")
    response = alice_client.post(f"{PAGE}numbers/{number.pk}/give-back/")
    (message,) = get_messages(response.wsgi_request)
    assert message.level_tag == "error" and "not changed" in str(message)
    number.refresh_from_db()
    assert number.points_here


@pytest.mark.parametrize("action", ["point-here", "give-back"])
def test_nobody_touches_the_number_of_another_account(action, alice, mallory, fake_twilio):
    connect(alice)
    connect(mallory, "other")
    number = PhoneNumber.objects.get(kind="owned")
    fake_twilio.control("DELETE", "requests")
    address = f"{PAGE}numbers/{number.pk}/{action}/"
    assert signed_in(mallory).post(address).status_code == 404
    assert fake_twilio.requests() == []
    number.refresh_from_db()
    assert number.points_here


def test_a_verified_caller_id_cannot_be_pointed_anywhere(alice, alice_client, fake_twilio):
    connect(alice)
    number = PhoneNumber.objects.get(kind="verified")
    assert alice_client.post(f"{PAGE}numbers/{number.pk}/point-here/").status_code == 404


def test_who_has_no_credentials_has_no_numbers_to_point(alice, bob, fake_twilio):
    connect(alice)
    number = PhoneNumber.objects.get(kind="owned")
    assert signed_in(bob).post(f"{PAGE}numbers/{number.pk}/give-back/").status_code == 404


ADDRESSES = [
    PAGE,
    f"{PAGE}disconnect/",
    f"{PAGE}numbers/1/point-here/",
    f"{PAGE}numbers/1/give-back/",
    "/accounts/name/",
]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ADDRESSES)
def test_the_signed_out_are_sent_to_sign_in(address, client, fake_twilio):
    response = client.post(address)
    assert response.status_code == 302
    assert response.url.startswith("/accounts/login/")
    assert fake_twilio.requests() == []


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_post_without_a_csrf_token_is_refused(address, alice, fake_twilio):
    client = signed_in(alice)
    client.handler.enforce_csrf_checks = True
    assert client.post(address).status_code == 403


@pytest.mark.parametrize("address", ADDRESSES[1:4])
def test_what_changes_something_is_no_link(address, alice_client):
    assert alice_client.get(address).status_code == 405


def test_one_person_never_sees_the_connection_of_another(alice, bob, fake_twilio):
    connect(alice)
    page = signed_in(bob).get(PAGE)
    assert page.context["credentials"] is None
    assert catalogue.DEMO_NUMBER not in page.content.decode()
    assert catalogue.account_sid(catalogue.DEMO) not in page.content.decode()


def test_a_form_that_was_tampered_with_is_no_crash(alice_client, fake_twilio):
    for typed in ({}, {"region": "xx1"}, {"account_sid": "A" * 5000}, {"account_sid": "AC\x00"}):
        response = alice_client.post(PAGE, typed)
        assert response.status_code == 422
    assert fake_twilio.requests() == []


def test_a_path_in_a_sid_goes_nowhere(alice_client, typed, fake_twilio):
    response = alice_client.post(PAGE, {**typed, "twiml_app_sid": "../Keys"})
    assert response.context["verdict"].code == "malformed"
    assert response.context["verdict"].field == "twiml_app_sid"
    assert fake_twilio.requests() == []


def test_a_key_of_the_wrong_kind_of_sid_names_where_it_belongs(alice_client, typed, fake_twilio):
    response = alice_client.post(PAGE, {**typed, "api_key_sid": make_sid("AP", "x"), "api_key_secret": "x"})
    assert "“TwiML App SID”" in response.context["verdict"].explanation
