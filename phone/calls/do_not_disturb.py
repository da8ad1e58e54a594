"""The table of who does not want to be disturbed. No call rings for them, whoever sends it there."""

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.moments import write_minute
from accounts.people import User
from accounts.push import push_to_user
from phone.device.told import presence_changed


class DoNotDisturb(models.Model):
    """A person's switch, while it is on; there is no row while it is off."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="do_not_disturb"
    )
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = _("do not disturb")

    def __str__(self) -> str:
        return gettext("{person} since {minute}").format(person=self.user, minute=write_minute(self.since))


def is_do_not_disturb(person: User) -> bool:
    return DoNotDisturb.objects.filter(user=person).exists()


def switch_do_not_disturb(person: User, *, is_on: bool) -> bool:
    """Turns the switch, and tells every open page of theirs. Whether it was the other way before."""
    with transaction.atomic():
        if is_on:
            _, is_changed = DoNotDisturb.objects.get_or_create(user=person)
        else:
            is_changed = DoNotDisturb.objects.filter(user=person).delete()[0] > 0
        presence_changed.send(sender=DoNotDisturb, people=[person.pk])
        push_to_user(person.pk, {"type": "do_not_disturb", "is_on": is_on})
    return is_changed
