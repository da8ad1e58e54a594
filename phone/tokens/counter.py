"""Where tokens are handed out at once: whoever comes while others are served is served with the next.

So a token that is asked for alone is answered as soon as it can be, and a thousand that are asked for in one
moment, as after a deploy, cost a few statements together instead of several each. It is each worker's own.
"""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from channels.db import DatabaseSyncToAsync
from django.db import Error

from accounts.gathering import Gathering
from phone.tokens.answers import TokenAnswer
from phone.tokens.at_once import Asked, answer_at_once

logger = logging.getLogger(__name__)

# In one statement; the others are the next.
MOST_AT_ONCE = 200
# One is served while the next are gathered: a second would have each find fewer.
THREADS = ThreadPoolExecutor(max_workers=1, thread_name_prefix="tokens")


async def hand_out(asked: Sequence[Asked]) -> Sequence[TokenAnswer | None]:
    call = DatabaseSyncToAsync(answer_at_once, thread_sensitive=False, executor=THREADS)
    answers: Sequence[TokenAnswer | None]
    try:
        answers = await call(asked)
    except Error:
        raise
    except Exception:
        # What is wrong with one of them must not keep the others from their tokens: each is asked for alone.
        logger.exception("Tokens could not be handed out at once")
        answers = [None] * len(asked)
    return answers


COUNTER: Gathering[Asked, TokenAnswer | None] = Gathering(hand_out, most=MOST_AT_ONCE, seconds=0)


async def ask_at_once(asked: Asked) -> TokenAnswer | None:
    """A 200, whose row is committed; None where `answers.issue_token()` has to be asked.

    Raises the database's error where that is away.
    """
    return await COUNTER.ask(asked)
