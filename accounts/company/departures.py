"""Why somebody has no phone any more that they had through a company: said until they have one again."""

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.people import User
from accounts.translated import Words


class Departure(models.Model):
    """That a person's phone on somebody else's credentials has ended, and how."""

    class Why(models.TextChoices):
        TAKEN_AWAY = "taken_away", _("Taken away by the owner")
        LEFT = "left", _("Left")
        CONNECTION_REMOVED = "connection_removed", _("The owner removed the connection")

    user = models.OneToOneField(
        User, verbose_name=_("user"), primary_key=True, on_delete=models.CASCADE, related_name="departure"
    )
    why = models.CharField(_("why"), max_length=20, choices=Why)
    whose = models.CharField(max_length=254, help_text="What the owner was called.")
    happened_at = models.DateTimeField(_("happened at"), default=timezone.now)

    class Meta:
        verbose_name = _("departure")
        verbose_name_plural = _("departures")

    def __str__(self) -> str:
        return self.get_why_display()

    @property
    def words(self) -> str:
        """For the person: what happened, and what can be done."""
        return str(WORDS[Departure.Why(self.why)]).format(name=self.whose)


WORDS: dict[Any, Words] = {
    Departure.Why.TAKEN_AWAY: _(
        "Your phone ran on the connection of {name}, who has taken it away. Ask them if that was a mistake, "
        "or connect a Twilio account of your own."
    ),
    Departure.Why.LEFT: _(
        "You have left the company of {name}. Connect a Twilio account of your own to have a phone again."
    ),
    Departure.Why.CONNECTION_REMOVED: _(
        "Your phone ran on the connection of {name}, who has removed it. Ask them, or connect a Twilio "
        "account of your own."
    ),
}


def note_departure(*, user: User, why: str, owner: User | None) -> None:
    """In the transaction that ends their membership."""
    facts = {
        "why": why,
        "whose": owner.display_name if owner else "",
        "happened_at": timezone.now(),
    }
    Departure.objects.update_or_create(user=user, defaults=facts)
