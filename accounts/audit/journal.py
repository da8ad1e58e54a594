"""What happened to a person's sign-in and their Twilio connection, where it went well.

What went wrong is a LoginFailure; together with the Device's events they make the timeline.
"""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.audit.append_only import AppendOnlyModel, AppendOnlyRule, KeptFor
from accounts.clients import ClientInfo
from accounts.moments import write_moment
from accounts.people import User


class AccountEvent(AppendOnlyModel):
    """One thing that went as it should: signing in and out, a check that passed, connecting, a change."""

    append_only = AppendOnlyRule(KeptFor("happened_at", days=365))

    class Kind(models.TextChoices):
        SIGNED_IN = "signed_in", _("Signed in")
        SIGNED_OUT = "signed_out", _("Signed out")
        CHECK_PASSED = "check_passed", _("Credentials proven")
        CONNECTED = "connected", _("Twilio connected")
        DISCONNECTED = "disconnected", _("Twilio disconnected")
        LIMITS_CHANGED = "limits_changed", _("Calling limits changed")
        SIGN_IN_ENDED = "sign_in_ended", _("Signed out from another browser")
        FACTOR_ADDED = "factor_added", _("Second factor added")
        FACTOR_REMOVED = "factor_removed", _("Second factor removed")
        CODES_MADE = "codes_made", _("Recovery codes made")

    # What says nothing of Twilio.
    OF_SIGNING_IN = (
        Kind.SIGNED_IN,
        Kind.SIGNED_OUT,
        Kind.SIGN_IN_ENDED,
        Kind.FACTOR_ADDED,
        Kind.FACTOR_REMOVED,
        Kind.CODES_MADE,
    )

    happened_at = models.DateTimeField(_("happened at"), default=timezone.now)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="account_events",
    )
    email = models.CharField(_("email"), max_length=254)
    account_sid = models.CharField("Account SID", max_length=34, blank=True)
    page_session = models.UUIDField(_("page session"), null=True)
    ip_address = models.GenericIPAddressField(_("ip address"), null=True)
    user_agent = models.CharField(_("user agent"), max_length=400, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["-happened_at", "-id"], name="account_event_newest"),
            models.Index(fields=["user", "-happened_at"], name="account_event_of_person"),
            models.Index(fields=["email", "-happened_at", "-id"], name="account_event_of_email"),
            models.Index(
                fields=["page_session"],
                name="account_event_of_page",
                condition=models.Q(page_session__isnull=False),
            ),
        ]
        ordering = ["-happened_at", "-id"]
        verbose_name = _("account event")
        verbose_name_plural = _("account events")

    def __str__(self) -> str:
        words = gettext("{email}: {what} at {moment}")
        moment = write_moment(self.happened_at)
        return words.format(email=self.email, what=self.get_kind_display(), moment=moment)


def record_account_event(
    *,
    kind: str,
    user: User,
    account_sid: str = "",
    client: ClientInfo | None = None,
    page_session: uuid.UUID | None = None,
) -> AccountEvent:
    """Writes one row. `kind` is one of AccountEvent.Kind."""
    return AccountEvent.objects.create(
        kind=kind,
        user=user,
        email=user.email,
        account_sid=account_sid,
        page_session=page_session,
        ip_address=client.ip_address if client else None,
        user_agent=client.user_agent if client else "",
    )
