"""What was changed in a company, by whom, about whom: append-only."""

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.audit.append_only import AppendOnlyModel, AppendOnlyRule, KeptFor
from accounts.clients import ClientInfo
from accounts.moments import write_moment
from accounts.people import User


class CompanyChange(AppendOnlyModel):
    """One change: who is of a company, what they may do, whose it is."""

    append_only = AppendOnlyRule(KeptFor("changed_at", days=730))

    class Kind(models.TextChoices):
        ASKED = "asked", _("Proved the same account, and asks to join")
        ACCEPTED = "accepted", _("Accepted")
        REFUSED = "refused", _("Refused")
        INVITED = "invited", _("Invited")
        TAKEN_BACK = "taken_back", _("Invitation taken back")
        JOINED = "joined", _("Joined")
        RIGHTS = "rights", _("Rights changed")
        TAKEN_AWAY = "taken_away", _("Phone taken away")
        LEFT = "left", _("Left")
        HANDED_OVER = "handed_over", _("Ownership handed over")

    changed_at = models.DateTimeField(_("changed at"), default=timezone.now)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    account_sid = models.CharField("Account SID", max_length=34)
    by = models.ForeignKey(
        User, verbose_name=_("by"), null=True, on_delete=models.SET_NULL, related_name="company_changes"
    )
    by_email = models.CharField(_("by"), max_length=254)
    about_email = models.CharField(_("about"), max_length=254)
    facts = models.JSONField(
        _("facts"), default=dict, blank=True, help_text=_("Which of the rights were changed.")
    )
    ip_address = models.GenericIPAddressField(_("ip address"), null=True)
    user_agent = models.CharField(_("user agent"), max_length=400, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["-changed_at", "-id"], name="company_change_newest"),
            models.Index(fields=["account_sid", "-changed_at"], name="company_change_of_account"),
        ]
        ordering = ["-changed_at", "-id"]
        verbose_name = _("change in a company")
        verbose_name_plural = _("changes in companies")

    def __str__(self) -> str:
        words = gettext("{email}: {what} at {moment}")
        moment = write_moment(self.changed_at)
        return words.format(email=self.about_email, what=self.get_kind_display(), moment=moment)


def record_change(
    *, kind: str, account_sid: str, by: User, about: str, client: ClientInfo, **facts: Any
) -> None:
    """Writes one row, in the caller's transaction. `about`: whose e-mail address."""
    CompanyChange.objects.create(
        kind=kind,
        account_sid=account_sid,
        by=by,
        by_email=by.email,
        about_email=about,
        facts=facts,
        ip_address=client.ip_address,
        user_agent=client.user_agent,
    )
