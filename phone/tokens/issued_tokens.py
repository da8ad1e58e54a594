"""The tokens that were issued, by who and when; never the tokens."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.audit.append_only import AppendOnlyModel, AppendOnlyRule, KeptFor


class IssuedToken(AppendOnlyModel):
    """That a token was issued; never the token."""

    append_only = AppendOnlyRule(KeptFor("issued_at", days=180))

    class Kind(models.TextChoices):
        ACCESS = "access"
        CAPABILITY = "capability"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    identity = models.CharField(max_length=121)
    email = models.CharField(max_length=254)
    account_sid = models.CharField("Account SID", max_length=34)
    kind = models.CharField(max_length=10, choices=Kind)
    jti = models.CharField(max_length=100, blank=True)
    issued_at = models.DateTimeField(default=timezone.now, db_index=True)
    expires_at = models.DateTimeField()
    page_session = models.UUIDField(null=True)

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

    def __str__(self) -> str:
        return f"{self.kind} token for {self.email} at {self.issued_at:%H:%M:%S}"
