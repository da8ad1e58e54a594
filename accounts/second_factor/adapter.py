"""Where allauth's second factors ask Dog n Bone."""

import logging
from typing import ClassVar
from urllib.parse import urlsplit

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.people import User
from accounts.sealing.encryption import UnsealError
from accounts.second_factor.secrets import FactorSecret, keep_secret, read_secret
from accounts.translated import Words

logger = logging.getLogger(__name__)


class MFAAdapter(DefaultMFAAdapter):
    error_messages: ClassVar[dict[str, Words]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This is not right, or no longer. Take the code that is shown now."),
        "unverified_email": _("Confirm your e-mail address first, under “E-mail addresses”."),
        "cannot_generate_recovery_codes": _("Recovery codes stand in for a second factor. Set one up first."),
        "add_email_blocked": _(
            "With a second factor no address can be added: remove the factor for a moment."
        ),
    }

    def encrypt(self, text: str) -> str:
        return keep_secret(text)

    def decrypt(self, encrypted_text: str) -> str:
        """One that does not open, because its key is lost, is another, which no code fits."""
        try:
            return read_secret(encrypted_text)
        except (UnsealError, FactorSecret.DoesNotExist):
            logger.error("The secret of a second factor does not open; staff can remove the factor.")
            lost: str = generate_totp_secret()
            return lost

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        """What a passkey is called until its person calls it otherwise."""
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        if number == 1:
            return gettext("Passkey")
        return gettext("Passkey {number}").format(number=number)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The address that passkeys are made for: the server's own, whatever host a request names."""
        return {"id": urlsplit(settings.PUBLIC_URL).hostname or "", "name": "Dog n Bone"}
