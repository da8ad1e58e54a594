"""What two deeds at once say (accounts/told_apart.py)."""

from typing import Any

import pytest
from django.test import Client

from accounts.people import User
from phone.voicemail.messages import VoicemailMessage
from tests.conftest import signed_in
from tests.integration.recordings.stock import make_call, make_message
from tests.told import read_told
from tests.webhook_requests import make_member

PANE = "/phone/voicemail/"
HX = {"HX-Request": "true"}
FIRST = {**HX, "X-Deed": "0b5f0a52-0000-4000-8000-000000000001"}
SECOND = {**HX, "X-Deed": "0b5f0a52-0000-4000-8000-000000000002"}


@pytest.fixture
def messages(alice: User) -> list[VoicemailMessage]:
    account = make_member(alice)
    return [make_message(make_call(account, name=name), alice, name=name) for name in ("1", "2")]


def undo(message: VoicemailMessage) -> str:
    return f"{PANE}{message.pk}/undo/"


def delete(person: User, message: VoicemailMessage, headers: dict[str, str]) -> Any:
    """By a browser that has not heard of what else is under way."""
    return signed_in(person).post(f"{PANE}{message.pk}/delete/", headers=headers)


@pytest.fixture
def browser(alice: User, messages: list[VoicemailMessage]) -> Client:
    """In which two were deleted, each before the other was answered."""
    one = signed_in(alice)
    for message, headers in zip(messages, (FIRST, SECOND), strict=True):
        one.cookies.update(
            {
                name: kept
                for name, kept in delete(alice, message, headers).cookies.items()
                if "messages" in name
            }
        )
    return one


def list_undone(browser: Client, headers: dict[str, str]) -> list[str]:
    """The addresses that take back what the next answer says was done."""
    return [told.deeds["Undo"] for told in read_told(browser.get(PANE, headers=headers))]


def test_is_told_each_by_its_own_answer_and_once(browser: Client, messages: list[VoicemailMessage]) -> None:
    first, second = messages
    # Another tab, which asks for something meanwhile.
    assert list_undone(browser, {**HX, "X-Deed": "0b5f0a52-0000-4000-8000-000000000003"}) == []
    assert list_undone(browser, SECOND) == [undo(second)]
    assert list_undone(browser, FIRST) == [undo(first)]
    assert list_undone(browser, FIRST) == list_undone(browser, SECOND) == []


def test_is_told_by_a_whole_page_where_no_script_has_come_back_for_it(
    browser: Client, messages: list[VoicemailMessage]
) -> None:
    page = browser.get(PANE).text
    assert all(undo(message) in page for message in messages)
    assert "data-toast-deed" not in browser.get(PANE).text.partition("<template")[0]


@pytest.mark.parametrize("odd", ["", "x y", "a" * 37, "a=b;c"])
def test_a_name_that_is_none_is_passed_over(alice: User, messages: list[VoicemailMessage], odd: str) -> None:
    response = delete(alice, messages[0], {**HX, "X-Deed": odd})
    assert [name for name in response.cookies if "messages" in name] == ["messages"]


def list_kept(browser: Client) -> list[str]:
    return [name for name, kept in browser.cookies.items() if "messages" in name and kept.value]


def test_is_read_by_nobody_who_signs_in_after_its_person(browser: Client, bob: User) -> None:
    assert len(list_kept(browser)) == 2
    browser.force_login(bob)
    assert "data-toast-deed" not in browser.get(PANE).text.partition("<template")[0]
    assert list_kept(browser) == []


def test_goes_as_its_person_signs_out(browser: Client, messages: list[VoicemailMessage]) -> None:
    response = browser.post("/accounts/logout/")
    assert response.status_code == 302
    # What is said of the signing out itself may be there still.
    assert [name for name in list_kept(browser) if "." in name] == []
    page = browser.get("/accounts/login/").text
    assert not any(undo(message) in page for message in messages)


def test_is_kept_for_ten_minutes(alice: User, messages: list[VoicemailMessage]) -> None:
    response = delete(alice, messages[0], FIRST)
    [name] = [name for name in response.cookies if "messages" in name]
    assert response.cookies[name]["max-age"] == 600


def test_six_are_kept_at_most_and_the_oldest_goes(alice: User, messages: list[VoicemailMessage]) -> None:
    browser = signed_in(alice)
    kept = delete(alice, messages[0], FIRST).cookies["messages." + FIRST["X-Deed"]].value
    names = [f"messages.{number}" for number in range(6)]
    for name in names:
        browser.cookies[name] = kept
    browser.post(f"{PANE}{messages[1].pk}/delete/", headers=SECOND)
    assert list_kept(browser) == [*names[1:], "messages." + SECOND["X-Deed"]]


def test_whether_all_is_well_is_told_without_looking_whose_they_are(
    browser: Client, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        assert browser.get("/healthz").status_code == 200
    assert len(list_kept(browser)) == 2
