"""Who can be rung while the phone goes from page to page."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.people import User
from phone.calls.reachability import is_reachable
from phone.device.presence import SILENT_AFTER, DevicePresence

pytestmark = pytest.mark.django_db


def open_page(user: User, state: str, **fields: object) -> DevicePresence:
    return DevicePresence.objects.create(
        user=user, page_session=uuid.uuid4(), socket=uuid.uuid4(), state=state, **fields
    )


def test_a_phone_that_was_let_go_before_the_next_page_was_heard_can_be_rung(alice: User) -> None:
    for _ in range(2):
        open_page(alice, "offline", is_spare=True)
    assert is_reachable(alice)


@pytest.mark.parametrize("state", ["offline", "error"])
def test_a_page_beside_a_phone_that_cannot_be_rung_changes_nothing(alice: User, state: str) -> None:
    open_page(alice, "offline", is_spare=True)
    open_page(alice, state)
    assert not is_reachable(alice)


@pytest.mark.parametrize("fields", ["closed", "silent"])
def test_pages_beside_the_phone_that_are_gone_are_no_phone_to_come(alice: User, fields: str) -> None:
    now = timezone.now()
    gone = {"closed": {"disconnected_at": now}, "silent": {"last_alive_at": now - SILENT_AFTER}}
    open_page(alice, "offline", is_spare=True, **gone[fields])
    assert not is_reachable(alice)


def test_a_phone_that_is_gone_leaves_the_page_beside_it_to_ring(alice: User) -> None:
    open_page(alice, "offline", is_spare=True)
    open_page(alice, "offline", disconnected_at=timezone.now() - timedelta(seconds=1))
    assert is_reachable(alice)
