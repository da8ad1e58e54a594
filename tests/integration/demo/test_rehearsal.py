"""The panel from outside: whom it lets in, what it does to the fake, and that undoing leaves no trace."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from accounts.people import User
from accounts.twilio import rest as twilio_rest
from accounts.twilio.credentials import TwilioCredentials
from demo.credentials import GROUPS, get_fields
from demo.rehearsal import CallRehearsal, Rehearsal
from demo.rehearsals import REHEARSALS
from dognbone.urls import urlpatterns
from fake_twilio import catalogue
from fake_twilio.store import make_secret
from phone.tokens.answers import PROOFS_PER_PERSON, TOKENS_PER_PERSON
from tests.conftest import signed_in
from tests.connections import connect
from tests.fake_control import FakeTwilio
from tests.rehearsal_site import rehearsal_site

DEMO = catalogue.account_sid(catalogue.DEMO)
PANEL = "/rehearsal/"
AT_LOGIN = [one for one in REHEARSALS.values() if one.nudge in ("login", "recheck")]
CALLS = [one for one in REHEARSALS.values() if isinstance(one, CallRehearsal)]
SPOILT_CALLS = [one for one in CALLS if one.is_begun and not one.in_browser]
ON_THE_SERVER = [one for one in REHEARSALS.values() if not one.in_browser]


def slug_of(rehearsal: Rehearsal) -> str:
    return rehearsal.slug


@pytest.fixture(autouse=True)
def panel_is_there(fake_twilio: FakeTwilio) -> Iterator[None]:
    with rehearsal_site():
        yield


@pytest.fixture
def credentials(alice: User) -> TwilioCredentials:
    return connect(alice)


def begin(client: Client, slug: str) -> Any:
    return client.post(f"/rehearsal/{slug}/begin/")


def end(client: Client, slug: str) -> Any:
    return client.post(f"/rehearsal/{slug}/end/")


def read_account(fake_twilio: FakeTwilio) -> dict[str, Any]:
    """What the fake shows of the demo account, without the order of its keys."""
    account = dict(fake_twilio.control("GET", f"accounts/{DEMO}"))
    prints = {key["sid"]: key["secret_fingerprint"] for key in account.pop("keys")}
    return {**account, "keys": prints}


def read_running(client: Client) -> list[str]:
    return [one.slug for one in client.get(PANEL).context["running"]]


def read_trail(client: Client) -> list[str]:
    return [entry["title"] for entry in client.get("/rehearsal/trail/").json()["entries"]]


def ask_for_token(client: Client) -> tuple[int, str]:
    """The HTTP status, and the verdict where there is one."""
    response: HttpResponse = client.post(reverse("token"))
    body = response.json()  # type: ignore[attr-defined]
    return response.status_code, body.get("verdict", {}).get("code", "ok")


@pytest.mark.parametrize("rehearsal", AT_LOGIN, ids=slug_of)
def test_what_is_rehearsed_comes_to_its_verdict_and_goes_without_a_trace(
    rehearsal: Rehearsal,
    credentials: TwilioCredentials,
    alice_client: Client,
    fake_twilio: FakeTwilio,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(twilio_rest, "READ_SECONDS", 2.5)
    before = read_account(fake_twilio)

    response = begin(alice_client, rehearsal.slug)

    assert (response.status_code, response["Location"]) == (302, f"{PANEL}#{rehearsal.slug}")
    assert read_account(fake_twilio) != before
    assert read_running(alice_client) == [rehearsal.slug]
    assert ask_for_token(alice_client)[1] == rehearsal.verdict

    assert end(alice_client, rehearsal.slug).status_code == 302

    assert read_account(fake_twilio) == before
    assert read_running(alice_client) == []
    assert ask_for_token(alice_client) == (200, "ok")


@pytest.mark.parametrize("rehearsal", [one for one in ON_THE_SERVER if one.nudge == "drop"], ids=slug_of)
def test_what_ails_the_gateway_is_there_and_goes_without_a_trace(
    rehearsal: Rehearsal, credentials: TwilioCredentials, alice_client: Client, fake_twilio: FakeTwilio
) -> None:
    before = read_account(fake_twilio)
    begin(alice_client, rehearsal.slug)
    assert read_account(fake_twilio)["gateway_fault"] in catalogue.GATEWAY_FAULTS
    assert read_running(alice_client) == [rehearsal.slug]
    end(alice_client, rehearsal.slug)
    assert read_account(fake_twilio) == before


@pytest.mark.parametrize("rehearsal", SPOILT_CALLS, ids=slug_of)
def test_what_spoils_calls_is_there_leaves_the_phone_ready_and_goes_without_a_trace(
    rehearsal: Rehearsal, credentials: TwilioCredentials, alice_client: Client, fake_twilio: FakeTwilio
) -> None:
    assert ask_for_token(alice_client) == (200, "ok")
    before = read_account(fake_twilio)
    begin(alice_client, rehearsal.slug)
    assert read_account(fake_twilio) != before
    assert read_running(alice_client) == [rehearsal.slug]
    # A login is not what fails: what was proven a moment ago counts on.
    assert ask_for_token(alice_client) == (200, "ok")
    end(alice_client, rehearsal.slug)
    assert read_account(fake_twilio) == before
    assert read_running(alice_client) == []


def test_each_call_says_whom_to_dial_and_what_is_then_said(
    credentials: TwilioCredentials, alice_client: Client
) -> None:
    shown = alice_client.get(PANEL).content.decode()
    for call in CALLS:
        assert escape(call.expected) in shown
        button = f'data-dials="{call.dials}" data-phone="/" aria-label="Call: {escape(call.title)}"'
        assert (button in shown) is bool(call.dials)
        assert (f'aria-label="Rehearse: {escape(call.title)}"' in shown) is call.is_begun


def test_what_needs_only_to_be_dialled_cannot_be_begun(
    credentials: TwilioCredentials, alice_client: Client, fake_twilio: FakeTwilio
) -> None:
    before = read_account(fake_twilio)
    assert begin(alice_client, "call-busy")["Location"] == PANEL
    assert end(alice_client, "call-busy").status_code == 302
    assert (read_account(fake_twilio), read_running(alice_client)) == (before, [])


@pytest.mark.parametrize(
    ("ailment", "status", "content_type"),
    [("fails", 500, "text/html"), ("nonsense", 200, "text/xml"), ("picture", 200, "image/gif")],
)
def test_a_server_that_is_ill_answers_twilio_without_a_login(
    client: Client, ailment: str, status: int, content_type: str
) -> None:
    response = client.post(f"/rehearsal/voice/{ailment}/", {"CallSid": "CA"})
    assert (response.status_code, response["Content-Type"].partition(";")[0]) == (status, content_type)
    assert client.post("/rehearsal/voice/nothing/").status_code == 404


def test_the_next_rehearsal_ends_the_one_before(
    credentials: TwilioCredentials, alice_client: Client, fake_twilio: FakeTwilio
) -> None:
    before = read_account(fake_twilio)
    for slug in ("key-deleted", "app-elsewhere", "suspended", "wifi-cut", "rotated"):
        begin(alice_client, slug)
        assert read_running(alice_client) == [slug]
    assert alice_client.post("/rehearsal/end/").status_code == 302
    assert read_running(alice_client) == []
    assert read_account(fake_twilio) == before


def test_everything_comes_back_to_normal_whoever_began_it(
    credentials: TwilioCredentials, alice_client: Client, bob: User, fake_twilio: FakeTwilio
) -> None:
    connect(bob)
    before = read_account(fake_twilio)
    begin(signed_in(bob), "unavailable")
    fake_twilio.change_account(DEMO, auth_token="new", gateway_fault="gateway drop")
    assert set(read_running(alice_client)) == {"unavailable", "token-rotated", "gateway-drops"}
    alice_client.post("/rehearsal/end/")
    assert read_account(fake_twilio) == before


def test_ones_own_key_is_nobody_elses_trouble(
    credentials: TwilioCredentials, alice_client: Client, bob: User
) -> None:
    connect(bob)
    bob_client = signed_in(bob)
    begin(alice_client, "wrong-secret")
    TwilioCredentials.objects.update(proven_until=None)
    assert ask_for_token(alice_client)[1] == "wrong_api_secret"
    assert ask_for_token(bob_client) == (200, "ok")
    assert read_running(bob_client) == []


def test_what_the_connect_page_repaired_is_over(
    credentials: TwilioCredentials, alice: User, alice_client: Client
) -> None:
    begin(alice_client, "wrong-secret")
    connect(alice)
    assert read_running(alice_client) == []
    assert ask_for_token(alice_client) == (200, "ok")


def test_the_part_of_the_browser_is_on_the_phone_page_until_it_is_undone(
    credentials: TwilioCredentials, alice_client: Client
) -> None:
    begin(alice_client, "microphone-denied")
    page = alice_client.get("/").content.decode()
    assert 'data-plays="microphone-denied"' in page
    assert page.index("demo/rehearsal.js") < page.index("twilio.min.js")
    end(alice_client, "microphone-denied")
    page = alice_client.get("/").content.decode()
    assert 'data-plays=""' in page
    assert "rehearsal.js" not in alice_client.get(reverse("connect_twilio")).content.decode()


def test_who_rehearses_often_still_gets_tokens(credentials: TwilioCredentials, alice_client: Client) -> None:
    for limit in (TOKENS_PER_PERSON, PROOFS_PER_PERSON):
        for _ in range(limit.limit):
            limit.take(credentials.user.identity)
    assert ask_for_token(alice_client) == (429, "rate_limited")
    begin(alice_client, "slow")
    end(alice_client, "slow")
    assert ask_for_token(alice_client) == (200, "ok")


def test_the_trail_is_what_is_on_record_of_this_person(
    credentials: TwilioCredentials, alice_client: Client, bob: User
) -> None:
    begin(alice_client, "suspended")
    ask_for_token(alice_client)
    assert "Twilio has suspended this account" in read_trail(alice_client)
    assert read_trail(signed_in(bob)) == ["Signed in"]


@pytest.mark.parametrize("path", ["", "wrong-secret/begin/", "wrong-secret/end/", "end/", "trail/"])
def test_nobody_who_is_signed_out_gets_in(client: Client, path: str, fake_twilio: FakeTwilio) -> None:
    before = read_account(fake_twilio)
    method = client.get if path in ("", "trail/") else client.post
    response = method(PANEL + path)
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))
    assert read_account(fake_twilio) == before


@pytest.mark.parametrize("path", ["suspended/begin/", "suspended/end/", "end/"])
def test_what_changes_something_is_posted_with_a_token_of_ours(
    credentials: TwilioCredentials, alice: User, path: str, fake_twilio: FakeTwilio
) -> None:
    before = read_account(fake_twilio)
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert careful.post(PANEL + path).status_code == 403
    assert careful.get(PANEL + path).status_code == 405
    assert read_account(fake_twilio) == before


def test_looking_is_not_posting(alice_client: Client) -> None:
    assert alice_client.post(PANEL).status_code == 405
    assert alice_client.post("/rehearsal/trail/").status_code == 405


def test_an_unknown_rehearsal_is_not_found(credentials: TwilioCredentials, alice_client: Client) -> None:
    assert begin(alice_client, "nonsense").status_code == 404
    assert end(alice_client, "nonsense").status_code == 404


def test_without_a_twilio_account_there_is_nothing_to_rehearse(
    alice_client: Client, fake_twilio: FakeTwilio
) -> None:
    before = read_account(fake_twilio)
    assert b"Connect one" in alice_client.get(PANEL).content
    assert begin(alice_client, "suspended")["Location"] == PANEL
    assert alice_client.post("/rehearsal/end/").status_code == 302
    assert read_account(fake_twilio) == before


def test_what_the_credentials_lack_cannot_be_rehearsed(alice: User, alice_client: Client) -> None:
    connect(alice, "token only")
    rows = [row for group in alice_client.get(PANEL).context["groups"] for row in group["rows"]]
    rows = [row for row in rows if not row["is_only_dialled"]]
    impossible = {row["rehearsal"].slug for row in rows if not row["is_possible"]}
    assert impossible == {"wrong-secret", "rotated", "key-deleted", "call-caller-id"}
    assert begin(alice_client, "rotated")["Location"] == PANEL


def test_a_fake_that_does_not_answer_is_said(
    credentials: TwilioCredentials, alice_client: Client, settings: Any
) -> None:
    settings.TWILIO_BASE_URL = "http://127.0.0.1:9"
    response = alice_client.get(PANEL)
    assert response.status_code == 502
    assert b"did not do it" in response.content


def test_the_panel_shows_no_secret_but_those_that_the_fake_is_born_with(
    alice: User, alice_client: Client, fake_twilio: FakeTwilio
) -> None:
    token = make_secret("an Auth Token that nobody is told")
    fake_twilio.change_account(DEMO, auth_token=token)
    credentials = connect(alice, auth_token=token)
    begin(alice_client, "rotated")
    shown = alice_client.get(PANEL).content.decode()
    for secret in (credentials.auth_token.reveal(), credentials.api_key_secret.reveal()):
        assert secret not in shown


def test_each_value_to_type_is_listed_with_a_button_that_copies_it(alice_client: Client) -> None:
    shown = alice_client.get(PANEL).content.decode()
    for group in GROUPS:
        assert f"<h3>{escape(group.title)}</h3>" in shown
        for situation in group.situations:
            for label, value in get_fields(situation):
                assert f"<code>{value}</code>" in shown
                button = f'data-copies="{value}" aria-label="Copy the {label} of: {escape(situation.title)}"'
                # A region is chosen, and not typed.
                assert (button in shown) is (label != "Region")


def test_only_staff_is_led_to_the_admin_without_a_hint(
    credentials: TwilioCredentials, alice_client: Client, admin_user: User
) -> None:
    assert b"admin@example.com" in alice_client.get(PANEL).content
    assert b"Your timeline in the admin" in signed_in(admin_user).get(PANEL).content


def test_the_product_alone_knows_no_panel() -> None:
    assert not any("rehearsal" in str(one.pattern) for one in urlpatterns)
