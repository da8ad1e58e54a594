"""Where a socket's slow work is done, off the event loop.

Channels would run every consumer's database work in one thread that all of them share; a slow
question to Twilio there would hold up everybody. Writing an audit row and asking Twilio have threads of
their own, so that neither waits for the other's kind. Of Twilio's, nobody keeps more than their turn: what
one page of a person has asked, the others mostly need not ask again.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from channels.db import DatabaseSyncToAsync

from accounts.company.memberships import Membership
from accounts.people import User
from phone.device.lanes import Lanes

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

DATABASE_THREADS = ThreadPoolExecutor(max_workers=4, thread_name_prefix="device-database")
# Sixteen accounts' worth.
TWILIO_THREADS = ThreadPoolExecutor(max_workers=64, thread_name_prefix="device-twilio")
OF_PERSON = Lanes(1)
OF_ACCOUNT = Lanes(4)


async def in_database_thread(
    function: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
) -> Result:
    """`function`'s result, for a short query; its database connection is closed afterwards."""
    return await run(DATABASE_THREADS, function, *args, **kwargs)


async def in_twilio_thread(
    whose: User,
    function: Callable[Parameters, Result],
    *args: Parameters.args,
    **kwargs: Parameters.kwargs,
) -> Result:
    """`function`'s result, for what may ask Twilio of `whose` account, and take seconds.

    The same for one person comes one after the other. Who waits for a turn holds no thread.
    """
    async with OF_PERSON.turn((whose.pk, function)):
        account = await in_database_thread(get_account, whose)
        async with OF_ACCOUNT.turn(account or f"person {whose.pk}"):
            return await run(TWILIO_THREADS, function, *args, **kwargs)


def get_account(user: User) -> object:
    """The key of the Twilio account that `user` is connected to; None without one."""
    return Membership.objects.filter(user=user).values_list("credentials__account", flat=True).first()


async def run(
    threads: ThreadPoolExecutor,
    function: Callable[Parameters, Result],
    *args: Parameters.args,
    **kwargs: Parameters.kwargs,
) -> Result:
    call = DatabaseSyncToAsync(function, thread_sensitive=False, executor=threads)
    result: Result = await call(*args, **kwargs)
    return result
