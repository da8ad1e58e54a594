"""What goes on beside requests says in a line that the database is away, and in full what nobody foresaw."""

import asyncio
import contextvars
import logging
from collections.abc import Callable

import pytest
from django.db import InterfaceError, OperationalError

from phone.device.jobs import Jobs
from phone.in_call.following import threads
from phone.waking import sending


def do_a_sockets_job(fail: Callable[[], None]) -> None:
    async def do() -> None:
        async def job() -> None:
            fail()

        jobs = Jobs()
        jobs.begin(contextvars.copy_context())
        jobs.put_off(job)
        await jobs.end()

    asyncio.run(do())


def follow_a_person(fail: Callable[[], None]) -> None:
    threads.at_once(fail)


def wake_a_browser(fail: Callable[[], None]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sending, "leave_database", fail)
        sending._under_way[1] += 1
        sending.push_all(1, [], {})


@pytest.mark.parametrize("work", [do_a_sockets_job, follow_a_person, wake_a_browser])
@pytest.mark.parametrize("fault", [OperationalError("away"), InterfaceError("closed"), KeyError("a fault")])
def test_the_database_that_is_away_is_a_line_and_a_fault_is_told_in_full(
    work: Callable[[Callable[[], None]], None], fault: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise fault

    work(fail)
    [line] = caplog.records
    is_fault = isinstance(fault, KeyError)
    assert (line.levelno, bool(line.exc_info)) == ((logging.ERROR if is_fault else logging.WARNING), is_fault)
    assert is_fault or type(fault).__name__ in line.getMessage()
