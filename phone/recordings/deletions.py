"""Sounds that are to go at Twilio as well: each a row, so that it outlives the recording's own.

A recording may go by a person's click or by its age; what is at Twilio goes by a task, tried until Twilio
says that it is not there: https://www.twilio.com/docs/voice/api/recording#delete-a-recording-resource.
"""

import uuid
from datetime import timedelta
from typing import Any

from django.db import models, transaction
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.audit.append_only import KeptFor
from accounts.sealing.encryption import UnsealError
from accounts.tasks.background import GivenUp, background, enqueue
from accounts.twilio.credentials import TwilioAccount
from accounts.twilio.rest import fetch
from phone.calls.confirmation import get_login
from phone.recordings.recordings import Recording


class SoundDeletion(models.Model):
    """One sound to be deleted at Twilio; done once `done_at` is set, in vain once `given_up_at` is."""

    kept_for = KeptFor("asked_at", days=90)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(
        "accounts.TwilioAccount",
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="sound_deletions",
    )
    user = models.ForeignKey(
        "accounts.User",
        verbose_name=_("user"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="sound_deletions",
    )
    recording_sid = models.CharField(_("recording sid"), max_length=34, unique=True)
    asked_at = models.DateTimeField(_("asked at"), default=timezone.now)
    tried_at = models.DateTimeField(
        _("tried at"), null=True, help_text=_("Since when it cannot be taken back.")
    )
    done_at = models.DateTimeField(_("done at"), null=True)
    given_up_at = models.DateTimeField(_("given up at"), null=True)

    class Meta:
        indexes = [models.Index(fields=["asked_at"], name="sound_deletion_asked")]
        verbose_name = _("sound deletion")
        verbose_name_plural = _("sound deletions")

    def __str__(self) -> str:
        return gettext("Deletion of {sid}").format(sid=f"…{self.recording_sid[-6:]}")


class NotDeleted(Exception):
    """Twilio did not say that the sound is gone."""


def have_sound_deleted(recording: Recording, *, after: timedelta = timedelta()) -> None:
    """Has it deleted by a worker; in the caller's transaction. Nothing for what never came to be."""
    if recording.recording_sid:
        have_deleted(
            recording.recording_sid,
            account_id=recording.account_id,
            user_id=recording.deleted_by_id,
            after=after,
        )


def have_deleted(recording_sid: str, *, account_id: uuid.UUID, user_id: int | None, after: timedelta) -> None:
    """As `have_sound_deleted`, by Twilio's name of the sound: also of what is no `Recording`."""
    deletion, is_new = SoundDeletion.objects.get_or_create(
        recording_sid=recording_sid, defaults={"account_id": account_id, "user_id": user_id}
    )
    if is_new:
        enqueue(delete_sound, deletion.pk, after=after)


def hurry(recording_sid: str) -> None:
    """Has a sound deleted at once that was to be deleted later; in the caller's transaction."""
    for deletion in SoundDeletion.objects.filter(recording_sid=recording_sid, tried_at=None):
        enqueue(delete_sound, deletion.pk)


def keep_sound(recording: Recording) -> bool:
    """Takes the wish back; whether it was in time. In the caller's transaction."""
    waiting = SoundDeletion.objects.select_for_update().filter(recording_sid=recording.recording_sid)
    if waiting.exclude(tried_at=None).exists() or recording.gone_at:
        return False
    waiting.delete()
    return True


def give_up_sound(pk: str) -> None:
    SoundDeletion.objects.filter(pk=pk, done_at=None).update(given_up_at=timezone.now())


@background(given_up=give_up_sound)
def delete_sound(pk: str) -> None:
    """Asks Twilio to delete; 404 is as good as done. A recording under way ends by it."""
    waiting = SoundDeletion.objects.filter(pk=pk, done_at=None)
    if not waiting.update(tried_at=timezone.now()):
        return
    ask_to_delete(waiting.select_related("account", "user").get())
    now = timezone.now()
    with transaction.atomic():
        waiting.update(done_at=now)
        sid = SoundDeletion.objects.values("recording_sid").filter(pk=pk)
        Recording.objects.filter(recording_sid__in=sid, gone_at=None).update(gone_at=now)


def ask_to_delete(deletion: SoundDeletion) -> None:
    """Raises NotDeleted or TwilioUnreachable where it is worth another try, GivenUp where it is not."""
    account = deletion.account
    login = get_login(account, deletion.user)
    if login is None:
        raise GivenUp("Nobody is connected to the account any more.")
    try:
        answer = fetch(login, f"/Recordings/{deletion.recording_sid}.json", method="DELETE")
    except UnsealError as error:
        raise NotDeleted("The credentials cannot be opened") from error
    if not answer.is_success and answer.status != 404:
        raise NotDeleted(f"HTTP {answer.status}, code {answer.code}")


@receiver(pre_delete, sender=Recording)
def hear_recording_go(instance: Recording, origin: Any = None, **kwargs: Any) -> None:
    """By its age, or with its call: the sound goes with the row. With its account there is nobody to ask."""
    if instance.gone_at is None and getattr(origin, "model", type(origin)) is not TwilioAccount:
        have_sound_deleted(instance)
