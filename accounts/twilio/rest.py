"""The only module that calls Twilio's REST API, and never while a database connection is held.

One keep-alive HTTP client serves the whole process; credentials travel with each request, and
nothing of one request (cookies, `~/.netrc`, `TWILIO_*` variables) reaches another. Every request
has limits: to connect, to read, and for the size of the answer. Sound is read as it comes (`open_sound`):
a long recording is never in memory as a whole.
"""

import base64
import json
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from http import cookiejar
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from django.conf import settings
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import HTTPError, NameResolutionError, ReadTimeoutError

from accounts.outside import leave_database
from accounts.regions import EDGES, Region
from accounts.sealing.fields import Secret
from accounts.verdicts.rest_rules import Sender
from accounts.verdicts.sentences import choose_sentence
from accounts.verdicts.verdict import TwilioAnswer

CONNECT_SECONDS = 3.05
READ_SECONDS = 8.0
ANSWER_BYTES = 1_000_000
PIECE_BYTES = 65_536
# A recording of four hours on two channels is half of it; playing may stop and go on for as long.
SOUND_BYTES = 1_000_000_000
SOUND_SECONDS = 900.0
MESSAGE_LENGTH = 300
MESSAGE_FIELDS = ("message", "detail", "title")


class TwilioUnreachable(Exception):
    """No answer came back; `which` is a key of UNREACHABLE_REASONS and says why."""

    def __init__(self, which: str) -> None:
        super().__init__(f"Twilio was not reached: {which}")
        self.which = which


@dataclass(frozen=True)
class Answer:
    """Twilio's answer, whatever it was. Its repr leaves the body out, which may hold secrets."""

    status: int
    code: int | None = None
    message: str = ""
    request_id: str = ""
    clock_skew_seconds: float | None = None
    json: Any = field(default=None, repr=False)
    sender: Sender = "unknown"

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def for_verdict(self) -> TwilioAnswer:
        return TwilioAnswer(self.status, self.code, self.message, self.request_id)


@dataclass(frozen=True)
class TwilioLogin:
    """A user name (Account SID or API key SID) with its secret, for one account in one region."""

    account_sid: str
    username: str
    password: Secret
    region: str = Region.US1

    def __post_init__(self) -> None:
        # Left empty, twilio-python would borrow them from the environment of the process.
        if not (self.account_sid and self.username and self.password):
            raise ValueError("A Twilio login needs an account, a user name and a secret.")


@dataclass(frozen=True)
class Limits:
    """How long one request may take, in seconds."""

    connect: float = field(default_factory=lambda: CONNECT_SECONDS)
    read: float = field(default_factory=lambda: READ_SECONDS)


class HttpClient(TwilioHttpClient):
    """twilio-python's client with limits, without cookies, redirects or a memory for answers."""

    def __init__(self) -> None:
        super().__init__()
        session = requests.Session()
        session.cookies.set_policy(cookiejar.DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("https://", "http://"):
            session.mount(scheme, HTTPAdapter(pool_connections=8, pool_maxsize=256))
        self.session = session

    @sensitive_variables()
    def request(
        self,
        method: str,
        url: str,
        params: Any = None,
        data: Any = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: Any = None,
        allow_redirects: bool = False,
        is_repeated: bool = True,
    ) -> Response:
        """One request. Raises TwilioUnreachable; any answer at all is returned as it is.

        `is_repeated`: a GET on a connection that breaks is sent once more.
        Gives this thread's database connection back first, and refuses inside a transaction.
        """
        request, way = self.prepare(method, url, params=params, data=data, headers=headers, auth=auth)
        limits = timeout or (CONNECT_SECONDS, READ_SECONDS)
        try:
            return self.send(request, limits, way)
        except requests.RequestException as error:
            which = find_reason(error)
            if which != "reset" or method.upper() != "GET" or not is_repeated:
                raise TwilioUnreachable(which) from None
        # A kept-alive connection may be closed at the moment it is used again: asked once more.
        try:
            return self.send(request, limits, way)
        except requests.RequestException as error:
            raise TwilioUnreachable(find_reason(error)) from None

    @sensitive_variables()
    def prepare(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str] | None,
        auth: tuple[str, str] | None,
        **body: Any,
    ) -> tuple[requests.PreparedRequest, Any]:
        """A request and the way it takes; gives this thread's database connection back."""
        if not auth or not all(auth):
            raise ValueError("A request to Twilio needs explicit credentials.")
        leave_database()
        address, extra_headers = find_address(url)
        headers = {**(headers or {}), **extra_headers}
        request = self.session.prepare_request(
            requests.Request(method, address, auth=auth, headers=headers, **body)
        )
        way: Any = self.session.merge_environment_settings(address, {}, True, None, None)
        if extra_headers:
            # A stand-in on this machine is not behind the proxy that leads to the Internet.
            way["proxies"] = {}
        return request, way

    @sensitive_variables()
    def open(
        self, url: str, *, headers: dict[str, str], auth: tuple[str, str] | None, limits: tuple[float, float]
    ) -> requests.Response:
        """The answer to a GET, whose body has not been read. Raises TwilioUnreachable; to be closed."""
        request, way = self.prepare("GET", url, headers=headers, auth=auth)
        try:
            return self.session.send(
                request, timeout=limits, allow_redirects=False, **{**way, "stream": True}
            )
        except requests.RequestException as error:
            raise TwilioUnreachable(find_reason(error)) from None

    def send(
        self, request: requests.PreparedRequest, limits: tuple[float, float], way: Mapping[str, Any]
    ) -> Response:
        started_at = time.monotonic()
        with self.session.send(
            request, timeout=limits, allow_redirects=False, **{**way, "stream": True}
        ) as response:
            # The read limit is for each piece of an answer; together they get no more time.
            body = read_body(response, started_at + sum(limits))
            return Response(response.status_code, body.decode("utf-8", "replace"), response.headers)


def find_address(url: str) -> tuple[str, dict[str, str]]:
    """Where a request for one of Twilio's addresses really goes, and the headers it then needs.

    With `TWILIO_BASE_URL` set, a stand-in on this machine answers for Twilio.
    """
    asked = urlsplit(url)
    if not (asked.hostname or "").endswith(".twilio.com"):
        raise ValueError("Only Twilio's own addresses are called.")
    if not settings.TWILIO_BASE_URL:
        return url, {}
    base = urlsplit(settings.TWILIO_BASE_URL)
    path = base.path.rstrip("/") + asked.path
    address = urlunsplit((base.scheme, base.netloc, path, asked.query, ""))
    return address, {"X-Twilio-Host": asked.netloc}


def read_body(response: requests.Response, deadline: float) -> bytes:
    """The body, no more of it than ANSWER_BYTES, and no longer than until `deadline`."""
    raw, body = response.raw, b""
    try:
        # read1 returns what has arrived; iter_content would wait for a full piece of a body that drips.
        while len(body) < ANSWER_BYTES and (piece := raw.read1(PIECE_BYTES, decode_content=True)):
            body += piece
            if time.monotonic() > deadline:
                raise requests.ReadTimeout("The answer did not end in time.")
    except ReadTimeoutError as error:
        raise requests.ReadTimeout("The answer stopped.") from error
    except HTTPError as error:
        raise requests.ConnectionError("The answer broke off.") from error
    if len(body) < ANSWER_BYTES and raw.length_remaining:
        raise requests.ConnectionError("The answer broke off.")
    return body


@lru_cache(maxsize=1)
def get_http_client() -> HttpClient:
    """The one client of this process; safe to share, since credentials go with each request."""
    return HttpClient()


def build_client(login: TwilioLogin) -> Client:
    """twilio-python's client for one person's login; takes nothing from this process's variables."""
    edge = EDGES.get(login.region)
    return Client(
        login.username,
        login.password.reveal(),
        login.account_sid,
        region=login.region if edge else None,
        edge=edge,
        http_client=get_http_client(),
        environment={"_": "_"},
        user_agent_extensions=["dog-n-bone"],
    )


@sensitive_variables()
def fetch(
    login: TwilioLogin,
    path: str,
    *,
    method: str = "GET",
    params: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
    product: str = "api",
    limits: Limits | None = None,
    is_repeated: bool = True,
) -> Answer:
    """One request; `path` is below the account for the product `api`, else from the root.

    Returns whatever was answered. Raises TwilioUnreachable when nothing was. `is_repeated`: a GET whose
    connection breaks is sent once more; whoever counts requests does that by themselves.
    """
    if product == "api":
        path = f"/2010-04-01/Accounts/{login.account_sid}{path}"
    limits = limits or Limits()
    client = build_client(login)
    asked_at = timezone.now()
    response = get_http_client().request(
        method,
        client.get_hostname(f"https://{product}.twilio.com{path}"),
        params=params,
        data=data,
        headers=client.get_headers(method, None),
        auth=client.auth,
        timeout=(limits.connect, limits.read),
        is_repeated=is_repeated,
    )
    answered_at = timezone.now()
    secrets = [login.password.reveal(), build_basic_auth(login)]
    return read_answer(response, asked_at + (answered_at - asked_at) / 2, secrets)


class SoundStream:
    """A sound at Twilio, read piece by piece. `length` is that of this answer's body, where it is told."""

    def __init__(self, response: requests.Response) -> None:
        self.response = response
        self.status = response.status_code
        self.content_range = response.headers.get("Content-Range", "")
        length = response.headers.get("Content-Length", "")
        self.length = int(length) if length.isascii() and length.isdigit() and len(length) < 13 else None
        self.left = SOUND_BYTES
        self.deadline = time.monotonic() + SOUND_SECONDS

    def read(self) -> bytes:
        """The next piece, empty at the end. Raises TwilioUnreachable where it breaks off or is too slow."""
        raw = self.response.raw
        try:
            piece: bytes = raw.read1(min(PIECE_BYTES, self.left), decode_content=True)
        except ReadTimeoutError:
            raise TwilioUnreachable("read_timeout") from None
        except (HTTPError, OSError):
            raise TwilioUnreachable("reset") from None
        self.left -= len(piece)
        if time.monotonic() > self.deadline:
            raise TwilioUnreachable("read_timeout")
        if not piece and raw.length_remaining and self.left:
            raise TwilioUnreachable("reset")
        return piece

    def close(self) -> None:
        """Nobody reads on; again does nothing."""
        self.response.close()


@sensitive_variables()
def open_sound(
    login: TwilioLogin, path: str, *, byte_range: str = "", limits: Limits | None = None
) -> SoundStream:
    """Opens the media at `path` below the account, for whoever then reads it with nothing else in hand.

    `byte_range` is passed on as it is (RFC 9110 §14.2): Twilio documents none and may answer with the whole
    all the same. Raises TwilioUnreachable; any answer at all is returned, to be closed by the caller.
    """
    limits = limits or Limits()
    client = build_client(login)
    # As it is stored: what is compressed on the way has another length.
    headers = {"User-Agent": client.get_headers("GET", None)["User-Agent"], "Accept-Encoding": "identity"}
    response = get_http_client().open(
        client.get_hostname(f"https://api.twilio.com/2010-04-01/Accounts/{login.account_sid}{path}"),
        headers={**headers, **({"Range": byte_range} if byte_range else {})},
        auth=client.auth,
        limits=(limits.connect, limits.read),
    )
    return SoundStream(response)


def build_basic_auth(login: TwilioLogin) -> str:
    return base64.b64encode(f"{login.username}:{login.password.reveal()}".encode()).decode()


@sensitive_variables("secrets")
def read_answer(response: Response, asked_at: datetime, secrets: list[str]) -> Answer:
    """The answer without anything to trip over: any body, any header, any type is taken."""
    headers: CaseInsensitiveDict[str] = CaseInsensitiveDict(response.headers or {})
    body = parse_json(response.text)
    fields = body if isinstance(body, dict) else {}
    # The Account resource shows the Auth Token in clear; nobody here needs it.
    fields.pop("auth_token", None)
    message = choose_sentence([read_text(fields, name) for name in MESSAGE_FIELDS])
    for secret in secrets:
        message = message.replace(secret, "…")
    request_id = headers.get("Twilio-Request-Id", "")
    code = find_number(fields.get("code")) or find_number(headers.get("X-Twilio-Error-Code"))
    return Answer(
        status=response.status_code,
        code=code,
        message=message[:MESSAGE_LENGTH],
        request_id=request_id[:64],
        clock_skew_seconds=find_clock_skew(headers.get("Date"), asked_at),
        json=body,
        sender=find_sender(response.text, headers, fields, code),
    )


def find_sender(text: str, headers: Mapping[str, str], fields: Mapping[str, Any], code: int | None) -> Sender:
    """Whose answer this is, by the marks it bears."""
    realm = headers.get("WWW-Authenticate", "").lower()
    if code or headers.get("Twilio-Request-Id") or "twilio" in realm or has_shape(fields):
        return "twilio"
    return "page" if text.lstrip("\ufeff \r\n\t").startswith("<") else "unknown"


def parse_json(text: str) -> Any:
    """The JSON in `text`, or None for anything else, however odd."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def has_shape(fields: Mapping[str, Any]) -> bool:
    """Whether an error's body is built like Twilio's, even without a code."""
    return isinstance(fields.get("message"), str) and ("status" in fields or "more_info" in fields)


def read_text(body: Mapping[str, Any], name: str, length: int | None = None) -> str:
    """A text of an answer without what neither page nor database takes; "" for anything else."""
    value = body.get(name)
    if not isinstance(value, str):
        return ""
    return "".join(filter(str.isprintable, value))[:length]


def find_number(value: Any) -> int | None:
    """A Twilio code, where there is one: also a string of digits counts, a boolean does not."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 7:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10_000_000:
        return value
    return None


def find_clock_skew(date: str | None, asked_at: datetime) -> float | None:
    """Twilio's clock minus ours in seconds, from the `Date` header (RFC 9110 §6.6.1); None: not told."""
    try:
        twilio_time = parsedate_to_datetime(date or "")
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    if twilio_time.tzinfo is None:
        return None
    return (twilio_time - asked_at).total_seconds()


def find_reason(error: requests.RequestException) -> str:
    """Which way a request failed. The narrow errors first: most are kinds of ConnectionError."""
    if isinstance(error, requests.exceptions.ProxyError):
        return "proxy"
    if isinstance(error, requests.exceptions.SSLError):
        return "tls"
    if isinstance(error, requests.ConnectTimeout):
        return "connect_timeout"
    if isinstance(error, requests.ReadTimeout):
        return "read_timeout"
    causes = list(walk_causes(error))
    if any(isinstance(cause, NameResolutionError | socket.gaierror) for cause in causes):
        return "dns"
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return "refused"
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return "tls"
    if any(isinstance(cause, TimeoutError) for cause in causes) or "timed out" in str(error).lower():
        return "read_timeout"
    return "reset"


def walk_causes(error: BaseException) -> Iterator[BaseException]:
    """The exceptions behind `error`: causes, contexts, and those that urllib3 keeps as arguments."""
    seen: set[int] = set()
    waiting: list[Any] = [error]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
