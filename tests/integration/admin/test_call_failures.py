"""Failed calls in the admin: found, read, ended by admins; on the first page; never a whole number."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.audit.admin_actions import AdminAction
from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from phone.call_failures.groups import CallFailureGroup
from phone.calls.conferences import Conference
from tests.conftest import signed_in
from tests.failed_calls import add_leg, end_call
from tests.webhook_requests import make_member

GROUPS = "/admin/phone/callfailuregroup/"
CALLS = "/admin/phone/call/"
NUMBER, TAIL = "+442071838750", "750"


@pytest.fixture
def account(alice: User) -> TwilioAccount:
    account = make_member(alice)
    TwilioAccount.objects.update(friendly_name="Dental")
    return account


@pytest.fixture
def other(db: None) -> TwilioAccount:
    return TwilioAccount.objects.create(account_sid="AC" + "f" * 32, friendly_name="Shop")


@pytest.fixture
def busy_week(account: TwilioAccount, other: TwilioAccount, alice: User) -> None:
    for _ in range(3):
        end_call(account, "caller_id_refused", user=alice)
    end_call(account, "busy", user=alice)
    end_call(other, "webhook_failed")


def act(client: Client, action: str, *groups: CallFailureGroup, **fields: str) -> None:
    chosen = [group.pk for group in groups]
    client.post(
        f"{GROUPS}?state=all&whose=all",
        {"action": action, "_selected_action": chosen, "apply": "yes", **fields},
    )


def test_the_list_starts_with_what_somebody_has_to_mend_and_finds_the_rest(
    busy_week: None, other: TwilioAccount, admin_user: User
) -> None:
    get: Callable = signed_in(admin_user).get

    def find(**query: str) -> set[str]:
        return {group.cause for group in get(GROUPS, query).context["cl"].result_list}

    assert find() == {"caller_id_refused", "webhook_failed"}
    assert find(whose="ours") == {"webhook_failed"}
    assert find(whose="other") == {"busy"}
    assert find(whose="all") == {"caller_id_refused", "webhook_failed", "busy"}
    for words in ("shop", "AC" + "f" * 32, "ffff", "webhook_f"):
        assert find(whose="all", q=words) == {"webhook_failed"}, words
    assert find(q="nobody") == set()
    CallFailureGroup.objects.filter(account=other).resolve()
    assert find() == {"caller_id_refused"}
    assert find(state="resolved", cause="webhook_failed") == {"webhook_failed"}


def test_a_group_opened_beside_the_list_tells_of_its_calls_and_masks_their_numbers(
    busy_week: None, account: TwilioAccount, admin_user: User
) -> None:
    client = signed_in(admin_user)
    group = CallFailureGroup.objects.get(cause="caller_id_refused")
    html = client.get(GROUPS, {"open": group.pk}).content.decode()
    beside = html[html.index('id="beside"') :]
    for told in ("Dental", "3 times", "of alice@example.com", TAIL, "/admin/timeline/person/"):
        assert told in beside
    assert NUMBER not in html
    calls = client.get(CALLS, {"account": account.pk, "cause": "caller_id_refused"})
    assert f"{CALLS}?account={account.pk}&amp;cause=caller_id_refused" in beside
    assert len(calls.context["cl"].result_list) == 3


def test_an_admin_acknowledges_assigns_notes_resolves_and_reopens(busy_week: None, admin_user: User) -> None:
    client, group = signed_in(admin_user), CallFailureGroup.objects.get(cause="caller_id_refused")
    opened_at = group.opened_at
    for action, fields, state in (
        ("acknowledge", {}, "acknowledged"),
        ("assign", {"assignee": str(admin_user.pk)}, "acknowledged"),
        ("add_note", {"note": "verified the number"}, "acknowledged"),
        ("resolve", {}, "resolved"),
        ("reopen", {}, "open"),
    ):
        act(client, action, group, **{"note": "", **fields})
        group.refresh_from_db()
        assert group.state == state
    assert group.opened_at > opened_at
    done = AdminAction.objects.filter(target_type="phone.callfailuregroup", target_id=str(group.pk))
    assert set(done.values_list("action", flat=True)) == {
        *("acknowledge", "assign", "add_note", "resolve", "reopen")
    }
    assert "verified the number" in client.get(f"{GROUPS}{group.pk}/change/").content.decode()


def test_groups_of_calls_are_seen_and_changed_by_permission_only(busy_week: None, alice: User) -> None:
    group = CallFailureGroup.objects.get(cause="caller_id_refused")
    staff = User.objects.create_user("staff@example.com", is_staff=True)
    for address in (GROUPS, f"{GROUPS}{group.pk}/change/"):
        assert Client().get(address).status_code == 302
        assert signed_in(alice).get(address, follow=True).status_code == 403
        assert signed_in(staff).get(address).status_code == 403
    # What lets one end groups of logins does not let one end groups of calls.
    names = ["view_callfailuregroup", "resolve_failuregroup"]
    staff.user_permissions.set(Permission.objects.filter(codename__in=names))
    act(signed_in(staff), "resolve", group, note="no")
    group.refresh_from_db()
    assert group.state == "open"
    html = signed_in(staff).get(GROUPS, {"open": group.pk}).content.decode()
    assert CALLS not in html[html.index('id="beside"') :]
    assert 'name="action" value=' not in html[html.index('id="beside"') :]


def test_the_first_page_has_what_is_ours_first_and_counts_of_days(busy_week: None, admin_user: User) -> None:
    answer = signed_in(admin_user).get("/admin/")
    shown = [
        (one.group.cause, one.recently, one.is_ours)
        for one, _, _ in answer.context["overview"]["failed_calls"]
    ]
    assert shown == [("webhook_failed", 1, True), ("caller_id_refused", 3, False)]
    html = answer.content.decode()
    assert html.count('class="spark"') == 2
    assert "whose=all" in html
    CallFailureGroup.objects.resolve()
    assert "No calls fail" in signed_in(admin_user).get("/admin/").content.decode()


def test_the_first_page_hides_failed_calls_from_those_who_may_not_see_them(
    busy_week: None, admin_user: User
) -> None:
    staff = User.objects.create_user("staff@example.com", is_staff=True)
    names = ["view_deviceevent", "view_loginfailure", "view_failuregroup"]
    staff.user_permissions.set(Permission.objects.filter(codename__in=names))
    html = signed_in(staff).get("/admin/").content.decode()
    assert "Do this first" in html
    assert "Failed calls" not in html


def test_more_failed_calls_ask_no_more_of_the_database(
    busy_week: None, account: TwilioAccount, admin_user: User
) -> None:
    client, first = signed_in(admin_user), CallFailureGroup.objects.get(cause="caller_id_refused")
    pages = ("/admin/", f"{GROUPS}?whose=all&open={first.pk}", f"{CALLS}?cause=caller_id_refused")

    def count_queries() -> list[int]:
        counts = []
        for page in pages:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(page).status_code == 200
            counts.append(len(queries))
        return counts

    count_queries()
    before = count_queries()
    for number in range(12):
        one = TwilioAccount.objects.create(account_sid=f"AC{number:032d}")
        end_call(one, "webhook_failed")
        end_call(account, "caller_id_refused")
    assert count_queries() == before


def test_a_call_tells_its_cause_its_conference_and_each_party_with_masked_numbers(
    account: TwilioAccount, alice: User, bob: User, admin_user: User
) -> None:
    now = timezone.now()
    facts = {"sip": 486, "message": f"Busy: {NUMBER} of {account.account_sid}"}
    call = end_call(account, "number_unreachable", user=alice, cause_facts=facts)
    conference = Conference.objects.create(
        account=account, conference_sid="CF" + "1" * 32, started_at=now, ended_at=now
    )
    call.conference = conference
    call.save()
    add_leg(call, "called", NUMBER, sip_response_code=486, cause="busy", error_code=13224)
    add_leg(
        call,
        "transferred_to",
        f"client:{bob.identity}",
        user=bob,
        conference=conference,
        joined_at=now - timedelta(minutes=1),
        answered_at=now - timedelta(minutes=1),
        left_at=now,
    )
    client = signed_in(admin_user)
    html = client.get(f"{CALLS}{call.pk}/change/").content.decode()
    for told in (
        "The telephone network cannot reach (number).",
        "Busy (SIP 486, error 13224)",
        "transferred to",
        conference.name,
        "talked for 1 min",
    ):
        assert told.lower() in html.lower(), told
    for hidden in (
        NUMBER,
        "7183 8750",
        NUMBER[1:],
        account.account_sid,
        bob.identity,
        conference.conference_sid,
    ):
        assert hidden not in html
    in_full = client.post(f"{CALLS}{call.pk}/unmask/").content.decode()
    assert in_full.count(NUMBER) == 3
    assert AdminAction.objects.get().action == "unmask"


def test_who_may_not_unmask_a_call_sees_no_number_of_its_parties(
    account: TwilioAccount, admin_user: User
) -> None:
    call = end_call(account, "busy")
    add_leg(call, "added", "+12025550199")
    staff = User.objects.create_user("staff@example.com", is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(codename="view_call"))
    client = signed_in(staff)
    assert client.post(f"{CALLS}{call.pk}/unmask/").status_code == 403
    assert "+12025550199" not in client.get(f"{CALLS}{call.pk}/change/").content.decode()


def test_an_export_of_calls_masks_what_their_causes_were_told_from(
    account: TwilioAccount, admin_user: User
) -> None:
    end_call(account, "busy", cause_facts={"message": f"to {NUMBER}"})
    answer = signed_in(admin_user).post(f"{CALLS}export/?cause=busy")
    told = b"".join(answer.streaming_content).decode()
    assert "busy" in told
    assert NUMBER not in told
