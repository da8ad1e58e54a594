"""One request to Twilio about a call, in the name of one of its people."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.people import User
from accounts.sealing.encryption import UnsealError
from accounts.twilio.credentials import TwilioAccount
from accounts.twilio.rest import Limits, TwilioLogin, TwilioUnreachable, fetch
from phone.calls.confirmation import get_login
from phone.in_call.refusals import DeedRefused, TwilioAway, read_failure

# Somebody is looking on.
LIMITS = Limits(connect=2.0, read=4.0)
NO_LOGIN = _("Nothing in your connection to Twilio lets Dog n Bone change a call.")


def get_own_login(account: TwilioAccount, person: User | None) -> TwilioLogin:
    """The person's own login, else a colleague's. Raises DeedRefused where there is none that works."""
    login = get_login(account, person)
    if login is None:
        raise build_no_login()
    return login


def build_no_login() -> DeedRefused:
    return DeedRefused(422, "unclear", NO_LOGIN, _("Connect again on the Twilio page."))


def ask(
    login: TwilioLogin,
    path: str,
    *,
    method: str = "POST",
    data: Mapping[str, Any] | None = None,
    params: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The JSON of a good answer. Raises TwilioAway, TwilioRefused, or DeedRefused without a login."""
    try:
        answer = fetch(login, path, method=method, data=data, params=params, limits=LIMITS)
    except TwilioUnreachable as error:
        raise TwilioAway from error
    except UnsealError as error:
        # Sealed with a key that this server does not have any more.
        raise build_no_login() from error
    if not answer.is_success:
        raise read_failure(answer)
    return answer.json if isinstance(answer.json, dict) else {}
