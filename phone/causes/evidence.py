"""What was seen of a call, as far as it says why the call ended. Plain values: no database, no network."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# The legs of a call, as Twilio's CallStatus has them when they are over.
ENDED = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})


@dataclass(frozen=True)
class LegSeen:
    """One party: `status` is Twilio's CallStatus, `sip_code` what the far end answered last."""

    status: str
    is_client: bool = False
    role: str = "called"
    is_answered: bool = False
    sip_code: int | None = None
    error_code: int | None = None

    @property
    def is_ended(self) -> bool:
        return self.status in ENDED


@dataclass(frozen=True)
class DialSeen:
    """A Dial's end. `is_caller_there`: the caller was still on the line; None where that is not known.

    The action is asked for with the caller's own CallStatus, which is over where the caller hung up:
    https://www.twilio.com/docs/voice/twiml/dial#action.
    """

    status: str
    is_caller_there: bool | None = None


@dataclass(frozen=True)
class Reported:
    """What a page said of the call: the SDK's code and the gateway's own, which says more.

    `before_end`: seconds from the report to the call's end, below 0 after it; `after_answer`: from the answer
    to the report. None where the one or the other is not known. `is_on_call`: of a party that was connected,
    which a page that only rang is not.
    """

    event: str = "call.error"
    code: int | None = None
    original_code: int | None = None
    before_end: float | None = None
    after_answer: float | None = None
    is_callers: bool = True
    is_on_call: bool = True


@dataclass(frozen=True)
class AlertSeen:
    """An entry in Twilio's log of the call: its code, and what it got of the server that it asked."""

    code: int
    is_warning: bool = False
    http_status: int | None = None
    # The server's name; empty for our own.
    where: str = ""


@dataclass(frozen=True)
class Refusal:
    """The call was not made, by a rule of our own or because nobody was there to be rung."""

    slug: str
    variant: str = ""


@dataclass(frozen=True)
class Evidence:
    """All that is known of one call.

    `disposition` is what became of a call that came in (a slug: `voicemail`, `do_not_disturb`,
    `nobody_available`); `hung_up_by` is a role of its legs, where that is known; `is_untold`: Twilio was
    asked and knows nothing of the call any more; `is_to_client`: it was made to somebody's page, of whose leg
    nothing may have been told yet; `is_left_alone`: nobody took up again whoever was left in
    it; `is_unasked`: Twilio could not ask us what to do with it. `country` is that of the number called, by
    its code.
    """

    is_incoming: bool = False
    is_answered: bool = False
    status: str = ""
    refusal: Refusal | None = None
    disposition: str = ""
    dial: DialSeen | None = None
    legs: tuple[LegSeen, ...] = ()
    reports: tuple[Reported, ...] = ()
    alerts: tuple[AlertSeen, ...] = ()
    error_code: int | None = None
    hung_up_by: str = ""
    is_untold: bool = False
    is_to_client: bool = False
    is_left_alone: bool = False
    is_at_limit: bool = False
    is_unasked: bool = False
    country: str = ""

    @property
    def called(self) -> tuple[LegSeen, ...]:
        """Those that were rung."""
        return tuple(leg for leg in self.legs if leg.role != "caller")

    @property
    def is_caller_gone(self) -> bool:
        return any(leg.role == "caller" and leg.is_ended for leg in self.legs)


@dataclass(frozen=True)
class Explanation:
    """A cause, closer by a variant, with the facts that its words name.

    `is_sure` is False where Twilio may know better: then it is worth asking.
    """

    slug: str
    variant: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    is_sure: bool = True
