"""Where allauth asks Dog n Bone how to treat people."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts.clients import get_client_info
from accounts.failures.recording import record_throttled_sign_in


class AccountAdapter(DefaultAccountAdapter):
    """Signing up and in."""

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Records the attempts that allauth's rate limit turns away, which send no signal."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            record_throttled_sign_in(
                email=str(credentials.get("email") or ""), client=get_client_info(request)
            )
            raise
