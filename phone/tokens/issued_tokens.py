"""The tokens that were issued, by who and when; never the tokens."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.audit.append_only import AppendOnlyModel, AppendOnlyRule, KeptFor


class IssuedToken(AppendOnlyModel):
    """That a token was issued; never the token."""

    append_only = AppendOnlyRule(KeptFor("issued_at", days=180), by_month="issued_at")

    class Kind(models.TextChoices):
        ACCESS = "access", pgettext_lazy("token", "Access")
        CAPABILITY = "capability", pgettext_lazy("token", "Capability")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("user"), null=True, on_delete=models.SET_NULL
    )
    identity = models.CharField(max_length=121)
    email = models.CharField(_("email"), max_length=254)
    account_sid = models.CharField("Account SID", max_length=34)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    jti = models.CharField(_("jti"), max_length=100, blank=True)
    issued_at = models.DateTimeField(_("issued at"), default=timezone.now, db_index=True)
    expires_at = models.DateTimeField(_("expires at"))
    page_session = models.UUIDField(_("page session"), null=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "-issued_at"], name="issued_token_of_person"),
            models.Index(fields=["email", "-issued_at", "-id"], name="issued_token_of_email"),
            models.Index(fields=["account_sid", "-issued_at", "-id"], name="issued_token_of_account"),
            models.Index(fields=["jti"], name="issued_token_of_jti"),
            models.Index(
                fields=["page_session"],
                name="issued_token_of_page",
                condition=models.Q(page_session__isnull=False),
            ),
        ]
        ordering = ["-issued_at", "-id"]
        verbose_name = _("issued token")
        verbose_name_plural = _("issued tokens")

    def __str__(self) -> str:
        is_access = self.kind == IssuedToken.Kind.ACCESS
        words = (
            gettext("access token for {email} at {time}")
            if is_access
            else gettext("capability token for {email} at {time}")
        )
        return words.format(email=self.email, time=f"{self.issued_at:%H:%M:%S}")
