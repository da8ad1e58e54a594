"""From how much on an alarm is raised: as an admin has set it, else as the settings have it."""

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.people import User

ONLY = 1


@dataclass(frozen=True)
class Thresholds:
    """`people` fail the same way, or one address fails with `accounts`, within `minutes`; what has never
    been seen before is news once somebody has been here for `settling_days`. `calls` fail for a reason of
    ours within `minutes`; no call of an account gets through for `call_minutes`.
    """

    people: int
    accounts: int
    minutes: int
    settling_days: int
    calls: int
    call_minutes: int


class AlarmThresholds(models.Model):
    """What an admin has set: one row, or none where the settings' numbers hold."""

    people = models.PositiveIntegerField(
        _("people failing the same way"), validators=[MinValueValidator(2), MaxValueValidator(10_000)]
    )
    accounts = models.PositiveIntegerField(
        _("accounts tried from one address"), validators=[MinValueValidator(2), MaxValueValidator(10_000)]
    )
    minutes = models.PositiveIntegerField(
        _("within so many minutes"), validators=[MinValueValidator(1), MaxValueValidator(24 * 60)]
    )
    settling_days = models.PositiveIntegerField(
        _("days until what is new is news"),
        validators=[MaxValueValidator(365)],
        help_text=_(
            "So long after the first person joined, nobody is alarmed by a verdict never seen before."
        ),
    )
    calls = models.PositiveIntegerField(
        _("calls failing for a reason of ours"),
        validators=[MinValueValidator(1), MaxValueValidator(10_000)],
        default=1,
        db_default=1,
        help_text=_("A call that ends because our own address did not answer Twilio, or an app is missing."),
    )
    call_minutes = models.PositiveIntegerField(
        _("minutes without a call of an account that gets through"),
        validators=[MinValueValidator(1), MaxValueValidator(7 * 24 * 60)],
        default=60,
        db_default=60,
        help_text=_("So long all calls fail because the account is not active, or has no voice."),
    )
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        verbose_name = _("alarm thresholds")
        verbose_name_plural = _("alarm thresholds")

    def __str__(self) -> str:
        return gettext("alarm thresholds")


def get_default_thresholds() -> Thresholds:
    return Thresholds(
        people=settings.ALARM_PEOPLE,
        accounts=settings.ALARM_ACCOUNTS,
        minutes=settings.ALARM_MINUTES,
        settling_days=settings.ALARM_SETTLING_DAYS,
        calls=settings.ALARM_CALLS,
        call_minutes=settings.ALARM_CALL_MINUTES,
    )


def get_thresholds() -> Thresholds:
    names = tuple(Thresholds.__dataclass_fields__)
    row = AlarmThresholds.objects.filter(pk=ONLY).values(*names).first()
    return Thresholds(**row) if row else get_default_thresholds()


def set_thresholds(thresholds: Thresholds, *, person: User) -> AlarmThresholds:
    """Keeps them; those that are the settings' own are kept by keeping none."""
    told = {**asdict(thresholds), "changed_by": person, "changed_at": timezone.now()}
    if thresholds == get_default_thresholds():
        AlarmThresholds.objects.filter(pk=ONLY).delete()
        return AlarmThresholds(pk=ONLY, **told)
    return AlarmThresholds.objects.update_or_create(pk=ONLY, defaults=told)[0]
