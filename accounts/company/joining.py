"""Following an invitation's link: signing up by it, or joining with the account that one has.

Whoever follows it reads the mail of the address that was invited, so the address is proven by it, and it
may be said whether there is an account with it.
"""

from typing import Any
from urllib.parse import urlencode

from allauth.account.models import EmailAddress
from django import forms
from django.contrib.auth import login
from django.contrib.auth.password_validation import validate_password
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.clients import get_client_info
from accounts.company.invitations import CannotJoin, Invitation, find_invitation, join
from accounts.company.memberships import Membership
from accounts.entrance.limits import describe_wait
from accounts.people import User
from accounts.rate_limits import RateLimit
from accounts.toasts import say_done

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
# Guesses at links; nobody has so many invitations.
TRIES = RateLimit("join-company", limit=30, seconds=300)


class PasswordForm(forms.Form):
    """The password of an account that is being made for `email`."""

    password1 = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label=gettext_lazy("Password (again)"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, data: QueryDict | None, *, email: str) -> None:
        super().__init__(data)
        self.email = email

    def clean_password1(self) -> str:
        password = str(self.cleaned_data["password1"])
        validate_password(password, User(email=self.email))
        return password

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, again = cleaned.get("password1"), cleaned.get("password2")
        if first and again and first != again:
            self.add_error("password2", _("You must type the same password each time."))
        return cleaned


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join_company(request: HttpRequest, token: str) -> HttpResponse:
    """410: a link that is good no more, or never was; 403: signed in as somebody else; 409: has a phone."""
    if seconds := TRIES.take(get_client_info(request).ip_address or "nowhere"):
        words = {"wait": describe_wait(seconds)}
        response = render(request, "429.html", words, status=429)
        response["Retry-After"] = str(seconds)
        return response
    invitation = find_invitation(token)
    if invitation is None:
        return render(request, "company/join.html", {"invitation": None}, status=410)
    user = request.user
    if isinstance(user, User):
        return join_signed_in(request, token, invitation, user)
    return sign_up(request, token, invitation)


def join_signed_in(request: HttpRequest, token: str, invitation: Invitation, user: User) -> HttpResponse:
    has_phone = Membership.objects.filter(user=user).exists()
    status = 403 if user.email != invitation.email else 409 if has_phone else 200
    if request.method == "POST" and status == 200:
        try:
            join(token=token, user=user, client=get_client_info(request))
        except CannotJoin:
            # Somebody was quicker, or it was taken back: the page says so.
            return redirect("join_company", token=token)
        prove_address(user)
        say_done(request, _("The phone is yours."))
        return redirect("phone")
    context = {"invitation": invitation, "has_phone": has_phone, "twilio_url": reverse("connect_twilio")}
    return render(request, "company/join.html", context, status=status)


def sign_up(request: HttpRequest, token: str, invitation: Invitation) -> HttpResponse:
    is_known = User.objects.filter(email=invitation.email).exists()
    posted = request.POST if request.method == "POST" and not is_known else None
    form = PasswordForm(posted, email=invitation.email)
    if form.is_valid():
        try:
            with transaction.atomic():
                user = User.objects.create_user(invitation.email, form.cleaned_data["password1"])
                prove_address(user)
                join(token=token, user=user, client=get_client_info(request))
        except (CannotJoin, IntegrityError):
            return redirect("join_company", token=token)
        login(request, user, backend=BACKEND)
        return redirect("phone")
    context = {
        "invitation": invitation,
        "is_known": is_known,
        "form": form,
        "sign_in_url": f"{reverse('account_login')}?{urlencode({'next': request.path})}",
    }
    return render(request, "company/join.html", context, status=422 if form.errors else 200)


def prove_address(user: User) -> None:
    """Keeps that the person reads the mail of their address."""
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
