"""What is still to be done at Twilio for a person once their page has been answered.

Two kinds: reading an account's numbers, and pointing here those that nobody answers; and clearing away
what was made for credentials that are gone. A row is written in the transaction that makes the errand
necessary, a worker does it, and the person's page shows it until some time after.
"""

import uuid
from collections.abc import Iterable, Mapping
from datetime import time, timedelta
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.leases import LeaseTaken, hold_lease
from accounts.people import User
from accounts.regions import Region
from accounts.sealing.encryption import UnsealError
from accounts.sealing.fields import SealedField, Secret
from accounts.tasks.background import LEASE, background, enqueue
from accounts.tasks.clock import every_night
from accounts.translated import Words
from accounts.twilio.candidate import Candidate
from accounts.twilio.credentials import TwilioAccount, TwilioCredentials
from accounts.twilio.news import News, build_news, word
from accounts.twilio.numbers import NumbersNotRead, fetch_phone_numbers
from accounts.twilio.removal import Leftover, clear_away

# All tries of the task have ended long before.
SECRETS_KEPT_FOR = timedelta(days=2)
KEPT_FOR = timedelta(days=30)
GOOD_NEWS_SHOWN_FOR = timedelta(minutes=10)
BAD_NEWS_SHOWN_FOR = timedelta(days=7)

UNDER_WAY: Mapping[str, Words] = {
    "numbers": _(
        "Your phone numbers are being read. Those that nobody answers are pointed here, "
        "unless you chose to leave them as they are."
    ),
    "clearing": _("What Dog n Bone made in the Twilio account that was connected before is being removed."),
}


class NotDoneYet(Exception):
    """Twilio was out of reach or busy for a part of it."""


class ErrandQuerySet(models.QuerySet["Errand"]):
    def under_way(self) -> "ErrandQuerySet":
        return self.filter(ended_at=None)

    def to_show(self) -> "ErrandQuerySet":
        """Those that a person wants to see: what is not done, what was done just now, what went wrong."""
        now = timezone.now()
        return self.filter(
            Q(ended_at=None)
            | Q(ended_at__gt=now - GOOD_NEWS_SHOWN_FOR)
            | Q(ended_at__gt=now - BAD_NEWS_SHOWN_FOR, has_failed=True)
        )


class Errand(models.Model):
    """One thing to be done at Twilio; with the login it takes, until it has ended, where that is gone."""

    class Kind(models.TextChoices):
        NUMBERS = "numbers", _("Reading the numbers")
        CLEARING = "clearing", _("Clearing away")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    user = models.ForeignKey(
        User, verbose_name=_("user"), null=True, on_delete=models.SET_NULL, related_name="errands"
    )
    account = models.ForeignKey(
        TwilioAccount, verbose_name=_("account"), on_delete=models.CASCADE, related_name="errands"
    )
    auth_token = SealedField("Auth Token")
    api_key_sid = models.CharField("API key SID", max_length=34, blank=True)
    api_key_secret = SealedField("API key secret")
    twiml_app_sid = models.CharField("TwiML App SID", max_length=34, blank=True)
    region = models.CharField(max_length=8, choices=Region, default=Region.US1)
    is_api_key_ours = models.BooleanField(default=False)
    is_twiml_app_ours = models.BooleanField(default=False)
    begun_at = models.DateTimeField(_("begun at"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    has_failed = models.BooleanField(
        _("has failed"), default=False, help_text=_("Something was left undone for good.")
    )
    outcome = models.JSONField(default=list, help_text="What was done, in sentences for the person.")

    objects: ClassVar[Any] = ErrandQuerySet.as_manager()

    class Meta:
        ordering = ["begun_at"]
        verbose_name = _("errand")
        verbose_name_plural = _("errands")

    def __str__(self) -> str:
        return gettext("{what} at {account}").format(what=self.get_kind_display(), account=self.account)

    @property
    def words(self) -> list[str]:
        """What the person is told of it: what was done, and what is being done."""
        done = [word(news) for news in self.outcome]
        return done if self.ended_at else [*done, str(UNDER_WAY[self.kind])]

    @property
    def leftover(self) -> Leftover:
        login = Candidate(
            account_sid=self.account.account_sid,
            auth_token=self.auth_token,
            api_key_sid=self.api_key_sid,
            api_key_secret=self.api_key_secret,
            twiml_app_sid=self.twiml_app_sid,
            region=self.region,
        )
        return Leftover(self.account, login, self.is_api_key_ours, self.is_twiml_app_ours)

    def end(self, outcome: Iterable[News], *, has_failed: bool = False) -> None:
        """Keeps what came of it, and no secret any longer."""
        self.auth_token = self.api_key_secret = Secret("")
        self.outcome, self.ended_at, self.has_failed = list(outcome), timezone.now(), has_failed
        self.save(update_fields=["auth_token", "api_key_secret", "outcome", "ended_at", "has_failed"])

    def note(self, news: Iterable[News], *, has_failed: bool = False) -> None:
        """Keeps what has been done so far, and that something of it was refused for good."""
        self.outcome, self.has_failed = add(self.outcome, news), self.has_failed or has_failed
        self.save(update_fields=["outcome", "has_failed"])


def begin_numbers(credentials: TwilioCredentials) -> None:
    """Has the numbers of newly connected credentials read and pointed; in the caller's transaction."""
    begin(Errand(kind=Errand.Kind.NUMBERS, user_id=credentials.user_id, account=credentials.account))


def begin_clearing(credentials: TwilioCredentials) -> bool:
    """Has what was made for credentials that are about to go cleared away; in the caller's transaction.

    Whether there was anything.
    """
    has_app_or_key = credentials.is_api_key_ours or credentials.is_twiml_app_ours
    if not has_app_or_key and not credentials.account.phone_numbers.filter(points_here=True).exists():
        return False
    errand = Errand(
        kind=Errand.Kind.CLEARING,
        user_id=credentials.user_id,
        account=credentials.account,
        api_key_sid=credentials.api_key_sid,
        twiml_app_sid=credentials.twiml_app_sid,
        region=credentials.region,
        is_api_key_ours=credentials.is_api_key_ours,
        is_twiml_app_ours=credentials.is_twiml_app_ours,
    )
    errand.auth_token = open_if_possible(credentials.auth_token)
    errand.api_key_secret = open_if_possible(credentials.api_key_secret)
    begin(errand)
    return True


def get_apps_being_removed(account: TwilioAccount) -> frozenset[str]:
    """The TwiML Apps that a worker is about to remove: nobody may begin to use them."""
    clearing = Errand.objects.under_way().filter(account=account, is_twiml_app_ours=True)
    return frozenset(clearing.values_list("twiml_app_sid", flat=True))


def begin(errand: Errand) -> None:
    errand.save(force_insert=True)
    enqueue(do_errand, errand.pk)


def open_if_possible(secret: Secret) -> Secret:
    """The secret, to be sealed for another row; empty where its key is lost, which keeps nobody connected."""
    try:
        return Secret(secret.reveal())
    except UnsealError:
        return Secret("")


def give_up_errand(pk: str) -> None:
    for errand in Errand.objects.under_way().select_related("account").filter(pk=pk):
        says = "not_read" if errand.kind == Errand.Kind.NUMBERS else "not_cleared"
        errand.end([*errand.outcome, build_news(says)], has_failed=True)


@background(priority=10, given_up=give_up_errand)
def do_errand(pk: str) -> None:
    errand = Errand.objects.under_way().select_related("account").filter(pk=pk).first()
    if errand is None:
        return
    try:
        # One at a time for an account: else what one gives back another might just have pointed here.
        with hold_lease(f"twilio:{errand.account_id}", LEASE):
            DO[Errand.Kind(errand.kind)](errand)
    except LeaseTaken as taken:
        raise NotDoneYet from taken


def read_numbers(errand: Errand) -> None:
    credentials = get_credentials_now(errand)
    if credentials is None:
        return errand.end([])
    try:
        errand.end(add(errand.outcome, fetch_phone_numbers(credentials)))
    except NumbersNotRead as error:
        errand.note(error.done)
        raise NotDoneYet from error


def clear(errand: Errand) -> None:
    cleared = clear_away(errand.leftover, get_credentials_now(errand))
    errand.note([*cleared.done, *cleared.refused], has_failed=bool(cleared.refused))
    if cleared.is_unfinished:
        raise NotDoneYet
    if cleared.is_cut:
        return enqueue(do_errand, errand.pk)
    errand.end(errand.outcome, has_failed=errand.has_failed)


DO = {Errand.Kind.NUMBERS: read_numbers, Errand.Kind.CLEARING: clear}


def add(told: list[News], news: Iterable[News]) -> list[News]:
    return [*told, *(one for one in news if one not in told)]


def get_credentials_now(errand: Errand) -> TwilioCredentials | None:
    """What the person has connected to the same account by now."""
    mine = TwilioCredentials.objects.select_related("account", "user")
    found: TwilioCredentials | None = mine.filter(user=errand.user_id, account=errand.account_id).first()
    return found


@background(tries=3)
def forget_old_errands() -> None:
    """An errand that never came to an end must not keep its secrets."""
    now = timezone.now()
    for errand in Errand.objects.under_way().filter(begun_at__lt=now - SECRETS_KEPT_FOR):
        give_up_errand(str(errand.pk))
    Errand.objects.filter(ended_at__lt=now - KEPT_FOR).delete()


every_night(forget_old_errands, at=time(2, 40))
