"""What is kept of a second factor's changes; letters are allauth's (`accounts/adapter.py`)."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.audit.journal import AccountEvent, record_account_event
from accounts.clients import get_client_info
from accounts.people import User

Kind = AccountEvent.Kind


@receiver(authenticator_added, dispatch_uid="factor added")
def hear_added(request: HttpRequest, user: User, authenticator: Authenticator, **unused: Any) -> None:
    record(request, user, Kind.CODES_MADE if are_codes(authenticator) else Kind.FACTOR_ADDED)


@receiver(authenticator_reset, dispatch_uid="codes made anew")
def hear_reset(request: HttpRequest, user: User, **unused: Any) -> None:
    record(request, user, Kind.CODES_MADE)


@receiver(authenticator_removed, dispatch_uid="factor removed")
def hear_removed(request: HttpRequest, user: User, authenticator: Authenticator, **unused: Any) -> None:
    # The codes go with the last factor, which has been told of.
    if not are_codes(authenticator):
        record(request, user, Kind.FACTOR_REMOVED)


def are_codes(authenticator: Authenticator) -> bool:
    return bool(authenticator.type == Authenticator.Type.RECOVERY_CODES)


def record(request: HttpRequest, user: User, kind: str) -> None:
    record_account_event(kind=kind, user=user, client=get_client_info(request))
