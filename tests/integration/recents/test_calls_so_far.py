"""The calls from before there was a list of them: the migration that lists them."""

from importlib import import_module

import pytest
from django.apps import apps

from accounts.people import User
from phone.calls.call import Call
from phone.recents.recent_call import RecentCall
from tests.webhook_requests import build_call_sid, make_member

migration = import_module("phone.migrations.0010_recent_calls_so_far")


def list_calls_so_far() -> dict[tuple[str, str], tuple[str, str, bool, str]]:
    migration.list_calls_so_far(apps, None)
    rows = RecentCall.objects.select_related("user", "call")
    return {
        (row.call.from_address, row.user.name): (row.direction, row.cause, row.is_missed, row.note)
        for row in rows
    }


@pytest.mark.django_db(transaction=True)
def test_each_call_is_listed_once_for_each_of_its_people_however_often_it_is_begun(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = make_member(alice)
    told = {"account": account, "direction": "incoming", "to_address": "+12025550123"}
    for number in range(5):
        call = Call.objects.create(
            **told,
            call_sid=build_call_sid(str(number)),
            from_address=f"+1202555010{number}",
            status="ringing",
        )
        call.rung.set([alice, bob])
    taken, missed, kept, own, live = Call.objects.order_by("from_address")
    for one, fields in (
        (taken, {"user": bob, "status": "completed", "answered_at": taken.started_at}),
        (missed, {"status": "no-answer"}),
        (kept, {"status": "no-answer"}),
        (own, {"user": alice, "direction": "outgoing", "status": "busy"}),
    ):
        Call.objects.filter(pk=one.pk).update(**fields, ended_at=one.started_at)
    own.rung.clear()
    # A server that is at work already has made this one, and its person has written to it.
    RecentCall.objects.create(
        user=alice, call=kept, direction="incoming", note="mine", started_at=kept.started_at
    )
    monkeypatch.setattr(migration, "BATCH", 2)
    listed = list_calls_so_far()
    assert listed == {
        ("+12025550100", "Alice"): ("incoming", "answered_elsewhere", False, ""),
        ("+12025550100", "Bob"): ("incoming", "answered", False, ""),
        ("+12025550101", "Alice"): ("incoming", "missed", True, ""),
        ("+12025550101", "Bob"): ("incoming", "missed", True, ""),
        ("+12025550102", "Alice"): ("incoming", "", False, "mine"),
        ("+12025550102", "Bob"): ("incoming", "missed", True, ""),
        ("+12025550103", "Alice"): ("outgoing", "busy", False, ""),
        ("+12025550104", "Alice"): ("incoming", "", False, ""),
        ("+12025550104", "Bob"): ("incoming", "", False, ""),
    }
    assert not RecentCall.objects.unseen().exists()
    assert list_calls_so_far() == listed
    assert RecentCall.objects.count() == 9
