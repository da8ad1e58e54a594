"""Who was not let see or do something is kept: by the route, a flood as one row."""

import pytest
from django.db import OperationalError
from django.test import Client

from accounts.audit.refusals import Refusal
from accounts.people import User
from phone.calls.refusals import WebhookRefusal
from tests.conftest import signed_in
from tests.integration.company.test_memberships import add_invited
from tests.webhook_requests import make_member, post

LIMITS = "/phone/settings/limits/"


def test_a_page_that_somebody_may_not_change_or_see_is_kept_with_whom_and_from_where(
    alice: User, bob: User
) -> None:
    make_member(alice)
    add_invited(bob, alice)
    client = signed_in(bob)
    for _ in range(3):
        assert client.post(LIMITS).status_code == 403
    kept = Refusal.objects.get()
    assert (kept.what, kept.user, kept.email, kept.ip_address) == ("page", bob, bob.email, "127.0.0.1")
    assert (kept.about, kept.count) == ("POST phone/settings/limits/", 3)
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    assert signed_in(bob).get(f"/admin/accounts/user/{alice.pk}/change/").status_code == 403
    last = Refusal.objects.latest("pk")
    assert last.about == "GET admin/accounts/user/<path:object_id>/change/", "the route, not whose page"


def test_a_form_without_its_pages_token_is_kept_of_nobody_too(db: None) -> None:
    assert Client(enforce_csrf_checks=True).post("/accounts/login/", {}).status_code == 403
    kept = Refusal.objects.get()
    assert (kept.what, kept.user, kept.about) == ("page", None, "POST accounts/login/")


def test_what_is_answered_otherwise_is_no_refusal(alice: User) -> None:
    account = make_member(alice)
    client = signed_in(alice)
    assert client.get("/accounts/people/").status_code == 200
    assert client.get("/phone/recordings/nobodys/").status_code == 404
    assert Client().get("/accounts/people/").status_code == 302
    # Those have a table of their own.
    assert post("voice_webhook", account, signature="").status_code == 403
    assert WebhookRefusal.objects.count() == 1 and not Refusal.objects.exists()


def test_whoever_is_refused_is_told_so_although_it_cannot_be_kept(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_member(alice)
    add_invited(bob, alice)

    def fail(*args: object, **kwargs: object) -> None:
        raise OperationalError

    monkeypatch.setattr("dognbone.middleware.record_refusal", fail)
    assert signed_in(bob).post(LIMITS).status_code == 403
