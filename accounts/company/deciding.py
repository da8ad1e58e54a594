"""What an owner decides about the people of the company, and what a member decides about themselves.

Each takes effect at once, in one transaction, under the account's lock, and is kept as a `CompanyChange`.
"""

from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts.clients import ClientInfo
from accounts.company.changes import CompanyChange, record_change
from accounts.company.departures import Departure, note_departure
from accounts.company.invitations import Invitation, Rights
from accounts.company.letters import write
from accounts.company.memberships import Membership, NotDone, RefusedMember, get_owner, lock_account
from accounts.people import User
from accounts.push import CREDENTIALS_CHANGED, push_to_user

Kind = CompanyChange.Kind


def lock_both(owner: Membership, key: Any) -> Membership:
    """The membership `key` of the owner's account, with nobody else changing it. Raises NotDone."""
    lock_account(owner.account_id)
    now = get_owner(owner.account_id)
    found: Membership | None = (
        Membership.objects.of_account(owner.account_id)
        .select_related("user", "credentials__account")
        .filter(pk=key)
        .first()
    )
    if now is None or now.pk != owner.pk or found is None:
        raise NotDone("gone")
    return found


@transaction.atomic
def change_rights(
    *, owner: Membership, key: Any, rights: Rights, numbers: list[Any] | None, client: ClientInfo
) -> Membership:
    """What a member may do from now on. `numbers`: the PhoneNumbers they may call from, or None for any.

    Raises NotDone, also of the owner's own.
    """
    member = lock_both(owner, key)
    if member.is_owner:
        raise NotDone("owner")
    chosen = [one.phone_number for one in numbers or []]
    before = {name: getattr(member, name) for name in asdict(rights)}
    before["numbers"] = None if member.may_show_any_number else list_numbers(member)
    now = {**asdict(rights), "numbers": None if numbers is None else sorted(chosen)}
    changed = {name: [before[name], value] for name, value in now.items() if before[name] != value}
    if not changed:
        return member
    for name, value in asdict(rights).items():
        setattr(member, name, value)
    member.may_show_any_number = numbers is None
    member.save(update_fields=[*asdict(rights), "may_show_any_number"])
    member.caller_ids.set(numbers or [])
    # Which number, the account's own rows say; the trail is kept for longer than they are.
    keep(Kind.RIGHTS, owner, member.user.email, client, changed=sorted(changed))
    push_to_user(member.user_id, CREDENTIALS_CHANGED)
    return member


def list_numbers(member: Membership) -> list[str]:
    return sorted(member.caller_ids.values_list("phone_number", flat=True))


@transaction.atomic
def take_phone_away(*, owner: Membership, key: Any, client: ClientInfo) -> User:
    """Ends a phone that runs on the owner's credentials, everywhere at once. Raises NotDone.

    Whoever has credentials of their own on the account is refused instead: that phone is theirs.
    """
    member = lock_both(owner, key)
    if member.is_owner:
        raise NotDone("owner")
    if member.has_own_credentials:
        return refuse(owner=owner, key=key, client=client)
    note_departure(user=member.user, why=Departure.Why.TAKEN_AWAY, owner=owner.user)
    keep(Kind.TAKEN_AWAY, owner, member.user.email, client)
    write("taken_away", to=member.user, owner=owner.user)
    member.delete()
    return member.user


def tell_of_asking(*, before: Membership | None, now: Membership | None, client: ClientInfo) -> None:
    """Tells the owner of whoever has just proven the same account; `before`: their membership until then."""
    if now is None or now.asked_at is None or (before and before.asked_at == now.asked_at):
        return
    owner = get_owner(now.account_id)
    if owner is None:
        return
    keep(Kind.ASKED, now, now.user.email, client)
    link = settings.PUBLIC_URL + reverse("people")
    write("asks", to=owner.user, about=f"asking:{now.pk}", member=now.user, link=link)


@transaction.atomic
def accept(*, owner: Membership, key: Any, client: ClientInfo) -> User:
    """Whoever has proven the same account stays. Raises NotDone."""
    member = lock_both(owner, key)
    if member.asked_at is None:
        raise NotDone("gone")
    member.asked_at = None
    member.save(update_fields=["asked_at"])
    keep(Kind.ACCEPTED, owner, member.user.email, client)
    write("accepted", to=member.user, owner=owner.user)
    return member.user


@transaction.atomic
def refuse(*, owner: Membership, key: Any, client: ClientInfo) -> User:
    """Whoever has proven the same account is nobody's colleague from now on. Raises NotDone."""
    member = lock_both(owner, key)
    if member.is_owner or not member.has_own_credentials:
        raise NotDone("gone")
    RefusedMember.objects.get_or_create(
        account_id=owner.account_id, user=member.user, defaults={"refused_by": owner.user}
    )
    member.account_id, member.asked_at = None, None
    member.save(update_fields=["account", "asked_at"])
    keep(Kind.REFUSED, owner, member.user.email, client)
    write("refused", to=member.user, owner=owner.user)
    push_to_user(member.user_id, CREDENTIALS_CHANGED)
    return member.user


@transaction.atomic
def take_in_again(*, owner: Membership, key: Any, client: ClientInfo) -> User:
    """Takes a refusal back, by its key. Raises NotDone."""
    lock_account(owner.account_id)
    refusal = RefusedMember.objects.select_related("user").filter(pk=key, account=owner.account_id).first()
    now = get_owner(owner.account_id)
    if refusal is None or now is None or now.pk != owner.pk:
        raise NotDone("gone")
    refusal.delete()
    theirs = Membership.objects.filter(
        user=refusal.user, account=None, credentials__account=owner.account_id
    ).first()
    if theirs is not None:
        theirs.account_id = owner.account_id
        theirs.save(update_fields=["account"])
        push_to_user(theirs.user_id, CREDENTIALS_CHANGED)
    keep(Kind.ACCEPTED, owner, refusal.user.email, client)
    write("accepted", to=refusal.user, owner=owner.user)
    return refusal.user


@transaction.atomic
def leave(*, member: Membership, client: ClientInfo) -> None:
    """A member whose phone runs on the owner's credentials has none from now on. Raises NotDone."""
    lock_account(member.account_id)
    now = Membership.objects.select_related("user").filter(pk=member.pk, account=member.account_id).first()
    owner = get_owner(member.account_id)
    if now is None or owner is None or now.is_owner or now.has_own_credentials:
        raise NotDone("gone")
    note_departure(user=now.user, why=Departure.Why.LEFT, owner=owner.user)
    keep(Kind.LEFT, member, now.user.email, client)
    write("left", to=owner.user, member=now.user)
    now.delete()


@transaction.atomic
def hand_over(*, owner: Membership, key: Any, client: ClientInfo) -> User:
    """Makes a member the owner. Raises NotDone.

    Where they have credentials of their own on the account, everybody's phone runs on those from now on.
    Else the owner's credentials become theirs as they are: nobody sees a secret, and every phone goes on.
    """
    heir = lock_both(owner, key)
    if heir.is_owner or heir.asked_at is not None:
        raise NotDone("gone")
    was = Membership.objects.select_related("user", "credentials").get(pk=owner.pk)
    pass_on(was, heir)
    keep(Kind.HANDED_OVER, owner, heir.user.email, client)
    write("handed_over", to=heir.user, owner=was.user)
    write("handed_on", to=was.user, owner=heir.user)
    return heir.user


def pass_on(was: Membership, heir: Membership) -> None:
    """Has the account be `heir`'s, and no more that of `was`, its owner until now; under its lock."""
    was.role = Membership.Role.MEMBER
    was.save(update_fields=["role"])
    if heir.has_own_credentials:
        moved = Membership.objects.filter(credentials=was.credentials).exclude(pk=was.pk)
        people = list(moved.values_list("user", flat=True))
        moved.update(credentials=heir.credentials)
    else:
        # The row changes hands by itself: saving it would ask for a membership of whoever it is taken from.
        type(was.credentials)._default_manager.filter(pk=was.credentials_id).update(user=heir.user)
        people = [heir.user_id, was.user_id]
    heir.role, heir.asked_at = Membership.Role.OWNER, None
    heir.may_call_out = heir.may_call_abroad = heir.may_hear_recordings = heir.may_show_any_number = True
    heir.save()
    heir.caller_ids.clear()
    Invitation.objects.waiting().filter(account=heir.account_id).update(invited_by=heir.user)
    for key_of_person in {*people, heir.user_id, was.user_id}:
        push_to_user(key_of_person, CREDENTIALS_CHANGED)


def keep(kind: str, by: Membership, about: str, client: ClientInfo, **facts: Any) -> None:
    sid = str(by.credentials.account.account_sid)
    record_change(kind=kind, account_sid=sid, by=by.user, about=about, client=client, **facts)
