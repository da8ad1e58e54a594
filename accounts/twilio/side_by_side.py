"""Asking Twilio several things at once, in the time of the slowest answer.

The only way to the threads that all accounts share, and so the place where each account's share is kept.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import lru_cache
from typing import TypeVar

from accounts.outside import leave_database
from accounts.twilio.shares import SHARES

Name = TypeVar("Name")
Result = TypeVar("Result")

# A share is 24 of them at most (the asker's own thread takes one question): ten accounts' worth.
THREADS = 240


@lru_cache(maxsize=1)
def get_threads() -> ThreadPoolExecutor:
    """The threads of this process for questions to Twilio; they never touch the database."""
    return ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="twilio")


def ask_side_by_side(account_sid: str, questions: Mapping[Name, Callable[[], Result]]) -> dict[Name, Result]:
    """What each question came to. May wait for the account's turn.

    All have come to their end when this returns or raises: what one of them made is known by then. Raises
    ShareTaken before anything is asked, and what a question raises.
    """
    leave_database()
    if not questions:
        return {}
    with SHARES.hold(account_sid):
        *others, own = questions.items()
        futures: dict[Name, Future[Result]] = {
            name: get_threads().submit(question) for name, question in others
        }
        try:
            mine = own[1]()
        finally:
            wait(futures.values())
    return {name: future.result() for name, future in futures.items()} | {own[0]: mine}
