"""Deleting one's own account: what is theirs goes, what is a company's or on record stays, without them."""

from typing import Any

from django.db import transaction

from accounts.clients import ClientInfo
from accounts.company.deciding import leave
from accounts.company.memberships import Membership, get_membership, lock_account
from accounts.people import User
from accounts.push import SIGNED_OUT, push_to_user
from accounts.twilio.connection import disconnect_twilio
from phone.voicemail.mailbox import delete_message
from phone.voicemail.messages import VoicemailCopy


class NotDeletable(Exception):
    """`reason`: "owner" (others' phones hang on them), "last_admin"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def find_obstacle(person: User) -> str:
    """Why the account cannot be deleted now; "" where it can."""
    membership = get_membership(person)
    if membership and membership.is_owner:
        others = Membership.objects.of_account(membership.account_id).exclude(pk=membership.pk)
        if others.exists():
            return "owner"
    admins = User.objects.filter(is_superuser=True, is_active=True)
    if person.is_superuser and not admins.exclude(pk=person.pk).exists():
        return "last_admin"
    return ""


@transaction.atomic
def delete_person(person: User, *, client: ClientInfo) -> None:
    """Raises NotDeletable. At Twilio a worker clears away what was made, and deletes the sound of messages
    that nobody else has.
    """
    # In this order everywhere: nobody comes to the company, and no other admin goes, meanwhile.
    if mine := get_membership(person):
        lock_account(mine.account_id)
    locked: Any = User.objects.select_for_update().get(pk=person.pk)
    if person.is_superuser:
        list(User.objects.select_for_update().filter(is_superuser=True).order_by("pk").values_list("pk"))
    if reason := find_obstacle(locked):
        raise NotDeletable(reason)
    # Of an account that they are on: what was left for them at a former one is that company's.
    for copy in VoicemailCopy.objects.of_person(person).select_related("user"):
        delete_message(copy)
    membership = get_membership(locked)
    if membership and membership.has_own_credentials:
        disconnect_twilio(user=locked)
    elif membership:
        leave(member=membership, client=client)
    push_to_user(person.pk, SIGNED_OUT)
    locked.delete()
