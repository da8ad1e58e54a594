"""What codes are made from, sealed in a table of its own.

allauth keeps an authenticator's secrets in JSON. There stands the name of a row here instead, so that they
are sealed, resealed when keys are rotated and missed at the start like everybody's Twilio secrets.
"""

import uuid
from typing import Any, ClassVar

from allauth.mfa.models import Authenticator
from django.db import models
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.sealing.fields import SealedField

# Where an authenticator's JSON has one.
PLACES = ("secret", "seed")


class FactorSecret(models.Model):
    """What an authenticator app shares with us, or what recovery codes are made from."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    content = SealedField()

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        verbose_name = _("secret of a second factor")
        verbose_name_plural = _("secrets of second factors")

    def __str__(self) -> str:
        return gettext("Secret of a second factor")


def keep_secret(text: str) -> str:
    """Seals it; its name, by which `read_secret()` finds it."""
    return str(FactorSecret.objects.create(content=text).pk)


def read_secret(name: str) -> str:
    """Raises UnsealError, and FactorSecret.DoesNotExist."""
    secret: FactorSecret = FactorSecret.objects.get(pk=name)
    return secret.content.reveal()


@receiver(post_delete, sender=Authenticator, dispatch_uid="forget its secret")
def forget_secret(instance: Authenticator, **kwargs: Any) -> None:
    names = [instance.data[place] for place in PLACES if place in instance.data]
    FactorSecret.objects.filter(pk__in=names).delete()
