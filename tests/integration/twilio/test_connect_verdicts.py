"""What is asked of Twilio on the way to a verdict, and of whom. Every verdict: `test_situations_check.py`."""

from accounts.failures.login_failures import LoginFailure
from fake_twilio import catalogue
from tests.check_situations import WRONG, key, typed


def test_a_wrong_auth_token_takes_one_request(alice_client, fake_twilio):
    alice_client.post("/accounts/twilio/", typed(auth_token=WRONG))
    assert len(fake_twilio.requests()) == 1


def test_a_malformed_set_is_not_sent_at_all(alice_client, fake_twilio):
    response = alice_client.post(
        "/accounts/twilio/",
        typed(account_sid=catalogue.auth_token(catalogue.DEMO), auth_token=catalogue.account_sid("demo")),
    )
    assert response.status_code == 422
    assert response.context["verdict"].code == "malformed"
    assert "swapped" in response.content.decode()
    assert catalogue.auth_token(catalogue.DEMO) not in response.content.decode()
    assert fake_twilio.requests() == []
    assert LoginFailure.objects.get().account_sid == ""


def test_variables_of_the_process_never_reach_a_persons_request(alice_client, fake_twilio, monkeypatch):
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", catalogue.account_sid("other"))
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", catalogue.auth_token("other"))
    monkeypatch.setenv("TWILIO_REGION", "ie1")
    monkeypatch.setenv("TWILIO_EDGE", "dublin")
    alice_client.post("/accounts/twilio/", typed(auth_token="", **key("demo standard")))
    asked = fake_twilio.requests()
    assert asked
    assert {one["who"] for one in asked} == {catalogue.key_sid("demo standard")}
    assert {one["host"] for one in asked} == {"api.twilio.com"}


def test_a_region_is_asked_at_its_own_edge(alice_client, fake_twilio):
    token = catalogue.auth_token(catalogue.DEMO, "ie1")
    response = alice_client.post("/accounts/twilio/", typed(auth_token=token, region="ie1"))
    assert response.status_code == 302
    assert {one["host"] for one in fake_twilio.requests()} == {"api.dublin.ie1.twilio.com"}
