"""Ends the calls of whoever has lost their phone: their page may not hear of that, or not be ours."""

import uuid
from typing import Any

from django.db.models.signals import post_delete
from django.dispatch import receiver

from accounts.company.memberships import Membership
from accounts.tasks.background import background, enqueue
from phone.calls.confirmation import get_login
from phone.calls.legs import CallLeg
from phone.in_call.tidying import hang_up_on


@receiver(post_delete, sender=Membership, dispatch_uid="end calls of who has lost their phone")
def hear_departed(instance: Membership, **kwargs: Any) -> None:
    """Whoever's phone ran on credentials of their own goes on talking at their own cost."""
    if instance.has_own_credentials:
        return
    live = CallLeg.objects.filter(user=instance.user_id, call__account=instance.account_id, ended_at=None)
    # By their keys: with an account that is deleted, a leg is nobody's any more.
    for key in live.exclude(call_sid="").values_list("pk", flat=True):
        enqueue(end_leg_of_departed, key)


@background(tries=5, priority=50)
def end_leg_of_departed(leg_id: str) -> None:
    """Asks Twilio, with a login of those who are still there; without any, their phones have ended, too."""
    legs = CallLeg.objects.select_related("call__account").filter(ended_at=None)
    leg = legs.filter(pk=uuid.UUID(str(leg_id))).first()
    login = get_login(leg.call.account, None) if leg else None
    if leg and login:
        hang_up_on(login, [leg])
