"""Pushes a message to every browser of somebody, in threads of its own: nobody waits for a push service.

A service that hangs keeps a few of these threads for seconds. Nobody keeps more than their share of them, and
what comes then is dropped: a message about a call is of no use later.
"""

import json
import logging
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

import requests
from django.db import Error, connections, models
from django.utils import timezone
from pywebpush import WebPusher, WebPushException

from accounts.outside import leave_database
from accounts.sealing.encryption import UnsealError
from phone.waking.endpoints import post
from phone.waking.subscriptions import Address, PushSubscription, get_awake
from phone.waking.vapid import build_authorization

logger = logging.getLogger(__name__)

THREADS = 16
# Messages under way for one person at once.
SHARE = 2
# RFC 8030 7.3: the subscription is no more.
GONE = (404, 410)

Outcome = Literal["sent", "gone", "failed"]


@dataclass(frozen=True)
class Message:
    """What a browser is told. `topic`: a message takes the place of one with the same that still waits.

    `seconds` is how long the push service keeps it for a browser that it does not reach.
    """

    data: dict[str, Any]
    topic: str
    seconds: int
    is_urgent: bool = False


@lru_cache(maxsize=1)
def get_threads() -> Executor:
    return ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="web-push")


_under_way: Counter[int] = Counter()
_lock = threading.Lock()


def push_to_browsers(messages: dict[int, Message]) -> None:
    """Begins to send everybody, by their keys, their message. Called after the commit."""
    wanted = get_awake().filter(user__in=list(messages))
    browsers: dict[int, list[tuple[UUID, Address]]] = {}
    for one in wanted:
        try:
            browsers.setdefault(one.user_id, []).append((one.pk, one.address))
        except UnsealError:
            logger.warning("A push subscription does not open: its key is not in CREDENTIAL_KEYS")
    for user_id, addresses in browsers.items():
        if take_share(user_id):
            get_threads().submit(push_all, user_id, addresses, messages[user_id])
        else:
            logger.warning("A browser was not woken: push services are slow for its person")


def take_share(user_id: int) -> bool:
    with _lock:
        if _under_way[user_id] >= SHARE:
            return False
        _under_way[user_id] += 1
        return True


def give_share_back(user_id: int) -> None:
    with _lock:
        _under_way[user_id] -= 1
        if not _under_way[user_id]:
            del _under_way[user_id]


def push_all(user_id: int, addresses: Sequence[tuple[UUID, Address]], message: Message) -> None:
    """One browser after the other, in a thread of ours."""
    try:
        leave_database()
        note_outcomes([(pk, push(address, message)) for pk, address in addresses])
    except Error as error:
        logger.warning("A browser was not woken: %s", type(error).__name__)
    except Exception:
        logger.exception("A browser was not woken")
    finally:
        give_share_back(user_id)
        for connection in connections.all(initialized_only=True):
            if not connection.in_atomic_block:
                connection.close()


def push(address: Address, message: Message) -> Outcome:
    """Sends one message. Whatever the push service does is an outcome."""
    try:
        status = post(address.endpoint, *seal(address, message))
    except (requests.RequestException, WebPushException, ValueError) as error:
        # Its text may hold the address.
        logger.info("A push service was not reached: %s", type(error).__name__)
        return "failed"
    if status in GONE:
        return "gone"
    if not 200 <= status < 300:
        logger.info("A push service answered HTTP %s", status)
        return "failed"
    return "sent"


def seal(address: Address, message: Message) -> tuple[dict[str, str], bytes]:
    """Headers and body: RFC 8030, 8291 and 8292. The push service cannot read the body."""
    browser = {"endpoint": address.endpoint, "keys": {"p256dh": address.p256dh, "auth": address.auth}}
    body = WebPusher(browser).encode(json.dumps(message.data).encode())["body"]
    service = urlsplit(address.endpoint)
    headers = {
        **build_authorization(f"{service.scheme}://{service.netloc}"),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(message.seconds),
        "Topic": message.topic,
        "Urgency": "high" if message.is_urgent else "normal",
    }
    return headers, body


def note_outcomes(outcomes: Iterable[tuple[UUID, Outcome]]) -> None:
    now = timezone.now()
    for pk, outcome in outcomes:
        row = PushSubscription.objects.filter(pk=pk)
        match outcome:
            case "gone":
                row.delete()
            case "sent":
                row.update(sent_at=now, failures=0)
            case "failed":
                row.update(failed_at=now, failures=models.F("failures") + 1)
