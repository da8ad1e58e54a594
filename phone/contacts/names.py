"""What a person calls a number: the name of their own contact that has it, else that of a shared one."""

import uuid
from collections.abc import Iterable, Mapping

from django.db import models

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount, TwilioCredentials
from phone.contacts.contacts import ContactNumber

# By a person's key and a number in E.164.
NamesOfCallers = Mapping[tuple[int, str], str]


def find_names(user: User, account: TwilioAccount, numbers: Iterable[str]) -> dict[str, str]:
    """Those of `numbers` (E.164) that the person has a name for. One query, and none without numbers.

    Where several contacts have a number, the one that was changed last gives the name.
    """
    found = find_names_of({user.pk: account.pk}, numbers)
    return {number: name for (_, number), name in found.items()}


def find_names_of(
    people: Mapping[int, uuid.UUID | None], numbers: Iterable[str]
) -> dict[tuple[int, str], str]:
    """The same for many people at once, `people` being the keys of each and of the account that they use."""
    wanted = {number for number in numbers if number.startswith("+")}
    if not wanted or not people:
        return {}
    accounts = set(people.values()) - {None}
    # Each side on its own is a range of an index.
    own = models.Q(owner__in=list(people), number__in=wanted)
    shared = models.Q(account__in=accounts, number__in=wanted)
    rows = ContactNumber.objects.filter(own | shared, contact__deleted_at=None)
    names: dict[tuple[int, str], str] = {}
    shared_names: dict[tuple[uuid.UUID | None, str], str] = {}
    for owner, account, number, name in rows.order_by("contact__changed_at", "pk").values_list(
        "owner_id", "account_id", "number", "contact__name"
    ):
        if owner is None:
            shared_names[account, number] = name
        else:
            names[owner, number] = name
    for person, account in people.items():
        for number in wanted:
            if (account, number) in shared_names:
                names.setdefault((person, number), shared_names[account, number])
    return names


def get_accounts_of(people: Iterable[int]) -> dict[int, uuid.UUID | None]:
    """The account that each of `people` uses, by their keys. One query."""
    keys = list(people)
    used = TwilioCredentials.objects.filter(user__in=keys).values_list("user_id", "account_id")
    return {**dict.fromkeys(keys), **dict(used)}
