"""allauth's forms, with addresses read as Dog n Bone reads them, and resets that nobody can deny another."""

from typing import Any

from allauth.account import forms
from allauth.core import context as allauth_context
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.entrance.addresses import AddressField
from accounts.entrance.limits import build_throttled, count_reset, is_letter_due
from accounts.entrance.visitors import Visitor


class LoginForm(forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = AddressField()


class SignupForm(forms.SignupForm):
    email = AddressField()


class AddEmailForm(forms.AddEmailForm):
    email = AddressField()


class ResetPasswordForm(forms.ResetPasswordForm):
    email = AddressField()

    def clean_email(self) -> str:
        email: str = super().clean_email()
        request = allauth_context.request
        wait = count_reset(Visitor(request, email))
        if wait:
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
