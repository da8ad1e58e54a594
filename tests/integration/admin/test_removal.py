"""Deleting in the admin: at once in the database, and at Twilio by a worker, after the transaction."""

import uuid
from collections.abc import Callable

import pytest
from django.test import Client

from accounts.people import User
from accounts.twilio.credentials import TwilioCredentials
from accounts.twilio.errands import Errand
from fake_twilio import catalogue
from phone.device.presence import DevicePresence
from tests.conftest import signed_in
from tests.connections import connect
from tests.fake_control import FakeTwilio
from tests.open_pages import record_connected
from tests.tasks import run_tasks

PEOPLE, CREDENTIALS = "/admin/accounts/user/", "/admin/accounts/twiliocredentials/"


@pytest.fixture
def admin_client(admin_user: User) -> Client:
    return signed_in(admin_user)


@pytest.fixture
def connected(alice: User, bob: User, fake_twilio: FakeTwilio) -> list[TwilioCredentials]:
    found = [connect(alice), connect(bob, "other")]
    Errand.objects.all().delete()
    fake_twilio.control("DELETE", "requests")
    return found


def delete_person(client: Client, credentials: TwilioCredentials) -> object:
    return client.post(f"{PEOPLE}{credentials.user_id}/delete/", {"post": "yes"})


def delete_credentials(client: Client, credentials: TwilioCredentials) -> object:
    return client.post(f"{CREDENTIALS}{credentials.pk}/delete/", {"post": "yes"})


def delete_selected_person(client: Client, credentials: TwilioCredentials) -> object:
    return delete_selected(client, PEOPLE, credentials.user_id)


def delete_selected_credentials(client: Client, credentials: TwilioCredentials) -> object:
    return delete_selected(client, CREDENTIALS, credentials.pk)


def delete_selected(client: Client, address: str, pk: object) -> object:
    fields = {"action": "delete_selected", "_selected_action": [str(pk)], "post": "yes"}
    return client.post(address, fields)


def see_made(fake: FakeTwilio) -> list[str]:
    """Everything named “Dog n Bone” in the demo account."""
    accounts = fake.control("GET", "state")["accounts"]
    account = next(one for one in accounts if one["sid"] == catalogue.account_sid(catalogue.DEMO))
    made = [*account["keys"], *account["applications"]]
    return [one["sid"] for one in made if one["friendly_name"] == "Dog n Bone"]


@pytest.mark.parametrize(
    "delete", [delete_person, delete_credentials, delete_selected_person, delete_selected_credentials]
)
def test_deleting_asks_twilio_nothing_and_a_worker_clears_away(
    delete: Callable[..., object],
    admin_client: Client,
    connected: list[TwilioCredentials],
    fake_twilio: FakeTwilio,
) -> None:
    delete(admin_client, connected[0])
    assert list(TwilioCredentials.objects.values_list("pk", flat=True)) == [connected[1].pk]
    assert fake_twilio.requests() == [] and len(see_made(fake_twilio)) == 2
    run_tasks()
    assert see_made(fake_twilio) == []
    assert Errand.objects.get().ended_at and not Errand.objects.get().has_failed


@pytest.mark.parametrize("delete", [delete_person, delete_selected_person])
def test_a_person_whose_phone_has_been_open_can_be_deleted(
    delete: Callable[..., object], admin_client: Client, connected: list[TwilioCredentials]
) -> None:
    person = connected[0].user
    record_connected(user=person, page_session=uuid.uuid4(), socket=uuid.uuid4())
    delete(admin_client, connected[0])
    assert not User.objects.filter(pk=person.pk).exists()
    assert not DevicePresence.objects.exists()


def test_the_admin_is_told_what_is_being_done(
    admin_client: Client, connected: list[TwilioCredentials]
) -> None:
    response = admin_client.post(f"{CREDENTIALS}{connected[0].pk}/delete/", {"post": "yes"}, follow=True)
    assert "What it made in the Twilio account is being removed." in response.content.decode()


def test_what_was_left_behind_is_seen_without_a_secret_or_a_number(
    admin_client: Client, connected: list[TwilioCredentials], fake_twilio: FakeTwilio
) -> None:
    fake_twilio.change_account(catalogue.account_sid(catalogue.DEMO), auth_token="new")
    delete_person(admin_client, connected[0])
    errand = Errand.objects.get()
    waiting = admin_client.get(f"/admin/accounts/errand/{errand.pk}/change/").content.decode()
    assert catalogue.auth_token(catalogue.DEMO) not in waiting and "sealed" not in waiting
    run_tasks()
    errand.refresh_from_db()
    assert errand.has_failed and errand.user is None
    page = admin_client.get("/admin/accounts/errand/?has_failed__exact=1").content.decode()
    assert "Clearing away" in page and catalogue.DEMO_NUMBER not in page
    one = f"/admin/accounts/errand/{errand.pk}/"
    assert admin_client.post(f"{one}delete/", {"post": "yes"}).status_code == 403
