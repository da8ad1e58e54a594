"""Whoever may not see a number, a secret or a key in the admin does not read it by asking about it either."""

from itertools import product
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.admin.read_only import ReadOnlyAdmin
from accounts.admin.unmasking import NUMBER_SEARCHES
from accounts.audit.refusals import Refusal
from accounts.people import User
from accounts.twilio.credentials import PhoneNumber, TwilioAccount
from dognbone.admin_queries import list_shown, name_filter
from phone.answering.changes import AnsweringChange
from phone.calls.call import Call
from phone.contacts.blocked_callers import BlockedCaller
from phone.recordings.recordings import Recording
from phone.voicemail.messages import VoicemailMessage
from tests.conftest import signed_in

NUMBER, OURS = "+442071838750", "+12025550123"
LOOKUPS = ("", "__exact", "__in", "__gt", "__gte", "__lt", "__lte", "__startswith", "__regex", "__isnull")
LISTS = {
    model._meta.label_lower: (page, f"/admin/{model._meta.label_lower.replace('.', '/')}/")
    for model, page in admin.site._registry.items()
}
# What is masked and what no page shows, each with the page that it must not be read from.
HIDDEN = (
    *product(["phone.call"], ["from_address", "to_address", "caller_id", "ending", "cause_facts"]),
    ("accounts.phonenumber", "phone_number"),
    ("phone.answeringchange", "phone_number"),
    ("phone.blockedcaller", "caller"),
    ("phone.deviceevent", "message"),
    ("accounts.twilioaccount", "webhook_key"),
    *product(["accounts.twiliocredentials"], ["auth_token", "api_key_secret"]),
    ("accounts.user", "password"),
    ("accounts.errand", "outcome"),
    ("phone.recording", "call__to_address"),
    ("phone.recording", "account__webhook_key"),
    ("phone.voicemailmessage", "call__from_address"),
    ("phone.voicemailmessage", "recording__call__from_address"),
    ("phone.call", "account__webhook_key"),
    ("phone.call", "account__phone_numbers__phone_number"),
    ("phone.call", "legs__address"),
    ("phone.call", "user__password"),
    ("phone.devicepresence", "user__twilio_credentials__auth_token"),
    ("accounts.loginfailure", "user__identity"),
)


@pytest.fixture
def staff(db: None) -> Client:
    """May see every list, and no number in full."""
    person = User.objects.create_user("staff@example.com", "dog-and-bone", is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    return signed_in(person)


@pytest.fixture
def call(alice: User) -> Call:
    account = TwilioAccount.objects.create(account_sid="AC" + "1" * 32)
    PhoneNumber.objects.create(account=account, sid="PN1", kind="owned", phone_number=OURS)
    AnsweringChange.objects.create(subject="number", user=alice, email=alice.email, phone_number=OURS)
    BlockedCaller.objects.create(account=account, caller=NUMBER, blocked_by=alice)
    return Call.objects.create(
        account=account,
        call_sid="CA" + "1" * 28 + "beef",
        user=alice,
        direction="outgoing",
        from_address=f"client:{alice.identity}",
        to_address=NUMBER,
        caller_id=OURS,
        ending=f"{NUMBER} is not in service.",
        status="failed",
        cause_facts={"said": NUMBER},
    )


@pytest.mark.parametrize("lookup", LOOKUPS)
def test_a_list_and_its_export_are_not_filtered_by_what_is_hidden(
    lookup: str, staff: Client, call: Call
) -> None:
    for label, field in HIDDEN:
        page, address = LISTS[label]
        query = {f"{field}{lookup}": NUMBER}
        assert staff.get(address, query).status_code == 400, (label, field)
        if getattr(page, "newest_by", ""):
            answer = staff.post(f"{address}export/?{field}{lookup}=%2B44")
            assert answer.status_code == 400, (label, field)
        sent = {"action": "resolve", "_selected_action": "1"}
        assert staff.post(f"{address}?{field}{lookup}=1", sent).status_code in (400, 403)


def test_who_filters_by_what_is_hidden_is_kept_without_the_value(staff: Client, call: Call) -> None:
    for start in ("+442", "+443", "+442", "+442"):
        staff.get("/admin/phone/call/", {"to_address__gte": start})
    refusal = Refusal.objects.get()
    assert (refusal.what, refusal.email, refusal.count) == ("admin_filter", "staff@example.com", 4)
    assert refusal.about == "phone.call: to_address__gte"


def test_a_superuser_filters_by_no_hidden_field_either(admin_user: User, call: Call) -> None:
    assert signed_in(admin_user).get("/admin/phone/call/?to_address__gte=%2B44").status_code == 400


@pytest.mark.parametrize("label", LISTS)
def test_no_list_is_ordered_filtered_or_searched_in_part_by_a_masked_field(label: str) -> None:
    page, _ = LISTS[label]
    masked = set(getattr(page, "masked", ()))
    assert not masked & list_shown(page)
    named = {name_filter(item) for item in page.list_filter}
    named |= {order.lstrip("-") for order in page.ordering or ()} | {page.date_hierarchy}
    for column in page.list_display:
        shown: Any = getattr(page, column, None) or getattr(page.model, column, None)
        named.add(getattr(shown, "admin_order_field", None) or column)
    assert not masked & named
    # Only a whole number finds its rows.
    assert not masked & {field.lstrip("^@") for field in page.search_fields}
    assert not set(page.autocomplete_fields) and not set(page.list_editable)


@pytest.mark.parametrize("label", LISTS)
def test_no_list_export_or_page_has_a_whole_number(label: str, staff: Client, call: Call) -> None:
    page, address = LISTS[label]
    pages = [staff.get(address)]
    pages += [staff.get(f"{address}{row.pk}/change/") for row in page.model._default_manager.all()]
    pages += [staff.get(f"{address}{row.pk}/history/") for row in page.model._default_manager.all()]
    if isinstance(page, ReadOnlyAdmin) and page.newest_by:
        pages.append(staff.post(f"{address}export/"))
    for shown in pages:
        assert shown.status_code == 200
        text = b"".join(shown.streaming_content) if shown.streaming else shown.content
        for number in (NUMBER, OURS):
            assert number[1:].encode() not in text, shown.request["PATH_INFO"]


def test_nor_has_what_completes_a_field(staff: Client, call: Call) -> None:
    """Django offers it for every relation whose table can be searched."""
    for model, field in ((Recording, "call"), (VoicemailMessage, "call")):
        asked = {"app_label": "phone", "model_name": model._meta.model_name, "field_name": field}
        for term in ("", "+44207", call.call_sid, NUMBER):
            answer = staff.get("/admin/autocomplete/", {**asked, "term": term})
            assert NUMBER[1:].encode() not in answer.content
    assert staff.get("/admin/phone/call/?_to_field=to_address").status_code == 400


def test_numbers_are_not_tried_one_after_the_other(staff: Client, call: Call) -> None:
    def search(words: str) -> int:
        return staff.get("/admin/phone/call/", {"q": words}).status_code

    assert len(staff.get("/admin/phone/call/", {"q": NUMBER}).context["cl"].result_list) == 1
    tried = [search(f"+4420718{number:05}") for number in range(40)]
    assert tried.count(200) <= NUMBER_SEARCHES.limit and tried[-1] == 400
    assert staff.get("/admin/accounts/phonenumber/", {"q": f"x {OURS}"}).status_code == 400
    assert search("alice@example.com") == 200
    refusals = Refusal.objects.filter(what="admin_search")
    assert sum(refusals.values_list("count", flat=True)) == tried.count(400) + 1
