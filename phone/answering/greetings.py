"""The tables of greetings: what callers hear before they leave a message, written or recorded.

Twilio fetches a recorded one from an address that nobody can guess: its id is new with each recording, and
signed. The sound is in the database because several servers share nothing else, and as it is because every
caller hears it.
"""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.core import signing
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.audit.append_only import KeptFor
from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from phone.calls.languages import CHOICES, DEFAULT_LANGUAGE

LONGEST_TEXT = 600
STANDARD = "Nobody can take your call right now. Please leave a message after the tone."
SALT = "phone.answering.greetings"
# Who has been told the address of a recording asks for it within this time: a call that is under way.
FETCHED_WITHIN = timedelta(minutes=15)


class Greeting(models.Model):
    """One person's greeting: their recording where there is one, else what they wrote."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="greeting"
    )
    text = models.CharField(max_length=LONGEST_TEXT, blank=True)
    language = models.CharField(max_length=8, choices=CHOICES, default=DEFAULT_LANGUAGE)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("greeting")
        verbose_name_plural = _("greetings")

    def __str__(self) -> str:
        return gettext("Greeting of {person}").format(person=self.user)


class GreetingSoundQuerySet(models.QuerySet["GreetingSound"]):
    def kept(self) -> "GreetingSoundQuerySet":
        return self.filter(removed_at=None)

    def fetched(self) -> "GreetingSoundQuerySet":
        """Those that callers hear, and those that one may be about to hear who called before they went."""
        return self.filter(
            models.Q(removed_at=None) | models.Q(removed_at__gt=timezone.now() - FETCHED_WITHIN)
        )


class GreetingSound(models.Model):
    """A recorded greeting: a WAV file, in a table of its own so that it is read only to be played.

    The one before, deleted or replaced, is kept for second thoughts, and for a call that is just hearing it.
    """

    kept_for = KeptFor("removed_at", days=1)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="greeting_sounds"
    )
    content = models.BinaryField()
    seconds = models.FloatField()
    recorded_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[GreetingSoundQuerySet] = GreetingSoundQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(removed_at=None), name="one_greeting_sound_per_person"
            )
        ]
        indexes = [
            models.Index(
                fields=["removed_at"],
                condition=models.Q(removed_at__isnull=False),
                name="greeting_sound_removed",
            )
        ]
        verbose_name = _("greeting sound")
        verbose_name_plural = _("greeting sounds")

    def __str__(self) -> str:
        return gettext("{seconds} s of {person}").format(seconds=round(self.seconds), person=self.user)


def get_greeting(person: User) -> Greeting:
    """Theirs, or an empty one that is not stored."""
    return Greeting.objects.filter(user=person).first() or Greeting(user=person)


def get_sound(person: User) -> GreetingSound | None:
    """Without its content."""
    return GreetingSound.objects.kept().filter(user=person).defer("content").first()


@transaction.atomic
def store_sound(person: User, content: bytes, seconds: float) -> GreetingSound:
    """In place of the one before."""
    put_away_sound(person)
    return GreetingSound.objects.create(user=person, content=content, seconds=seconds)


@transaction.atomic
def put_away_sound(person: User) -> None:
    """It can be had back until the next one is put away."""
    own = GreetingSound.objects.filter(user=person)
    kept = own.kept()
    if kept.exists():
        own.exclude(removed_at=None).delete()
        kept.update(removed_at=timezone.now())


@transaction.atomic
def take_back_sound(person: User, key: uuid.UUID) -> GreetingSound | None:
    """Puts what was put away in place of what is there now; None where it is gone for good."""
    own = GreetingSound.objects.filter(user=person)
    found = own.select_for_update().exclude(removed_at=None).filter(pk=key).defer("content").first()
    if found is not None:
        own.kept().update(removed_at=timezone.now())
        own.filter(pk=key).update(removed_at=None)
    return found


def build_sound_address(account: TwilioAccount, sound: GreetingSound) -> str:
    """Where Twilio fetches `sound`."""
    args = [account.webhook_key, sound.pk, sign_sound(account, sound.pk)]
    return settings.PUBLIC_URL + reverse("greeting_sound", args=args)


def sign_sound(account: TwilioAccount, sound_id: uuid.UUID) -> str:
    return signing.Signer(salt=SALT).signature(f"{account.webhook_key}/{sound_id}")


def choose_greeting(people: Sequence[User]) -> tuple[Greeting | None, GreetingSound | None]:
    """Of the first of `people` who has one: what they wrote, and their recording, which goes before it."""
    keys = [person.pk for person in people]
    written = {one.pk: one for one in Greeting.objects.filter(user__in=keys)}
    recorded = {
        one.user_id: one for one in GreetingSound.objects.kept().filter(user__in=keys).defer("content")
    }
    for key in keys:
        if key in recorded:
            return written.get(key), recorded[key]
        if key in written and written[key].text:
            return written[key], None
    return None, None
