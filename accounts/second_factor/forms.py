"""allauth's forms of second factors, with Dog n Bone's limits, and each failure kept.

A limit counts before a code is looked at, as with passwords (`accounts/entrance/limits.py`). A code is good
once, for as long as it is good at all: allauth would forget it sooner than our tolerance for clocks does.
"""

import struct
import time
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from allauth.core import context as allauth_context
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as base_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, generate_totp_secret
from allauth.mfa.webauthn import forms as webauthn_forms
from django import forms
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.clients import get_client_info
from accounts.entrance.limits import USED_CODES, Attempt, build_throttled, list_code_counts
from accounts.entrance.visitors import Visitor
from accounts.failures.recording import record_second_factor_failure, record_throttled_sign_in
from accounts.people import User
from accounts.sealing.encryption import UnsealError, open_sealed, seal

# For as long as it takes to find the app, and to type what it shows.
SETTING_UP_SECONDS = 3600

# What readers of JSON, of dictionaries and of bytes raise where nothing of a browser's making is read.
UNREADABLE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
)

Found = TypeVar("Found")


def try_factor(user: User, look: Callable[[], Found]) -> Found:
    """What `look` finds, if it may be tried now. Raises ValidationError, and keeps each failure."""
    request = allauth_context.request
    client = get_client_info(request)
    attempt = Attempt(list_code_counts(Visitor(request, user.email)))
    wait = attempt.begin()
    if wait:
        record_throttled_sign_in(email=user.email, client=client)
        raise build_throttled(request, wait, gettext("Too many wrong codes. Try again in {wait}."))
    try:
        found = look()
    except ValidationError:
        record_second_factor_failure(user=user, client=client)
        raise
    attempt.take_back()
    return found


def build_code_field() -> forms.CharField:
    attributes = {"autocomplete": "one-time-code", "inputmode": "numeric", "autocapitalize": "off"}
    return forms.CharField(label=_("Code"), max_length=40, widget=forms.TextInput(attributes))


class OnceOnly:
    """Of a form that takes a code: each once, and not more often than the limits allow."""

    user: User
    authenticator: Authenticator

    def clean_code(self) -> str:
        return try_factor(self.user, self.find_code)

    def find_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        is_of_app = self.authenticator.type == Authenticator.Type.TOTP
        if is_of_app and USED_CODES.take(f"{self.user.pk}:{normalize_user_code(code)}"):
            raise get_adapter().validation_error("incorrect_code")
        return code


class AuthenticateForm(OnceOnly, base_forms.AuthenticateForm):
    code = build_code_field()


class ReauthenticateForm(OnceOnly, base_forms.ReauthenticateForm):
    code = build_code_field()


class ActivateTOTPForm(totp_forms.ActivateTOTPForm):
    """The app's secret waits, sealed, in the session, and is the same when the page is loaded anew."""

    code = build_code_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.user = kwargs.pop("user")
        # Past allauth's own, which would put it there unsealed.
        super(totp_forms.ActivateTOTPForm, self).__init__(*args, **kwargs)
        session = allauth_context.request.session
        self.secret = take_secret(session, self.user) or make_secret(session, self.user)


def make_secret(session: SessionBase, user: User) -> str:
    secret: str = generate_totp_secret()
    session[SECRET_SESSION_KEY] = {
        "sealed": seal(secret, place=find_place(user)).hex(),
        "until": time.time() + SETTING_UP_SECONDS,
    }
    return secret


def take_secret(session: SessionBase, user: User) -> str:
    """The one that was made for this person in this session; empty where there is none, or too old."""
    kept = session.get(SECRET_SESSION_KEY)
    if not kept or kept["until"] < time.time():
        return ""
    try:
        return open_sealed(bytes.fromhex(kept["sealed"]), place=find_place(user))
    except UnsealError:
        return ""


def find_place(user: User) -> str:
    return f"session:{SECRET_SESSION_KEY}:{user.pk}"


class PasskeyField(forms.JSONField):
    """What a browser says of a passkey, as JSON: Django's breaks over what is nested or numbered too far."""

    def __init__(self) -> None:
        super().__init__(widget=forms.HiddenInput)

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except UNREADABLE as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error

    def bound_data(self, data: Any, initial: Any) -> None:
        """It is good for one challenge, and not told again where something is wrong with it."""

    def prepare_value(self, value: Any) -> str:
        return ""


def read_passkey(look: Callable[[], Found]) -> Found:
    """What `look` finds. Raises ValidationError, also for what its readers take amiss."""
    try:
        return look()
    except UNREADABLE as error:
        raise get_adapter().validation_error("incorrect_code") from error


class AuthenticateWebAuthnForm(webauthn_forms.AuthenticateWebAuthnForm):
    credential = PasskeyField()

    def clean_credential(self) -> Authenticator:
        return try_factor(self.user, partial(read_passkey, super().clean_credential))


class ReauthenticateWebAuthnForm(webauthn_forms.ReauthenticateWebAuthnForm):
    credential = PasskeyField()

    def clean_credential(self) -> Authenticator:
        return try_factor(self.user, partial(read_passkey, super().clean_credential))


class LoginWebAuthnForm(webauthn_forms.LoginWebAuthnForm):
    """Signing in by a passkey alone. There is nothing to guess, and nobody to be kept out by guessing."""

    credential = PasskeyField()

    def clean_credential(self) -> Authenticator:
        try:
            return read_passkey(super().clean_credential)
        except ValidationError:
            record_second_factor_failure(user=None, client=get_client_info(allauth_context.request))
            raise


class AddWebAuthnForm(webauthn_forms.AddWebAuthnForm):
    credential = PasskeyField()
    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        required=False,
        help_text=_("By which you tell it from others: “Work laptop”."),
    )
    passwordless = forms.BooleanField(
        label=_("Let it stand for the password, too"),
        required=False,
        initial=True,
        help_text=_("You then sign in with it alone. It asks for your finger, your face or a PIN."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = read_passkey(super().clean)
        return cleaned


class EditWebAuthnForm(webauthn_forms.EditWebAuthnForm):
    name = forms.CharField(label=_("Name"), max_length=60)
