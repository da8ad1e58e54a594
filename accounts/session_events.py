"""What Dog n Bone hears from Django about signing in and out."""

from typing import Any

from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.login_failures import ClientInfo, get_client_info, record_sign_in_failure
from accounts.push import SIGNED_OUT, push_to_session


@receiver(user_login_failed)
def hear_failed_sign_in(
    sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
) -> None:
    """Django has replaced the password among `credentials` by stars before it says so."""
    email = credentials.get("email") or credentials.get("username") or ""
    client = get_client_info(request) if request else ClientInfo()
    record_sign_in_failure(email=str(email), client=client)


@receiver(user_logged_out)
def hear_sign_out(sender: Any, request: HttpRequest | None = None, **kwargs: Any) -> None:
    session_key = getattr(getattr(request, "session", None), "session_key", None)
    if session_key:
        push_to_session(session_key, SIGNED_OUT)
