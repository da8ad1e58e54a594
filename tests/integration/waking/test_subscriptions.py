"""What a browser tells of itself, whose it is, and when it ends."""

import json
from typing import Any

import pytest
from allauth.account.signals import password_changed
from django.test import Client, RequestFactory

from accounts.people import User
from phone.waking.sending import note_outcomes
from phone.waking.subscriptions import MOST_BROWSERS, MOST_FAILURES, PushSubscription, get_awake
from tests.conftest import signed_in
from tests.integration.waking.conftest import subscribe
from tests.push_service import PushedBrowser

pytestmark = pytest.mark.django_db

KEEP, FORGET = "/phone/push/", "/phone/push/forget/"


def post(client: Client, url: str, body: Any, **headers: str) -> Any:
    text = body if isinstance(body, bytes | str) else json.dumps(body)
    return client.post(url, text, content_type="application/json", headers=headers or None)


def test_a_browser_is_kept_once_sealed_and_told_apart_by_its_name(bob: User) -> None:
    client, browser = signed_in(bob), PushedBrowser("bobs")
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"

    for _ in range(2):
        assert post(client, KEEP, browser.subscription(), **{"user-agent": agent}).status_code == 204

    row = PushSubscription.objects.get()
    assert (row.user, row.browser, row.session_key) == (bob, "Firefox on Linux", client.session.session_key)
    assert row.address.endpoint == browser.endpoint
    stored = PushSubscription.objects.values_list("endpoint", "p256dh", "auth").get()
    assert all(browser.name.encode() not in bytes(one) for one in stored)
    assert browser.endpoint not in repr(row.__dict__)


def test_whoever_signs_in_last_has_the_browser(alice: User, bob: User) -> None:
    browser = PushedBrowser("shared")
    subscribe(signed_in(alice), browser)
    subscribe(signed_in(bob), browser)
    assert PushSubscription.objects.get().user == bob


def test_a_person_forgets_their_own_and_nobody_elses(alice: User, bob: User) -> None:
    browser = PushedBrowser("bobs")
    subscribe(signed_in(bob), browser)

    assert post(signed_in(alice), FORGET, {"endpoint": browser.endpoint}).status_code == 204
    assert PushSubscription.objects.count() == 1
    assert post(signed_in(bob), FORGET, {"endpoint": browser.endpoint}).status_code == 204
    assert not PushSubscription.objects.exists()


def test_signing_out_ends_it_and_so_does_another_password(bob: User) -> None:
    client, other = signed_in(bob), signed_in(bob)
    subscribe(client, PushedBrowser("one"))
    subscribe(other, PushedBrowser("two"))

    client.post("/accounts/logout/")
    assert [one.address.endpoint for one in PushSubscription.objects.all()] == [PushedBrowser("two").endpoint]

    request = RequestFactory().post("/accounts/password/change/")
    request.user, request.session = bob, other.session
    password_changed.send(sender=User, request=request, user=bob)
    assert not PushSubscription.objects.exists()


def test_a_sign_in_that_has_ended_by_itself_is_not_told_either(bob: User) -> None:
    client = signed_in(bob)
    subscribe(client, PushedBrowser("one"))
    assert get_awake().count() == 1
    client.session.flush()
    assert get_awake().count() == 0


def test_one_whose_push_service_fails_again_and_again_is_left_alone_until_its_page_is_back(bob: User) -> None:
    client, browser = signed_in(bob), PushedBrowser("one")
    subscribe(client, browser)
    row = PushSubscription.objects.get()
    note_outcomes([(row.pk, "failed")] * (MOST_FAILURES - 1))
    assert get_awake().count() == 1
    note_outcomes([(row.pk, "failed")])
    assert get_awake().count() == 0
    subscribe(client, browser)
    assert get_awake().count() == 1


def test_the_browser_that_was_not_seen_for_longest_gives_way(bob: User) -> None:
    client = signed_in(bob)
    for number in range(MOST_BROWSERS + 1):
        subscribe(client, PushedBrowser(f"{number}"))
    kept = {one.address.endpoint for one in PushSubscription.objects.all()}
    assert len(kept) == MOST_BROWSERS
    assert PushedBrowser("0").endpoint not in kept


KEYS = PushedBrowser("x").subscription()["keys"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "The subscription is not JSON."),
        ("[]", "The subscription is not an object."),
        ("[" * 3000, "The subscription is not JSON."),
        (b"\xff", "The subscription is not JSON."),
        ("{}", "The subscription has no keys"),
        ({"keys": []}, "The subscription has no keys"),
        ({"keys": KEYS}, "The subscription has no endpoint"),
        ({"keys": KEYS, "endpoint": 7}, "The subscription has no endpoint"),
        ({"keys": KEYS, "endpoint": "https://push.example/\ud800"}, "The subscription has no endpoint"),
        ({"keys": KEYS, "endpoint": "https://127.0.0.1/x"}, "The endpoint is not at a public host."),
        ({"keys": KEYS, "endpoint": "https://push.example.net/\x00"}, "The endpoint has characters"),
        ({"keys": {**KEYS, "auth": "c2hvcnQ"}, "endpoint": "https://push.example.net/x"}, "The key auth has"),
        (
            {"keys": {**KEYS, "p256dh": "?"}, "endpoint": "https://push.example.net/x"},
            "The key p256dh is not",
        ),
        ({"keys": KEYS, "endpoint": "x" * 10_000}, "The subscription is longer than"),
    ],
)
def test_what_is_no_subscription_is_refused_in_words(bob: User, body: Any, words: str) -> None:
    response = post(signed_in(bob), KEEP, body)
    assert response.status_code == 422
    assert response.json()["words"].startswith(words)
    assert not PushSubscription.objects.exists()


def test_nobody_else_is_let_in(bob: User, settings: Any) -> None:
    body = PushedBrowser("x").subscription()
    for url in (KEEP, FORGET):
        assert post(Client(), url, body).status_code == 302
        assert post(Client(enforce_csrf_checks=True), url, body).status_code == 403
        assert signed_in(bob).get(url).status_code == 405
    settings.VAPID_PRIVATE_KEY = ""
    assert post(signed_in(bob), KEEP, body).status_code == 404
