"""Where allauth asks Dog n Bone how to treat people."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from django.contrib.sites.shortcuts import get_current_site
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts.clients import get_client_info
from accounts.failures.recording import record_throttled_sign_in
from accounts.letters import post


class AccountAdapter(DefaultAccountAdapter):
    """Signing up and in."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """As allauth does it, except that a worker sends the letter."""
        request = allauth_context.request
        facts = {"request": request, "email": email, "current_site": get_current_site(request), **context}
        post(self.render_mail(template_prefix, email, facts))

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Records the attempts that allauth's rate limit turns away, which send no signal."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            record_throttled_sign_in(
                email=str(credentials.get("email") or ""), client=get_client_info(request)
            )
            raise
