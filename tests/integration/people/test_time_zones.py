"""Whose time is told on a page: that of the browser that asks."""

from datetime import UTC, datetime

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts.people import User
from accounts.time_zones import tell_time
from phone.contacts.contacts import Contact
from phone.voicemail.messages import VoicemailMessage
from tests.integration.contacts.book import build_card, build_company, keep
from tests.integration.recordings.stock import make_call, make_message

LATE = datetime(2026, 11, 28, 23, 30, tzinfo=UTC)


@pytest.fixture
def at_home(alice: User, bob: User, mallory: User, alice_client: Client) -> Client:
    """Alice, a message that she was left late in London, and a contact that was changed then."""
    account = build_company(alice, bob, mallory).account
    make_message(make_call(account, alice), alice)
    VoicemailMessage.objects.update(left_at=LATE)
    contact = keep(alice, account, build_card("Carol", "+12025550170"), is_shared=True)
    Contact.objects.filter(pk=contact.pk).update(changed_at=LATE, changed_by=alice)
    return alice_client


@pytest.mark.parametrize(
    ("zone", "minute", "moment"),
    [
        ("", "28 Nov 2026, 23:30", "28 November 2026, 23:30 UTC"),
        ("Europe%2FBerlin", "29 Nov 2026, 00:30", "29 November 2026, 00:30 CET"),
        ("Asia/Tokyo", "29 Nov 2026, 08:30", "29 November 2026, 08:30 JST"),
    ],
)
def test_times_are_those_of_the_browser(zone: str, minute: str, moment: str, at_home: Client) -> None:
    if zone:
        at_home.cookies["time_zone"] = zone
    assert minute in at_home.get("/phone/voicemail/").content.decode()
    contact = Contact.objects.get()
    assert f"on {moment}." in at_home.get(f"/phone/contacts/{contact.pk}/").content.decode()


def test_the_admin_keeps_the_server_s(rf: RequestFactory) -> None:
    answer = tell_time(lambda request: HttpResponse(f"{timezone.localtime(LATE):%H:%M}"))
    seen: dict[str, str] = {}
    for path in ("/phone/voicemail/", "/admin/phone/call/"):
        request: HttpRequest = rf.get(path)
        request.COOKIES["time_zone"] = "Asia/Tokyo"
        seen[path] = answer(request).getvalue().decode()
    assert seen == {"/phone/voicemail/": "08:30", "/admin/phone/call/": "23:30"}
    assert timezone.get_current_timezone_name() == "UTC"
