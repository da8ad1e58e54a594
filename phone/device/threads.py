"""Where a socket's slow work is done, off the event loop.

Channels would run every consumer's database work in one thread that all of them share; a slow
question to Twilio there would hold up everybody. Writing an audit row and asking Twilio have threads of
their own, so that neither waits for the other's kind.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from channels.db import DatabaseSyncToAsync

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

DATABASE_THREADS = ThreadPoolExecutor(max_workers=4, thread_name_prefix="device-database")
TWILIO_THREADS = ThreadPoolExecutor(max_workers=16, thread_name_prefix="device-twilio")


async def in_database_thread(
    function: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
) -> Result:
    """`function`'s result, for a short query; its database connection is closed afterwards."""
    return await run(DATABASE_THREADS, function, *args, **kwargs)


async def in_twilio_thread(
    function: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
) -> Result:
    """`function`'s result, for what may ask Twilio and take seconds."""
    return await run(TWILIO_THREADS, function, *args, **kwargs)


async def run(
    threads: ThreadPoolExecutor,
    function: Callable[Parameters, Result],
    *args: Parameters.args,
    **kwargs: Parameters.kwargs,
) -> Result:
    call = DatabaseSyncToAsync(function, thread_sensitive=False, executor=threads)
    result: Result = await call(*args, **kwargs)
    return result
