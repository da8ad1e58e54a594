"""People: who signs in, by e-mail; to Twilio they are an identity."""

import uuid
from collections.abc import Collection, Iterator
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.dispatch import Signal
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.countries import list_countries
from accounts.name_rules import check_name, check_twins
from accounts.push import SIGNED_OUT, push_to_user

# Arguments: person. Colleagues see them listed otherwise from now on, or no more. Within the transaction.
person_listed_anew = Signal()


def make_identity() -> str:
    """A Twilio identity: unique, says nothing about its owner, all of `[A-Za-z0-9_]`."""
    return f"dnb_{uuid.uuid4().hex}"


def list_languages() -> list[tuple[str, str]]:
    """(code, name) of each language that pages are in, each by its own name."""
    return list(settings.LANGUAGES)


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractUser):
    """A person. Their name is their e-mail address; to Twilio they are their `identity`."""

    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField(_("email"), unique=True)
    name = models.CharField(
        _("name"),
        max_length=80,
        blank=True,
        validators=[check_name],
        help_text=_("What colleagues call this person."),
    )
    home_country = models.CharField(
        _("home country"),
        max_length=2,
        blank=True,
        choices=list_countries,
        help_text=_("Numbers without a country code are this country’s."),
    )
    language = models.CharField(
        _("language"),
        max_length=8,
        blank=True,
        default="",
        db_default="",
        choices=list_languages,
        help_text=_("In which this person is spoken to. Empty: as their browser asks for."),
    )
    # In which they are written to while they have chosen none.
    last_language = models.CharField(max_length=8, blank=True, default="", db_default="", editable=False)
    identity = models.CharField(max_length=121, unique=True, default=make_identity, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    # As they are in the database, to notice what ends this person's sessions.
    _loaded_password: str | None = None
    _loaded_is_active: bool | None = None
    _loaded_listing: tuple[Any, ...] | None = None

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> "User":
        user = super().from_db(*args, **kwargs)
        user._loaded_password = user.__dict__.get("password")
        user._loaded_is_active = user.__dict__.get("is_active")
        user._loaded_listing = user._get_listing()
        return user

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        super().clean_fields(exclude)
        if "name" not in (exclude or ()):
            try:
                check_twins(self.name, self._list_colleagues_names())
            except ValidationError as error:
                raise ValidationError({"name": error}) from error

    def _list_colleagues_names(self) -> Iterator[str]:
        """All that calls may be led by, of those on the same Twilio account."""
        colleagues = User.objects.filter(membership__account__memberships__user=self.pk)
        for colleague in colleagues.exclude(pk=self.pk).distinct() if self.pk else ():
            yield from (colleague.name, colleague.email, colleague.email.partition("@")[0])

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.lower()
        is_signed_out = self._ends_sessions()
        was_listed_as, self._loaded_listing = self._loaded_listing, self._get_listing()
        super().save(*args, **kwargs)
        if is_signed_out:
            push_to_user(self.pk, SIGNED_OUT)
        if was_listed_as not in (None, self._loaded_listing):
            person_listed_anew.send(sender=User, person=self)
        self._loaded_password = self.__dict__.get("password")
        self._loaded_is_active = self.__dict__.get("is_active")

    def _ends_sessions(self) -> bool:
        """Whether saving ends this person's sessions: Django ties them to the password's hash."""
        if self._state.adding:
            return False
        has_new_password = self._loaded_password not in (None, self.__dict__.get("password"))
        return has_new_password or (bool(self._loaded_is_active) and not self.is_active)

    def _get_listing(self) -> tuple[Any, ...]:
        """By what colleagues see them in a list."""
        return tuple(self.__dict__.get(name) for name in ("name", "email", "is_active"))

    @property
    def display_name(self) -> str:
        return choose_display_name(self.name, self.email)

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name


def choose_display_name(name: str, email: str) -> str:
    """What somebody is called, for lists that read no more of them."""
    return name or email.partition("@")[0].capitalize()


def get_user(request: HttpRequest) -> User:
    """The signed-in person; the guards above have let nobody else through."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
