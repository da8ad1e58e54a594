"""What is put together once answers as the ORM does, whatever is given, and one new row is stored once."""

import threading
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.db import DataError, connection, models, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.company.memberships import Membership
from accounts.people import User
from accounts.statements import (
    Given,
    GivenMany,
    GivenMoment,
    Question,
    insert,
    insert_in_turn,
    insert_many,
    keep_related,
    replace,
)
from accounts.twilio.credentials import TwilioAccount
from phone.calls.call import Call
from phone.calls.legs import CallLeg
from phone.calls.records import build_caller
from phone.contacts.contacts import Contact, ContactNumber
from tests.webhook_requests import build_call_sid, make_member

MEMBERS: Question[Membership] = Question(
    lambda: (
        Membership.objects.select_related("user")
        .filter(account=Given("account", models.UUIDField()), user__email=Given("email", models.CharField()))
        .annotate(has_calls=models.Exists(Call.objects.filter(user=models.OuterRef("user"))))
    )
)


@pytest.fixture
def account(alice: User, bob: User) -> TwilioAccount:
    make_member(alice)
    return make_member(bob)


def build_call(account: TwilioAccount, sid: str, **fields: object) -> Call:
    return Call(
        call_sid=build_call_sid(sid),
        account=account,
        direction=Call.Direction.OUTGOING,
        from_address="client:somebody",
        to_address="+12025550199",
        status="ringing",
        **fields,
    )


def test_a_question_makes_rows_of_what_it_finds_with_those_they_belong_to(
    account: TwilioAccount, alice: User, bob: User
) -> None:
    assert insert(build_call(account, "one", user=bob))
    for person in (alice, bob):
        with CaptureQueriesContext(connection) as queries:
            (found,) = MEMBERS.ask(account=account.pk, email=person.email)
            assert (found, found.user, found.has_calls) == (person.membership, person, person == bob)
            assert found.user.membership == found
            assert found.since == person.membership.since
        assert len(queries) == 2, "one more for person.membership itself, where it is not cached"
    assert MEMBERS.ask_first(account=account.pk, email="nobody@example.com") is None


def test_a_question_of_values_says_what_the_orm_says(account: TwilioAccount, alice: User) -> None:
    contact = Contact.objects.create(owner=alice, name="Ann")
    ContactNumber.objects.create(contact=contact, owner=alice, number="+12025550170", position=0)
    numbers = ContactNumber.objects.filter(contact__deleted_at=None)
    fields = ("owner", "number", "contact__name", "contact__changed_at")
    asked: Question[ContactNumber] = Question(
        lambda: numbers.filter(owner=Given("owner", models.BigIntegerField())).values_list(*fields)
    )
    assert asked.ask_values(owner=alice.pk) == list(numbers.values_list(*fields))
    assert asked.ask_values(owner=None) == asked.ask_values(owner=alice.pk + 100) == []


@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_on_its_own_connection(account: TwilioAccount, alice: User) -> None:
    found = []

    def ask() -> None:
        try:
            found.extend(MEMBERS.ask(account=account.pk, email=alice.email))
        finally:
            connection.close()

    ask()
    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert found == [alice.membership] * 2


def test_a_new_row_is_stored_once_and_as_the_orm_stores_it(account: TwilioAccount, alice: User) -> None:
    call = build_call(account, "one", user=alice, cause_facts={"a": [1]})
    with transaction.atomic():
        assert insert(call)
        assert not insert(build_call(account, "one"))
        assert insert(build_call(account, "two"))
    stored = Call.objects.get(call_sid=call.call_sid)
    names = [field.attname for field in Call._meta.concrete_fields]
    assert {name: getattr(stored, name) for name in names} == {name: getattr(call, name) for name in names}
    call.status = "completed"
    call.save()
    assert Call.objects.get(pk=call.pk).status == "completed"


def test_rows_of_several_tables_are_stored_up_to_the_first_that_is_there(
    account: TwilioAccount, alice: User
) -> None:
    def build(one: str, two: str) -> list[models.Model]:
        call = build_call(account, one, user=alice, cause_facts={"a": [1]})
        return [call, build_caller(build_call(account, two, pk=call.pk)), build_call(account, f"after {one}")]

    with transaction.atomic():
        assert insert_in_turn(build("one", "one")) == 3
        # The leg's SID is taken, so that what comes after it is not stored either.
        assert insert_in_turn(build("two", "one")) == 1
        assert insert_in_turn(build("one", "three")) == 0
    names = ("one", "after one", "two")
    assert set(Call.objects.values_list("call_sid", flat=True)) == set(map(build_call_sid, names))
    leg = CallLeg.objects.get()
    assert (leg.call.call_sid, leg.call.cause_facts) == (leg.call_sid, {"a": [1]})
    with pytest.raises(DataError if connection.vendor == "postgresql" else ValueError), transaction.atomic():
        insert_in_turn([build_call(account, "long", caller_id="x" * 21)])
        raise ValueError("SQLite does not look at lengths")


def test_what_is_kept_of_a_row_is_not_asked_for(account: TwilioAccount, alice: User) -> None:
    call = build_call(account, "one")
    keep_related(call, "rung", [alice])
    keep_related(call, "legs", [])
    with CaptureQueriesContext(connection) as queries:
        assert (list(call.rung.all()), list(call.legs.all())) == ([alice], [])
    assert not queries


OF_MANY: "Question[Call]" = Question(
    lambda: Call.objects.filter(
        models.Q(pk__among=GivenMany("calls", models.UUIDField()))
        | models.Q(user__among=GivenMany("people", models.BigIntegerField())),
        started_at__gt=GivenMoment("now") - timedelta(minutes=1),
    ).order_by("call_sid")
)


def test_a_question_of_many_says_what_the_orm_says_however_many_there_are(
    account: TwilioAccount, alice: User, bob: User
) -> None:
    now = timezone.now()
    one, two, old = (
        build_call(account, "one", user=alice),
        build_call(account, "two", user=bob),
        build_call(account, "old", user=bob, started_at=now - timedelta(minutes=2)),
    )
    assert all(insert(call) for call in (one, two, old))
    expected = sorted([one, two], key=lambda call: call.call_sid)
    assert OF_MANY.ask(calls=[], people=[], now=now) == []
    assert OF_MANY.ask(calls={one.pk, old.pk}, people=[], now=now) == [one]
    assert OF_MANY.ask(calls=[one.pk], people=[alice.pk, bob.pk], now=now) == expected


def test_many_rows_are_stored_at_once_and_those_that_are_there_as_it_was_said(alice: User) -> None:
    def build(key: str, ip: str) -> UserSession:
        return UserSession(user=alice, session_key=key, ip=ip, user_agent="Some browser", data={"a": key})

    returning = ["session_key", "ip"]
    (first,) = insert_many([build("one", "192.0.2.1")], returning=returning)
    assert insert_many([build("one", "192.0.2.2"), build("two", "192.0.2.3")], returning=["session_key"]) == [
        ("two",)
    ]
    told = insert_many(
        [build("one", "192.0.2.4")],
        conflict=f"(session_key) {replace('ip', 'user_agent')}",
        returning=["session_key"],
    )
    assert (first[0], told) == ("one", [("one",)])
    rows = UserSession.objects.order_by("session_key").values_list("session_key", "ip", "data")
    assert list(rows) == [("one", "192.0.2.4", {"a": "one"}), ("two", "192.0.2.3", {"a": "two"})]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite keeps no plans")
def test_no_plan_is_kept_for_a_list(db: None) -> None:
    """A kept one is for ten, whatever is told: of hundreds it looked through a whole table for each."""
    OF_MANY.ask(calls=[], people=[1], now=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%ANY%%'")
        assert cursor.fetchone() == (0,)
