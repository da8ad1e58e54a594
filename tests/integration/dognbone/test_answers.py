"""What every answer says: that no browser keeps it, and in which characters it is."""

import pytest
from django.test import Client

PAGES = [
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/password/reset/",
    "/accounts/logout/",
    "/accounts/login/",
    "/accounts/twilio/",
    "/accounts/sessions/",
    "/nowhere/",
    "/admin/",
]


@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_kept(path: str, alice_client: Client) -> None:
    assert "no-store" in alice_client.get(path).headers["Cache-Control"]


def test_a_file_that_may_be_kept_still_is(alice_client: Client) -> None:
    response = alice_client.get("/static/dognbone.css")
    assert response.status_code == 200 and "no-store" not in response.headers.get("Cache-Control", "")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/accounts/login/", "text/html; charset=utf-8"),
        ("/service-worker.js", "text/javascript; charset=utf-8"),
        ("/healthz", "text/plain; charset=utf-8"),
        ("/manifest.webmanifest", "application/manifest+json"),
    ],
)
def test_what_is_text_says_in_which_characters(path: str, kind: str, client: Client, db: None) -> None:
    response = client.get(path)
    assert (response.status_code, response.headers["Content-Type"]) == (200, kind)
