"""Who is of an account, on whose credentials their phone runs, and what they may do. Decision 38.

Whoever first proves a Twilio account is its owner. Others come by invitation, and their phones run on the
owner's credentials; or by proving the same account, and theirs run on their own. There are no credentials
without the membership of their person: `TwilioCredentials.save()` asks for it. The tables of
`accounts.twilio` are named by their names only, because that room uses this one.
"""

import uuid
from typing import Any, ClassVar

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.company.departures import Departure, note_departure
from accounts.company.letters import write
from accounts.letters import withdraw
from accounts.people import User, get_user
from accounts.push import CREDENTIALS_CHANGED, PHONE_GONE, push_to_user


class NotDone(Exception):
    """`reason`: "gone" (that is not how things are any more), "owner" (not without handing over first)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MembershipQuerySet(models.QuerySet["Membership"]):
    def of_account(self, account: Any) -> "MembershipQuerySet":
        """Those of an account, or of an account's key: who has been refused is not among them."""
        return self.filter(account=account, account__isnull=False)

    def invited(self) -> "MembershipQuerySet":
        """Those whose phone runs on somebody else's credentials."""
        return self.exclude(credentials__user=models.F("user"))


class Membership(models.Model):
    """One person's phone: on which credentials it runs, of which account they are, and what they may do."""

    class Role(models.TextChoices):
        OWNER = "owner", _("Owner")
        MEMBER = "member", _("Member")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(
        User, verbose_name=_("user"), on_delete=models.CASCADE, related_name="membership"
    )
    account = models.ForeignKey(
        "accounts.TwilioAccount",
        verbose_name=_("account"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="memberships",
        help_text=_("Whose colleague this person is. Empty: the owner has refused them; they are nobody’s."),
    )
    credentials = models.ForeignKey(
        "accounts.TwilioCredentials",
        verbose_name=_("credentials"),
        on_delete=models.CASCADE,
        related_name="memberships",
        help_text=_("On which this phone runs: this person’s own, or the owner’s."),
    )
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.MEMBER)
    may_call_out = models.BooleanField(_("may call numbers"), default=True)
    may_call_abroad = models.BooleanField(_("may call abroad"), default=True)
    may_hear_recordings = models.BooleanField(_("may hear recordings"), default=True)
    may_show_any_number = models.BooleanField(
        _("may call from any number"), default=True, help_text=_("Else from those chosen alone.")
    )
    caller_ids = models.ManyToManyField(
        "accounts.PhoneNumber", verbose_name=_("numbers to call from"), blank=True, related_name="+"
    )
    invited_by = models.ForeignKey(
        User,
        verbose_name=_("invited by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    since = models.DateTimeField(_("since"), default=timezone.now)
    asked_at = models.DateTimeField(
        _("asked at"),
        null=True,
        blank=True,
        help_text=_("Since when this person, who proved the same account, waits for the owner’s word."),
    )

    objects: ClassVar[Any] = MembershipQuerySet.as_manager()

    # Whose colleague they are in the database: who saves another account here changes two companies.
    loaded_account_id: Any = None

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(role="owner"), name="one_owner_of_an_account"
            ),
            models.CheckConstraint(
                condition=models.Q(role="member") | models.Q(account__isnull=False),
                name="an_owner_has_an_account",
            ),
        ]
        ordering = ["since", "id"]
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")

    def __str__(self) -> str:
        words = gettext("{email}, {role}")
        return words.format(email=self.user.email, role=self.get_role_display())

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> "Membership":
        membership = super().from_db(*args, **kwargs)
        membership.loaded_account_id = membership.__dict__.get("account_id")
        return membership

    @property
    def is_owner(self) -> bool:
        return self.role == self.Role.OWNER

    @property
    def has_own_credentials(self) -> bool:
        """Whether this person typed what their phone runs on."""
        return self.credentials.user_id == self.user_id


class RefusedMember(models.Model):
    """That the owner of an account has refused somebody who proved it, too; it outlives their credentials."""

    account = models.ForeignKey(
        "accounts.TwilioAccount",
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="refused_members",
    )
    user = models.ForeignKey(
        User, verbose_name=_("user"), on_delete=models.CASCADE, related_name="refused_by_owners"
    )
    refused_by = models.ForeignKey(
        User, verbose_name=_("refused by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    refused_at = models.DateTimeField(_("refused at"), default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "user"], name="one_refusal_of_a_person")]
        ordering = ["refused_at", "pk"]
        verbose_name = _("refusal of a member")
        verbose_name_plural = _("refusals of members")

    def __str__(self) -> str:
        return self.user.email


def get_membership(user: User) -> Membership | None:
    """The person's, with its credentials, their person and account; None without a phone."""
    found = find_membership(user)
    if found is None or (found.has_own_credentials and not is_where_it_belongs(found, found.credentials)):
        return heal(user)
    return found


def find_membership(user: User) -> Membership | None:
    found: Membership | None = (
        Membership.objects.select_related("credentials__account", "credentials__user", "account", "user")
        .filter(user=user.pk)
        .first()
    )
    return found


def heal(user: User) -> Membership | None:
    """Makes, or puts right, the membership of whoever has credentials of their own; None without any.

    Code of before memberships, which runs on during an upgrade, stores credentials and none.
    """
    model = apps.get_model("accounts", "TwilioCredentials")
    credentials = model._default_manager.filter(user=user.pk).first()
    if credentials is None:
        return None
    try:
        with transaction.atomic():
            keep_membership(credentials)
    except IntegrityError:
        # Somebody else has met them at the same moment, or they have just gone.
        pass
    return find_membership(user)


def list_without_membership() -> list[User]:
    """Whose credentials are those of no membership of theirs."""
    model = apps.get_model("accounts", "TwilioCredentials")
    own = Membership.objects.filter(credentials=models.OuterRef("pk"), user=models.OuterRef("user"))
    lone = model._default_manager.filter(~models.Exists(own)).select_related("user")
    return [credentials.user for credentials in lone]


def get_membership_of(request: HttpRequest) -> Membership | None:
    """That of whoever is signed in, as it was when it was first asked for within this request."""
    kept: dict[str, Membership | None] = vars(request)
    if "membership" not in kept:
        kept["membership"] = get_membership(get_user(request))
    return kept["membership"]


def list_people_on(credentials: Any) -> list[User]:
    """Whose phones run on `credentials`: their own person's, and those of whoever that one has invited."""
    return list(User.objects.filter(membership__credentials=credentials))


def is_owner(user: User, account: Any) -> bool:
    """Whether `user` decides for everybody of `account` (a TwilioAccount or its key)."""
    return bool(Membership.objects.of_account(account).filter(user=user, role=Membership.Role.OWNER).exists())


def may_manage(user: User, account: Any) -> bool:
    """Whether `user` may change what is everybody's of `account`, its numbers: by credentials of their own.

    They could change it at Twilio as well.
    """
    own = Membership.objects.of_account(account).filter(user=user, credentials__user=user)
    return bool(own.exists())


def get_owner(account: Any) -> Membership | None:
    found: Membership | None = (
        Membership.objects.of_account(account)
        .filter(role=Membership.Role.OWNER)
        .select_related("user", "credentials")
        .first()
    )
    return found


def keep_membership(credentials: Any) -> None:
    """Has the person of `credentials`, just stored in this transaction, be of their account, and run on them.

    The first of an account is its owner; who proves it later asks them, and is a colleague until they are
    refused. Where an owner's credentials are another account's from now on, those whose phones run on them
    come along, unless that account is somebody else's: then their phones end.
    """
    stood = Membership.objects.filter(user=credentials.user_id).values_list("account", flat=True).first()
    for key in sorted({credentials.account_id, stood} - {None}):
        lock_account(key)
    mine = Membership.objects.filter(user=credentials.user_id).first()
    if mine and mine.credentials_id == credentials.pk and is_where_it_belongs(mine, credentials):
        return
    if mine and mine.account_id == credentials.account_id:
        # Whoever was invited now has credentials of their own, and is of the company as before.
        mine.credentials = credentials
        return mine.save(update_fields=["credentials"])
    before = mine.account_id if mine and mine.is_owner else None
    mine = mine or Membership(user_id=credentials.user_id)
    is_refused = RefusedMember.objects.filter(
        account=credentials.account_id, user=credentials.user_id
    ).exists()
    has_owner = get_owner(credentials.account_id) is not None
    mine.credentials = credentials
    mine.account_id = None if is_refused else credentials.account_id
    mine.role = Membership.Role.MEMBER if has_owner or is_refused else Membership.Role.OWNER
    mine.asked_at = timezone.now() if has_owner and not is_refused else None
    # Whoever has proven an account could do all of it at Twilio.
    mine.may_call_out = mine.may_call_abroad = True
    mine.may_hear_recordings = mine.may_show_any_number = True
    mine.invited_by, mine.since = None, timezone.now()
    mine.save()
    mine.caller_ids.clear()
    Departure.objects.filter(user=mine.user_id).delete()
    take_along(mine)
    if before is not None:
        settle_owner(before)


def lock_account(key: Any) -> None:
    """One change of who is of an account at a time; until the caller's transaction ends."""
    account = apps.get_model("accounts", "TwilioAccount")
    account.objects.select_for_update(no_key=True).filter(pk=key).first()


def is_where_it_belongs(mine: Membership, credentials: Any) -> bool:
    if mine.account_id is None:
        return RefusedMember.objects.filter(account=credentials.account_id, user=mine.user_id).exists()
    return bool(mine.account_id == credentials.account_id)


def take_along(mine: Membership) -> None:
    """Those whose phones run on these credentials are where their person is now, or have none."""
    others = Membership.objects.filter(credentials=mine.credentials).exclude(pk=mine.pk)
    if not mine.is_owner:
        return end_phones_on(mine.credentials)
    for one in others:
        if one.account_id != mine.account_id:
            one.caller_ids.clear()
            one.account_id = mine.account_id
            one.save(update_fields=["account"])
            push_to_user(one.user_id, CREDENTIALS_CHANGED)


def end_phones_on(credentials: Any) -> None:
    """Ends the phones of those who were invited to run on `credentials`, and tells them; in a transaction."""
    others = Membership.objects.filter(credentials=credentials).exclude(user=credentials.user_id)
    for one in others.select_related("user"):
        note_departure(user=one.user, why=Departure.Why.CONNECTION_REMOVED, owner=credentials.user)
        write("connection_removed", to=one.user, owner=credentials.user)
        one.delete()


def settle_owner(account: Any) -> None:
    """Where the owner of `account` (its key) has gone: whoever has proven it first of those who are left.

    Before them whoever can act.
    """
    if get_owner(account) is not None:
        return
    left = Membership.objects.of_account(account).filter(credentials__user=models.F("user"))
    heir = left.order_by("-user__is_active", "credentials__created_at", "since", "pk").first()
    if heir is not None:
        heir.role, heir.asked_at = Membership.Role.OWNER, None
        heir.save(update_fields=["role", "asked_at"])


@receiver(post_delete, sender=Membership, dispatch_uid="end phone")
def hear_ended(instance: Membership, **kwargs: Any) -> None:
    """A phone ends with its membership, which a database's cascade may have taken away."""
    # Nobody need decide about them any more.
    withdraw(f"asking:{instance.pk}")
    push_to_user(instance.user_id, CREDENTIALS_CHANGED if instance.has_own_credentials else PHONE_GONE)
    if instance.is_owner and instance.account_id is not None:
        settle_owner(instance.account_id)
