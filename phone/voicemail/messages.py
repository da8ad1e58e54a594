"""The tables of voicemail: a message, and for each person it is for, whether they have heard it."""

import uuid
from collections.abc import Collection
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.audit.append_only import KeptFor
from accounts.moments import write_minute
from accounts.people import User
from accounts.statements import GivenMany
from phone.calls.call import Call
from phone.recordings.recordings import Recording


class VoicemailMessage(models.Model):
    """What a caller left. One recording, one row, whoever it is for."""

    kept_for = KeptFor("left_at", days=365)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(
        "accounts.TwilioAccount",
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="voicemail_messages",
    )
    call = models.ForeignKey(
        Call, verbose_name=_("call"), on_delete=models.CASCADE, related_name="voicemail_messages"
    )
    recording = models.OneToOneField(
        Recording, verbose_name=_("recording"), on_delete=models.CASCADE, related_name="voicemail_message"
    )
    people = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="VoicemailCopy", related_name="voicemail_messages"
    )
    left_at = models.DateTimeField(_("left at"), default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["-left_at", "-id"], name="voicemail_newest"),
            models.Index(fields=["account", "-left_at"], name="voicemail_of_account"),
        ]
        ordering = ["-left_at", "-id"]
        verbose_name = _("voicemail message")
        verbose_name_plural = _("voicemail messages")

    def __str__(self) -> str:
        return gettext("Message of {minute}").format(minute=write_minute(self.left_at))


class VoicemailCopyQuerySet(models.QuerySet["VoicemailCopy"]):
    def of_person(self, person: User) -> "VoicemailCopyQuerySet":
        """What is in the person's voicemail, as long as they are on the account it was left at."""
        return self.of_people([person.pk])

    def of_people(self, people: Collection[int] | GivenMany) -> "VoicemailCopyQuerySet":
        """The same of each of them, by their keys."""
        theirs = self.filter(user__among=people, deleted_at=None)
        return theirs.filter(message__account__memberships__user=models.F("user"))

    def new(self) -> "VoicemailCopyQuerySet":
        return self.filter(heard_at=None)


class VoicemailCopy(models.Model):
    """A message as one person has it."""

    message = models.ForeignKey(VoicemailMessage, on_delete=models.CASCADE, related_name="copies")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="voicemail_copies"
    )
    left_at = models.DateTimeField(help_text="As the message: the list is read in this order.")
    heard_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = VoicemailCopyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "user"], name="one_voicemail_copy_a_person")
        ]
        indexes = [
            models.Index(
                fields=["user", "-left_at", "-id"],
                name="voicemail_of_person",
                condition=models.Q(deleted_at=None),
            )
        ]
        ordering = ["-left_at", "-id"]
        verbose_name = _("voicemail copy")
        verbose_name_plural = _("voicemail copys")

    def __str__(self) -> str:
        return gettext("{message} for {person}").format(message=self.message, person=self.user)


@receiver(post_delete, sender=VoicemailMessage)
def hear_message_go(instance: VoicemailMessage, **kwargs: Any) -> None:
    """A message that has had its time takes its recording along, and that its sound."""
    Recording.objects.filter(pk=instance.recording_id).delete()
