"""What a server does of it at once, in threads of its own: a worker that is at its mail would be too late."""

import logging
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import lru_cache

from django.db import connections

from phone.in_call.refusals import DeedRefused

logger = logging.getLogger(__name__)

THREADS = 4


@lru_cache(maxsize=1)
def get_threads() -> Executor:
    return ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="following")


def at_once(work: Callable[[], None]) -> None:
    """In a thread of the server's own, what a worker does again."""
    try:
        work()
    except DeedRefused as refused:
        logger.info("A ring that follows its person was left as it is: %s", refused.cause)
    except Exception:
        logger.exception("A ring that follows its person was left as it is")
    finally:
        for connection in connections.all(initialized_only=True):
            if not connection.in_atomic_block:
                connection.close()
