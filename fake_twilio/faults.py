"""What can be made to go wrong between asking Twilio and reading its answer.

A fault hangs on an account (`Account.rest_fault`) or is laid by the control API for the requests
that match. Delays add up; of the rest, the first that applies decides.
"""

import itertools
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from aiohttp import web

from fake_twilio.fault_answers import GATEWAY_ANSWERS, REFUSALS, REWRITES
from fake_twilio.refusals import Refusal

# How long `slow` waits where nobody says; what `hang` ends at if the client never gives up.
SLOW_SECONDS = 2.0
HANG_SECONDS = 120.0
DRIBBLE_SECONDS = 10.0
RETRY_AFTER_SECONDS = 1

DELAYS = {"slow": SLOW_SECONDS, "hang": HANG_SECONDS}
BREAKS = ("reset", "truncated", "dribble")
RATE_LIMITS = ("rate limited", "retry after")
# A refusal of Twilio's in whatever status, code and words the fault names.
TOLD = "told"
NAMES = frozenset({*DELAYS, *BREAKS, *RATE_LIMITS, *GATEWAY_ANSWERS, *REFUSALS, *REWRITES, TOLD})


@dataclass(frozen=True)
class Asked:
    """What is known of a request before Twilio would look at it."""

    method: str
    host: str
    path: str
    # The accounts it is about: the one in the path and the one whose credentials it carries.
    account_sids: frozenset[str] = frozenset()


@dataclass
class Fault:
    """One fault and which requests suffer it; empty means any. `times` None means until removed.

    `status`, `code` and `message` are those of the refusal called `told`; without a code, its body has
    none either, and without words it is empty.
    """

    fault: str
    account_sid: str = ""
    host: str = ""
    path: str = ""
    method: str = ""
    seconds: float | None = None
    times: int | None = None
    status: int = 401
    code: int | None = None
    message: str = ""
    id: str = ""

    def __post_init__(self) -> None:
        if self.fault not in NAMES:
            raise ValueError(f"no fault is called {self.fault!r}; there are: {', '.join(sorted(NAMES))}")
        if not isinstance(self.seconds, int | float | None) or not isinstance(self.times, int | None):
            raise ValueError("seconds and times are numbers")
        texts = (self.account_sid, self.host, self.path, self.method, self.message)
        if not all(isinstance(text, str) for text in texts):
            raise ValueError("account_sid, host, path, method and message are texts")
        if not isinstance(self.status, int) or not isinstance(self.code, int | None):
            raise ValueError("status and code are whole numbers")

    def applies(self, asked: Asked) -> bool:
        return (
            self.times != 0
            and (not self.account_sid or self.account_sid in asked.account_sids)
            and self.host in ("", asked.host)
            and self.path in asked.path
            and self.method.upper() in ("", asked.method)
        )

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class Faults:
    """The faults that the control API has laid."""

    laid: dict[str, Fault] = field(default_factory=dict)
    ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def lay(self, fault: Fault) -> str:
        fault.id = f"fault-{next(self.ids)}"
        self.laid[fault.id] = fault
        return fault.id

    def take(self, asked: Asked) -> list[Fault]:
        """The faults this request suffers; each that counts is one nearer to its end."""
        taken = [fault for fault in self.laid.values() if fault.applies(asked)]
        for fault in taken:
            if fault.times is not None:
                fault.times -= 1
        return taken


def find_refusal(faults: list[Fault]) -> Refusal | None:
    """The error that Twilio itself answers at the door."""
    for fault in faults:
        if fault.fault == TOLD:
            return tell(fault)
        if fault.fault in REFUSALS:
            return REFUSALS[fault.fault]()
    return None


def tell(fault: Fault) -> Refusal:
    refusal = Refusal(fault.status, fault.code or 0, fault.message)
    if fault.code is None:
        refusal.form = "no code" if fault.message else "empty"
    return refusal


def find_gateway_answer(faults: list[Fault]) -> web.Response | None:
    """The answer of somebody who is not Twilio's API: a load balancer, a proxy, a portal."""
    return next((GATEWAY_ANSWERS[fault.fault]() for fault in faults if fault.fault in GATEWAY_ANSWERS), None)


def find_rate_limit(faults: list[Fault]) -> tuple[bool, int | None]:
    """Whether Twilio answers 429, and after how many seconds it says to come back, if it says."""
    limit = next((fault for fault in faults if fault.fault in RATE_LIMITS), None)
    if limit is None or limit.fault == "rate limited":
        return limit is not None, None
    return True, int(limit.seconds or RETRY_AFTER_SECONDS)


def rewrite(faults: list[Fault], response: web.Response, asked: Asked) -> web.Response:
    for fault in faults:
        change: Callable[..., web.Response] | None = REWRITES.get(fault.fault)
        if change is not None:
            response = change(response, account_sids=asked.account_sids, seconds=fault.seconds)
    return response
