"""What a person calls a number: the name of their own contact that has it, else that of a shared one."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import models
from django.db.models.functions import Coalesce

from accounts.people import User
from accounts.statements import Given, Question
from accounts.twilio.credentials import TwilioAccount
from phone.contacts.contacts import ContactNumber

# By a person's key and a number in E.164.
NamesOfCallers = Mapping[tuple[int, str], str]


def find_names(user: User, account: TwilioAccount, numbers: Iterable[str]) -> dict[str, str]:
    """Those of `numbers` (E.164) that the person has a name for. One query, and none without numbers.

    Where several contacts have a number, the one that was changed last gives the name.
    """
    wanted = choose_numbers(numbers)
    if not wanted:
        return {}
    # Each side is a range of an index of its own.
    own = models.Q(owner=user, number__in=wanted)
    shared = models.Q(account=account, number__in=wanted)
    rows = ContactNumber.objects.filter(own | shared, contact__deleted_at=None)
    order = (models.F("owner").asc(nulls_first=True), "contact__changed_at", "pk")
    return dict(rows.order_by(*order).values_list("number", "contact__name"))


def find_contact(user: User, account: TwilioAccount, number: str) -> uuid.UUID | None:
    """The key of the contact that gives `number` its name; None where it has none."""
    own, shared = models.Q(owner=user, number=number), models.Q(account=account, number=number)
    rows = ContactNumber.objects.filter(own | shared, contact__deleted_at=None)
    order = (models.F("owner").desc(nulls_last=True), "-contact__changed_at", "-pk")
    found: uuid.UUID | None = rows.order_by(*order).values_list("contact_id", flat=True).first()
    return found


def find_names_of(people: Collection[int], numbers: Iterable[str]) -> dict[tuple[int, str], str]:
    """The same for many people at once, by their keys, each with the company whose account they use.

    One query, however many they are.
    """
    wanted = choose_numbers(numbers)
    if not wanted or not people:
        return {}
    if len(people) == len(wanted) == 1:
        found = OF_ONE.ask_values(person=next(iter(people)), number=next(iter(wanted)))
    else:
        found = list(build_found(models.Q(number__in=wanted), {"in": people}))
    return {(row[0], row[1]): row[2] for row in sorted(found, key=lambda row: row[3:])}


def build_found(is_wanted: models.Q, whose: Mapping[str, Any]) -> "models.QuerySet[ContactNumber, Any]":
    """Whose names for which numbers, and by what they are put in order; `whose` is a lookup of a person."""
    rows = ContactNumber.objects.filter(is_wanted, contact__deleted_at=None).order_by()
    fields = ("person", "number", "contact__name", "is_own", "contact__changed_at", "pk")
    is_theirs = {f"owner__{lookup}": value for lookup, value in whose.items()}
    own = rows.filter(**is_theirs).annotate(
        person=models.F("owner_id"), is_own=models.Value(1, models.IntegerField())
    )
    # Not one condition with the above: no index would serve both.
    is_shared = {f"account__memberships__user__{lookup}": value for lookup, value in whose.items()}
    shared = rows.filter(**is_shared).annotate(
        person=models.F("account__memberships__user_id"), is_own=models.Value(0, models.IntegerField())
    )
    return own.values_list(*fields).union(shared.values_list(*fields), all=True)


OF_ONE = Question(
    lambda: build_found(
        models.Q(number=Given("number", models.CharField())),
        {"exact": Given("person", models.BigIntegerField())},
    )
)


def build_name_of_one(person: Given, number: Given) -> Coalesce:
    """The same for one, to be read with a row of another table; "" where there is none."""
    named = ContactNumber.objects.filter(number=number, contact__deleted_at=None)
    last = ("-contact__changed_at", "-pk")
    own = named.filter(owner=person).order_by(*last).values("contact__name")[:1]
    shared = named.filter(account__memberships__user=person).order_by(*last).values("contact__name")[:1]
    return Coalesce(models.Subquery(own), models.Subquery(shared), models.Value(""))


def choose_numbers(addresses: Iterable[str]) -> set[str]:
    """Those that are numbers: neither a colleague's identity nor a caller who shows none."""
    return {address for address in addresses if address.startswith("+")}
