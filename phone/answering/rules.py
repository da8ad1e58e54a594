"""The tables of rules: who is rung by a call to one of our numbers, and what else becomes of it.

The rules are the number's and not its row's: a number that Twilio lists again after a while has them still.
They are shared by all who use the connection.
"""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from phone.answering.plan import DEFAULT_SECONDS, Fallback, Rules
from phone.calls.languages import CHOICES, DEFAULT_LANGUAGE


class NumberRules(models.Model):
    """What happens with calls to one number of an account. Without a row everybody is rung."""

    class Who(models.TextChoices):
        EVERYBODY = "everybody", _("Everybody of this connection")
        CHOSEN = "chosen", _("The people chosen below")

    class Order(models.TextChoices):
        AT_ONCE = "at_once", _("All at once")
        IN_ORDER = "in_order", _("One after the other")

    class Then(models.TextChoices):
        SENTENCE = "sentence", _("The caller hears a sentence")
        VOICEMAIL = "voicemail", _("The caller leaves a message")
        NUMBER = "number", _("Another number is called")

    account = models.ForeignKey(TwilioAccount, on_delete=models.CASCADE, related_name="number_rules")
    phone_number = models.CharField(max_length=20, help_text="E.164")
    who = models.CharField(max_length=10, choices=Who, default=Who.EVERYBODY)
    order = models.CharField(max_length=10, choices=Order, default=Order.AT_ONCE)
    people = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="RungPerson", related_name="number_rules", blank=True
    )
    seconds = models.PositiveSmallIntegerField(
        default=DEFAULT_SECONDS, help_text="How long it rings; one after the other: how long for each."
    )
    week = models.JSONField(
        default=list, blank=True, help_text="A text for each day, Monday first; empty: always open."
    )
    time_zone = models.CharField(max_length=64, default="UTC")
    unanswered_then = models.CharField(max_length=10, choices=Then, default=Then.SENTENCE)
    unanswered_number = models.CharField(max_length=80, blank=True)
    unanswered_sentence = models.CharField(max_length=200, blank=True)
    closed_then = models.CharField(max_length=10, choices=Then, default=Then.SENTENCE)
    closed_number = models.CharField(max_length=80, blank=True)
    closed_sentence = models.CharField(max_length=200, blank=True)
    greeting = models.CharField(
        max_length=600, blank=True, help_text="Said before the tone in place of somebody's own greeting."
    )
    language = models.CharField(max_length=8, choices=CHOICES, default=DEFAULT_LANGUAGE)
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name = verbose_name_plural = _("rules of numbers")
        constraints = [
            models.UniqueConstraint(fields=["account", "phone_number"], name="one_row_of_rules_per_number")
        ]
        ordering = ["phone_number"]

    def __str__(self) -> str:
        return f"Rules of the number that ends in {self.phone_number[-4:]}"

    def list_people(self) -> list[User]:
        """The chosen people in their order: those of them who still use the connection."""
        chosen = self.rung_people.filter(user__is_active=True, user__membership__account=self.account_id)
        return [one.user for one in chosen.select_related("user")]

    def as_plan_rules(self) -> Rules:
        is_chosen = self.who == self.Who.CHOSEN
        return Rules(
            people=tuple(person.pk for person in self.list_people()) if is_chosen else None,
            is_in_order=is_chosen and self.order == self.Order.IN_ORDER,
            seconds=self.seconds,
            week=tuple(self.week),
            time_zone=self.time_zone,
            unanswered=Fallback(self.unanswered_then, self.unanswered_number, self.unanswered_sentence),
            closed=Fallback(self.closed_then, self.closed_number, self.closed_sentence),
        )


class RungPerson(models.Model):
    """That a number rings somebody, and when their turn is."""

    rules = models.ForeignKey(NumberRules, on_delete=models.CASCADE, related_name="rung_people")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("rung person")
        verbose_name_plural = _("rung people")
        constraints = [models.UniqueConstraint(fields=["rules", "user"], name="one_turn_per_person")]
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"{self.position}: {self.user}"


def find_rules(account: TwilioAccount, phone_number: str) -> NumberRules | None:
    return NumberRules.objects.filter(account=account, phone_number=phone_number).first()
