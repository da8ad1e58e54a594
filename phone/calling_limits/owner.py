"""Whose the limits of a company are: those of whoever was the first to connect its account."""

from django.db.models import OuterRef, Subquery

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount, TwilioCredentials


def get_owner(account: TwilioAccount) -> User | None:
    first = TwilioCredentials.objects.filter(account=account, user__is_active=True)
    found = first.select_related("user").order_by("created_at", "pk").first()
    return found.user if found else None


def build_owner_home() -> Subquery:
    """The owner's home country, to be read with a row that has an `account`."""
    first = TwilioCredentials.objects.filter(account=OuterRef("account"), user__is_active=True)
    return Subquery(first.order_by("created_at", "pk").values("user__home_country")[:1])


def may_change_limits(user: User, account: TwilioAccount) -> bool:
    return get_owner(account) == user
