"""The pages of a person's account: each by itself, and beside the phone, where they end no call."""

import pytest
from django.test import Client

BESIDE = {
    "/accounts/name/": "Your name",
    "/accounts/email/": "E-mail addresses",
    "/accounts/password/change/": "Change your password",
    "/accounts/2fa/": "Second factor",
    "/accounts/sessions/": "Where you are signed in",
    "/accounts/me/": "Your data",
}
HTMX = {"HX-Request": "true"}


@pytest.mark.parametrize(("address", "title"), BESIDE.items())
def test_it_is_a_whole_page_or_a_fragment_beside_the_phone(
    address: str, title: str, alice_client: Client
) -> None:
    whole = alice_client.get(address)
    fragment = alice_client.get(address, headers=HTMX)
    assert whole.status_code == fragment.status_code == 200
    assert "<html" in whole.content.decode() and "X-Pane" not in whole
    assert fragment["X-Pane"] == "yes" and "<html" not in fragment.content.decode()
    for page in (whole, fragment):
        assert f"<h1>{title}</h1>" in page.content.decode()
        assert "HX-Request" in page["Vary"]


@pytest.mark.parametrize("address", BESIDE)
def test_who_is_signed_out_is_led_to_sign_in(address: str, db: None) -> None:
    assert Client().get(address).url.startswith("/accounts/login/")  # type: ignore[attr-defined]
    assert Client().get(address, headers=HTMX)["HX-Redirect"].startswith("/accounts/login/")


def test_what_is_wrong_with_an_address_is_said_beside_the_phone(alice_client: Client) -> None:
    typed = {"email": "no address", "action_add": ""}
    answer = alice_client.post("/accounts/email/", typed, headers=HTMX)
    assert answer["X-Pane"] == "yes" and "field-error" in answer.content.decode()


def test_another_language_opens_the_whole_page_anew(alice_client: Client) -> None:
    """The phone beside it has been drawn in the one before."""
    change = {"name": "Alice", "home_country": "", "language": "de"}
    assert alice_client.post("/accounts/name/", change, headers=HTMX)["HX-Redirect"] == "/accounts/name/"
    again = alice_client.post("/accounts/name/", change, headers=HTMX)
    assert (again.status_code, again["Location"]) == (302, "/accounts/name/")


@pytest.mark.parametrize("address", ["/accounts/me/delete/", "/accounts/2fa/totp/activate/"])
def test_what_is_a_page_of_its_own_is_none_beside_the_phone(address: str, alice_client: Client) -> None:
    assert "X-Pane" not in alice_client.get(address, headers=HTMX)
