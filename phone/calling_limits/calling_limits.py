"""The tables: what a company's calls may be, one row for each Twilio account; and who changed what of it."""

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.audit.append_only import AppendOnlyModel, AppendOnlyRule, KeptFor
from accounts.moments import write_moment
from accounts.people import User
from accounts.twilio.credentials import PhoneNumber, TwilioAccount
from phone.calling_limits import kinds
from phone.calling_limits.owner import get_owner
from phone.calling_limits.rules import Limits
from phone.dialling.plans import get_country_of_e164

# At home there, where neither a number nor the owner says where.
DEFAULT_COUNTRY = "US"
DEFAULTS = Limits()
# The fields that are of a company's choice, in the order in which they are shown.
FIELDS = (
    *("countries", "allows_premium", "allows_shared_cost", "allows_satellite"),
    *("calls_at_once", "calls_at_once_of_person", "minutes", "minutes_abroad"),
    *("new_numbers", "new_numbers_abroad", "week", "time_zone", "alarm_new_numbers", "stops_on_alarm"),
)


def build_number(label: Any, default: int, least: int, most: int, **more: Any) -> Any:
    """How many of something there may be."""
    validators = [MinValueValidator(least), MaxValueValidator(most)]
    field: Any = models.PositiveIntegerField(
        label, default=default, db_default=default, validators=validators, **more
    )
    return field


class CallingLimits(models.Model):
    """What calls of one account to the telephone network may be. Its row is locked to count them, too."""

    account = models.OneToOneField(
        TwilioAccount, verbose_name=_("account"), on_delete=models.CASCADE, related_name="calling_limits"
    )
    countries = models.JSONField(
        _("countries"), default=list, db_default=[], help_text=_("Beside the home countries, by their codes.")
    )
    allows_premium = models.BooleanField(_("numbers that cost extra"), default=False, db_default=False)
    allows_shared_cost = models.BooleanField(
        _("shared-cost and personal numbers"), default=False, db_default=False
    )
    allows_satellite = models.BooleanField(
        _("satellites and international networks"), default=False, db_default=False
    )
    calls_at_once = build_number(_("calls at once, of the company"), DEFAULTS.calls_at_once, 1, 10_000)
    calls_at_once_of_person = build_number(
        _("calls at once, of one person"), DEFAULTS.calls_at_once_of_person, 1, 1_000
    )
    minutes = build_number(_("minutes of one person in a day"), DEFAULTS.minutes, 1, 24 * 60 * 10)
    minutes_abroad = build_number(
        _("minutes abroad of one person in a day"), DEFAULTS.minutes_abroad, 1, 24 * 60 * 10
    )
    new_numbers = build_number(_("new numbers of one person in a day"), DEFAULTS.new_numbers, 0, 10_000)
    new_numbers_abroad = build_number(
        _("new numbers abroad of one person in a day"), DEFAULTS.new_numbers_abroad, 0, 10_000
    )
    week = models.JSONField(
        _("hours of calls abroad"),
        default=list,
        db_default=[],
        blank=True,
        help_text=_("A text for each day, Monday first; empty: always."),
    )
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True, default="", db_default="")
    alarm_new_numbers = build_number(_("new numbers abroad within an hour that alarm"), 10, 2, 10_000)
    stops_on_alarm = models.BooleanField(_("an alarm stops calls abroad"), default=True, db_default=True)

    stopped_at = models.DateTimeField(_("calls abroad stopped at"), null=True, blank=True)
    stopped_for = models.JSONField(default=dict, db_default={}, blank=True)
    released_at = models.DateTimeField(_("calls abroad allowed again at"), null=True, blank=True)
    alarmed_at = models.DateTimeField(null=True, blank=True)

    twilio_permissions = models.JSONField(
        default=dict, db_default={}, blank=True, help_text="By country: what Twilio's own permissions say."
    )
    twilio_asked_at = models.DateTimeField(null=True, blank=True)
    twilio_answer = models.CharField(max_length=20, blank=True, default="", db_default="")

    # As they were before the lock was had, for whoever has asked: see `permission.py: build_locked()`.
    owner_home: str | None
    has_called: bool
    has_call: bool
    is_of_another: bool
    is_kept_home: bool
    contact_name: str

    class Meta:
        verbose_name = _("calling limits")
        verbose_name_plural = _("calling limits")
        ordering = ["-id"]

    def __str__(self) -> str:
        return gettext("calling limits of {account}").format(account=self.account)

    def as_rules(self, *, owner_home: str | None = None) -> Limits:
        """`owner_home`: where the owner is at home, "" for nowhere, if that is known already."""
        allowed = (self.allows_premium, self.allows_shared_cost, self.allows_satellite)
        return Limits(
            home=find_home(self.account, owner_home),
            countries=frozenset(self.countries),
            kinds=frozenset(kind for kind, is_on in zip(kinds.SPECIAL, allowed, strict=True) if is_on),
            calls_at_once=self.calls_at_once,
            calls_at_once_of_person=self.calls_at_once_of_person,
            minutes=self.minutes,
            minutes_abroad=self.minutes_abroad,
            new_numbers=self.new_numbers,
            new_numbers_abroad=self.new_numbers_abroad,
            week=tuple(self.week),
            time_zone=self.time_zone or "UTC",
            is_abroad_stopped=self.stopped_at is not None,
        )


class CallingLimitsChange(AppendOnlyModel):
    """One change of a company's limits; by nobody where an alarm has stopped calls abroad."""

    append_only = AppendOnlyRule(KeptFor("changed_at", days=1095))

    changed_at = models.DateTimeField(_("changed at"), default=timezone.now)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="calling_limits_changes",
    )
    email = models.CharField(_("email"), max_length=254, blank=True)
    account_sid = models.CharField("Account SID", max_length=34)
    before = models.JSONField(_("before"), default=dict)
    after = models.JSONField(_("after"), default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["-changed_at", "-id"], name="limits_change_newest"),
            models.Index(fields=["user", "-changed_at"], name="limits_change_of_person"),
            models.Index(fields=["email", "-changed_at", "-id"], name="limits_change_of_email"),
            models.Index(fields=["account_sid", "-changed_at", "-id"], name="limits_change_of_account"),
        ]
        ordering = ["-changed_at", "-id"]
        verbose_name = _("change of calling limits")
        verbose_name_plural = _("changes of calling limits")

    def __str__(self) -> str:
        words = gettext("{email}: calling limits at {moment}")
        return words.format(email=self.email or gettext("An alarm"), moment=write_moment(self.changed_at))


def find_home(account: TwilioAccount, owner_home: str | None = None) -> frozenset[str]:
    """The countries of the account's own numbers, and of its owner; of verified ones where there is neither.

    `owner_home` as in `as_rules`.
    """
    if owner_home is None:
        owner = get_owner(account)
        owner_home = owner.home_country if owner else ""
    # Whoever has chosen the number to call from has fetched them.
    numbers = list(account.phone_numbers.all())
    is_owned = PhoneNumber.Kind.OWNED
    owned = {get_country_of_e164(one.phone_number) for one in numbers if one.kind == is_owned}
    verified = {get_country_of_e164(one.phone_number) for one in numbers if one.kind != is_owned}
    home = (owned | {owner_home}) - {""}
    return frozenset(home or verified - {""} or {DEFAULT_COUNTRY})


def get_limits(account: TwilioAccount) -> CallingLimits:
    """The row of `account`, made where there is none yet."""
    row = CallingLimits.objects.filter(account=account).first()
    if row is None:
        row, _is_new = CallingLimits.objects.get_or_create(account=account)
    row.account = account
    return row


def lock_limits(account: TwilioAccount) -> CallingLimits:
    """The same, locked until the transaction ends: whoever counts the account's calls waits for it."""
    locked = CallingLimits.objects.select_for_update(of=("self",)).filter(account=account)
    row = locked.first()
    if row is None:
        CallingLimits.objects.get_or_create(account=account)
        row = locked.get()
    row.account = account
    return row


@receiver(post_save, sender=TwilioAccount, dispatch_uid="limits of a new account")
def make_limits(instance: TwilioAccount, created: bool, raw: bool = False, **kwargs: Any) -> None:
    """A new account has limits from the beginning, for staff to see and to lock."""
    if created and not raw:
        CallingLimits.objects.create(account=instance)


def record_limits_change(
    *, account: TwilioAccount, by: User | None, before: dict[str, Any], after: dict[str, Any]
) -> None:
    CallingLimitsChange.objects.create(
        user=by,
        email=by.email if by else "",
        account_sid=account.account_sid,
        before=before,
        after=after,
    )
