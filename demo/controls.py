"""The fake Twilio's controls, as the panel uses them: one function for each thing it can be told.

The fake is where `TWILIO_BASE_URL` points, because these settings are used only beside one.
"""

import hashlib
from typing import Any

import requests
from django.conf import settings

SECONDS = 10


class FakeSilent(Exception):
    """The fake Twilio did not answer, or does not know what it was asked about."""


def fetch_account(account_sid: str) -> dict[str, Any]:
    """What the fake shows of an account: its state, keys and applications; no secret."""
    return dict(send("GET", f"accounts/{account_sid}").json())


def change_account(account_sid: str, **fields: Any) -> None:
    send("PATCH", f"accounts/{account_sid}", **fields)


def rotate_key(account_sid: str, key_sid: str) -> None:
    """Gives a key a secret that nobody is told."""
    send("POST", f"accounts/{account_sid}/keys/{key_sid}")


def delete_key(account_sid: str, key_sid: str) -> None:
    send("DELETE", f"accounts/{account_sid}/keys/{key_sid}")


def put_key(account_sid: str, key_sid: str, *, secret: str, region: str) -> None:
    """Makes a key what it was, whether it was rotated or deleted."""
    send("PUT", f"accounts/{account_sid}/keys/{key_sid}", secret=secret, region=region)


def take_away(account_sid: str, sid: str) -> None:
    """A TwiML App, a number or a verified caller ID, as its owner would in Twilio's console."""
    send("DELETE", f"accounts/{account_sid}/resources/{sid}")


def bring_back(account_sid: str, sid: str) -> None:
    send("PUT", f"accounts/{account_sid}/resources/{sid}")


def recheck_devices(account_sid: str) -> None:
    """Lets the gateway look again at the tokens of an account's registered Devices."""
    send("POST", "gateway", account_sid=account_sid, recheck=True)


def drop_devices(account_sid: str) -> None:
    """Cuts the sockets of an account's Devices, which dial again at once."""
    send("POST", "gateway", account_sid=account_sid, drop_sockets=True)


def fingerprint(secret: str) -> str:
    """As `fake_twilio/control.py` shows it."""
    return hashlib.sha256(secret.encode()).hexdigest()[:16]


def send(method: str, path: str, /, **body: Any) -> requests.Response:
    """One request of the control API. Raises FakeSilent."""
    try:
        with requests.Session() as session:
            # Loopback is not behind any proxy that the environment names.
            session.trust_env = False
            url = f"{settings.TWILIO_BASE_URL}/_fake/{path}"
            response = session.request(method, url, json=body or None, timeout=SECONDS)
            response.raise_for_status()
            return response
    except requests.RequestException as error:
        # The body of the request may hold a secret, and the error the request.
        raise FakeSilent(f"{method} {path.partition('/')[0]}: {type(error).__name__}") from None
