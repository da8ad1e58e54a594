"""People, the Twilio accounts they have connected, and every login that failed."""

import secrets
import uuid
from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.db.models.functions import Right
from django.urls import reverse
from django.utils import timezone

from accounts.audit.append_only import AppendOnlyRule
from accounts.fields import SealedField
from accounts.push import SIGNED_OUT, push_to_user
from accounts.review.masking import mask_phone_number

PROOF_LIFETIME = timedelta(minutes=5)


def make_identity() -> str:
    """A Twilio identity: unique, says nothing about its owner, all of `[A-Za-z0-9_]`."""
    return f"dnb_{uuid.uuid4().hex}"


def make_webhook_key() -> str:
    """The part of a webhook's address that nobody can guess."""
    return secrets.token_urlsafe(24)


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractUser):
    """A person. Their name is their e-mail address; to Twilio they are their `identity`."""

    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField("email", unique=True)
    name = models.CharField(max_length=80, blank=True, help_text="What colleagues call this person.")
    identity = models.CharField(max_length=121, unique=True, default=make_identity, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    # As they are in the database, to notice what ends this person's sessions.
    _loaded_password: str | None = None
    _loaded_is_active: bool | None = None

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> "User":
        user = super().from_db(*args, **kwargs)
        user._loaded_password = user.__dict__.get("password")
        user._loaded_is_active = user.__dict__.get("is_active")
        return user

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.lower()
        is_signed_out = self._ends_sessions()
        super().save(*args, **kwargs)
        if is_signed_out:
            push_to_user(self.pk, SIGNED_OUT)
        self._loaded_password = self.__dict__.get("password")
        self._loaded_is_active = self.__dict__.get("is_active")

    def _ends_sessions(self) -> bool:
        """Whether saving ends this person's sessions: Django ties them to the password's hash."""
        if self._state.adding:
            return False
        has_new_password = self._loaded_password not in (None, self.__dict__.get("password"))
        return has_new_password or (bool(self._loaded_is_active) and not self.is_active)

    @property
    def display_name(self) -> str:
        return self.name or self.email.partition("@")[0].capitalize()

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name


class TwilioAccount(models.Model):
    """A Twilio account that at least one person has proven to own: the tenant of every webhook."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account_sid = models.CharField("Account SID", max_length=34, unique=True)
    webhook_key = models.CharField(max_length=64, unique=True, default=make_webhook_key, editable=False)
    friendly_name = models.CharField(max_length=255, blank=True)
    account_type = models.CharField(max_length=20, blank=True, help_text="Full or Trial; blank: not known")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.friendly_name or 'Twilio account'} (…{self.account_sid[-4:]})"

    @property
    def voice_url(self) -> str:
        """Where Twilio asks what to do with this account's calls."""
        return settings.PUBLIC_URL + reverse("voice_webhook", args=[self.webhook_key])


class TwilioCredentialsQuerySet(models.QuerySet["TwilioCredentials"]):
    def with_auth_token(self) -> "TwilioCredentialsQuerySet":
        return self.exclude(auth_token_is_set=False)


class TwilioCredentials(models.Model):
    """What one person typed to connect their Twilio account, once it was proven."""

    class Region(models.TextChoices):
        US1 = "us1", "United States (US1)"
        IE1 = "ie1", "Ireland (IE1)"
        AU1 = "au1", "Australia (AU1)"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="twilio_credentials")
    account = models.ForeignKey(TwilioAccount, on_delete=models.PROTECT, related_name="credentials")
    auth_token = SealedField("Auth Token")
    auth_token_is_set = models.BooleanField(default=False, editable=False)
    api_key_sid = models.CharField("API key SID", max_length=34, blank=True)
    api_key_secret = SealedField("API key secret")
    twiml_app_sid = models.CharField("TwiML App SID", max_length=34, blank=True)
    region = models.CharField(max_length=8, choices=Region, default=Region.US1)
    is_api_key_ours = models.BooleanField(default=False, help_text="Dog n Bone made the API key.")
    is_twiml_app_ours = models.BooleanField(default=False, help_text="Dog n Bone made the TwiML App.")
    verdict = models.CharField(max_length=40, blank=True, help_text="What the last check found.")
    checked_at = models.DateTimeField(null=True, blank=True)
    proven_until = models.DateTimeField(null=True, blank=True, help_text="A proof is good for five minutes.")
    stopped_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when a check has found them to work no more."
    )
    stopped_verdict = models.CharField(max_length=40, blank=True, help_text="What that check found.")
    owner_told_at = models.DateTimeField(null=True, blank=True, help_text="When the owner was mailed.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[Any] = TwilioCredentialsQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "Twilio credentials"

    def __str__(self) -> str:
        return f"{self.user.email} on {self.account}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        # A deferred Auth Token is not in the row's values: then nothing is known, and nothing changes.
        if "auth_token" in self.__dict__:
            self.auth_token_is_set = bool(self.__dict__["auth_token"])
            fields = kwargs.get("update_fields")
            if fields is not None and "auth_token" in fields:
                kwargs["update_fields"] = {*fields, "auth_token_is_set"}
        super().save(*args, **kwargs)

    @property
    def is_proven(self) -> bool:
        return self.proven_until is not None and self.proven_until > timezone.now()


class PhoneNumber(models.Model):
    """A number of a Twilio account, for calling from and, where it points here, for being called."""

    class Kind(models.TextChoices):
        OWNED = "owned", "Twilio number"
        VERIFIED = "verified", "Verified caller ID"

    account = models.ForeignKey(TwilioAccount, on_delete=models.CASCADE, related_name="phone_numbers")
    sid = models.CharField(max_length=34)
    kind = models.CharField(max_length=10, choices=Kind)
    phone_number = models.CharField(max_length=20, help_text="E.164")
    friendly_name = models.CharField(max_length=255, blank=True)
    points_here = models.BooleanField(default=False, help_text="Calls to this number ring in Dog n Bone.")
    previous_handler = models.JSONField(
        default=dict, blank=True, help_text="What answered the number before; put back on removal."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "sid"], name="one_row_per_phone_number_sid")
        ]
        ordering = ["phone_number"]
        permissions = [("unmask_phonenumber", "Can see full phone numbers of accounts")]

    def __str__(self) -> str:
        return mask_phone_number(self.phone_number)


class LoginFailureQuerySet(models.QuerySet["LoginFailure"]):
    def unreviewed(self) -> "LoginFailureQuerySet":
        return self.filter(reviewed_at=None)

    def mark_reviewed(self, reviewer: User, note: str = "") -> int:
        return self.unreviewed().update(reviewed_at=timezone.now(), reviewed_by=reviewer, review_note=note)


class LoginFailure(models.Model):
    """One login that failed: who, where it showed, what it means, and what Twilio said."""

    append_only = AppendOnlyRule(
        aged_by="failed_at", may_change=("count", "reviewed_at", "reviewed_by", "review_note")
    )

    class ShownBy(models.TextChoices):
        CHECK = "check", "Check of the credentials"
        DEVICE = "device", "Device in the browser"
        SIGN_IN = "sign_in", "Sign-in to Dog n Bone"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    failed_at = models.DateTimeField(default=timezone.now)
    shown_by = models.CharField(max_length=10, choices=ShownBy)
    verdict = models.CharField(
        max_length=40, help_text="A slug of accounts/verdicts.py, or sign_in_failed, sign_in_throttled."
    )
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="login_failures")
    email = models.CharField(max_length=254, blank=True, help_text="As it was typed, or the person's.")
    account_sid = models.CharField("Account SID", max_length=64, blank=True)
    twilio_status = models.PositiveIntegerField("HTTP status", null=True)
    twilio_code = models.PositiveIntegerField("Twilio code", null=True)
    twilio_message = models.TextField(blank=True)
    twilio_request_id = models.CharField(max_length=64, blank=True)
    page_session = models.UUIDField(null=True)
    ip_address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=400, blank=True)
    count = models.PositiveIntegerField(
        default=1, help_text="Throttled attempts within a minute count as one row."
    )
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    review_note = models.TextField(blank=True)

    objects: ClassVar[Any] = LoginFailureQuerySet.as_manager()

    class Meta:
        ordering = ["-failed_at", "-id"]
        indexes = [
            models.Index(fields=["-failed_at", "-id"], name="login_failure_newest"),
            models.Index(fields=["user", "-failed_at"], name="login_failure_of_person"),
            models.Index(fields=["verdict", "-failed_at"], name="login_failure_of_verdict"),
            models.Index(fields=["account_sid", "-failed_at"], name="login_failure_of_account"),
            # Found by how they begin, which the order of a language's own alphabet cannot answer.
            models.Index(
                fields=["email", "-failed_at"],
                name="login_failure_of_email",
                opclasses=["varchar_pattern_ops", "timestamptz_ops"],
            ),
            models.Index(fields=["ip_address", "-failed_at"], name="login_failure_of_address"),
            models.Index(
                fields=["-failed_at", "-id"],
                name="login_failure_to_review",
                condition=models.Q(reviewed_at=None),
            ),
            models.Index(
                fields=["-failed_at", "-id"],
                name="login_failure_reviewed",
                condition=models.Q(reviewed_at__isnull=False),
            ),
            models.Index(
                fields=["page_session"],
                name="login_failure_of_page",
                condition=models.Q(page_session__isnull=False),
            ),
            models.Index(
                fields=["twilio_code", "-failed_at"],
                name="login_failure_of_code",
                condition=models.Q(twilio_code__isnull=False),
            ),
            models.Index(
                fields=["twilio_request_id"],
                name="login_failure_of_request",
                opclasses=["varchar_pattern_ops"],
                condition=~models.Q(twilio_request_id=""),
            ),
            models.Index(Right("account_sid", 4), name="login_failure_of_sid_tail"),
        ]
        permissions = [("review_loginfailure", "Can review login failures")]

    def __str__(self) -> str:
        return f"{self.verdict}: {self.email or 'unknown'} at {self.failed_at:%Y-%m-%d %H:%M:%S}"


from accounts.audit.journal import AccountEvent
from accounts.audit.retention import PruneRun
from accounts.leases import Lease
from accounts.review.admin_actions import AdminAction
from accounts.review.alarms import Alarm
from accounts.review.failure_groups import FailureDay, FailureGroup, VerdictHour
from accounts.review.saved_links import SavedLink

__all__ = [
    "AccountEvent",
    "AdminAction",
    "Alarm",
    "FailureDay",
    "FailureGroup",
    "Lease",
    "LoginFailure",
    "LoginFailureQuerySet",
    "PhoneNumber",
    "PruneRun",
    "SavedLink",
    "TwilioAccount",
    "TwilioCredentials",
    "TwilioCredentialsQuerySet",
    "User",
    "UserManager",
    "VerdictHour",
]
