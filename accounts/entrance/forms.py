"""allauth's forms, with addresses read as Dog n Bone reads them, and resets that nobody can deny another."""

from typing import Any

from allauth.account import app_settings, forms
from allauth.account.adapter import get_adapter
from allauth.account.utils import filter_users_by_email
from allauth.core import context as allauth_context
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.audit.refusals import Refusal, record_refusal
from accounts.clients import get_client_info
from accounts.entrance.addresses import AddressField
from accounts.entrance.limits import (
    RESETS_FROM_ADDRESS,
    build_throttled,
    count_reset,
    count_sign_up,
    is_letter_due,
)
from accounts.entrance.visitors import Visitor


class LoginForm(forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = AddressField()


class SignupForm(forms.SignupForm):
    """Says of nobody that they have an account: it is their letter that says so.

    Where addresses are not confirmed first, whoever is new is in at once, and by that a stranger can tell;
    ADR 41 says why, and what holds then.
    """

    email = AddressField()

    def validate_unique_email(self, value: str) -> str:
        """allauth refuses what is taken in so many words, unless addresses have to be confirmed."""
        self.account_already_exists = bool(filter_users_by_email(value))
        return str(get_adapter().validate_unique_email(value))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if not self.errors:
            request = allauth_context.request
            limit, wait = count_sign_up(request, is_taken=self.account_already_exists)
            if limit:
                client = get_client_info(request)
                record_refusal(Refusal.What.SIGN_UP, client=client, about=limit.name)
                words = _("Too many sign-ups came from this network. Try again in {wait}.")
                raise build_throttled(request, wait, words)
        return cleaned

    def try_save(self, request: HttpRequest) -> tuple[AbstractBaseUser | None, HttpResponse | None]:
        """Does the work of a password's hash also where there is nobody to keep it for."""
        if self.account_already_exists:
            make_password(self.cleaned_data.get("password1"))
            if app_settings.EMAIL_VERIFICATION != app_settings.EmailVerificationMethod.MANDATORY:
                get_adapter().send_account_already_exists_mail(self.cleaned_data["email"])
                return None, redirect("account_email_verification_sent")
        saved: tuple[AbstractBaseUser | None, HttpResponse | None] = super().try_save(request)
        return saved


class AddEmailForm(forms.AddEmailForm):
    email = AddressField()


class ResetPasswordForm(forms.ResetPasswordForm):
    email = AddressField()

    def clean_email(self) -> str:
        email: str = super().clean_email()
        request = allauth_context.request
        wait = count_reset(Visitor(request, email))
        if wait:
            record_refusal(
                Refusal.What.RESET, client=get_client_info(request), about=RESETS_FROM_ADDRESS.name
            )
            raise build_throttled(
                request,
                wait,
                _(
                    "Too many letters were asked for from this network. Try again in {wait} here, or now "
                    "from another network."
                ),
            )
        return email

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Sends no second letter on the heels of a first; the page is the same either way."""
        email: str = self.cleaned_data["email"]
        if is_letter_due(Visitor(request, email)):
            super().save(request, **kwargs)
        return email
