"""The letters of `operators.py`: how many, and what is in them."""

from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMessage

from accounts.letters import post
from accounts.rate_limits import RateLimit
from dognbone.faults import Fault

OF_FAULT = RateLimit("operators-of-fault", limit=1, seconds=3600)
OF_ALL = RateLimit("operators-of-all", limit=10, seconds=3600)
COUNTED_SECONDS = 24 * 3600


def tell_operators(fault: Fault) -> None:
    """Posts a letter about `fault`, unless there was one of late."""
    counter = f"operators-count:{fault.key}"
    cache.add(counter, 0, COUNTED_SECONDS)
    try:
        times = cache.incr(counter)
    except ValueError:
        times = 1
    if OF_FAULT.take(fault.key) or OF_ALL.take("all"):
        return
    cache.delete(counter)
    post(write_letter(fault, times))


def write_letter(fault: Fault, times: int) -> EmailMessage:
    lines = [
        f"{fault.error}, logged by {fault.logger}, happened {times} time(s) since the last letter about it.",
        f"Dog n Bone {settings.VERSION} at {settings.PUBLIC_URL}",
        *([f"Address: {fault.address}"] if fault.address else []),
        "",
        *fault.frames,
        "",
        "What it says, with everything that may not be mailed, is in the log.",
    ]
    return EmailMessage(
        f"Dog n Bone: {fault.error.rpartition('.')[2]}", "\n".join(lines), to=list(settings.OPERATORS)
    )
