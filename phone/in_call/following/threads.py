"""What a server does of it at once, in threads of its own: a worker that is at its mail would be too late.

Of each person one thing is done at a time, and one waits for its time, however often it is asked for.
"""

import logging
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import timedelta
from functools import lru_cache
from threading import Lock, Timer

from django.db import Error, connections

from phone.in_call.refusals import DeedRefused

logger = logging.getLogger(__name__)

THREADS = 4
Work = Callable[[], None]


@lru_cache(maxsize=1)
def get_threads() -> Executor:
    return ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="following")


def at_once(work: Work) -> None:
    """In a thread of the server's own, what a worker does again."""
    try:
        work()
    except DeedRefused as refused:
        logger.info("A ring that follows its person was left as it is: %s", refused.cause)
    except Error as error:
        # Without a traceback: while the database is away, every ring comes by here. A worker looks again.
        logger.warning("A ring that follows its person was left as it is: %s", type(error).__name__)
    except Exception:
        logger.exception("A ring that follows its person was left as it is")
    finally:
        for connection in connections.all(initialized_only=True):
            if not connection.in_atomic_block:
                connection.close()


class OneByOne:
    """Work of people, by their keys: what is asked for while the same person's is under way is done once more
    after it, and once only.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._is_asked_again: dict[int, bool] = {}

    def is_first(self, person_id: int) -> bool:
        """Whether the work is to be begun now, for which `is_next` is asked once it is done."""
        with self._lock:
            is_first = person_id not in self._is_asked_again
            self._is_asked_again[person_id] = not is_first
        return is_first

    def is_next(self, person_id: int) -> bool:
        """Whether the work, which is done, is to be done once more."""
        with self._lock:
            if self._is_asked_again[person_id]:
                self._is_asked_again[person_id] = False
                return True
            del self._is_asked_again[person_id]
        return False


UNDER_WAY, WAITING = OneByOne(), OneByOne()


def look(person_id: int, work: Work) -> None:
    """Has `work` done for that person, soon."""
    if UNDER_WAY.is_first(person_id):
        get_threads().submit(run, person_id, work)


def run(person_id: int, work: Work) -> None:
    at_once(work)
    while UNDER_WAY.is_next(person_id):
        at_once(work)


def look_later(person_id: int, after: timedelta, work: Work) -> None:
    if WAITING.is_first(person_id):
        wait(person_id, after, work)


def wait(person_id: int, after: timedelta, work: Work) -> None:
    timer = Timer(after.total_seconds(), end_wait, [person_id, after, work])
    timer.daemon = True
    timer.start()


def end_wait(person_id: int, after: timedelta, work: Work) -> None:
    look(person_id, work)
    if WAITING.is_next(person_id):
        wait(person_id, after, work)
