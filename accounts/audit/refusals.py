"""What somebody was not let do, by a limit or a rule of ours: each is kept, a flood as one counted row.

Sign-ins that were turned away are login failures (`accounts/failures/recording.py`), webhooks have a table of
their own (`phone/calls/refusals.py`).
"""

from datetime import timedelta

from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.audit.append_only import AppendOnlyModel, AppendOnlyRule, KeptFor
from accounts.clients import ClientInfo
from accounts.moments import write_moment
from accounts.people import User

# Within which the same refusal of the same person is the same row.
PERIOD = timedelta(minutes=1)
# So many rows of a kind in the period; what comes beyond them, from however many addresses, is one row more.
MOST_ROWS = 60


class Refusal(AppendOnlyModel):
    """Something that was refused: what, whom, from where, how often within a minute."""

    append_only = AppendOnlyRule(KeptFor("refused_at", days=180), may_change=("count", "last_at"))

    class What(models.TextChoices):
        SIGN_UP = "sign_up", _("Sign-up")
        ACCOUNT = "account", _("Page of one’s own account")
        RESET = "reset", _("Letter for a new password")
        CONNECT = "connect", _("Connecting a Twilio account")
        TOKEN = "token", _("Token")
        SOCKET = "socket", _("Socket of a page")
        PAGE = "page", _("Page")
        ADMIN_FILTER = "admin_filter", _("Filter on a hidden field")
        ADMIN_SEARCH = "admin_search", _("Search for a phone number")

    refused_at = models.DateTimeField(_("refused at"), default=timezone.now)
    last_at = models.DateTimeField(_("last at"), default=timezone.now)
    what = models.CharField(_("what"), max_length=20, choices=What)
    about = models.CharField(_("about"), max_length=200, blank=True, help_text=_("Which limit or rule."))
    user = models.ForeignKey(
        User, verbose_name=_("person"), null=True, on_delete=models.SET_NULL, related_name="refusals"
    )
    email = models.CharField(_("email"), max_length=254, blank=True)
    ip_address = models.GenericIPAddressField(_("ip address"), null=True)
    count = models.PositiveIntegerField(
        _("count"), default=1, help_text=_("The same within a minute counts as one row.")
    )

    class Meta:
        indexes = [
            models.Index(fields=["-refused_at", "-id"], name="refusal_newest"),
            models.Index(fields=["what", "-refused_at"], name="refusal_of_kind"),
            models.Index(fields=["user", "-refused_at"], name="refusal_of_person"),
            models.Index(fields=["email", "-refused_at", "-id"], name="refusal_of_email"),
            models.Index(fields=["ip_address", "-refused_at", "-id"], name="refusal_of_address"),
        ]
        ordering = ["-refused_at", "-id"]
        verbose_name = _("refusal")
        verbose_name_plural = _("refusals")

    def __str__(self) -> str:
        words = gettext("{what} at {moment}")
        return words.format(what=self.get_what_display(), moment=write_moment(self.refused_at))


def record_refusal(
    what: str, *, user: User | None = None, client: ClientInfo | None = None, about: str = ""
) -> None:
    """Writes a row, or counts up the one of the last minute. `what` is one of Refusal.What.

    Never anything that was typed: `about` names a limit or a rule.
    """
    now = timezone.now()
    recent = Refusal.objects.filter(what=what, refused_at__gt=now - PERIOD)
    same = {"user": user, "ip_address": client.ip_address if client else None, "about": about[:200]}
    with transaction.atomic():
        if count_up(recent.filter(**same)):
            return
        if recent.order_by()[:MOST_ROWS].count() >= MOST_ROWS:
            same = {"user": None, "ip_address": None, "about": ""}
            if count_up(recent.filter(**same)):
                return
        email = user.email if user and same["user"] else ""
        Refusal.objects.create(what=what, email=email, refused_at=now, last_at=now, **same)


def count_up(rows: "models.QuerySet[Refusal]") -> bool:
    """Adds one to the first of `rows`; False where there is none."""
    key = rows.values_list("pk", flat=True).first()
    counted: models.QuerySet[Refusal] = models.QuerySet(Refusal)
    return bool(key and counted.filter(pk=key).update(count=F("count") + 1, last_at=timezone.now()))
