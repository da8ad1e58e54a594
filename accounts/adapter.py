"""Where allauth asks Dog n Bone how to treat people."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts.login_failures import get_client_info, record_throttled_sign_in


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
