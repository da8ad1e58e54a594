"""Another owner, by staff: of a company whose owner cannot act, or will not.

An owner whose account is deactivated keeps what they have: that may be for a day. Phones go on, members are
told that nobody decides (`/accounts/people/`), and staff make one of them the owner where that is to stay so.
"""

from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from accounts.clients import ClientInfo
from accounts.company.changes import CompanyChange, record_change
from accounts.company.deciding import pass_on
from accounts.company.letters import write
from accounts.company.memberships import Membership, NotDone, get_owner, lock_account
from accounts.people import User


def list_heirs(account: Any) -> "QuerySet[Membership]":
    """Who may be made the owner of `account`: whoever is of it, also who still asks to join, and is active.

    Who asks to join comes last: nobody has said yet who that is.
    """
    own = Membership.objects.of_account(account).filter(user__is_active=True)
    found: QuerySet[Membership] = own.exclude(role=Membership.Role.OWNER).select_related(
        "user", "credentials"
    )
    return found.order_by(F("asked_at").asc(nulls_first=True), "since", "pk")


def count_led_by(person: User) -> int:
    """For how many others `person` decides as the owner; 0 of whoever is none."""
    own = Membership.objects.filter(user=person, role=Membership.Role.OWNER).first()
    return int(list_heirs(own.account_id).count()) if own is not None else 0


def count_hanging_on(person: User) -> int:
    """How many other people's phones run on what `person` has typed, and would end with it."""
    hanging = Membership.objects.filter(credentials__user=person).exclude(user=person)
    return int(hanging.count())


@transaction.atomic
def appoint(*, membership: Membership, by: User, client: ClientInfo) -> User:
    """Makes the person of `membership` the owner of its account; returns who was until then.

    Whoever was is a member from then on. `by`: of the staff. Raises NotDone where it is not so any more.
    """
    lock_account(membership.account_id)
    heir = list_heirs(membership.account_id).filter(pk=membership.pk).first()
    was = get_owner(membership.account_id)
    if heir is None or was is None:
        raise NotDone("gone")
    pass_on(was, heir)
    sid = str(heir.credentials.account.account_sid)
    kind = CompanyChange.Kind.HANDED_OVER
    record_change(kind=kind, account_sid=sid, by=by, about=heir.user.email, client=client, by_staff=True)
    write("appointed", to=heir.user, owner=was.user)
    write("replaced", to=was.user, owner=heir.user)
    former: User = was.user
    return former
