"""The official twilio package reads every answer: fetch, list, create, update, delete, errors."""

from datetime import UTC, datetime

import pytest
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.rest import Client

from fake_twilio import catalogue
from fake_twilio.alerts import add_alert
from fake_twilio.store import CallRecord, make_sid, now
from tests.fake.rest_fake import RestFake, key_login, token_login

WRONG = "0" * 32
DEMO = catalogue.account_sid(catalogue.DEMO)


@pytest.fixture
def client(rest: RestFake) -> Client:
    return rest.client()


def test_an_account_is_fetched_with_its_auth_token_in_clear(client: Client) -> None:
    account = client.api.accounts(DEMO).fetch()
    assert (account.sid, account.status, account.type) == (DEMO, "active", "Full")
    assert account.auth_token == catalogue.auth_token(catalogue.DEMO)
    assert account.date_created.tzinfo is not None


def test_a_parent_lists_renames_suspends_and_wakes_its_subaccount(client: Client) -> None:
    sid = catalogue.account_sid("subaccount")
    assert [one.sid for one in client.api.accounts.list(friendly_name="Subaccount of the demo")] == [sid]
    assert {one.sid for one in client.api.accounts.list()} == {DEMO, sid}
    subaccount = client.api.accounts(sid)
    assert subaccount.update(friendly_name="Branch").friendly_name == "Branch"
    assert subaccount.update(status="suspended").status == "suspended"
    assert [one.sid for one in client.api.accounts.list(status="suspended")] == [sid]
    assert subaccount.update(status="active").status == "active"
    subaccount.update(status="closed")
    with pytest.raises(TwilioRestException):
        subaccount.update(status="active")


def test_a_key_works_from_its_creation_to_its_deletion(rest: RestFake, client: Client) -> None:
    made = client.new_keys.create(friendly_name="A phone")
    by_key = rest.client((made.sid, made.secret), account=catalogue.DEMO)
    assert by_key.calls.list() == []
    fetched = client.keys(made.sid).fetch()
    assert (fetched.friendly_name, fetched.date_created) == ("A phone", made.date_created)
    assert client.keys(made.sid).update(friendly_name="Another").friendly_name == "Another"
    assert made.sid in {key.sid for key in client.keys.list()}
    assert client.keys(made.sid).delete() is True
    with pytest.raises(TwilioRestException) as missing:
        client.keys(made.sid).fetch()
    assert (missing.value.status, missing.value.code) == (404, 20404)
    with pytest.raises(TwilioException, match="Unable to fetch page"):
        by_key.calls.list()


def test_a_key_is_made_in_the_region_it_is_asked_for_in(rest: RestFake) -> None:
    made = rest.client(token_login(region="ie1"), region="ie1").new_keys.create()
    assert rest.account().keys[made.sid].region == "ie1"
    rest.client((made.sid, made.secret), account=catalogue.DEMO, region="ie1").calls.list()
    with pytest.raises(TwilioException):
        rest.client((made.sid, made.secret), account=catalogue.DEMO).calls.list()


def test_an_account_that_may_have_no_keys_says_so(rest: RestFake) -> None:
    with pytest.raises(TwilioRestException) as refused:
        rest.client(token_login("token only")).new_keys.create()
    assert (refused.value.status, refused.value.code) == (403, 20403)


def test_a_twiml_app_from_its_creation_to_its_deletion(client: Client) -> None:
    made = client.applications.create(
        friendly_name="Phone", voice_url="https://phone.example.com/voice", voice_method="POST"
    )
    assert (made.voice_url, made.voice_method) == ("https://phone.example.com/voice", "POST")
    updated = client.applications(made.sid).update(voice_url="https://b.example.com/", voice_method="GET")
    assert (updated.voice_url, updated.voice_method, updated.friendly_name) == (
        "https://b.example.com/",
        "GET",
        "Phone",
    )
    assert client.applications(made.sid).fetch().voice_caller_id_lookup is False
    assert [one.sid for one in client.applications.list(friendly_name="Phone")] == [made.sid]
    assert client.applications(made.sid).update(voice_url="").voice_url == ""
    assert client.applications(made.sid).delete() is True
    assert client.applications.list(friendly_name="Phone") == []


def test_an_account_has_at_most_a_thousand_apps(rest: RestFake, client: Client) -> None:
    for number in range(1000):
        catalogue.add_app(rest.account(), f"app {number}")
    with pytest.raises(TwilioRestException) as refused:
        client.applications.create(friendly_name="One too many")
    assert refused.value.code == 21301


def test_numbers_are_found_fetched_and_pointed_at_an_app(client: Client) -> None:
    (number,) = client.incoming_phone_numbers.list(phone_number=catalogue.DEMO_NUMBER)
    assert number.capabilities == {"voice": True, "sms": True, "mms": True, "fax": False}
    assert client.incoming_phone_numbers.list(phone_number="20255501**")[0].sid == number.sid
    assert client.incoming_phone_numbers.list(phone_number=catalogue.STRANGER_NUMBER) == []
    assert client.incoming_phone_numbers.list(friendly_name="Front desk")[0].sid == number.sid
    app = client.applications.list()[0]
    updated = client.incoming_phone_numbers(number.sid).update(voice_application_sid=app.sid)
    assert updated.voice_application_sid == app.sid
    assert client.incoming_phone_numbers(number.sid).fetch().voice_application_sid == app.sid
    with pytest.raises(TwilioRestException) as refused:
        client.incoming_phone_numbers(number.sid).update(voice_application_sid=catalogue.app_sid("nobody"))
    assert refused.value.code == 21420


def test_caller_ids_are_verified_listed_renamed_and_removed(client: Client) -> None:
    request = client.validation_requests.create(phone_number="+12025550150", friendly_name="Desk")
    assert len(request.validation_code) == 6
    (caller_id,) = client.outgoing_caller_ids.list(phone_number="+12025550150")
    assert caller_id.friendly_name == "Desk"
    assert client.outgoing_caller_ids(caller_id.sid).update(friendly_name="Home").friendly_name == "Home"
    assert client.outgoing_caller_ids(caller_id.sid).fetch().phone_number == "+12025550150"
    assert client.outgoing_caller_ids(caller_id.sid).delete() is True
    assert client.outgoing_caller_ids.list(friendly_name="Home") == []


def add_calls(rest: RestFake, count: int) -> list[CallRecord]:
    account = rest.account()
    calls = [
        CallRecord(
            make_sid("CA"),
            account.sid,
            catalogue.DEMO_NUMBER,
            f"+120255502{number:02}",
            "outbound-api",
            status="completed",
            started_at=datetime(2026, 1, 1 + number, 12, tzinfo=UTC),
            answered_at=datetime(2026, 1, 1 + number, 12, 0, 3, tzinfo=UTC),
            ended_at=datetime(2026, 1, 1 + number, 12, 1, tzinfo=UTC),
        )
        for number in range(count)
    ]
    account.calls.update({call.sid: call for call in calls})
    return calls


def test_pages_follow_one_another_forwards_and_back(rest: RestFake, client: Client) -> None:
    calls = add_calls(rest, 7)
    listed = client.calls.list(page_size=3)
    assert [call.sid for call in listed] == [call.sid for call in reversed(calls)]
    first = client.calls.page(page_size=3)
    second = first.next_page()
    third = second.next_page()
    assert [len(list(page)) for page in (client.calls.page(page_size=3), second)] == [3, 3]
    assert [call.sid for call in third] == [calls[0].sid]
    assert third.next_page() is None
    assert [call.sid for call in third.previous_page()] == [call.sid for call in reversed(calls[1:4])]
    assert first.previous_page() is None


def test_a_page_is_not_moved_by_what_is_added_meanwhile(rest: RestFake, client: Client) -> None:
    calls = add_calls(rest, 4)
    first = client.calls.page(page_size=2)
    add_calls(rest, 1)
    assert [call.sid for call in first.next_page()] == [calls[1].sid, calls[0].sid]


def test_calls_are_filtered_by_address_status_and_day(rest: RestFake, client: Client) -> None:
    calls = add_calls(rest, 3)
    assert [call.sid for call in client.calls.list(to="+12025550201")] == [calls[1].sid]
    assert client.calls.list(status="busy") == []
    assert len(client.calls.list(from_=catalogue.DEMO_NUMBER, status="completed")) == 3
    assert [call.sid for call in client.calls.list(start_time=datetime(2026, 1, 2))] == [calls[1].sid]
    assert len(client.calls.list(start_time_after=datetime(2026, 1, 2))) == 2
    assert len(client.calls.list(end_time_before=datetime(2026, 1, 2))) == 2
    assert client.calls.list(parent_call_sid=calls[0].sid) == []


def test_a_call_tells_its_times_and_its_length_as_text(rest: RestFake, client: Client) -> None:
    (call,) = add_calls(rest, 1)
    fetched = client.calls(call.sid).fetch()
    assert (fetched.duration, fetched.status, fetched.direction) == ("57", "completed", "outbound-api")
    assert fetched.start_time == call.started_at
    assert fetched.from_formatted == "(202) 555-0123"
    with pytest.raises(TwilioRestException) as refused:
        client.calls(call.sid).update(status="completed")
    assert refused.value.code == 21220


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"to": "nonsense"}, 21211),
        ({"to": ""}, 21201),
        ({"from_": "nonsense"}, 21212),
        ({"from_": ""}, 21213),
        ({"from_": catalogue.STRANGER_NUMBER}, 21210),
        ({"url": ""}, 21205),
        ({"url": "nonsense"}, 21205),
        ({"url": "", "application_sid": catalogue.app_sid("nobody")}, 21218),
        ({"twiml": "x" * 4001}, 21626),
    ],
)
def test_calls_that_twilio_would_not_make_are_refused(client: Client, fields: dict, code: int) -> None:
    wanted = {"to": "+12025550199", "from_": catalogue.DEMO_NUMBER, "url": "https://phone.example.com/voice"}
    with pytest.raises(TwilioRestException) as refused:
        client.calls.create(**{**wanted, **fields})
    assert (refused.value.status, refused.value.code) == (400, code)


def test_a_call_rings_and_is_ended(client: Client) -> None:
    made = client.calls.create(
        to=catalogue.UNANSWERED_NUMBER, from_=catalogue.DEMO_NUMBER, twiml="<Response/>", timeout=60
    )
    assert (made.direction, made.to) == ("outbound-api", catalogue.UNANSWERED_NUMBER)
    assert client.calls(made.sid).fetch().status in ("queued", "ringing")
    ended = client.calls(made.sid).update(status="canceled")
    assert (ended.status, ended.duration) == ("canceled", None)
    with pytest.raises(TwilioRestException) as refused:
        client.calls(made.sid).update(status="completed")
    assert refused.value.code == 21220


def test_a_trial_account_calls_verified_numbers_only(rest: RestFake) -> None:
    with pytest.raises(TwilioRestException) as refused:
        rest.client(token_login("trial")).calls.create(
            to=catalogue.STRANGER_NUMBER, from_=catalogue.TRIAL_NUMBER, twiml="<Response/>"
        )
    assert refused.value.code == 21219


@pytest.mark.parametrize(
    ("to", "from_", "code"),
    [
        ("+15005550001", "+15005550006", 21217),
        ("+15005550002", "+15005550006", 21214),
        ("+15005550003", "+15005550006", 21215),
        ("+15005550004", "+15005550006", 21216),
        ("+12025550170", "+12025550123", 21210),
        ("+12025550170", "+15005550006", None),
    ],
)
def test_test_credentials_answer_magic_numbers(rest: RestFake, to: str, from_: str, code: int | None) -> None:
    create = rest.client(token_login("test")).calls.create
    if code is None:
        assert create(to=to, from_=from_, twiml="<Response/>").status == "queued"
        assert rest.account("test").calls == {}
        return
    with pytest.raises(TwilioRestException) as refused:
        create(to=to, from_=from_, twiml="<Response/>")
    assert refused.value.code == code


def test_balance_and_turn_tokens_are_texts(client: Client) -> None:
    assert client.balance.fetch().currency == "USD"
    token = client.tokens.create(ttl=600)
    assert token.ttl == "600"
    assert {"username", "credential"} < token.ice_servers[1].keys()


def test_iam_tells_a_restricted_key_by_its_policy(rest: RestFake, client: Client) -> None:
    restricted = client.iam.v1.api_key(catalogue.key_sid(catalogue.RESTRICTED_KEY)).fetch()
    assert restricted.policy == {"allow": ["/twilio/messaging/messages/read"]}
    assert client.iam.v1.api_key(catalogue.key_sid("demo standard")).fetch().policy is None
    with pytest.raises(TwilioRestException) as refused:
        rest.client(key_login("demo standard")).iam.v1.api_key(catalogue.key_sid("demo standard")).fetch()
    assert refused.value.status == 401


def test_a_promoted_token_replaces_the_primary_one_at_once(rest: RestFake, client: Client) -> None:
    old = token_login()
    secondary = client.accounts.v1.secondary_auth_token().create()
    new = (DEMO, secondary.secondary_auth_token)
    assert rest.of_account(".json", old).status_code == rest.of_account(".json", new).status_code == 200
    assert rest.account().auth_token == old[1]
    with pytest.raises(TwilioRestException):
        client.accounts.v1.secondary_auth_token().create()
    promoted = client.accounts.v1.auth_token_promotion().update()
    assert promoted.auth_token == secondary.secondary_auth_token == rest.account().auth_token
    assert rest.of_account(".json", old).json()["message"] == "Authenticate"
    assert rest.of_account(".json", new).status_code == 200


def test_a_deleted_secondary_token_opens_nothing(rest: RestFake, client: Client) -> None:
    secondary = client.accounts.v1.secondary_auth_token().create()
    assert client.accounts.v1.secondary_auth_token().delete() is True
    assert rest.of_account(".json", (DEMO, secondary.secondary_auth_token)).status_code == 401
    with pytest.raises(TwilioRestException) as missing:
        client.accounts.v1.auth_token_promotion().update()
    assert missing.value.code == 20404


def test_alerts_are_listed_and_shown_with_their_call(rest: RestFake, client: Client) -> None:
    (call,) = add_calls(rest, 1)
    for code in (11200, 12100, 13224):
        add_alert(rest.account(), code=code, text="Went wrong", call_sid=call.sid, url="https://x.example/")
    add_alert(rest.account(), code=11200, text="Elsewhere", call_sid=make_sid("CA"), log_level="warning")
    alerts = client.monitor.v1.alerts.list(page_size=2)
    assert [alert.error_code for alert in alerts] == ["11200", "13224", "12100", "11200"]
    assert client.monitor.v1.alerts(alerts[1].sid).fetch().alert_text == "Went wrong"
    assert [alert.alert_text for alert in client.monitor.v1.alerts.list(log_level="warning")] == ["Elsewhere"]
    assert len(client.monitor.v1.alerts.list(start_date=now(), end_date=now())) == 4
    notifications = client.calls(call.sid).notifications.list()
    assert [one.error_code for one in notifications] == ["13224", "12100", "11200"]


def test_a_wrong_token_raises_with_status_and_code(rest: RestFake) -> None:
    with pytest.raises(TwilioRestException) as refused:
        rest.client((DEMO, WRONG)).api.accounts(DEMO).fetch()
    assert (refused.value.status, refused.value.code) == (401, 20003)
    assert refused.value.msg == "Unable to fetch record: Authenticate"


def test_a_problem_document_raises_the_packages_other_error(rest: RestFake) -> None:
    rest.control("POST", "faults", fault="problem refusal")
    with pytest.raises(TwilioServiceException):
        rest.client((DEMO, WRONG)).api.accounts(DEMO).fetch()


def test_dialling_permissions_are_told_by_country(rest: RestFake, client: Client) -> None:
    countries = {one.iso_code: one for one in client.voice.v1.dialing_permissions.countries.list(page_size=4)}
    assert len(countries) == len(client.voice.v1.dialing_permissions.countries.list())
    assert countries["GB"].low_risk_numbers_enabled and not countries["CU"].low_risk_numbers_enabled
    assert not countries["GB"].high_risk_tollfraud_numbers_enabled
    one = client.voice.v1.dialing_permissions.countries("GB").fetch()
    assert (one.name, one.country_codes) == ("United Kingdom", ["+44"])
    with pytest.raises(TwilioRestException):
        client.voice.v1.dialing_permissions.countries("XX").fetch()
