"""Where somebody is signed in: listed, and ended from elsewhere, with the phone that is open there."""

import asyncio
import uuid
from collections.abc import Collection
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from channels.db import database_sync_to_async
from django.test import Client

from accounts.audit.journal import AccountEvent
from accounts.people import User
from accounts.sign_ins.noting import forget_ended_sign_ins
from phone.device import arrivals
from phone.waking.subscriptions import Address, PushSubscription, keep_subscription
from tests.conftest import signed_in
from tests.device_socket import build_socket
from tests.integration.people.test_sign_in import sign_in

SIGN_INS = "/accounts/sessions/"
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0 Safari/537.36"
SECONDS = 2
SIGNED_OUT = 4401


def find_row(client: Client) -> UserSession:
    row: UserSession = UserSession.objects.get(session_key=client.session.session_key)
    return row


def test_each_browser_is_listed_by_its_name_and_address(alice: User, bob: User) -> None:
    here = signed_in(alice)
    there = Client(HTTP_USER_AGENT=CHROME, REMOTE_ADDR="192.0.2.8")
    sign_in(there)
    sign_in(Client(HTTP_USER_AGENT="Firefox/150.0", REMOTE_ADDR="192.0.2.9"), email=bob.email)
    page = here.get(SIGN_INS).content.decode()
    assert "Chrome on Windows" in page and "192.0.2.8" in page and page.count("data-sign-in") == 2
    assert "192.0.2.9" not in page and there.session.session_key not in page
    there.post("/accounts/logout/")
    assert here.get(SIGN_INS).content.decode().count("data-sign-in") == 1


def test_who_comes_over_no_network_signs_in_too(alice: User) -> None:
    client = Client(REMOTE_ADDR="")
    sign_in(client)
    page = client.get(SIGN_INS).content.decode()
    assert page.count("data-sign-in") == 1 and "0.0.0.0" not in page


def test_one_is_ended_and_no_other(alice: User, bob: User) -> None:
    here, there, third, his = (signed_in(person) for person in (alice, alice, alice, bob))
    here.post(SIGN_INS, {"end": str(find_row(there).pk)})
    assert [client.get("/accounts/name/").status_code for client in (here, there, third, his)] == [
        200,
        302,
        200,
        200,
    ]
    assert AccountEvent.objects.filter(user=alice, kind="sign_in_ended").count() == 1
    for nothing in (find_row(here).pk, find_row(his).pk, "", "x", "9" * 30):
        here.post(SIGN_INS, {"end": str(nothing)})
    assert [client.get("/accounts/name/").status_code for client in (here, third, his)] == [200] * 3
    here.post(SIGN_INS, {"end": "others"})
    assert [client.get("/accounts/name/").status_code for client in (here, third, his)] == [200, 302, 200]


def test_a_browser_that_was_ended_is_woken_no_more(alice: User) -> None:
    here, there = signed_in(alice), signed_in(alice)
    address = Address("https://push.example.com/1", "p", "a")
    keep_subscription(
        person=alice, session_key=there.session.session_key or "", browser="Chrome", address=address
    )
    here.post(SIGN_INS, {"end": "others"})
    assert not PushSubscription.objects.exists()


def test_what_has_ended_otherwise_leaves_the_list_by_night(alice: User) -> None:
    here, there = signed_in(alice), signed_in(alice)
    there.session.flush()
    forget_ended_sign_ins.call()
    assert [row.session_key for row in UserSession.objects.all()] == [here.session.session_key]


@pytest.mark.django_db(transaction=True)
async def test_its_phone_is_signed_out_within_two_seconds_and_no_other(alice: User) -> None:
    here, there = [await database_sync_to_async(signed_in)(alice) for _ in range(2)]
    sockets = [build_socket(client) for client in (here, there)]
    assert [await socket.connect() for socket in sockets] == [True, True]
    row = await database_sync_to_async(find_row)(there)
    assert row.user_agent == "Chromium in a test" and row.ip == "192.0.2.7", "noted where the phone is open"
    await database_sync_to_async(here.post)(SIGN_INS, {"end": str(row.pk)})
    async with asyncio.timeout(SECONDS):
        assert (await sockets[1].hear())["type"] == "signed_out"
        assert await sockets[1].hear_close() == SIGNED_OUT
    assert await sockets[0].receive_nothing()
    for socket in sockets:
        await socket.disconnect()


@pytest.mark.django_db(transaction=True)
async def test_a_session_that_ends_while_its_socket_opens_has_none(alice: User, monkeypatch: Any) -> None:
    """What is pushed before the socket is in its group nobody hears."""
    client = await database_sync_to_async(signed_in)(alice)
    read = arrivals.read_claims

    def read_and_end(session_keys: Collection[str]) -> Any:
        claims = read(session_keys)
        client.session.flush()
        return claims

    monkeypatch.setattr(arrivals, "read_claims", read_and_end)
    socket = build_socket(client, query=f"page_session={uuid.uuid4()}")
    assert await socket.connect()
    assert (await socket.hear())["type"] == "signed_out"
    assert await socket.hear_close() == SIGNED_OUT


@pytest.mark.django_db(transaction=True)
async def test_who_lacks_a_required_factor_has_no_socket(alice: User, settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = "everybody"
    socket = build_socket(await database_sync_to_async(signed_in)(alice))
    assert await socket.connect()
    assert (await socket.hear())["type"] == "signed_out"
    assert await socket.hear_close() == SIGNED_OUT
