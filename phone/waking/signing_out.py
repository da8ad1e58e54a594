"""A browser that somebody has signed out of, or whose sign-ins have all ended, is woken no more."""

from typing import Any

from allauth.account.signals import password_changed, password_reset
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.people import User
from accounts.sign_ins.ending import sign_in_ended
from phone.waking.subscriptions import forget_person, forget_session


@receiver(user_logged_out, dispatch_uid="forget browser")
def hear_sign_out(sender: Any, request: HttpRequest | None = None, **kwargs: Any) -> None:
    session_key = getattr(getattr(request, "session", None), "session_key", None)
    if session_key:
        forget_session(session_key)


@receiver(sign_in_ended, dispatch_uid="forget browser that was signed out")
def hear_sign_in_ended(session_key: str, **kwargs: Any) -> None:
    forget_session(session_key)


@receiver([password_changed, password_reset], dispatch_uid="forget browsers")
def hear_other_password(user: User, **kwargs: Any) -> None:
    forget_person(user)
