"""What may be a person's name, and which country's numbers they type."""

import pytest
from django.test import Client

from accounts.people import User
from tests.conftest import signed_in
from tests.webhook_requests import make_member


@pytest.fixture
def mallory_client(alice: User, bob: User, mallory: User) -> Client:
    """Mallory has connected the Twilio account of Alice and Bob."""
    for person in (alice, bob, mallory):
        make_member(person)
    return signed_in(mallory)


def rename(client: Client, name: str) -> int:
    return client.post("/accounts/name/", {"name": name}).status_code


@pytest.mark.parametrize(
    "name",
    [
        *("+442079460958", "020 7946 0958", "(202) 555-0170", "911", "112", "9-1-1", "15", "12345", "7"),
        *("９１１", "٩١١", "⁹¹¹", "①①②", "9️⃣1️⃣1️⃣", "9l1", "OOO 1", "9\u200b1\u200b1"),
        *("9ІІ", "З99", "9Ӏ1", "OOO", "ООО", "O800 FLOWERS", "Bob 9ll", "help 9II"),
        *("1-800-FLOWERS", "911 Police", "Police 911", "Bob 2025550170", "tel:+12025550170", "*100#"),
        *("\u200b", "\u2060\u200d", "\u3164", "\u2800", "\u115f", "\u034f", "\ufe0f", "--", "\u202eecilA"),
    ],
)
def test_a_number_or_what_cannot_be_seen_is_no_name(mallory: User, mallory_client: Client, name: str) -> None:
    assert rename(mallory_client, name) == 422
    mallory.refresh_from_db()
    assert mallory.name == "Mallory"


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Alice",
            "alice",
            "ALICE",
            " Alice ",
            "Ali\u200bce",
            "Alice\u00ad",
            "Аlice",
            "AIice",
            "Αlice",
            "Alicе",
        ),
        *(
            "Ａｌｉｃｅ",
            "𝐀lice",
            "Alice\u3164",
            "alice@example.com",
            "Bob",
            "B0b",
            "Вob",
            "Bоb",
            "bob@example.com",
        ),
    ],
)
def test_the_twin_of_a_colleagues_name_is_no_name(mallory: User, mallory_client: Client, name: str) -> None:
    assert rename(mallory_client, name) == 422
    mallory.refresh_from_db()
    assert mallory.name == "Mallory"


@pytest.mark.parametrize(
    "name",
    [
        "Alicia",
        "Alice Liddell",
        "Room 101",
        "Agent 007",
        "bob2",
        "李雷",
        "Zoë",
        "O’Neil",
        "Mam 3",
        "मीरा",
        "Louis XIV",
    ],
)
def test_any_other_name_is_taken(mallory: User, mallory_client: Client, name: str) -> None:
    assert rename(mallory_client, name) == 302
    mallory.refresh_from_db()
    assert mallory.name == name


def test_people_of_other_accounts_may_share_a_name(alice: User, mallory: User) -> None:
    make_member(alice)
    make_member(mallory, "other")
    assert rename(signed_in(mallory), "Alice") == 302


def test_one_may_keep_ones_own_name(alice: User, bob: User) -> None:
    make_member(alice)
    make_member(bob)
    assert rename(signed_in(alice), "Alice") == 302
    assert rename(signed_in(alice), "") == 302


def test_staff_give_nobody_such_a_name_either(admin_user: User, alice: User, bob: User) -> None:
    make_member(alice)
    make_member(bob)
    client = signed_in(admin_user)
    for name in ("911", "\u200b", "Аlice"):
        posted = {"email": bob.email, "name": name, "is_active": "on"}
        response = client.post(f"/admin/accounts/user/{bob.pk}/change/", posted)
        assert response.status_code == 200
        assert "name" in response.context["adminform"].form.errors
    posted = {"email": "new@example.com", "name": "911", "usable_password": "false"}
    assert client.post("/admin/accounts/user/add/", posted).status_code == 200
    assert not User.objects.filter(email="new@example.com").exists()


def test_a_home_country_is_chosen_by_name_and_the_name_stays(alice: User) -> None:
    client = signed_in(alice)
    page = client.get("/accounts/name/").content.decode()
    assert "Home country" in page
    assert '<option value="CI">Côte d’Ivoire</option>' in page
    assert client.post("/accounts/name/", {"home_country": "DE"}).status_code == 302
    alice.refresh_from_db()
    assert (alice.name, alice.home_country) == ("Alice", "DE")
    assert rename(client, "Alice Liddell") == 302
    alice.refresh_from_db()
    assert (alice.name, alice.home_country) == ("Alice Liddell", "DE")
    assert client.post("/accounts/name/", {"home_country": "XX"}).status_code == 422
