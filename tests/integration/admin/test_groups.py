"""Failures grouped: counted as they are recorded, resolved by a ready, reopened, and acted on in bulk."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.audit.admin_actions import AdminAction
from accounts.failures.grouping import get_spark_days
from accounts.failures.groups import FailureGroup, VerdictHour, note_failure, note_ready
from accounts.failures.login_failures import LoginFailure
from accounts.people import User
from tests.conftest import signed_in

ACCOUNT_SID = "AC" + "0123456789abcdef" * 2
GROUPS = "/admin/accounts/failuregroup/"


def fail(user: User | None = None, **fields: object) -> FailureGroup:
    facts = {
        "verdict": "wrong_auth_token",
        "shown_by": "check",
        "email": user.email if user else "",
        "account_sid": ACCOUNT_SID,
        "twilio_code": 20003,
    }
    failure = LoginFailure.objects.create(user=user, **{**facts, **fields})
    group = note_failure(failure)
    group.refresh_from_db()
    return group


def act(client: Client, action: str, *groups: FailureGroup, **fields: str) -> None:
    chosen = [group.pk for group in groups]
    client.post(
        GROUPS + "?state=all", {"action": action, "_selected_action": chosen, "apply": "yes", **fields}
    )


def test_the_same_failure_again_counts_in_the_same_group(alice: User, bob: User) -> None:
    earlier = timezone.now() - timedelta(days=3)
    fail(alice, failed_at=earlier)
    group = fail(alice)
    fail(alice, verdict="browser_network")
    fail(alice, account_sid="AC" + "f" * 32)
    fail(bob)

    assert FailureGroup.objects.count() == 4
    assert (group.count, group.first_seen_at) == (2, earlier)
    assert sum(VerdictHour.objects.filter(verdict="wrong_auth_token").values_list("count", flat=True)) == 4
    days = get_spark_days([group], timezone.now().date())[group.pk]
    assert (days[-1], days[-4], sum(days)) == (1, 1, 2)


def test_failures_of_strangers_are_grouped_by_the_e_mail_they_typed(db: None) -> None:
    fail(email="Who@example.com", account_sid="", verdict="sign_in_failed")
    group = fail(email="who@example.com", account_sid="", verdict="sign_in_failed")
    assert (group.count, group.email) == (2, "who@example.com")


def test_a_later_ready_resolves_what_it_disproves_and_no_more(alice: User, bob: User) -> None:
    wrong, silent, others = fail(alice), fail(alice, verdict="microphone_denied"), fail(bob)
    assert note_ready(user=alice, account_sid=ACCOUNT_SID) == 1
    for group in (wrong, silent, others):
        group.refresh_from_db()
    assert (wrong.state, silent.state, others.state) == ("resolved", "open", "open")
    assert wrong.resolved_by is None


def test_a_ready_from_before_the_failure_resolves_nothing(alice: User) -> None:
    fail(alice)
    earlier = timezone.now() - timedelta(minutes=1)
    assert note_ready(user=alice, account_sid=ACCOUNT_SID, at=earlier) == 0


def test_what_comes_back_is_reopened_and_what_is_acknowledged_stays_so(alice: User) -> None:
    fail(alice)
    note_ready(user=alice, account_sid=ACCOUNT_SID)
    group = fail(alice)
    assert (group.state, group.reopened, group.resolved_at) == ("open", 1, None)
    FailureGroup.objects.acknowledge()
    group = fail(alice)
    assert (group.state, group.reopened) == ("acknowledged", 1)


def test_an_admin_acknowledges_assigns_notes_resolves_and_reopens_in_bulk(
    alice: User, bob: User, admin_user: User
) -> None:
    one, other, client = fail(alice), fail(bob), signed_in(admin_user)
    asked = client.post(GROUPS, {"action": "acknowledge", "_selected_action": [one.pk, other.pk]})
    assert b"2 selected" in asked.content

    act(client, "acknowledge", one, other, note="looking")
    assert set(FailureGroup.objects.values_list("state", flat=True)) == {"acknowledged"}
    act(client, "assign", one, assignee=str(admin_user.pk), note="")
    act(client, "add_note", one, note="called her")
    act(client, "resolve", one, note="new token")
    one.refresh_from_db()
    assert (one.state, one.resolved_by, one.assigned_to) == ("resolved", admin_user, admin_user)
    act(client, "reopen", one, note="no")
    one.refresh_from_db()
    assert (one.state, one.resolved_by) == ("open", None)

    trail = AdminAction.objects.filter(target_id=str(one.pk)).values_list("action", "note", "actor_email")
    assert list(trail.order_by("id")) == [
        (action, note, "admin@example.com")
        for action, note in (
            ("acknowledge", "looking"),
            ("assign", ""),
            ("add_note", "called her"),
            ("resolve", "new token"),
            ("reopen", "no"),
        )
    ]
    shown = client.get(f"{GROUPS}{one.pk}/change/").content.decode()
    assert "called her" in shown
    assert AdminAction.objects.filter(target_id=str(other.pk)).count() == 1


@pytest.mark.parametrize("action", ["acknowledge", "assign", "add_note", "resolve", "reopen"])
def test_each_action_has_a_permission_of_its_own(action: str, alice: User) -> None:
    group = fail(alice)
    if action == "reopen":
        FailureGroup.objects.resolve()
    before = FailureGroup.objects.values().get()
    person = User.objects.create_user("staff@example.com", "dog-and-bone", is_staff=True)
    verb = action.removeprefix("add_")
    others = Permission.objects.filter(codename__endswith="_failuregroup").exclude(
        codename=f"{verb}_failuregroup"
    )
    person.user_permissions.set(others)
    act(signed_in(person), action, group, note="no", assignee=str(person.pk))
    assert FailureGroup.objects.values().get() == before
    assert not AdminAction.objects.exists()

    person.user_permissions.set(
        Permission.objects.filter(codename__in=[f"{verb}_failuregroup", "view_failuregroup"])
    )
    act(signed_in(person), action, group, note="yes", assignee=str(person.pk))
    assert AdminAction.objects.get().action == action


def test_the_list_starts_with_what_is_unresolved_and_finds_the_rest(
    alice: User, bob: User, admin_user: User
) -> None:
    fail(alice)
    note_ready(user=alice, account_sid=ACCOUNT_SID)
    fail(bob, account_sid="AC" + "f" * 32, verdict="browser_network", twilio_code=31005)
    client: Callable = signed_in(admin_user).get

    def find(**query: str) -> set[str]:
        return {group.email for group in client(GROUPS, query).context["cl"].result_list}

    assert find() == {"bob@example.com"}
    assert find(state="all") == {"alice@example.com", "bob@example.com"}
    assert find(state="resolved") == {"alice@example.com"}
    for words in ("bob", "ffff", "31005", "browser_network", "AC" + "f" * 32):
        assert find(state="all", q=words) == {"bob@example.com"}
    assert find(assigned="me") == set()


def test_the_list_draws_spark_lines_without_asking_once_for_each(alice: User, admin_user: User) -> None:
    client = signed_in(admin_user)

    def count_queries() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(GROUPS).status_code == 200
        return len(queries)

    fail(alice)
    count_queries()
    before = count_queries()
    for number in range(20):
        fail(User.objects.create_user(f"p{number}@example.com"))
    assert count_queries() == before
    assert client.get(GROUPS).content.count(b'class="spark"') == 21


def test_groups_are_seen_by_staff_with_permission_only(alice: User) -> None:
    group = fail(alice)
    person = User.objects.create_user("staff@example.com", "dog-and-bone", is_staff=True)
    for address in (GROUPS, f"{GROUPS}{group.pk}/change/"):
        assert Client().get(address).status_code == 302
        assert signed_in(alice).get(address, follow=True).status_code == 403
        assert signed_in(person).get(address).status_code == 403


def read_counts(answer: object) -> dict[str, dict[str, str]]:
    """The counts beside each filter's choices that are not folded away."""
    changelist = answer.context["cl"]
    return {
        spec.title: {one["display"]: one["count"] for one in spec.choices(changelist) if not one["is_empty"]}
        for spec in changelist.filter_specs
    }


def test_each_choice_of_a_filter_says_how_many_it_would_show_and_empty_ones_are_folded(
    alice: User, bob: User, admin_user: User
) -> None:
    fail(alice)
    fail(bob)
    fail(bob, verdict="browser_network", failed_at=timezone.now() - timedelta(days=3))
    FailureGroup.objects.filter(user=alice).resolve()
    FailureGroup.objects.filter(verdict="browser_network").assign(admin_user)
    client = signed_in(admin_user)
    counts = read_counts(client.get(GROUPS))
    assert counts["state"] == {"Unresolved": "2", "Open": "2", "Resolved": "1", "All": "3"}
    assert counts["assigned"] == {"Any": "2", "To me": "1", "To nobody": "1"}
    assert counts["last seen"] == {"Any time": "2", "This hour": "1", "24 hours": "1", "7 days": "2"}
    assert counts["verdict"] == {
        "Any": "2",
        "The Auth Token is wrong": "1",
        "This browser cannot reach Twilio": "1",
    }
    narrowed = client.get(GROUPS, {"state": "all", "verdict": "wrong_auth_token"})
    assert read_counts(narrowed)["state"] == {"Unresolved": "1", "Open": "1", "Resolved": "1", "All": "2"}
    assert read_counts(narrowed)["verdict"]["This browser cannot reach Twilio"] == "1"
    assert narrowed.content.decode().count("Those that find nothing") >= 2


def test_counts_stop_where_nobody_reads_on(
    alice: User, bob: User, admin_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.admin.filters.MOST_ROWS_COUNTED", 2)
    for number in range(4):
        fail(alice, account_sid=f"AC{number}")
    counts = read_counts(signed_in(admin_user).get(GROUPS))
    assert counts["state"] == {"Unresolved": "2+", "Open": "2+", "All": "2+"}


def test_a_group_opens_beside_the_list_with_the_same_filters_and_page(alice: User, admin_user: User) -> None:
    for number in range(35):
        fail(alice, account_sid=f"AC{number:032d}")
    client = signed_in(admin_user)
    answer = client.get(GROUPS, {"seen": "day", "p": "2"})
    row = answer.context["cl"].result_list[0]
    address = answer.context["cl"].url_for_result(row)
    assert address == f"?open={row.pk}&p=2&seen=day"
    beside = client.get(GROUPS + address)
    assert beside.context["group"] == row
    assert [one.pk for one in beside.context["cl"].result_list if one.is_opened] == [row.pk]
    html = beside.content.decode()
    assert 'id="beside"' in html
    assert "?open=" not in html.partition('id="changelist-filter"')[2].partition("</nav>")[0]
    for odd in ("0", "99999999", "x", "9" * 40, ""):
        assert 'id="beside"' not in client.get(GROUPS, {"open": odd}).content.decode()


def test_an_action_ends_where_it_was_begun_and_nowhere_else(alice: User, admin_user: User) -> None:
    group, client = fail(alice), signed_in(admin_user)
    chosen = {"_selected_action": [group.pk], "index": "0", "apply": "yes"}
    here = f"{GROUPS}?p=2&seen=day&open={group.pk}"
    done = client.post(f"{GROUPS}?state=all", {**chosen, "action": "resolve", "note": "", "back": here})
    assert done.headers["Location"] == here
    for away in ("https://evil.example/admin/", "//evil.example/admin/", "/accounts/login/", "/nowhere"):
        done = client.post(f"{GROUPS}?state=all", {**chosen, "action": "reopen", "note": "", "back": away})
        assert done.headers["Location"] == f"{GROUPS}?state=all"
    asked = client.post(f"{GROUPS}?state=all", {**chosen, "action": "add_note", "note": "", "back": here})
    assert f'name="back" value="{here.replace("&", "&amp;")}"' in asked.content.decode()


def test_a_group_is_called_by_words(alice: User, admin_user: User) -> None:
    group = fail(alice)
    assert str(group) == "The Auth Token is wrong: alice@example.com on …cdef"
    html = signed_in(admin_user).get(f"{GROUPS}{group.pk}/change/").content.decode()
    assert "<h1>The Auth Token is wrong: alice@example.com on …cdef</h1>" in html
    assert "wrong_auth_token:" not in html


def test_only_what_one_may_do_is_offered_beside_the_list(alice: User) -> None:
    group = fail(alice)
    person = User.objects.create_user("staff@example.com", is_staff=True)
    names = ["view_failuregroup", "resolve_failuregroup"]
    person.user_permissions.set(Permission.objects.filter(codename__in=names))
    html = signed_in(person).get(GROUPS, {"open": group.pk}).content.decode()
    beside = html[html.index('id="beside"') :]
    assert re.findall('name="action" value="([a-z_]+)"', beside) == ["resolve"]


MOST_QUERIES = 30


def test_counts_and_an_opened_row_cost_a_few_queries_however_many_groups_there_are(
    alice: User, admin_user: User
) -> None:
    client, first = signed_in(admin_user), fail(alice)

    def count_queries() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(GROUPS, {"state": "all", "open": first.pk}).status_code == 200
        return len(queries)

    count_queries()
    before = count_queries()
    for number in range(40):
        fail(User.objects.create_user(f"p{number}@example.com"), verdict="browser_network")
    assert count_queries() == before <= MOST_QUERIES


def test_beside_the_list_nothing_leads_to_where_one_may_not_go(alice: User) -> None:
    group = fail(alice)
    person = User.objects.create_user("staff@example.com", is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename="view_failuregroup"))
    client = signed_in(person)
    html = client.get(GROUPS, {"open": group.pk}).content.decode()
    beside = html[html.index('id="beside"') :]
    for address in set(re.findall(r'href="(/[^"#]*)', beside)):
        assert client.get(address.replace("&amp;", "&")).status_code == 200, address
