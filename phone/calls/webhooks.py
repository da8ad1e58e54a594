"""Lets through only what Twilio signed for one account, at that account's own address.

https://www.twilio.com/docs/usage/security#validating-requests

What can be told without the body is told before any of it is read: `dognbone/webhook_bodies.py`.
"""

import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, TypedDict

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import models
from django.db.models import F, FilteredRelation, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, QueryDict, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils import timezone
from django.utils.datastructures import MultiValueDictKeyError
from django.views.decorators.csrf import csrf_exempt
from twilio.request_validator import RequestValidator

from accounts.clients import get_client_info
from accounts.entrance.visitors import get_network
from accounts.metrics import WEBHOOKS_REFUSED
from accounts.rate_limits import RateLimit
from accounts.sealing.encryption import UnsealError
from accounts.statements import Given, Question
from accounts.twilio.credentials import TwilioAccount, TwilioCredentials
from phone.calls.call import Call
from phone.calls.conferences import find_conference
from phone.calls.confirmation import BAD_AUTH_TOKEN, is_call_confirmed
from phone.calls.refusals import WebhookRefusal
from phone.calls.turns import Turns

WEBHOOK_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
# Base64 of an HMAC-SHA-1, 20 bytes.
SIGNATURE = re.compile(r"[A-Za-z0-9+/]{27}=")
# Many times what Twilio tells of a call, with all that somebody may have said to it.
MOST_BYTES = 65_536
TOO_LARGE = "Too large"
# Where a request's scope has its `Looked`.
LOOKED = "dognbone.webhook"
CALL_SID = re.compile(r"CA[0-9a-fA-F]{32}")
CONFERENCE_SID = re.compile(r"CF[0-9a-fA-F]{32}")
# What a conference is called, by whoever made it.
ROOM_NAME = "FriendlyName"
# A flood must not fill the table; what is beyond it is refused all the same, and counted in one row.
RECORDED_REFUSALS = RateLimit("webhook-refusal", limit=60, seconds=60)
BEYOND = "One of very many"
# What an address may have refused before nothing of it is looked at any more, unless something from there
# was genuine of late: it may be that of a proxy.
REFUSED_FROM_ADDRESS = RateLimit("webhook-refused-from", limit=300, seconds=60)
GENUINE_SECONDS = 3600
# So long a process knows by itself that something genuine came from an address, and of so many.
REMEMBERED_SECONDS, MOST_REMEMBERED = 10.0, 1000
# What Twilio tells of a call it tells while it goes on and soon after. Later somebody else repeats it.
TOLD_WITHIN = timedelta(hours=6)

TURNS = Turns()
# Until when, by network.
REMEMBERED: dict[str, float] = {}

Webhook = Callable[[HttpRequest, TwilioAccount], HttpResponse]


class WebhookRefused(Exception):
    """`reason` is for the admin; whoever asked hears only that it is forbidden."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def twilio_webhook(view: Webhook) -> Callable[..., HttpResponse]:
    """Calls `view(request, account)` for a genuine request of Twilio; anything else is 403 and recorded."""

    def admitting(request: HttpRequest, account: TwilioAccount) -> HttpResponse:
        admit(request, is_long_over=is_long_over(request.POST))
        return view(request, account)

    return twilio_webhook_that_admits(wraps(view)(admitting))


def twilio_webhook_that_admits(view: Webhook) -> Callable[..., HttpResponse]:
    """As `twilio_webhook`, but that the view itself calls `admit()`, before it does anything."""

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, webhook_key: str) -> HttpResponse:
        looked = getattr(request, "scope", {}).get(LOOKED) or look(request, webhook_key)
        try:
            account = get_sender(request, looked)
            vars(request)["twilio_address"] = looked.address
            with TURNS.turn((account.pk, get_subject(request.POST))):
                return view(request, account)
        except WebhookRefused as refused:
            looked.address.note_refused()
            record_refusal(request, refused.reason)
            return HttpResponseForbidden("Forbidden", content_type="text/plain")
        except MultiValueDictKeyError:
            # A room's news, which names no call, at an address that is about one.
            record_refusal(request, "No CallSid")
            return HttpResponseForbidden("Forbidden", content_type="text/plain")

    return guarded


class Address:
    """Where a request came from, and what came from there before."""

    def __init__(self, network: str) -> None:
        self.network = network
        self.blocked, self.genuine = f"webhook-blocked:{network}", f"webhook-genuine:{network}"
        self.known: dict[str, Any] = {}

    def look(self) -> None:
        """Raises WebhookRefused for one from which nothing but a flood came."""
        if REMEMBERED.get(self.network, 0) > time.time():
            self.known = {self.genuine: 1}
            return
        self.known = cache.get_many([self.blocked, self.genuine])
        if self.blocked in self.known and self.genuine not in self.known:
            raise WebhookRefused(BEYOND)

    def note_genuine(self) -> None:
        now = time.time()
        if self.genuine not in self.known:
            cache.set(self.genuine, 1, GENUINE_SECONDS)
        elif REMEMBERED.get(self.network, 0) < now:
            if len(REMEMBERED) >= MOST_REMEMBERED:
                REMEMBERED.clear()
            REMEMBERED[self.network] = now + REMEMBERED_SECONDS

    def note_refused(self) -> None:
        if self.network and self.blocked not in self.known:
            wait = REFUSED_FROM_ADDRESS.take(self.network)
            if wait:
                cache.set(self.blocked, 1, wait)


@dataclass
class Looked:
    """What is known of a request before its body is read; with a `refusal`, nothing of it need be."""

    address: Address
    account: TwilioAccount | None = None
    auth_tokens: frozenset[str] = field(default=frozenset(), repr=False)
    refusal: str = ""


def look(request: HttpRequest, webhook_key: str) -> Looked:
    """Judges a request by its address and its headers alone."""
    looked = Looked(Address(get_network(get_client_info(request).ip_address)))
    try:
        looked.address.look()
        if request.method != "POST":
            raise WebhookRefused("Not a POST")
        rows = SENDERS.ask(webhook_key=webhook_key) if WEBHOOK_KEY.fullmatch(webhook_key) else []
        if not rows:
            raise WebhookRefused("Unknown address")
        looked.account = rows[0]
        looked.auth_tokens = frozenset(read_auth_tokens(rows))
        # Where nobody can check a signature, Twilio is asked for the call instead.
        if looked.auth_tokens:
            check_shape(request.headers.get("X-Twilio-Signature", ""))
        if get_length(request) > MOST_BYTES:
            raise WebhookRefused(TOO_LARGE)
    except WebhookRefused as refused:
        looked.refusal = refused.reason
    return looked


def build_senders() -> "QuerySet[Any]":
    """An account, once for each member whose Auth Token may have signed: all but those known to be bad."""
    signing = Q(credentials__auth_token_is_set=True) & ~Q(credentials__verdict__in=BAD_AUTH_TOKEN)
    return (
        TwilioAccount.objects.filter(webhook_key=Given("webhook_key", models.CharField()))
        .annotate(signing=FilteredRelation("credentials", condition=signing))
        .annotate(signing_id=F("signing__id"), signing_auth_token=F("signing__auth_token"))
    )


SENDERS: "Question[Any]" = Question(build_senders)


def read_auth_tokens(rows: Iterable[Any]) -> Iterator[str]:
    for one in rows:
        if one.signing_id is None:
            continue
        names = ["id", "auth_token"]
        credentials = TwilioCredentials.from_db(None, names, [one.signing_id, one.signing_auth_token])
        # A colleague's may still open where one member's is sealed with a key that is gone.
        with suppress(UnsealError):
            yield credentials.auth_token.reveal()


def check_shape(signature: str) -> None:
    if not signature:
        raise WebhookRefused("No signature")
    if not SIGNATURE.fullmatch(signature):
        raise WebhookRefused("Wrong signature")


def get_length(request: HttpRequest) -> int:
    """What is announced; 0 where nothing is, or what is no number."""
    announced = request.headers.get("Content-Length", "")
    return int(announced[:20]) if announced.isascii() and announced.isdecimal() else 0


def get_sender(request: HttpRequest, looked: Looked) -> TwilioAccount:
    """The account that a request is about and that Twilio sent it for. Raises WebhookRefused."""
    account = looked.account
    if looked.refusal or account is None:
        raise WebhookRefused(looked.refusal)
    params = read_params(request)
    call_sid = str(params.get("CallSid", ""))
    if not CALL_SID.fullmatch(call_sid) and not is_about_room(params):
        raise WebhookRefused("No CallSid")
    check_names(params)
    if looked.auth_tokens:
        check_signature(request, params, looked.auth_tokens)
    if params.get("AccountSid") != account.account_sid:
        raise WebhookRefused("Another account")
    if not looked.auth_tokens and not is_confirmed(account, call_sid, params):
        raise WebhookRefused("Call not confirmed by Twilio")
    return account


def admit(request: HttpRequest, *, is_long_over: bool) -> None:
    """The last that is judged of what Twilio signed. Raises WebhookRefused."""
    if is_long_over:
        raise WebhookRefused("Replay: the call is long over")
    vars(request)["twilio_address"].note_genuine()


def is_long_over(params: QueryDict) -> bool:
    """Whether a call that is told of, or whose leg is, ended too long ago for Twilio to say more of it."""
    return bool(LONG_OVER.ask_values(**read_told_of(params)))


class ToldOf(TypedDict):
    """What `build_long_over()` is asked with: a call, or a leg and its call; and when it ended for that."""

    call_sid: str
    parent_call_sid: str
    ended: datetime


def read_told_of(params: QueryDict) -> ToldOf:
    return ToldOf(
        call_sid=params.get("CallSid", ""),
        parent_call_sid=params.get("ParentCallSid", ""),
        ended=timezone.now() - TOLD_WITHIN,
    )


def build_long_over() -> "QuerySet[Call, Any]":
    names = [Given(name, models.CharField()) for name in ("call_sid", "parent_call_sid")]
    ended = Given("ended", models.DateTimeField())
    return Call.objects.filter(call_sid__in=names, ended_at__lt=ended).order_by().values_list("pk")[:1]


LONG_OVER = Question(build_long_over)


def get_subject(params: QueryDict) -> str:
    """What is one call or one room to most of what Twilio tells of it: the names of those whose rows wait."""
    return params.get(ROOM_NAME) or params.get("ParentCallSid") or params.get("CallSid", "")


def is_about_room(params: QueryDict) -> bool:
    """Whether a whole conference is meant: what Twilio tells of its start and end names no call."""
    return "CallSid" not in params and CONFERENCE_SID.fullmatch(params.get("ConferenceSid", "")) is not None


def is_confirmed(account: TwilioAccount, call_sid: str, params: QueryDict) -> bool:
    """By Twilio for a call; a conference is known by its name, which Twilio alone has been told."""
    if is_about_room(params):
        return find_conference(account, params.get(ROOM_NAME, "")) is not None
    return is_call_confirmed(account, call_sid)


def read_params(request: HttpRequest) -> QueryDict:
    """The posted form. Raises WebhookRefused for a body that cannot be read as one."""
    try:
        return request.POST
    except (BadRequest, MultiPartParserError, SuspiciousOperation, UnreadablePostError) as error:
        raise WebhookRefused("Unreadable body") from error


def check_names(params: QueryDict) -> None:
    """Raises WebhookRefused where what rows are looked up by is no text that a database takes."""
    named = ((name, value) for name, value in params.items() if name.endswith("Sid") or name == ROOM_NAME)
    if any(not str(value).isprintable() for _, value in named):
        raise WebhookRefused("A name with characters that none has")


def check_signature(request: HttpRequest, params: QueryDict, auth_tokens: Collection[str]) -> None:
    signature = request.headers["X-Twilio-Signature"]
    # The address as Twilio called it: what a proxy made of it does not count.
    url = settings.PUBLIC_URL + request.get_full_path()
    if not any(RequestValidator(token).validate(url, params, signature) for token in auth_tokens):
        raise WebhookRefused("Wrong signature")


def record_refusal(request: HttpRequest, reason: str) -> None:
    WEBHOOKS_REFUSED.labels(reason=reason).inc()
    if reason == BEYOND or RECORDED_REFUSALS.take("all"):
        count_refusal()
        return
    try:
        params = read_params(request)
    except WebhookRefused:
        params = QueryDict()
    WebhookRefusal.objects.create(
        reason=reason,
        path=keep_printable(mask_key(request.path), 400),
        account_sid=keep_printable(params.get("AccountSid", ""), 64),
        call_sid=keep_printable(params.get("CallSid", ""), 64),
        ip_address=get_client_info(request).ip_address,
    )


def count_refusal() -> None:
    """One more of very many: a row for all of a minute."""
    now = timezone.now()
    # Past the rule that rows are never changed: these two columns may be.
    rows: QuerySet[WebhookRefusal] = QuerySet(WebhookRefusal)
    recent = rows.filter(reason=BEYOND, refused_at__gt=now - timedelta(minutes=1)).order_by("-refused_at")
    key = recent.values_list("pk", flat=True).first()
    if not key or not rows.filter(pk=key).update(count=F("count") + 1, last_at=now):
        WebhookRefusal.objects.create(reason=BEYOND, path="", last_at=now)


def mask_key(path: str) -> str:
    """An address without the key by which it is an account's: its first characters tell which."""
    return re.sub(r"(?<=/webhooks/)([^/]{0,4})[^/]*", r"\1…", path)


def keep_printable(value: str, length: int) -> str:
    """What a stranger sent, as a database can store it."""
    return "".join(letter for letter in value if letter.isprintable())[:length]
