"""A push service that does not answer keeps nobody waiting, and no more threads than a person's share."""

import threading
import time

import pytest
from django.test import Client

from accounts.people import User
from phone.waking.sending import SHARE, Message, push_to_browsers
from phone.waking.subscriptions import PushSubscription
from tests.conftest import signed_in
from tests.integration.waking.conftest import subscribe
from tests.push_service import PushedBrowser, PushService
from tests.site import wait_until

MESSAGE = Message({"kind": "ring"}, topic="a", seconds=20)


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_and_what_is_beyond_a_share_is_dropped(
    alice: User, bob: User, push_service: PushService, caplog: pytest.LogCaptureFixture
) -> None:
    bobs, alices = PushedBrowser("bobs"), PushedBrowser("alices")
    clients: dict[User, Client] = {bob: signed_in(bob), alice: signed_in(alice)}
    subscribe(clients[bob], bobs)
    subscribe(clients[alice], alices)
    hold = push_service.holds["bobs"] = threading.Event()

    begun = time.monotonic()
    for _ in range(SHARE + 1):
        push_to_browsers({bob.pk: MESSAGE})
    push_to_browsers({alice.pk: MESSAGE})
    assert time.monotonic() - begun < 2
    assert "A browser was not woken" in caplog.text
    # Somebody else's is taken meanwhile.
    assert wait_until(lambda: push_service.list_told(alices)) == [{"kind": "ring"}]
    assert push_service.list_told(bobs) == []

    hold.set()
    wait_until(lambda: len(push_service.list_told(bobs)) == SHARE)
    wait_until(lambda: PushSubscription.objects.filter(user=bob).exclude(sent_at=None).exists())
    push_to_browsers({bob.pk: MESSAGE})
    wait_until(lambda: len(push_service.list_told(bobs)) == SHARE + 1)
