"""Blocking a caller, and taking it back. Whom one cannot block is said in words."""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.people import User
from accounts.translated import Words
from accounts.twilio.credentials import PhoneNumber, TwilioAccount
from phone.contacts.blocked_callers import SECOND_THOUGHTS, BlockedCaller

OWN_NUMBER = _(
    "This is a number of your own Twilio account. It can be called from, and so cannot be blocked."
)


class CannotBlock(Exception):
    """`words` say why, for the person."""

    def __init__(self, words: Words) -> None:
        super().__init__(str(words))
        self.words = words


def block(*, account: TwilioAccount, by: User, caller: str, is_for_all: bool) -> tuple[BlockedCaller, bool]:
    """Has `caller` refused from now on, for everybody or for `by` alone. Raises CannotBlock.

    Whoever is blocked already stays so, as of the day on which they were: then the second is False.
    """
    if PhoneNumber.objects.filter(account=account, phone_number=caller).exists():
        raise CannotBlock(OWN_NUMBER)
    whose = {"account": account, "caller": caller, "person": None if is_for_all else by}
    return BlockedCaller.objects.standing().get_or_create(**whose, defaults={"blocked_by": by})


def unblock(row: BlockedCaller, by: User) -> None:
    """Calls of theirs are taken again, from the next one on."""
    standing = BlockedCaller.objects.standing().filter(pk=row.pk)
    standing.update(unblocked_at=timezone.now(), unblocked_by=by)


def block_again(row: BlockedCaller, by: User) -> bool:
    """Takes an unblocking back: all is as it was. False where it is too late, or somebody else's deed."""
    lately = BlockedCaller.objects.filter(
        pk=row.pk, unblocked_by=by, unblocked_at__gt=timezone.now() - SECOND_THOUGHTS
    )
    try:
        with transaction.atomic():
            return lately.update(unblocked_at=None, unblocked_by=None) > 0
    except IntegrityError:
        # Blocked anew meanwhile: which is what was wanted.
        return True
