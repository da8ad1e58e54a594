"""The tables of contacts: whom a person knows, and whom a company does.

A contact is either one person's own, and goes with them from one Twilio account to the next, or it is shared
by all who use an account, and stays with it. Nobody but these ever sees it, or that it is there.
"""

import uuid
from collections.abc import Mapping
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.audit.append_only import KeptFor
from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from phone.contacts.card import NAME_LENGTH, NOTE_LENGTH, Kind
from phone.contacts.plain import BytewiseCharField

# An entry of PostgreSQL's index holds 2,700 bytes at most: these two and two ids have to go in.
SORT_LENGTH = 60
SEARCHED_BYTES = 2000
TYPED_LENGTH = 200


# One of the two that a person sees, as the fields that say whose a contact is.
Book = Mapping[str, User | TwilioAccount]


def choose_book(user: User, account: TwilioAccount, *, is_shared: bool) -> Book:
    return {"account": account} if is_shared else {"owner": user}


class ContactQuerySet(models.QuerySet["Contact"]):
    def visible_to(self, user: User, account: TwilioAccount) -> "ContactQuerySet":
        """The person's own, and those shared on the account that they use. Not deleted ones."""
        return self.ever_visible_to(user, account).living()

    def living(self) -> "ContactQuerySet":
        return self.filter(deleted_at=None)

    def ever_visible_to(self, user: User, account: TwilioAccount) -> "ContactQuerySet":
        """Deleted ones, too."""
        return self.filter(models.Q(owner=user) | models.Q(account=account))

    def in_book(self, book: "Book") -> "ContactQuerySet":
        return self.living().filter(**book)


class Contact(models.Model):
    """Somebody who can be called. `owner` is whose own it is; a shared one has an `account` instead."""

    # Those that are deleted, until nobody takes it back any more.
    kept_for = KeptFor("deleted_at", days=30)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.CASCADE,
        related_name="contacts",
        db_index=False,
    )
    account = models.ForeignKey(
        TwilioAccount, null=True, on_delete=models.CASCADE, related_name="contacts", db_index=False
    )
    name = models.CharField(max_length=NAME_LENGTH)
    company = models.CharField(max_length=NAME_LENGTH, blank=True)
    emails = models.JSONField(default=list, blank=True)
    note = models.CharField(max_length=NOTE_LENGTH, blank=True)
    sort_name = BytewiseCharField(max_length=SORT_LENGTH)
    searched = BytewiseCharField(
        max_length=SEARCHED_BYTES,
        blank=True,
        help_text="Names, e-mail addresses, numbers in every writing, and the note.",
    )
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    deleted_at = models.DateTimeField(null=True)
    merged_into = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.SET_NULL,
        related_name="merged_from",
        help_text="What a deleted one has become, together with others.",
    )

    objects: ClassVar[ContactQuerySet] = ContactQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(owner=None) ^ models.Q(account=None), name="contact_of_one_book"
            )
        ]
        indexes = [
            # With what is searched in it, a search reads nothing but the index until it has found a page; for
            # SQLite also with what the condition is about.
            models.Index(
                fields=["owner", "sort_name", "id", "searched", "deleted_at"],
                condition=models.Q(deleted_at=None),
                name="contact_own",
            ),
            models.Index(
                fields=["account", "sort_name", "id", "searched", "deleted_at"],
                condition=models.Q(deleted_at=None),
                name="contact_shared",
            ),
            models.Index(
                fields=["deleted_at"], condition=models.Q(deleted_at__isnull=False), name="contact_deleted"
            ),
        ]
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")

    def __str__(self) -> str:
        # The admin lists what goes with a person; whom they know is nobody's business there.
        return gettext("a shared contact") if self.is_shared else gettext("a private contact")

    @property
    def is_shared(self) -> bool:
        return self.owner_id is None

    @property
    def book(self) -> Book:
        if self.owner is not None:
            return {"owner": self.owner}
        if self.account is None:
            raise ValueError("A contact is somebody's")
        return {"account": self.account}


class ContactNumber(models.Model):
    """A number of a contact; whose the contact is stands here, too, since calls are named by this alone."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="numbers")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    account = models.ForeignKey(
        TwilioAccount, null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    number = models.CharField(max_length=20, help_text="E.164")
    after = models.CharField(max_length=80, blank=True, help_text="What is dialled after the answer.")
    typed = models.CharField(max_length=TYPED_LENGTH, help_text="As it was written.")
    kind = models.CharField(max_length=8, choices=[(kind.value, kind.value) for kind in Kind])
    position = models.PositiveSmallIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["owner", "number"], name="number_of_own_contact"),
            models.Index(fields=["account", "number"], name="number_of_shared_contact"),
        ]
        ordering = ["contact", "position"]
        verbose_name = _("contact number")
        verbose_name_plural = _("contact numbers")

    def __str__(self) -> str:
        return f"the {self.kind} number of {self.contact}"


class FavouriteContact(models.Model):
    """A person's mark on a contact, their own or a shared one: seen by them alone."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="favourite_contacts"
    )
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="favourites")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "contact"], name="one_favourite_per_person_and_contact")
        ]
        verbose_name = _("favourite contact")
        verbose_name_plural = _("favourite contacts")

    def __str__(self) -> str:
        return f"a favourite of {self.user_id}"
