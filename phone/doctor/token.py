"""The doctor's last two lines: the phone's token taken apart, and shown to Twilio.

The gateway's protocol is undocumented; read from `@twilio/voice-sdk` 2.18 (`lib/twilio/pstream.ts`).
A token is shown with `listen`, answered by `connected` or `error`; `register` is never sent, so a
phone that is registered under the same identity is not disturbed.
"""

import base64
import hashlib
import hmac
import json
import logging
import time
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from websockets.exceptions import InvalidHandshake, InvalidURI, WebSocketException
from websockets.sync.client import ClientConnection, connect

from accounts.masking import mask_sid
from accounts.outside import leave_database
from accounts.regions import EDGES, Region
from accounts.twilio.credentials import TwilioCredentials
from accounts.verdicts.device_rules import verdict_of_device_report
from phone.doctor.findings import Finding, bad, blame, cannot_tell, good, leave_open
from phone.tokens.access_tokens import NothingToSignWith, Token, build_token
from phone.tokens.issued_tokens import IssuedToken

CONNECT_SECONDS = 4.0
ANSWER_SECONDS = 4.0
MAX_LIFETIME = 24 * 3600
MAX_FRAME_BYTES = 65_536
HEARTBEAT = "\n"
# Attached to nothing: at DEBUG the library would write every frame, and so the token.
SILENT = logging.Logger("signalling", logging.CRITICAL)
# What the gateway's error says of the network or of Twilio, not of the token.
NOT_OF_THE_TOKEN = ("browser_network", "transient")
OURS = gettext_lazy("Ask the people who run this Dog n Bone: nothing on this page can mend it.")


class NoAnswer(Exception):
    """The gateway could not be asked, or did not answer as expected; the text says how."""


def examine_token(credentials: TwilioCredentials) -> Iterator[Finding]:
    """What a phone would register with, and whether Twilio would take it. Never raises."""
    try:
        token = build_token(credentials)
    except NothingToSignWith:
        yield bad("token", _("There is nothing to sign it with."), _("Connect Twilio again."))
        yield cannot_tell("registering", _("There is no pass to show."))
        return
    yield judge_token(token, credentials)
    yield ask_gateway(token, credentials.region)


def judge_token(token: Token, credentials: TwilioCredentials) -> Finding:
    """Takes the token apart without the library that made it (RFC 7519)."""
    faults = list(find_faults(token, credentials))
    if faults:
        return bad("token", _("It was made wrongly: {faults}.").format(faults=", ".join(faults)), str(OURS))
    minutes = round((token.expires_at - token.issued_at).total_seconds() / 60)
    words = SIGNED[is_access_token(token), bool(credentials.twiml_app_sid)]
    return good("token", str(words).format(key=mask_sid(credentials.api_key_sid), minutes=minutes))


# By whether a key has signed it, and whether it may call.
SIGNED = {
    (True, True): gettext_lazy(
        "Signed by the key {key}, good for {minutes} minutes; with it the phone may call and be called."
    ),
    (True, False): gettext_lazy(
        "Signed by the key {key}, good for {minutes} minutes; with it the phone may be called."
    ),
    (False, True): gettext_lazy(
        "Signed by the Auth Token, good for {minutes} minutes; with it the phone may call and be called."
    ),
    (False, False): gettext_lazy(
        "Signed by the Auth Token, good for {minutes} minutes; with it the phone may be called."
    ),
}


def find_faults(token: Token, credentials: TwilioCredentials) -> Iterator[str]:
    try:
        signed, _dot, signature = token.jwt.rpartition(".")
        header, claims = (json.loads(decode_part(part)) for part in signed.split("."))
        secret = credentials.api_key_secret if is_access_token(token) else credentials.auth_token
        expected = hmac.new(secret.reveal().encode(), signed.encode(), hashlib.sha256).digest()
        is_signed = hmac.compare_digest(expected, decode_part(signature))
    except ValueError:
        yield _("it does not decode")
        return
    if not is_signed or header.get("alg") != "HS256":
        yield _("its signature does not fit")
    yield from find_time_faults(claims)
    if is_access_token(token):
        yield from find_access_faults(header, claims, credentials)
    else:
        yield from find_capability_faults(claims, credentials)


def is_access_token(token: Token) -> bool:
    return token.kind == IssuedToken.Kind.ACCESS


def find_time_faults(claims: Mapping[str, Any]) -> Iterator[str]:
    expires_at, now = claims.get("exp"), time.time()
    if not isinstance(expires_at, int):
        yield _("it has no end")
    elif not now < expires_at <= now + MAX_LIFETIME:
        yield _("it has expired, or lasts longer than a day")
    if claims.get("nbf", 0) > now:
        yield _("it is not valid yet")


def find_access_faults(
    header: Mapping[str, Any], claims: Mapping[str, Any], credentials: TwilioCredentials
) -> Iterator[str]:
    """https://www.twilio.com/docs/iam/access-tokens"""
    if header.get("cty") != "twilio-fpa;v=1" or header.get("twr", Region.US1) != credentials.region:
        yield _("its header is another")
    if (claims.get("iss"), claims.get("sub")) != (credentials.api_key_sid, credentials.account.account_sid):
        yield _("it names another key or account")
    grants = claims.get("grants") or {}
    voice = grants.get("voice") or {}
    if grants.get("identity") != credentials.person.identity:
        yield _("it names another identity")
    if (voice.get("incoming") or {}).get("allow") is not True:
        yield _("it does not permit to be called")
    if (voice.get("outgoing") or {}).get("application_sid", "") != credentials.twiml_app_sid:
        yield _("it names another TwiML App")


def find_capability_faults(claims: Mapping[str, Any], credentials: TwilioCredentials) -> Iterator[str]:
    """https://www.twilio.com/docs/voice/sdks/javascript/v1/capability-tokens"""
    if claims.get("iss") != credentials.account.account_sid:
        yield _("it names another account")
    scope = str(claims.get("scope", ""))
    if f"clientName={credentials.person.identity}" not in scope:
        yield _("it names another identity")
    if credentials.twiml_app_sid not in scope:
        yield _("it names another TwiML App")


def decode_part(part: str) -> bytes:
    """base64url without padding (RFC 7515 §2); raises ValueError for anything else."""
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def ask_gateway(token: Token, region: str) -> Finding:
    try:
        answer = show_token(token, region)
    except NoAnswer as reason:
        words = _("{reason} A browser may still reach it.").format(reason=reason)
        return cannot_tell("registering", words)
    if answer.get("type") == "connected":
        return good("registering", _("Twilio lets the phone in."))
    payload = answer.get("payload")
    error = payload.get("error") if isinstance(payload, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    if not isinstance(code, int):
        return cannot_tell("registering", _("Twilio refused the phone, without a code that says why."))
    verdict = verdict_of_device_report(code=code, original_code=None, message="")
    if verdict is None or verdict.code in NOT_OF_THE_TOKEN:
        return cannot_tell(
            "registering", _("Twilio answered the phone with the code {code}.").format(code=code)
        )
    if not verdict.is_judged:
        return leave_open("registering", verdict)
    return blame("registering", verdict)


def show_token(token: Token, region: str) -> dict[str, Any]:
    """The gateway's `connected` or `error`. Raises NoAnswer."""
    leave_database()
    try:
        with connect(
            find_gateway(region),
            open_timeout=CONNECT_SECONDS,
            close_timeout=1,
            ping_interval=None,
            max_size=MAX_FRAME_BYTES,
            proxy=None if settings.TWILIO_SIGNALLING else True,
            logger=SILENT,
        ) as socket:
            socket.send(json.dumps(build_listen(token)))
            return hear_answer(socket)
    except TimeoutError as error:
        raise NoAnswer(_("Twilio did not answer the phone in time.")) from error
    except (InvalidHandshake, InvalidURI) as error:
        raise NoAnswer(_("Twilio opened no connection for the phone.")) from error
    except WebSocketException as error:
        raise NoAnswer(_("Twilio broke the phone's connection off.")) from error
    except (OSError, ImportError) as error:
        # ImportError: a SOCKS proxy, for which the library wants one more package.
        raise NoAnswer(_("Twilio was not reached where phones connect.")) from error


def find_gateway(region: str) -> str:
    """The address the Device would dial; see `phone/tokens/device_options.py`."""
    if settings.TWILIO_SIGNALLING:
        return f"ws://{settings.TWILIO_SIGNALLING}/signal"
    return f"wss://voice-js.{EDGES.get(region, 'roaming')}.twilio.com/signal"


def build_listen(token: Token) -> dict[str, Any]:
    browser = {"platform": "", "userAgent": "Dog n Bone"}
    info = {"browser": browser, "p": "browser", "plugin": "rtc", "v": "2.18.5"}
    return {"type": "listen", "version": "1.6", "payload": {"token": token.jwt, "browserinfo": info}}


def hear_answer(socket: ClientConnection) -> dict[str, Any]:
    """The first frame that answers; heartbeats and whatever else comes before it are passed over."""
    deadline = time.monotonic() + ANSWER_SECONDS
    while (left := deadline - time.monotonic()) > 0:
        text = socket.recv(timeout=left)
        if text == HEARTBEAT:
            continue
        try:
            frame = json.loads(text)
        except ValueError:
            continue
        if isinstance(frame, dict) and frame.get("type") in ("connected", "error"):
            return frame
    raise TimeoutError
