"""The credential doctor: every line good, bad with its fix, or cannot tell; on the page and by command."""

import io
import json

import pytest
from asgiref.sync import async_to_sync
from django.core.management import CommandError, call_command
from django.test import AsyncClient
from django.utils.translation import override

from accounts.audit.journal import AccountEvent
from accounts.failures.login_failures import LoginFailure
from accounts.sealing.encryption import make_credential_key
from accounts.twilio.credentials import PhoneNumber, TwilioCredentials
from fake_twilio import catalogue
from phone.doctor.examination import examine
from phone.doctor.findings import LABELS
from tests.commits import committed
from tests.conftest import signed_in
from tests.connections import connect
from tests.tasks import read_outbox

CHECK = "/phone/check/"
DEMO_SID = catalogue.account_sid(catalogue.DEMO)
OWN_KEY = {
    "api_key_sid": catalogue.key_sid("demo standard"),
    "api_key_secret": catalogue.key_secret("demo standard"),
}

OUTAGES = ["unavailable", "rate limited", "reset", "portal page", "garbage", "html error"]


def load(user):
    return TwilioCredentials.objects.select_related("account", "user").get(user=user)


def look(user):
    """Every line by its name."""
    findings = list(examine(load(user)))
    assert len({finding.line for finding in findings}) == len(findings)
    return {finding.line: finding for finding in findings}


def outcomes(found, outcome):
    return {line for line, finding in found.items() if finding.outcome == outcome}


def test_of_a_healthy_connection_every_line_is_good_and_in_order(alice, fake_twilio):
    connect(alice)
    findings = list(examine(load(alice)))
    assert [finding.line for finding in findings] == list(LABELS)
    assert {finding.outcome for finding in findings} == {"good"}
    assert all(finding.words.endswith(".") and not finding.fix for finding in findings)


def test_a_key_alone_is_as_good_and_the_account_type_is_left_out(alice, fake_twilio):
    connect(alice, auth_token="", **OWN_KEY)
    found = look(alice)
    assert outcomes(found, "bad") == set()
    assert outcomes(found, "cannot_tell") == {"key_kind"} and found["key_kind"].is_lasting


def test_an_account_that_may_have_no_key_registers_with_the_older_token(alice, fake_twilio):
    connect(alice, "token only")
    found = look(alice)
    assert found["token"].outcome == "good" and "Auth Token" in found["token"].words
    assert found["registering"].outcome == "good"


def test_what_a_trial_account_may_not_be_asked_cannot_be_told_and_is_not_bad(alice, fake_twilio):
    connect(
        alice,
        "trial",
        api_key_sid=catalogue.key_sid("trial standard"),
        api_key_secret=catalogue.key_secret("trial standard"),
        twiml_app_sid=catalogue.app_sid("trial app"),
    )
    found = look(alice)
    assert outcomes(found, "bad") == set()
    assert {"key_kind", "twiml_app"} <= outcomes(found, "cannot_tell")
    assert all(finding.is_lasting for finding in found.values() if finding.outcome == "cannot_tell")


def test_a_rotated_auth_token_is_bad_and_the_key_beside_it_good(alice, fake_twilio):
    connect(alice)
    fake_twilio.change_account(DEMO_SID, auth_token="new")
    found = look(alice)
    assert outcomes(found, "bad") == {"auth_token"} and found["auth_token"].fix
    good = {"account", "key", "secret", "region", "numbers", "caller_ids", "token", "registering"}
    assert good <= outcomes(found, "good")


def test_a_rotated_key_secret_is_bad_in_two_lines_and_the_account_good(alice, fake_twilio):
    connect(alice, **OWN_KEY)
    fake_twilio.control("POST", f"accounts/{DEMO_SID}/keys/{OWN_KEY['api_key_sid']}")
    found = look(alice)
    assert outcomes(found, "bad") == {"secret", "registering"}
    assert {"account", "auth_token", "key", "region", "token"} <= outcomes(found, "good")


def test_a_deleted_key_is_named(alice, fake_twilio):
    credentials = connect(alice)
    fake_twilio.control("DELETE", f"accounts/{DEMO_SID}/keys/{credentials.api_key_sid}")
    found = look(alice)
    assert "key" in outcomes(found, "bad") and "secret" in outcomes(found, "cannot_tell")
    assert "auth_token" in outcomes(found, "good")


@pytest.mark.parametrize("status", ["suspended", "closed"])
def test_an_inactive_account_blames_its_status_and_no_secret(status, alice, fake_twilio):
    connect(alice)
    fake_twilio.change_account(DEMO_SID, status=status)
    found = look(alice)
    assert "status" in outcomes(found, "bad")
    assert not outcomes(found, "bad") & {"auth_token", "key", "secret", "region", "format"}


def test_credentials_of_another_region_blame_the_region(alice, fake_twilio):
    connect(alice, auth_token="", **OWN_KEY)
    TwilioCredentials.objects.update(region="ie1")
    found = look(alice)
    assert "region" in outcomes(found, "bad")
    assert not outcomes(found, "bad") & {"account", "auth_token", "key", "secret"}


def test_a_restricted_key_blames_its_kind(alice, fake_twilio):
    connect(alice, **OWN_KEY)
    credentials = load(alice)
    credentials.api_key_sid = catalogue.key_sid(catalogue.RESTRICTED_KEY_FOR_CALLS)
    credentials.api_key_secret = catalogue.key_secret(catalogue.RESTRICTED_KEY_FOR_CALLS)
    credentials.save()
    found = look(alice)
    assert outcomes(found, "bad") == {"key_kind", "registering"}


def test_an_app_that_leads_elsewhere_or_nowhere_or_is_none_is_bad(alice, fake_twilio):
    connect(alice)
    for app in (catalogue.APP_ELSEWHERE, catalogue.APP_WITHOUT_VOICE_URL, catalogue.APP_OF_OTHER):
        TwilioCredentials.objects.update(twiml_app_sid=catalogue.app_sid(app))
        assert outcomes(look(alice), "bad") == {"twiml_app"}
    TwilioCredentials.objects.update(twiml_app_sid="")
    found = look(alice)
    assert outcomes(found, "bad") == {"twiml_app"} and found["twiml_app"].fix


def test_an_app_of_another_account_on_this_very_server_is_bad_too(alice, fake_twilio):
    connect(alice)
    load(alice).account.__class__.objects.update(webhook_key="another")
    PhoneNumber.objects.update(points_here=False)
    found = look(alice)
    assert outcomes(found, "bad") == {"twiml_app"}
    assert "another" not in found["twiml_app"].words + found["twiml_app"].fix


def test_a_number_that_was_pointed_elsewhere_at_twilio_is_bad_and_masked(alice, fake_twilio):
    connect(alice)
    load(alice).account.__class__.objects.update(webhook_key="another")
    found = look(alice)
    assert "numbers" in outcomes(found, "bad")
    assert catalogue.DEMO_NUMBER not in found["numbers"].words


def test_no_number_at_all_means_that_no_telephone_can_be_called(alice, fake_twilio):
    connect(alice, "other")
    found = look(alice)
    assert found["numbers"].outcome == "good"
    assert found["caller_ids"].outcome == "bad" and found["caller_ids"].fix


def test_a_wrong_clock_is_told(alice, fake_twilio):
    connect(alice)
    fake_twilio.add_fault("wrong clock")
    assert outcomes(look(alice), "bad") == {"clock"}


@pytest.mark.parametrize(
    "fault", ["unavailable", "rate limited", "reset", "portal page", "garbage", "html error"]
)
def test_an_outage_is_never_bad(fault, alice, fake_twilio):
    connect(alice)
    fake_twilio.add_fault(fault)
    found = look(alice)
    assert outcomes(found, "bad") == set()
    assert {"account", "status", "auth_token", "key", "secret", "twiml_app", "numbers"} <= outcomes(
        found, "cannot_tell"
    )
    assert {"format", "token", "registering"} <= outcomes(found, "good")


GATEWAY = {
    "gateway signature": "bad",
    "gateway account": "bad",
    "gateway invalid": "bad",
    "gateway expired": "bad",
    "gateway too long": "bad",
    "gateway identity": "bad",
    "gateway rate": "cannot_tell",
    "gateway drop": "cannot_tell",
    "gateway never ready": "good",
    "gateway no heartbeat": "good",
}


@pytest.mark.parametrize("fault", GATEWAY)
def test_the_gateway_is_asked_and_its_own_troubles_are_not_held_against_the_token(fault, alice, fake_twilio):
    connect(alice)
    fake_twilio.control("POST", "gateway", fault=fault)
    found = look(alice)
    assert found["registering"].outcome == GATEWAY[fault]
    assert set(LABELS) - {"registering"} == outcomes(found, "good") - {"registering"}


def test_a_gateway_that_says_nothing_is_not_waited_for_long(alice, fake_twilio, monkeypatch):
    monkeypatch.setattr("phone.doctor.token.ANSWER_SECONDS", 0.2)
    connect(alice)
    fake_twilio.control("POST", "gateway", fault="gateway silent")
    finding = look(alice)["registering"]
    assert finding.outcome == "cannot_tell" and "in time" in finding.words


def test_a_gateway_out_of_reach_or_speaking_no_websocket_cannot_be_told(alice, fake_twilio, settings):
    connect(alice)
    for address in ("127.0.0.1:1", f"{fake_twilio.host_port}/_fake"):
        settings.TWILIO_SIGNALLING = address
        assert look(alice)["registering"].outcome == "cannot_tell"


def test_nobody_is_registered_by_it(alice, fake_twilio):
    connect(alice)
    look(alice)
    assert fake_twilio.control("GET", "registrations") in ([], {"registrations": []})


def test_credentials_that_this_server_cannot_open_are_said_to_be_so(alice, fake_twilio, settings):
    connect(alice)
    settings.CREDENTIAL_KEYS = [make_credential_key()]
    assert outcomes(look(alice), "bad") == {"format"}


def test_it_asks_little(alice, fake_twilio):
    connect(alice)
    fake_twilio.control("DELETE", "requests")
    look(alice)
    assert len(fake_twilio.requests()) <= 6


# On the page


def test_check_now_is_there_for_the_connected_alone(alice, alice_client, fake_twilio):
    assert "Check now" not in alice_client.get("/accounts/twilio/").content.decode()
    connect(alice)
    page = alice_client.get("/accounts/twilio/").content.decode()
    assert "Check now" in page and f'action="{CHECK}"' in page and 'aria-live="polite"' in page


def test_without_javascript_the_list_is_a_page(alice, alice_client, fake_twilio):
    credentials = connect(alice)
    page = alice_client.post(CHECK).content.decode()
    for label in LABELS.values():
        assert f">{label}</b>" in page
    assert page.count('data-outcome="good"') == len(LABELS) and "All 14 checks are good." in page
    secrets = (credentials.auth_token.reveal(), credentials.api_key_secret.reveal(), DEMO_SID)
    assert not any(secret in page for secret in secrets)


async def stream_lines(user):
    client = AsyncClient()
    await client.aforce_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    response = await client.post(CHECK, headers={"accept": "application/x-ndjson"})
    body = b"".join([part async for part in response.streaming_content])
    return response, [json.loads(line) for line in body.splitlines()]


@pytest.mark.django_db(transaction=True)
def test_with_javascript_each_finding_is_a_line_and_the_sum_the_last(alice, fake_twilio):
    connect(alice)
    response, lines = async_to_sync(stream_lines)(alice)
    assert response.status_code == 200 and response["Content-Type"] == "application/x-ndjson"
    assert response["X-Accel-Buffering"] == "no" and "no-store" in response["Cache-Control"]
    assert [line.get("line") for line in lines] == [*LABELS, None]
    assert lines[-1] == {
        "summary": "All 14 checks are good.",
        "good": "All 14 checks are good.",
        "next": "",
    }
    assert set(lines[0]) == {"line", "label", "outcome", "outcome_words", "words", "fix"}


@pytest.mark.django_db(transaction=True)
def test_the_lines_are_in_the_language_of_whoever_asked_though_they_come_after_the_answer(alice, fake_twilio):
    alice.language = "de"
    alice.save()
    connect(alice)
    _, lines = async_to_sync(stream_lines)(alice)
    assert lines[-1]["summary"] == "Alle 14 Prüfungen sind in Ordnung."
    assert {line["outcome_words"] for line in lines[:-1]} == {"In Ordnung"}
    with override("de"):
        assert [line["label"] for line in lines[:-1]] == [str(label) for label in LABELS.values()]
    said = {line["line"]: line["words"] for line in lines[:-1]}
    assert said["format"] == "Jeder Wert hat die Form, die Twilio ihm gibt."
    assert said["token"].startswith("Signiert mit dem Schlüssel ")
    fake_twilio.change_account(DEMO_SID, auth_token="new")
    _, lines = async_to_sync(stream_lines)(alice)
    assert lines[-1]["next"] == "In Ordnung bringen"
    [bad] = [line for line in lines[:-1] if line["outcome"] == "bad"]
    assert bad["words"].startswith("Das Auth Token ist falsch. ")


@pytest.mark.django_db(transaction=True)
def test_the_last_line_says_when_the_page_should_be_read_anew(alice, fake_twilio):
    connect(alice)
    fake_twilio.change_account(DEMO_SID, auth_token="new")
    assert async_to_sync(stream_lines)(alice)[1][-1]["next"] == "Put it right"
    assert async_to_sync(stream_lines)(alice)[1][-1]["next"] == ""
    fake_twilio.change_account(DEMO_SID, auth_token=catalogue.auth_token(catalogue.DEMO))
    assert async_to_sync(stream_lines)(alice)[1][-1]["next"] == "Show the connection as it is now"


def test_what_the_page_finds_is_stored_recorded_and_told_to_the_owner(alice, alice_client, fake_twilio):
    connect(alice)
    fake_twilio.change_account(DEMO_SID, auth_token="new")
    with committed():
        assert 'data-outcome="bad"' in alice_client.post(CHECK).content.decode()
    assert load(alice).stopped_verdict == "wrong_auth_token"
    assert LoginFailure.objects.get().shown_by == "check" and len(read_outbox()) == 1
    fake_twilio.change_account(DEMO_SID, auth_token=catalogue.auth_token(catalogue.DEMO))
    alice_client.post(CHECK)
    assert load(alice).stopped_at is None and load(alice).is_proven


def test_too_many_examinations_are_stopped_by_us(alice, alice_client, fake_twilio):
    connect(alice)
    for _ in range(6):
        assert alice_client.post(CHECK).status_code == 200
    fake_twilio.control("DELETE", "requests")
    response = alice_client.post(CHECK)
    assert response.status_code == 429 and 1 <= int(response["Retry-After"]) <= 300
    assert 'data-verdict="rate_limited"' in response.content.decode()
    response = alice_client.post(CHECK, headers={"accept": "application/x-ndjson"})
    assert response.json()["verdict"]["code"] == "rate_limited"
    assert fake_twilio.requests() == []


def test_who_is_not_connected_is_sent_to_connect(alice, alice_client, bob, fake_twilio):
    connect(bob)
    fake_twilio.control("DELETE", "requests")
    assert alice_client.post(CHECK).url == "/accounts/twilio/"
    assert signed_in(bob).get(CHECK).url == "/accounts/twilio/"
    assert fake_twilio.requests() == []


@pytest.mark.django_db
def test_nobody_examines_signed_out_or_without_a_csrf_token(alice, client, fake_twilio):
    connect(alice)
    assert client.post(CHECK).url.startswith("/accounts/login/")
    strict = signed_in(alice)
    strict.handler.enforce_csrf_checks = True
    assert strict.post(CHECK).status_code == 403


# By command


def run(*arguments):
    """The exit status of `check_twilio`, and what it wrote."""
    out = io.StringIO()
    try:
        call_command("check_twilio", *arguments, stdout=out, no_color=True)
    except SystemExit as end:
        return end.code, out.getvalue()
    except CommandError as error:
        return error.returncode, str(error)
    return 0, out.getvalue()


def test_the_command_says_every_line_and_ends_well(alice, fake_twilio):
    credentials = connect(alice)
    status, text = run("--user", "Alice@example.com")
    assert status == 0 and "All 14 checks are good." in text
    assert all(str(label) in text for label in LABELS.values())
    secrets = (credentials.auth_token.reveal(), credentials.api_key_secret.reveal(), DEMO_SID)
    assert not any(secret in text for secret in (*secrets, catalogue.DEMO_NUMBER))


def test_the_command_ends_with_1_where_anybody_is_bad(alice, bob, fake_twilio):
    connect(alice)
    connect(bob, "other")
    status, text = run("--all")
    assert status == 1 and "alice@example.com" in text and "bob@example.com" in text
    assert run("--user", "alice@example.com")[0] == 0


def test_the_command_ends_with_2_in_an_outage(alice, fake_twilio):
    connect(alice)
    fake_twilio.add_fault("unavailable")
    assert run("--all")[0] == 2


def test_what_may_never_be_asked_does_not_count(alice, fake_twilio):
    connect(alice, auth_token="", **OWN_KEY)
    assert run("--all")[0] == 0


def test_the_command_writes_nothing_and_tells_nobody(alice, fake_twilio):
    connect(alice)
    before = TwilioCredentials.objects.values().get()
    events = AccountEvent.objects.count()
    fake_twilio.change_account(DEMO_SID, auth_token="new")
    assert run("--all")[0] == 1
    assert TwilioCredentials.objects.values().get() == before
    assert (LoginFailure.objects.count(), AccountEvent.objects.count(), read_outbox()) == (0, events, [])


def test_the_command_wants_people_it_knows(alice, fake_twilio):
    status, text = run("--user", "alice@example.com")
    assert status == 1 and "alice@example.com" in text
    assert run("--all")[0] == 0
    with pytest.raises(CommandError):
        call_command("check_twilio")


def test_people_who_were_deactivated_are_left_out_of_all(alice, fake_twilio):
    connect(alice)
    type(alice).objects.update(is_active=False)
    fake_twilio.control("DELETE", "requests")
    assert run("--all") == (0, "")
    assert fake_twilio.requests() == []
