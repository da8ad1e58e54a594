"""The Twilio accounts that people have connected: tenant, credentials, phone numbers."""

import secrets
import uuid
from collections.abc import Collection
from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.company.memberships import Membership, get_membership, keep_membership
from accounts.masking import mask_phone_number, mask_sid
from accounts.people import User
from accounts.regions import Region
from accounts.sealing.fields import SealedField
from accounts.statements import GivenMany, Question
from accounts.translated import Words
from accounts.twilio.handlers import describe_handler

PROOF_LIFETIME = timedelta(minutes=5)


def make_webhook_key() -> str:
    """The part of a webhook's address that nobody can guess."""
    return secrets.token_urlsafe(24)


class TwilioAccount(models.Model):
    """A Twilio account that at least one person has proven to own: the tenant of every webhook."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account_sid = models.CharField("Account SID", max_length=34, unique=True)
    webhook_key = models.CharField(max_length=64, unique=True, default=make_webhook_key, editable=False)
    friendly_name = models.CharField(_("friendly name"), max_length=255, blank=True)
    account_type = models.CharField(
        _("account type"), max_length=20, blank=True, help_text=_("Full or Trial; blank: not known")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("twilio account")
        verbose_name_plural = _("twilio accounts")

    def __str__(self) -> str:
        return f"{self.friendly_name or gettext('Twilio account')} ({mask_sid(self.account_sid)})"

    @property
    def voice_url(self) -> str:
        """Where Twilio asks what to do with this account's calls."""
        return self.build_address("voice_webhook")

    def build_address(self, name: str) -> str:
        """Where Twilio finds the webhook `name` of this account."""
        return settings.PUBLIC_URL + reverse(name, args=[self.webhook_key])


class TwilioCredentialsQuerySet(models.QuerySet["TwilioCredentials"]):
    def with_auth_token(self) -> "TwilioCredentialsQuerySet":
        return self.exclude(auth_token_is_set=False)


class TwilioCredentials(models.Model):
    """What one person typed to connect their Twilio account, once it was proven.

    Others' phones may run on it, too (`accounts/company/`): `person` is whose phone it was fetched for.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(
        User, verbose_name=_("user"), on_delete=models.CASCADE, related_name="twilio_credentials"
    )
    account = models.ForeignKey(
        TwilioAccount, verbose_name=_("account"), on_delete=models.PROTECT, related_name="credentials"
    )
    auth_token = SealedField("Auth Token")
    auth_token_is_set = models.BooleanField(default=False, editable=False)
    api_key_sid = models.CharField("API key SID", max_length=34, blank=True)
    api_key_secret = SealedField("API key secret")
    twiml_app_sid = models.CharField("TwiML App SID", max_length=34, blank=True)
    region = models.CharField(_("region"), max_length=8, choices=Region, default=Region.US1)
    is_api_key_ours = models.BooleanField(
        _("is api key ours"), default=False, help_text=_("Dog n Bone made the API key.")
    )
    is_twiml_app_ours = models.BooleanField(
        _("is twiml app ours"), default=False, help_text=_("Dog n Bone made the TwiML App.")
    )
    leaves_numbers = models.BooleanField(
        default=False,
        help_text="No number is pointed here without a click, not even one that nobody answers.",
    )
    verdict = models.CharField(
        _("verdict"), max_length=40, blank=True, help_text=_("What the last check found.")
    )
    checked_at = models.DateTimeField(_("checked at"), null=True, blank=True)
    proven_until = models.DateTimeField(
        _("proven until"), null=True, blank=True, help_text=_("A proof is good for five minutes.")
    )
    proof_version = models.PositiveIntegerField(
        default=0,
        help_text="One more with each doubt and each saving: a check that began before proves nothing.",
    )
    stopped_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when a check has found them to work no more."
    )
    stopped_verdict = models.CharField(max_length=40, blank=True, help_text="What that check found.")
    owner_told_at = models.DateTimeField(null=True, blank=True, help_text="When the owner was mailed.")
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects: ClassVar[Any] = TwilioCredentialsQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("Twilio credentials")

    def __str__(self) -> str:
        return gettext("{email} on {account}").format(email=self.user.email, account=self.account)

    def save(self, *args: Any, **kwargs: Any) -> None:
        # A deferred Auth Token is not in the row's values: then nothing is known, and nothing changes.
        if "auth_token" in self.__dict__:
            self.auth_token_is_set = bool(self.__dict__["auth_token"])
            fields = kwargs.get("update_fields")
            if fields is not None and "auth_token" in fields:
                kwargs["update_fields"] = {*fields, "auth_token_is_set"}
        fields = kwargs.get("update_fields")
        with transaction.atomic():
            super().save(*args, **kwargs)
            if fields is None or "account" in fields:
                keep_membership(self)

    @property
    def person(self) -> User:
        """Whose phone it is about: its owner's, unless `get_connection` has fetched it for another one."""
        return self.__dict__.get("_person") or self.user

    def fetched_for(self, person: User) -> "TwilioCredentials":
        self.__dict__["_person"] = person
        return self

    @property
    def is_proven(self) -> bool:
        return self.proven_until is not None and self.proven_until > timezone.now()


def get_connection(user: User) -> TwilioCredentials | None:
    """What the person's phone runs on: their own credentials, or the owner's of their company."""
    membership = get_membership(user)
    return membership.credentials.fetched_for(membership.user) if membership else None


def get_account_sids(people: Collection[int]) -> dict[int, str]:
    """On which Twilio account the phone of each runs, by the person's key; of whoever has none, nothing."""
    return dict(ACCOUNT_SIDS.ask_values(people=people)) if people else {}


def build_account_sids() -> "models.QuerySet[Any]":
    memberships = Membership.objects.filter(user__among=GivenMany("people", models.BigIntegerField()))
    return memberships.order_by().values_list("user_id", "credentials__account__account_sid")


ACCOUNT_SIDS: "Question[Any]" = Question(build_account_sids)


class PhoneNumber(models.Model):
    """A number of a Twilio account, for calling from and, where it points here, for being called."""

    class Kind(models.TextChoices):
        OWNED = "owned", _("Twilio number")
        VERIFIED = "verified", _("Verified caller ID")

    account = models.ForeignKey(
        TwilioAccount, verbose_name=_("account"), on_delete=models.CASCADE, related_name="phone_numbers"
    )
    sid = models.CharField(_("sid"), max_length=34)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    phone_number = models.CharField(_("phone number"), max_length=20, help_text="E.164")
    friendly_name = models.CharField(max_length=255, blank=True)
    points_here = models.BooleanField(
        _("points here"), default=False, help_text=_("Calls to this number ring in Dog n Bone.")
    )
    handler = models.JSONField(default=dict, blank=True, help_text="What answered it when last read.")
    is_left_out = models.BooleanField(
        default=False, help_text="Its owner gave it back: it is not pointed here by itself."
    )
    previous_handler = models.JSONField(
        default=dict, blank=True, help_text="What answered the number before; put back on removal."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "sid"], name="one_row_per_phone_number_sid")
        ]
        ordering = ["phone_number"]
        permissions = [("unmask_phonenumber", "Can see full phone numbers of accounts")]
        verbose_name = _("phone number")
        verbose_name_plural = _("phone numbers")

    def __str__(self) -> str:
        return mask_phone_number(self.phone_number)

    @property
    def answered_by(self) -> Words:
        """Who answers it beside Dog n Bone, or would: see `handlers.py`."""
        return describe_handler(self.previous_handler if self.points_here else self.handler)
