"""The table of tests that people ran of their connection."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.formats import get_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.audit.append_only import AppendOnlyModel, AppendOnlyRule, KeptFor
from accounts.moments import write_moment
from accounts.translated import Words
from phone.connection_tests.texts import CHECKS, Check, Finding


class ConnectionTest(AppendOnlyModel):
    """What one test came to, line by line, as the page reported it."""

    append_only = AppendOnlyRule(KeptFor("received_at", days=180))

    test_id = models.UUIDField(help_text="Made by the browser, so that a resend is the same row.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="connection_tests",
    )
    identity = models.CharField(max_length=121)
    email = models.CharField(_("email"), max_length=254)
    account_sid = models.CharField("Account SID", max_length=34, blank=True)
    page_session = models.UUIDField(_("page session"), help_text=_("One load of the phone page."))
    is_in_call = models.BooleanField(
        _("is in call"), help_text=_("The sound is that of a call that went on anyway.")
    )
    lines = models.JSONField(help_text="Each with its check, its finding, and a figure where it has one.")
    bad = models.PositiveSmallIntegerField(help_text="How many lines were bad.")
    tested_at = models.DateTimeField(_("tested at"), help_text=_("By the browser's clock."))
    received_at = models.DateTimeField(_("received at"), default=timezone.now)
    ip_address = models.GenericIPAddressField(_("ip address"), null=True)
    user_agent = models.CharField(_("user agent"), max_length=400, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["identity", "test_id"], name="one_row_per_connection_test")
        ]
        indexes = [
            models.Index(fields=["-received_at", "-id"], name="connection_test_newest"),
            models.Index(fields=["user", "-received_at"], name="connection_test_of_person"),
            models.Index(fields=["email", "-received_at", "-id"], name="connection_test_of_email"),
            models.Index(fields=["page_session", "-received_at"], name="connection_test_of_page"),
        ]
        ordering = ["-received_at", "-id"]
        verbose_name = _("connection test")
        verbose_name_plural = _("connection tests")

    def __str__(self) -> str:
        words = gettext("{email} tested the connection at {moment}")
        return words.format(email=self.email, moment=write_moment(self.received_at))

    @property
    def sum(self) -> str:
        """In a few words, for whoever looks over many."""
        if self.bad:
            return gettext("{bad} of {count} bad").format(bad=self.bad, count=len(self.lines))
        is_whole = all(finding.result == "good" for _, finding, _ in self.read_lines())
        return gettext("all good") if is_whole else gettext("nothing bad, not all of it known")

    def read_lines(self) -> list[tuple[Check, Finding, str]]:
        """Each line's check, what it came to, and its figure with the unit, "" for none.

        What an earlier version knew and this one does not is left out.
        """
        read = []
        for line in self.lines:
            check = CHECKS.get(line["check"])
            finding = check.get(line["finding"]) if check else None
            if check and finding:
                read.append((check, finding, show_figure(line, check)))
        return read

    def describe_lines(self) -> list[tuple[str, str, str]]:
        """Each line's name, its result, and that in a sentence."""
        return [
            (str(check.name), finding.result, fill(finding.words, figure))
            for check, finding, figure in self.read_lines()
        ]


def show_figure(line: dict[str, Any], check: Check) -> str:
    value = line.get("value")
    if value is None:
        return ""
    figure = f"{value:g}".replace(".", get_format("DECIMAL_SEPARATOR"))
    return f"{figure} {check.unit}".strip()


def fill(words: Words, figure: str) -> str:
    """A finding's sentence with its figure, whose unit the sentence has already."""
    return str(words).replace("{value}", figure.partition(" ")[0] or "?")
