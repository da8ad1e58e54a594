"""Invitations to a company: a letter with a link that is good for a week, and once.

Of the link only a hash is kept, so that nobody who reads the table can follow it. Whether somebody has an
account here already changes nothing in what the owner is told: it shows only to whoever follows the link, and
so reads that address's mail.
"""

import hashlib
import secrets
import uuid
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.clients import ClientInfo
from accounts.company.changes import CompanyChange, record_change
from accounts.company.departures import Departure
from accounts.company.letters import write
from accounts.company.memberships import Membership, NotDone, RefusedMember, get_owner, lock_account
from accounts.letters import withdraw
from accounts.people import User
from accounts.push import CREDENTIALS_CHANGED, push_to_user
from accounts.rate_limits import RateLimit

GOOD_FOR = timedelta(days=7)
KEPT_FOR = timedelta(days=90)
# Letters that an account may have sent, and that one address may be sent by everybody together.
OF_ACCOUNT = RateLimit("invitations", limit=50, seconds=24 * 3600)
TO_ADDRESS = RateLimit("invitations-to", limit=5, seconds=24 * 3600)


@dataclass(frozen=True)
class Rights:
    """What a member may do. The defaults are safe for whoever comes anew."""

    may_call_out: bool = True
    may_call_abroad: bool = False
    may_hear_recordings: bool = False


class CannotInvite(Exception):
    """`reason`: "here" (has a phone of this company), "limit" (wait `seconds`)."""

    def __init__(self, reason: str, seconds: int = 0) -> None:
        super().__init__(reason)
        self.reason, self.seconds = reason, seconds


class CannotJoin(Exception):
    """`reason`: "over" (used, taken back, too old, unknown), "other_person", "has_phone"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> "InvitationQuerySet":
        """Those that can be followed: whoever invited is the account’s owner now, and can act."""
        owner = Membership.objects.filter(
            account=models.OuterRef("account"),
            role=Membership.Role.OWNER,
            user=models.OuterRef("invited_by"),
            user__is_active=True,
        )
        return self.filter(
            models.Exists(owner), accepted_at=None, withdrawn_at=None, expires_at__gt=timezone.now()
        )

    def waiting(self) -> "InvitationQuerySet":
        """Those an owner wants to see: not accepted and not taken back, the expired ones, too."""
        return self.filter(accepted_at=None, withdrawn_at=None)


class Invitation(models.Model):
    """That an owner has invited somebody; never the link itself."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(
        "accounts.TwilioAccount",
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="invitations",
    )
    email = models.EmailField(_("email"))
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    may_call_out = models.BooleanField(_("may call numbers"), default=True)
    may_call_abroad = models.BooleanField(_("may call abroad"), default=False)
    may_hear_recordings = models.BooleanField(_("may hear recordings"), default=False)
    invited_by = models.ForeignKey(
        User, verbose_name=_("invited by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    invited_at = models.DateTimeField(_("invited at"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent at"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires at"))
    accepted_at = models.DateTimeField(_("accepted at"), null=True)
    accepted_by = models.ForeignKey(
        User, verbose_name=_("accepted by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    withdrawn_at = models.DateTimeField(_("taken back at"), null=True)

    objects: ClassVar[Any] = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "email"],
                condition=models.Q(accepted_at=None, withdrawn_at=None),
                name="one_waiting_invitation",
            )
        ]
        ordering = ["-invited_at", "id"]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    def __str__(self) -> str:
        return self.email

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    @property
    def rights(self) -> Rights:
        return Rights(self.may_call_out, self.may_call_abroad, self.may_hear_recordings)

    @property
    def about(self) -> str:
        """What its letter is about, so that one that was not sent yet is taken back with it."""
        return f"invitation:{self.pk}"


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def invite(*, owner: Membership, email: str, rights: Rights, client: ClientInfo) -> Invitation:
    """Writes to `email`. Where an invitation waits already, its link is another from now on.

    `owner`: of a company. Raises CannotInvite.
    """
    email = email.lower()
    if Membership.objects.of_account(owner.account_id).filter(user__email=email).exists():
        raise CannotInvite("here")
    seconds = OF_ACCOUNT.take(str(owner.account_id)) or TO_ADDRESS.take(email)
    if seconds:
        raise CannotInvite("limit", seconds)
    with transaction.atomic():
        lock_account(owner.account_id)
        waiting = Invitation.objects.waiting().filter(account=owner.account_id, email=email)
        invitation = waiting.first() or Invitation(account=owner.account, email=email)
        for name, value in asdict(rights).items():
            setattr(invitation, name, value)
        send(invitation, owner)
        record_change(
            kind=CompanyChange.Kind.INVITED,
            account_sid=find_sid(owner),
            by=owner.user,
            about=email,
            client=client,
        )
    return invitation


def send_anew(*, owner: Membership, invitation: Invitation, client: ClientInfo) -> None:
    """The old link is good for nothing from now on. Raises CannotInvite."""
    invite(owner=owner, email=invitation.email, rights=invitation.rights, client=client)


def send(invitation: Invitation, owner: Membership) -> None:
    withdraw(invitation.about)
    token = secrets.token_urlsafe(32)
    now = timezone.now()
    invitation.token_hash = hash_token(token)
    invitation.invited_by = owner.user
    invitation.sent_at, invitation.expires_at = now, now + GOOD_FOR
    invitation.save()
    write(
        "invitation",
        to=User.objects.filter(email=invitation.email).first(),
        address=invitation.email,
        about=invitation.about,
        owner=owner.user,
        link=settings.PUBLIC_URL + reverse("join_company", args=[token]),
        until=invitation.expires_at,
    )


def take_back(*, owner: Membership, invitation: Invitation, client: ClientInfo) -> None:
    """Its link is good for nothing from now on. Raises NotDone where it was used or taken back."""
    with transaction.atomic():
        lock_account(owner.account_id)
        if not Invitation.objects.waiting().filter(pk=invitation.pk).update(withdrawn_at=timezone.now()):
            raise NotDone("gone")
        withdraw(invitation.about)
        record_change(
            kind=CompanyChange.Kind.TAKEN_BACK,
            account_sid=find_sid(owner),
            by=owner.user,
            about=invitation.email,
            client=client,
        )


def find_invitation(token: str) -> Invitation | None:
    """The one that a link is of, as long as it can be followed."""
    found: Invitation | None = (
        Invitation.objects.open()
        .select_related("account", "invited_by")
        .filter(token_hash=hash_token(token))
        .first()
    )
    return found


def join(*, token: str, user: User, client: ClientInfo) -> Membership:
    """Gives `user` a phone on the owner's connection. Raises CannotJoin."""
    with transaction.atomic():
        invitation = find_invitation(token)
        if invitation is None:
            raise CannotJoin("over")
        lock_account(invitation.account_id)
        # Once: of two who follow it at the same moment, the second finds it used.
        locked = Invitation.objects.open().select_for_update(of=("self",))
        invitation = locked.filter(pk=invitation.pk).first()
        owner = get_owner(invitation.account_id) if invitation else None
        if invitation is None or owner is None or invitation.token_hash != hash_token(token):
            raise CannotJoin("over")
        if invitation.email != user.email:
            raise CannotJoin("other_person")
        if Membership.objects.filter(user=user).exists():
            raise CannotJoin("has_phone")
        membership = Membership.objects.create(
            user=user,
            account_id=invitation.account_id,
            credentials=owner.credentials,
            invited_by=invitation.invited_by,
            **asdict(invitation.rights),
        )
        invitation.accepted_at, invitation.accepted_by = timezone.now(), user
        invitation.save(update_fields=["accepted_at", "accepted_by"])
        RefusedMember.objects.filter(account=invitation.account_id, user=user).delete()
        Departure.objects.filter(user=user).delete()
        record_change(
            kind=CompanyChange.Kind.JOINED,
            account_sid=find_sid(membership),
            by=user,
            about=user.email,
            client=client,
        )
        push_to_user(user.pk, CREDENTIALS_CHANGED)
    return membership


def find_sid(membership: Membership) -> str:
    return str(membership.credentials.account.account_sid)
