"""Asks the customers' servers what to do, as Twilio does: signed form POSTs, and a journal of them.

https://www.twilio.com/docs/usage/webhooks: five seconds and two tries to connect, fifteen seconds in
all, redirects followed, at most 64 kB of a document.
"""

import asyncio
import secrets
import ssl
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urldefrag, urlencode, urljoin, urlsplit

from aiohttp import (
    ClientConnectorCertificateError,
    ClientConnectorDNSError,
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientSSLError,
    ClientTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
    InvalidURL,
    web,
)
from yarl import URL

from fake_twilio.app_keys import ON_RESET
from fake_twilio.signatures import build_signature
from fake_twilio.store import Account

CONNECT_SECONDS = 5.0
CONNECT_TRIES = 2
TOTAL_SECONDS = 15.0
MAX_REDIRECTS = 10
MAX_BODY_BYTES = 64 * 1024
# A sound is no document, whether <Play> fetches it or a waitUrl or HoldUrl answers with it: its limit is not
# documented there, and is larger than any greeting.
MAX_SOUND_BYTES = 40 * 1024 * 1024
JOURNAL_LENGTH = 500


class WebhookFailed(Exception):
    """No usable answer. `code` is Twilio's, as its debugger shows it."""

    def __init__(self, code: int, message: str, url: str) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message
        self.url = url


@dataclass(frozen=True)
class Hook:
    """Where a customer wants to be asked or told."""

    url: str
    method: str = "POST"

    def under(self, base: str) -> "Hook":
        """The same with a relative address resolved against the document's that holds it."""
        return Hook(urljoin(base, self.url), self.method) if base else self


@dataclass(frozen=True)
class Answer:
    url: str
    status: int
    content_type: str
    body: bytes


@dataclass
class JournalEntry:
    at: datetime
    account_sid: str
    call_sid: str
    method: str
    url: str
    params: dict[str, str]
    status: int | None = None
    ms: float = 0.0
    body: str = ""
    error: str = ""

    def as_json(self) -> dict[str, Any]:
        return {**vars(self), "at": self.at.isoformat()}


@dataclass
class Webhooks:
    """The one HTTP client of the fake and what it has sent. `session` is open while the app runs."""

    session: ClientSession | None = None
    journal: deque[JournalEntry] = field(default_factory=lambda: deque(maxlen=JOURNAL_LENGTH))

    async def send(
        self, account: Account, hook: Hook, params: Mapping[str, str], most_bytes: int = MAX_BODY_BYTES
    ) -> Answer:
        """The answer to a signed request, whatever its status; raises `WebhookFailed`."""
        url, method = urldefrag(hook.url).url, hook.method
        token = secrets.token_hex(16)
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                for _ in range(MAX_REDIRECTS + 1):
                    answer, location = await self._send_once(account, method, url, params, token, most_bytes)
                    if location is None:
                        return answer
                    if answer.status not in (307, 308):
                        method, params = "GET", {}
                    url = urldefrag(urljoin(url, location)).url
        except TimeoutError as error:
            raise WebhookFailed(11205, "HTTP connection failure: no answer within 15 seconds", url) from error
        raise WebhookFailed(11215, "HTTP too many redirects", url)

    async def fetch(
        self, account: Account, hook: Hook, params: Mapping[str, str], most_bytes: int = MAX_BODY_BYTES
    ) -> Answer:
        """The same, but only a 2xx will do."""
        answer = await self.send(account, hook, params, most_bytes)
        if not 200 <= answer.status < 300:
            message = f"HTTP retrieval failure: got HTTP {answer.status} response"
            raise WebhookFailed(11200, message, answer.url)
        return answer

    async def _send_once(
        self,
        account: Account,
        method: str,
        url: str,
        params: Mapping[str, str],
        token: str,
        most_bytes: int,
    ) -> tuple[Answer, str | None]:
        """One exchange, noted in the journal; the answer, and where a redirect leads."""
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise WebhookFailed(11100, "Invalid URL format", url)
        fields = dict(params)
        if method == "GET" and fields:
            url += ("&" if "?" in url else "?") + urlencode(fields)
            fields = {}
        entry = JournalEntry(
            datetime.now(UTC),
            account.sid,
            params.get("CallSid", ""),
            method,
            hide_password(url),
            dict(params),
        )
        self.journal.append(entry)
        headers = {
            "X-Twilio-Signature": build_signature(account.auth_token, url, fields),
            "I-Twilio-Idempotency-Token": token,
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
        }
        started = time.monotonic()
        try:
            answer, location = await self._exchange(method, url, fields, headers, most_bytes)
        except WebhookFailed as failure:
            entry.error = str(failure)
            raise
        finally:
            entry.ms = round((time.monotonic() - started) * 1000, 1)
        entry.status, entry.body = answer.status, answer.body[:MAX_BODY_BYTES].decode("utf-8", "replace")
        return answer, location

    async def _exchange(
        self, method: str, url: str, fields: dict[str, str], headers: dict[str, str], most_bytes: int
    ) -> tuple[Answer, str | None]:
        session = self.session
        if session is None:
            raise WebhookFailed(11205, "HTTP connection failure: the fake is ending", url)
        for attempt in range(1, CONNECT_TRIES + 1):
            try:
                async with session.request(
                    method,
                    URL(url, encoded=True),
                    data=fields if method == "POST" else None,
                    headers=headers,
                    allow_redirects=False,
                ) as response:
                    return await read_answer(response, url, most_bytes)
            except (ClientConnectorCertificateError, ClientSSLError, ssl.SSLError) as error:
                raise WebhookFailed(11237, "SSL/TLS certificate or handshake error", url) from error
            except ClientConnectorDNSError as error:
                raise WebhookFailed(11210, "HTTP bad host name", url) from error
            except (ClientConnectorError, ConnectionTimeoutError) as error:
                if attempt == CONNECT_TRIES:
                    raise WebhookFailed(11205, "HTTP connection failure", url) from error
            except InvalidURL as error:
                raise WebhookFailed(11100, "Invalid URL format", url) from error
            except ClientError as error:
                raise WebhookFailed(11206, "HTTP protocol violation", url) from error
        raise WebhookFailed(11205, "HTTP connection failure", url)


async def read_answer(response: ClientResponse, url: str, most_bytes: int) -> tuple[Answer, str | None]:
    """The answer, and where a redirect leads; raises `WebhookFailed` if it is too large."""
    most = MAX_SOUND_BYTES if response.content_type.startswith("audio/") else most_bytes
    body = await response.content.read(MAX_BODY_BYTES + 1)
    while len(body) <= most and (more := await response.content.read(MAX_BODY_BYTES)):
        body += more
    if len(body) > most:
        raise WebhookFailed(11750, "TwiML response body too large", url)
    location = response.headers.get("Location") if 300 <= response.status < 400 else None
    kind = response.content_type if "Content-Type" in response.headers else ""
    return Answer(url, response.status, kind, body), location


def hide_password(url: str) -> str:
    parts = urlsplit(url)
    if parts.password is None:
        return url
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


WEBHOOKS: web.AppKey[Webhooks] = web.AppKey("webhooks", Webhooks)


async def run_session(app: web.Application) -> AsyncIterator[None]:
    timeout = ClientTimeout(total=None, sock_connect=CONNECT_SECONDS)
    async with ClientSession(timeout=timeout, cookie_jar=DummyCookieJar()) as session:
        app[WEBHOOKS].session = session
        yield
        app[WEBHOOKS].session = None


async def list_webhooks(request: web.Request) -> web.Response:
    """`GET /_fake/webhooks`: what was sent to customers' servers and what they said, oldest first."""
    return web.json_response([entry.as_json() for entry in request.app[WEBHOOKS].journal])


async def clear_webhooks(request: web.Request) -> web.Response:
    request.app[WEBHOOKS].journal.clear()
    return web.Response(status=204)


async def reset(app: web.Application) -> None:
    app[WEBHOOKS].journal.clear()


def add_routes(app: web.Application) -> None:
    app[WEBHOOKS] = Webhooks()
    app.cleanup_ctx.append(run_session)
    app[ON_RESET].append(reset)
    app.router.add_get("/_fake/webhooks", list_webhooks)
    app.router.add_delete("/_fake/webhooks", clear_webhooks)
