"""What a browser tells of itself: that calls may wake it, and that they may not any more."""

import base64
import binascii
import json
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.clients import get_body
from accounts.people import get_user
from accounts.rate_limits import RateLimit
from phone.waking.browsers import name_browser
from phone.waking.endpoints import BadEndpoint, check_endpoint
from phone.waking.subscriptions import Address, forget_subscription, keep_subscription
from phone.waking.vapid import is_offered

MOST_BYTES = 8_000
# Every load of a page says once that its browser may be woken.
SUBSCRIPTIONS = RateLimit("push-subscription", limit=120, seconds=600)
# RFC 8291 2.1 and 3.2: a point of P-256, uncompressed, and a secret.
P256DH_BYTES, AUTH_BYTES = 65, 16


class BadSubscription(ValueError):
    """The text says what was seen and what is expected."""


@never_cache
@login_required
@require_POST
def push_subscription(request: HttpRequest) -> HttpResponse:
    """Keeps what the browser's `PushSubscription.toJSON()` is. 422: it is none; 404: nobody is woken here."""
    person = get_user(request)
    if not is_offered():
        return refuse(404, _("This Dog n Bone wakes no browsers: it has no key for it."))
    if SUBSCRIPTIONS.take(str(person.pk)):
        return refuse(429, _("That was asked too often. Please wait a few minutes."))
    try:
        address = read_address(request)
    except (BadSubscription, BadEndpoint) as error:
        return refuse(422, str(error))
    keep_subscription(
        person=person,
        session_key=request.session.session_key or "",
        browser=name_browser(request.headers.get("User-Agent", "")),
        address=address,
    )
    return HttpResponse(status=204)


@never_cache
@login_required
@require_POST
def push_unsubscription(request: HttpRequest) -> HttpResponse:
    """Forgets the browser whose `endpoint` is given; one that is not known is forgotten already."""
    try:
        endpoint = read_text(read_body(request), "endpoint")
    except BadSubscription as error:
        return refuse(422, str(error))
    forget_subscription(person=get_user(request), endpoint=endpoint)
    return HttpResponse(status=204)


def refuse(status: int, words: str) -> JsonResponse:
    return JsonResponse({"cause": "refused_here", "words": words, "remedy": ""}, status=status)


def read_address(request: HttpRequest) -> Address:
    """Raises BadSubscription, BadEndpoint."""
    body = read_body(request)
    keys = body.get("keys")
    if not isinstance(keys, dict):
        raise BadSubscription("The subscription has no keys; an object with p256dh and auth is expected.")
    p256dh, auth = read_key(keys, "p256dh", P256DH_BYTES), read_key(keys, "auth", AUTH_BYTES)
    return Address(check_endpoint(read_text(body, "endpoint")), p256dh, auth)


def read_body(request: HttpRequest) -> dict[str, Any]:
    sent = get_body(request)
    if len(sent) > MOST_BYTES:
        raise BadSubscription(f"The subscription is longer than {MOST_BYTES} bytes.")
    try:
        body = json.loads(sent)
    except (ValueError, RecursionError):
        raise BadSubscription("The subscription is not JSON.") from None
    if not isinstance(body, dict):
        raise BadSubscription("The subscription is not an object.")
    return body


def read_text(body: dict[str, Any], name: str) -> str:
    text = body.get(name)
    # What a browser sends is ASCII; a lone surrogate could not even be encoded.
    if not isinstance(text, str) or not text or not text.isascii():
        raise BadSubscription(
            f"The subscription has no {name} that can be read; a text in ASCII is expected."
        )
    return text


def read_key(keys: dict[str, Any], name: str, length: int) -> str:
    """A key in base64url, RFC 4648, of so many bytes; without padding. Raises BadSubscription."""
    text = read_text(keys, name).rstrip("=")
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadSubscription(f"The key {name} is not base64url.") from None
    if len(raw) != length:
        raise BadSubscription(f"The key {name} has {len(raw)} bytes, where {length} are expected.")
    return text
