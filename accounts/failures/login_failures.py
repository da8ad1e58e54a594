"""The table of logins that failed, at the check, in the Device, at sign-in."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Right
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.audit.append_only import AppendOnlyRule, KeptFor
from accounts.masking import SID_TAIL
from accounts.moments import write_moment
from accounts.people import User
from accounts.verdicts.verdict import Verdict
from accounts.verdicts.words import describe_verdict


class LoginFailureQuerySet(models.QuerySet["LoginFailure"]):
    def unreviewed(self) -> "LoginFailureQuerySet":
        return self.filter(reviewed_at=None)

    def mark_reviewed(self, reviewer: User, note: str = "") -> int:
        return self.unreviewed().update(reviewed_at=timezone.now(), reviewed_by=reviewer, review_note=note)


class LoginFailure(models.Model):
    """One login that failed: who, where it showed, what it means, and what Twilio said."""

    append_only = AppendOnlyRule(
        KeptFor("failed_at", days=365),
        may_change=("count", "reviewed_at", "reviewed_by", "review_note"),
        by_month="failed_at",
    )

    class ShownBy(models.TextChoices):
        CHECK = "check", _("Check of the credentials")
        DEVICE = "device", _("Device in the browser")
        SIGN_IN = "sign_in", _("Sign-in to Dog n Bone")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    failed_at = models.DateTimeField(_("failed at"), default=timezone.now)
    shown_by = models.CharField(_("shown by"), max_length=10, choices=ShownBy)
    verdict = models.CharField(
        max_length=40,
        help_text="A slug of accounts/verdicts/texts.py, or sign_in_failed, sign_in_throttled.",
    )
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="login_failures")
    email = models.CharField(
        _("email"), max_length=254, blank=True, help_text=_("As it was typed, or the person's.")
    )
    account_sid = models.CharField("Account SID", max_length=64, blank=True)
    twilio_status = models.PositiveIntegerField(_("HTTP status"), null=True)
    twilio_code = models.PositiveIntegerField("Twilio code", null=True)
    twilio_message = models.TextField(_("twilio message"), blank=True)
    twilio_request_id = models.CharField(_("twilio request id"), max_length=64, blank=True)
    page_session = models.UUIDField(_("page session"), null=True)
    ip_address = models.GenericIPAddressField(_("ip address"), null=True)
    user_agent = models.CharField(_("user agent"), max_length=400, blank=True)
    count = models.PositiveIntegerField(
        _("count"), default=1, help_text=_("Throttled attempts within a minute count as one row.")
    )
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True)
    reviewed_by = models.ForeignKey(
        User, verbose_name=_("reviewed by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    review_note = models.TextField(_("review note"), blank=True)

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
            models.Index(Right("account_sid", SID_TAIL), name="login_failure_of_sid_tail"),
        ]
        permissions = [("review_loginfailure", "Can review login failures")]
        verbose_name = _("login failure")
        verbose_name_plural = _("login failures")

    def __str__(self) -> str:
        return gettext("{title}: {email} at {moment}").format(
            title=self.describe().title,
            email=self.email or gettext("unknown"),
            moment=write_moment(self.failed_at),
        )

    def describe(self) -> Verdict:
        """What it means, in words, with what was kept of its facts."""
        is_unreachable = self.verdict == "server_network"
        return describe_verdict(self.verdict, self.twilio_message if is_unreachable else "")
