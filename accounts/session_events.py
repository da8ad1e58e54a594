"""What Dog n Bone hears from Django about signing in and out."""

from typing import Any

from allauth.account.signals import password_reset
from allauth.account.views import INTERNAL_RESET_SESSION_KEY
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.audit.journal import AccountEvent, record_account_event
from accounts.clients import ClientInfo, get_client_info
from accounts.entrance.asking_again import note_sign_in_time
from accounts.entrance.devices import remember_person
from accounts.entrance.limits import forget_wrong_passwords
from accounts.entrance.visitors import Visitor
from accounts.failures.recording import record_sign_in_failure
from accounts.languages import note_language
from accounts.people import User


@receiver(user_login_failed)
def hear_failed_sign_in(
    sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
) -> None:
    """Django has replaced the password among `credentials` by stars before it says so."""
    email = credentials.get("email") or credentials.get("username") or ""
    client = get_client_info(request) if request else ClientInfo()
    record_sign_in_failure(email=str(email), client=client)


@receiver(user_logged_in)
def record_signed_in(request: HttpRequest | None, user: User, **unused: Any) -> None:
    record_sign_in_or_out(AccountEvent.Kind.SIGNED_IN, request, user)
    note_language(user, request)
    if request is not None:
        remember_person(request, user.pk)
        note_sign_in_time(request)


@receiver(password_reset)
def know_who_reset_a_password(request: HttpRequest, user: User, **unused: Any) -> None:
    """Whoever has the letter is its person: signing in with the new password waits for nobody.

    The letter's key, which allauth leaves in the session, is no use any more, and goes.
    """
    request.session.pop(INTERNAL_RESET_SESSION_KEY, None)
    forget_wrong_passwords(Visitor(request, user.email))
    remember_person(request, user.pk)


@receiver(user_logged_out)
def record_signed_out(request: HttpRequest | None, user: User | None, **unused: Any) -> None:
    if user is not None:
        record_sign_in_or_out(AccountEvent.Kind.SIGNED_OUT, request, user)


def record_sign_in_or_out(kind: str, request: HttpRequest | None, user: User) -> None:
    record_account_event(kind=kind, user=user, client=get_client_info(request) if request else None)
