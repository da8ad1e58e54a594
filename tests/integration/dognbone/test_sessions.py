"""Sessions that end: their pages are told, once it is so."""

from typing import Any

import pytest
from django.contrib.sessions.models import Session

from accounts.people import User
from accounts.push import SIGNED_OUT, session_group
from tests.conftest import signed_in


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("address", ["/accounts/logout/", "/admin/logout/"])
def test_pages_are_told_of_a_sign_out_no_sooner_than_their_session_is_gone(
    address: str, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told before, they would go to sign in, and be sent back to the phone."""
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    client = signed_in(alice)
    key = str(client.session.session_key)
    told: list[tuple[str, dict[str, Any], bool]] = []
    monkeypatch.setattr(
        "accounts.push.send_to_group",
        lambda group, frame: told.append((group, frame, Session.objects.filter(pk=key).exists())),
    )
    client.post(address)
    assert (session_group(key), SIGNED_OUT, False) in told
    assert not any(stands for _, _, stands in told)
