"""Requests as Twilio posts them to our webhooks, signed by our own reading of its rule."""

import base64
import hashlib
import hmac
from typing import Any

from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.people import User
from accounts.twilio.credentials import PhoneNumber, TwilioAccount, TwilioCredentials
from fake_twilio import catalogue

DEMO_SID = catalogue.account_sid(catalogue.DEMO)
DEMO_TOKEN = catalogue.auth_token(catalogue.DEMO)


def make_member(user: User, name: str = catalogue.DEMO, **fields: Any) -> TwilioAccount:
    """`user` on the catalogue's account `name`, as a proven connection would have left it."""
    account, _ = TwilioAccount.objects.get_or_create(account_sid=catalogue.account_sid(name))
    TwilioCredentials.objects.create(
        user=user, account=account, **{"auth_token": catalogue.auth_token(name), "verdict": "ok", **fields}
    )
    return account


def add_number(account: TwilioAccount, phone_number: str, kind: str = "owned", **fields: Any) -> PhoneNumber:
    return PhoneNumber.objects.create(
        account=account, sid=f"PN{phone_number}", kind=kind, phone_number=phone_number, **fields
    )


def sign(url: str, params: dict[str, str], auth_token: str) -> str:
    """https://www.twilio.com/docs/usage/security#validating-requests, steps 1 to 4."""
    signed = url + "".join(name + params[name] for name in sorted(params))
    digest = hmac.new(auth_token.encode(), signed.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def build_call_sid(name: str = "call") -> str:
    return "CA" + hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()


def post(
    name: str,
    account: TwilioAccount | str,
    *,
    auth_token: str = DEMO_TOKEN,
    signature: str | None = None,
    query: str = "",
    **params: str,
) -> Any:
    """Posts to the webhook `name` (voice_webhook, dial_action, call_status) with a genuine signature.

    `account` may be a bare webhook key. A parameter that is given as "-" is left out; an empty
    `signature` sends no header.
    """
    key = account if isinstance(account, str) else account.webhook_key
    account_sid = DEMO_SID if isinstance(account, str) else account.account_sid
    form = {
        "AccountSid": account_sid,
        "CallSid": build_call_sid(),
        "ApiVersion": "2010-04-01",
        "CallStatus": "ringing",
        "Direction": "inbound",
        **params,
    }
    form = {field: value for field, value in form.items() if value != "-"}
    path = reverse(name, args=[key]) + query
    if signature is None:
        signature = sign(settings.PUBLIC_URL + path, form, auth_token)
    headers = {"X-Twilio-Signature": signature} if signature else {}
    return Client(enforce_csrf_checks=True).post(path, form, headers=headers)
