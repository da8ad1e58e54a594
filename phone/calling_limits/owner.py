"""Whose the limits of a company are: its owner's."""

from django.db.models import OuterRef, Subquery

from accounts.company.memberships import Membership, is_owner
from accounts.company.memberships import get_owner as get_owners_membership
from accounts.people import User
from accounts.twilio.credentials import TwilioAccount


def get_owner(account: TwilioAccount) -> User | None:
    found = get_owners_membership(account)
    return found.user if found else None


def build_owner_home() -> Subquery:
    """The owner's home country, to be read with a row that has an `account`."""
    owners = Membership.objects.filter(account=OuterRef("account"), role=Membership.Role.OWNER)
    return Subquery(owners.values("user__home_country")[:1])


def may_change_limits(user: User, account: TwilioAccount) -> bool:
    return is_owner(user, account)
