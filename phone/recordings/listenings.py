"""Who listened to what: one row for each time that a person fetched the sound of a recording."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.audit.append_only import AppendOnlyModel, AppendOnlyRule, KeptFor
from accounts.clients import ClientInfo
from accounts.moments import write_moment
from accounts.people import User
from phone.recordings.recordings import Recording

# A browser fetches a sound in parts, and again for each seek: all of that is one listening.
ONE_SITTING = timedelta(minutes=15)


class Listening(AppendOnlyModel):
    """That a person heard a recording, or took a copy of it."""

    append_only = AppendOnlyRule(KeptFor("listened_at", days=730))

    listened_at = models.DateTimeField(_("listened at"), default=timezone.now)
    recording = models.ForeignKey(
        Recording,
        verbose_name=_("recording"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="listenings",
    )
    recording_sid = models.CharField(_("recording sid"), max_length=34)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="listenings",
    )
    email = models.CharField(_("email"), max_length=254)
    is_download = models.BooleanField(_("is download"), default=False)
    ip_address = models.GenericIPAddressField(_("ip address"), null=True)
    user_agent = models.CharField(_("user agent"), max_length=400, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["-listened_at", "-id"], name="listening_newest"),
            models.Index(fields=["recording", "-listened_at"], name="listening_to_recording"),
            models.Index(fields=["user", "-listened_at"], name="listening_of_person"),
            models.Index(fields=["email", "-listened_at", "-id"], name="listening_of_email"),
        ]
        ordering = ["-listened_at", "-id"]
        verbose_name = _("listening")
        verbose_name_plural = _("listenings")

    def __str__(self) -> str:
        words = gettext("{email} listened to {sid} at {moment}")
        sid = f"…{self.recording_sid[-6:]}"
        return words.format(email=self.email, sid=sid, moment=write_moment(self.listened_at))


def record_listening(*, recording: Recording, person: User, client: ClientInfo, is_download: bool) -> None:
    """Writes a row, but for the rest of a sitting that has one already."""
    same = Listening.objects.filter(
        recording=recording,
        user=person,
        is_download=is_download,
        ip_address=client.ip_address,
        listened_at__gt=timezone.now() - ONE_SITTING,
    )
    if same.exists():
        return
    Listening.objects.create(
        recording=recording,
        recording_sid=recording.recording_sid,
        user=person,
        email=person.email,
        is_download=is_download,
        ip_address=client.ip_address,
        user_agent=client.user_agent,
    )
