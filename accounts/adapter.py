"""Where allauth asks Dog n Bone how to treat people."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context as allauth_context
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.contrib.sites.shortcuts import get_current_site
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.clients import NO_ADDRESS, get_client_info
from accounts.entrance.asking_again import has_just_signed_in
from accounts.entrance.limits import Attempt, build_throttled, is_notice_due, list_password_counts
from accounts.entrance.visitors import Visitor
from accounts.failures.recording import record_throttled_sign_in
from accounts.languages import writing_to
from accounts.letters import post
from accounts.people import User


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

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """That a second factor has changed, to the person whose it is; nothing else is written of so far."""
        if not template_prefix.startswith("mfa/"):
            return
        request = allauth_context.request
        client = get_client_info(request)
        facts = {"timestamp": timezone.now(), "ip": client.ip_address, "user_agent": client.user_agent}
        address = email or EmailAddress.objects.get_primary_email(user) or user.email
        self.send_mail(template_prefix, address, {**facts, **(context or {})})

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Whether being asked matters at all: not just after signing in."""
        return not has_just_signed_in(allauth_context.request)

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        """By which somebody shows that it is them: whoever has a second factor, by that, and no password."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [one for one in methods if one["id"] != "reauthenticate"] or methods

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that everything else goes by, for the limits and sessions that are allauth's own."""
        return get_client_info(request).ip_address or NO_ADDRESS

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Counts the attempt by Dog n Bone's limits instead of allauth's, before the password is looked at.

        Raises ValidationError, and records what it turned away, which sends no signal.
        """
        email = str(credentials.get("email") or "")
        self._attempt = Attempt(list_password_counts(Visitor(request, email)))
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
