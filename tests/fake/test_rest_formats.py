"""The form of the answers: names, dates, envelopes, headers, JSON and XML."""

import re
from email.utils import parsedate_to_datetime
from typing import Any
from xml.etree import ElementTree

import pytest

from fake_twilio import catalogue
from fake_twilio.alerts import add_alert
from fake_twilio.store import CallRecord, make_sid
from tests.fake.rest_fake import V2010, RestFake, key_login

DEMO = catalogue.account_sid(catalogue.DEMO)
CALL = make_sid("CA", "a call")
RFC2822 = re.compile(r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} \+0000")
ENVELOPE = "first_page_uri end next_page_uri previous_page_uri page page_size start uri"

# The property names of Twilio's OpenAPI description (twilio_api_v2010, iam_v1, accounts_v1, monitor_v1).
KEY = "sid friendly_name date_created date_updated"
NAMES = {
    "account": (
        "auth_token date_created date_updated friendly_name owner_account_sid sid status subresource_uris"
        " type uri"
    ),
    "application": (
        "account_sid api_version date_created date_updated friendly_name message_status_callback"
        " public_application_connect_enabled sid sms_fallback_method sms_fallback_url sms_method"
        " sms_status_callback sms_url status_callback status_callback_method uri voice_caller_id_lookup"
        " voice_fallback_method voice_fallback_url voice_method voice_url"
    ),
    "number": (
        "account_sid address_requirements address_sid api_version beta bundle_sid capabilities date_created"
        " date_updated emergency_address_sid emergency_address_status emergency_status friendly_name"
        " identity_sid origin phone_number sid sms_application_sid sms_fallback_method sms_fallback_url"
        " sms_method sms_url status status_callback status_callback_method trunk_sid type uri"
        " voice_application_sid voice_caller_id_lookup voice_fallback_method voice_fallback_url voice_method"
        " voice_receive_mode voice_url"
    ),
    "caller id": "account_sid date_created date_updated friendly_name phone_number sid uri",
    "validation": "account_sid call_sid friendly_name phone_number validation_code",
    "call": (
        "account_sid answered_by api_version caller_name date_created date_updated direction duration"
        " end_time forwarded_from from from_formatted group_sid parent_call_sid phone_number_sid price"
        " price_unit queue_time sid start_time status stir_verstat subresource_uris to to_formatted"
        " trunk_sid uri"
    ),
    "notification": (
        "account_sid api_version call_sid date_created date_updated error_code log message_date message_text"
        " more_info request_method request_url request_variables response_body response_headers sid uri"
    ),
    "alert": (
        "account_sid alert_text api_version date_created date_generated date_updated error_code log_level"
        " more_info request_headers request_method request_url request_variables resource_sid response_body"
        " response_headers service_sid sid url"
    ),
}


@pytest.fixture
def filled(rest: RestFake) -> RestFake:
    """The demo account with a call that had an alert."""
    account = rest.account()
    account.calls[CALL] = CallRecord(CALL, DEMO, catalogue.DEMO_NUMBER, "client:alice", "inbound")
    add_alert(account, code=11200, text="Went wrong", call_sid=CALL)
    return rest


def first(body: dict[str, Any], key: str) -> dict[str, Any]:
    return body[key][0]


@pytest.mark.parametrize(
    ("path", "key", "names"),
    [
        (".json", "", NAMES["account"]),
        ("/Keys.json", "keys", KEY),
        ("/Applications.json", "applications", NAMES["application"]),
        ("/IncomingPhoneNumbers.json", "incoming_phone_numbers", NAMES["number"]),
        ("/OutgoingCallerIds.json", "outgoing_caller_ids", NAMES["caller id"]),
        ("/Calls.json", "calls", NAMES["call"]),
        (f"/Calls/{CALL}/Notifications.json", "notifications", NAMES["notification"]),
        ("/Balance.json", "", "account_sid balance currency"),
    ],
)
def test_resources_have_twilios_names_and_no_others(
    filled: RestFake, path: str, key: str, names: str
) -> None:
    body = filled.of_account(path).json()
    if key:
        assert body.keys() == set(ENVELOPE.split()) | {key}
        body = first(body, key)
    assert body.keys() == set(names.split())


@pytest.mark.parametrize(
    ("path", "data", "status", "names"),
    [
        ("/Keys.json", {}, 201, f"{KEY} secret"),
        ("/Applications.json", {}, 201, NAMES["application"]),
        ("/OutgoingCallerIds.json", {"PhoneNumber": "+12025550150"}, 200, NAMES["validation"]),
        ("/Tokens.json", {}, 201, "account_sid date_created date_updated ice_servers password ttl username"),
    ],
)
def test_what_is_created_has_twilios_names_and_status(
    rest: RestFake, path: str, data: dict, status: int, names: str
) -> None:
    response = rest.of_account(path, method="POST", data=data)
    assert (response.status_code, response.json().keys()) == (status, set(names.split()))


def test_product_apis_list_with_absolute_addresses(filled: RestFake) -> None:
    body = filled.ask("/v1/Alerts?PageSize=1", host="monitor.twilio.com").json()
    assert body.keys() == {"meta", "alerts"}
    assert body["meta"] == {
        "key": "alerts",
        "page": 0,
        "page_size": 1,
        "first_page_url": "https://monitor.twilio.com/v1/Alerts?PageSize=1&Page=0",
        "next_page_url": None,
        "previous_page_url": None,
        "url": "https://monitor.twilio.com/v1/Alerts?PageSize=1&Page=0",
    }
    assert first(body, "alerts").keys() == set(NAMES["alert"].split())
    key = filled.ask(f"/v1/Keys/{catalogue.key_sid('demo standard')}", host="iam.twilio.com").json()
    assert key.keys() == {*KEY.split(), "policy"}


def test_auth_token_resources_have_twilios_names(rest: RestFake) -> None:
    host = "accounts.twilio.com"
    made = rest.ask("/v1/AuthTokens/Secondary", method="POST", host=host)
    names = {"account_sid", "date_created", "date_updated", "url"}
    assert (made.status_code, made.json().keys()) == (201, names | {"secondary_auth_token"})
    assert rest.ask("/v1/AuthTokens/Promote", method="POST", host=host).json().keys() == names | {
        "auth_token"
    }


def test_dates_are_rfc_2822(filled: RestFake) -> None:
    assert RFC2822.fullmatch(filled.of_account(".json").json()["date_created"])
    call = filled.of_account(f"/Calls/{CALL}.json").json()
    assert RFC2822.fullmatch(call["date_created"])
    assert (call["start_time"], call["end_time"], call["duration"]) == (None, None, None)


def test_the_envelope_counts_pages_and_keeps_filters(rest: RestFake) -> None:
    body = rest.of_account("/Applications.json", params={"PageSize": 2}).json()
    path = f"{V2010}/Accounts/{DEMO}/Applications.json"
    assert body["first_page_uri"] == f"{path}?PageSize=2&Page=0"
    assert (body["start"], body["end"], body["page"], body["page_size"]) == (0, 1, 0, 2)
    assert re.fullmatch(
        re.escape(f"{path}?PageSize=2&Page=1&PageToken=PA") + "AP[0-9a-f]{32}", body["next_page_uri"]
    )
    second = rest.ask(body["next_page_uri"]).json()
    assert (second["start"], second["end"], second["page"]) == (2, 3, 1)
    assert rest.ask(second["previous_page_uri"]).json()["applications"] == body["applications"]
    filtered = rest.of_account("/Applications.json", params={"FriendlyName": "x y"}).json()
    assert filtered["uri"] == f"{path}?FriendlyName=x+y&PageSize=50&Page=0"
    assert (filtered["applications"], filtered["end"], filtered["next_page_uri"]) == ([], 0, None)


def test_every_answer_carries_twilios_headers(rest: RestFake) -> None:
    for login in (key_login("demo standard"), ("AC", "x")):
        headers = rest.of_account("/Calls.json", login).headers
        assert re.fullmatch(r"RQ[0-9a-f]{32}", headers["Twilio-Request-Id"])
        assert re.fullmatch(r"\d\.\d{3}", headers["Twilio-Request-Duration"])
        assert headers["Twilio-Concurrent-Requests"] == "1"
        assert parsedate_to_datetime(headers["Date"])


def test_without_json_in_the_path_the_answer_is_xml(rest: RestFake) -> None:
    for suffix in ("", ".xml"):
        response = rest.of_account(suffix)
        assert response.headers["Content-Type"].startswith("application/xml")
        account = ElementTree.fromstring(response.content).find("Account")
        assert account is not None
        assert (account.findtext("Sid"), account.findtext("OwnerAccountSid")) == (DEMO, DEMO)


def test_lists_in_xml_have_the_envelope_as_attributes(rest: RestFake) -> None:
    listed = ElementTree.fromstring(rest.of_account("/Keys").content).find("Keys")
    assert listed is not None
    assert (listed.get("page"), listed.get("pagesize"), listed.get("nextpageuri")) == ("0", "50", "")
    assert {key.findtext("FriendlyName") for key in listed.findall("Key")} > {"demo standard", "demo main"}
    empty = ElementTree.fromstring(rest.of_account("/Calls").content).find("Calls")
    assert empty is not None and len(empty) == 0


def test_errors_without_json_in_the_path_are_xml(rest: RestFake) -> None:
    response = rest.of_account("/Calls", None)
    error = ElementTree.fromstring(response.content).find("RestException")
    assert error is not None and response.status_code == 401
    assert (error.findtext("Code"), error.findtext("Status")) == ("20003", "401")
    assert error.findtext("Message") == "Authentication Error - No credentials provided"
    assert error.findtext("MoreInfo") == "https://www.twilio.com/docs/errors/20003"


def test_a_deletion_is_answered_with_nothing(rest: RestFake) -> None:
    response = rest.of_account(f"/Keys/{catalogue.key_sid('demo standard')}.json", method="DELETE")
    assert (response.status_code, response.content) == (204, b"")


def test_products_add_the_detail_that_twilio_adds(rest: RestFake) -> None:
    body = rest.ask("/v1/Alerts", (DEMO, "0" * 32), host="monitor.twilio.com").json()
    assert (body["message"], body["detail"]) == (
        "Authenticate",
        "Your AccountSid or AuthToken was incorrect.",
    )
