"""A form that cannot be read is refused with a status, wherever it is sent."""

import pytest
from django.test import AsyncClient
from django.urls import reverse

from accounts.people import User
from tests.conftest import signed_in
from tests.webhook_requests import make_member

FORM = "application/x-www-form-urlencoded"
UNREADABLE = [
    pytest.param(f"{FORM}; charset=utf-16", b"a=b", id="charset"),
    pytest.param(FORM, b"a=1&" * 1500, id="too many fields"),
    pytest.param(FORM, b"a" * 3_000_000, id="too large"),
    pytest.param("multipart/form-data; boundary=", b"a", id="no boundary"),
]


@pytest.mark.parametrize(("content_type", "body"), UNREADABLE)
@pytest.mark.parametrize("path", ["/accounts/login/", "/phone/settings/greeting/", "/admin/", "/nowhere/"])
async def test_it_is_answered(path: str, content_type: str, body: bytes, transactional_db: None) -> None:
    """Under ASGI, and with the CSRF check, which is the first to read the form."""
    client = AsyncClient(enforce_csrf_checks=True)
    answer = await client.post(path, body, content_type=content_type)
    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize(("content_type", "body"), UNREADABLE)
def test_it_is_answered_to_the_signed_in(content_type: str, body: bytes, alice: User) -> None:
    for path in ("/accounts/name/", "/accounts/twilio/", "/admin/"):
        answer = signed_in(alice).post(path, body, content_type=content_type)
        assert answer.status_code in (302, 400, 403, 404, 413)


@pytest.mark.parametrize("name", ["push_unsubscription", "own_greeting_sound", "connection_test"])
def test_a_form_with_parts_is_refused_where_none_is_taken(name: str, alice: User) -> None:
    """The CSRF check has read it by then, and it cannot be read again."""
    make_member(alice)
    client = signed_in(alice)
    client.handler.enforce_csrf_checks = True
    client.cookies["csrftoken"] = token = "c" * 32
    answer = client.post(reverse(name), {"file": "x"}, headers={"X-CSRFToken": token})
    assert answer.status_code == 422
