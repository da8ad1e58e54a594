"""Where allauth asks Dog n Bone how to treat people."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.sites.shortcuts import get_current_site
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.clients import get_client_info
from accounts.entrance.limits import Attempt, build_throttled, is_notice_due
from accounts.entrance.visitors import Visitor
from accounts.failures.recording import record_throttled_sign_in
from accounts.languages import writing_to
from accounts.letters import post


class AccountAdapter(DefaultAccountAdapter):
    """Signing up and in."""

    _attempt: Attempt

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """As allauth does it, except that a worker sends the letter, in the language of whoever gets it."""
        request = allauth_context.request
        facts = {"request": request, "email": email, "current_site": get_current_site(request), **context}
        with writing_to(Visitor(request, email).person):
            message = self.render_mail(template_prefix, email, facts)
        post(message)

    def send_account_already_exists_mail(self, email: str) -> None:
        """Not one for each time that somebody types the address."""
        if is_notice_due(Visitor(allauth_context.request, email)):
            super().send_account_already_exists_mail(email)

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that everything else goes by, for the limits that are allauth's own."""
        return get_client_info(request).ip_address or super().get_client_ip(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Counts the attempt by Dog n Bone's limits instead of allauth's, before the password is looked at.

        Raises ValidationError, and records what it turned away, which sends no signal.
        """
        email = str(credentials.get("email") or "")
        self._attempt = Attempt(Visitor(request, email))
        wait = self._attempt.begin()
        if wait:
            record_throttled_sign_in(email=email, client=get_client_info(request))
            raise build_throttled(
                request,
                wait,
                _(
                    "Too many failed attempts. Try again in {wait}, or reset your password: that works at "
                    "once."
                ),
            )

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        user = super().authenticate(request, **credentials)
        if user:
            self._attempt.take_back()
        return user
