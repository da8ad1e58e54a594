"""A call in words, for those who were not there: who with whom, why it ended, and what each party did."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from phone.calls.call import Call
from phone.calls.legs import CallLeg
from phone.calls.parties import Names, get_names, name_caller, name_party
from phone.calls.withheld import is_withheld
from phone.causes.describing import name_cause
from phone.durations import describe_duration

# Who came into a call that others had begun.
CAME_IN = {
    CallLeg.Role.CONSULTED: _("{name} was asked before a transfer"),
    CallLeg.Role.ADDED: _("{name} was added to the call"),
    CallLeg.Role.TRANSFERRED_TO: _("The call was transferred to {name}"),
}
# Who leaves so shortly before the end leaves because it is the end.
WITH_THE_END = timedelta(seconds=2)


def get_call_names(calls: Iterable[Call]) -> Names:
    """The names behind all addresses of `calls` and of their legs; fetch the legs with them."""
    return get_names(
        address
        for call in calls
        for address in (call.from_address, call.to_address, *(leg.address for leg in call.legs.all()))
    )


def describe_call(call: Call, names: Names) -> str:
    """Which way, and with whom."""
    if call.direction == Call.Direction.OUTGOING:
        return gettext("Outgoing call to {name}").format(name=name_party(call.to_address, names))
    if is_withheld(call.from_address):
        return gettext("Incoming call from a withheld number")
    return gettext("Incoming call from {name}").format(name=name_party(call.from_address, names))


def describe_end(
    cause: str, *, sip: int | None = None, error: int | None = None, is_incoming: bool = False
) -> str:
    """`Busy (SIP 486)`; "" while it is not known why it ended."""
    if not cause:
        return ""
    codes = describe_codes(sip, error)
    title = name_cause(cause, is_incoming=is_incoming)
    return f"{title} ({codes})" if codes else title


def describe_codes(sip: int | None, error: int | None) -> str:
    codes = [f"SIP {sip}" if sip else "", name_error(error) if error else ""]
    return ", ".join(code for code in codes if code)


def name_error(code: int) -> str:
    return gettext("error {code}").format(code=code)


def describe_call_end(call: Call) -> str:
    """Why the call ended, with the code of the party that it ended with."""
    legs = [leg for leg in call.legs.all() if leg.role != CallLeg.Role.CALLER]
    sip = next((leg.sip_response_code for leg in legs if leg.cause == call.cause), None)
    if sip is None and len(legs) == 1 and call.answered_at is None:
        sip = legs[0].sip_response_code
    is_incoming = call.direction == Call.Direction.INCOMING
    return describe_end(call.cause, sip=sip, error=call.error_code, is_incoming=is_incoming)


def name_leg(leg: CallLeg, names: Names) -> str:
    return name_caller(leg.address, names)


def describe_leg(leg: CallLeg) -> str:
    """What became of one party: how long they talked, why they did not, or that they are still there."""
    end = describe_end(leg.cause, sip=leg.sip_response_code, error=leg.error_code)
    if leg.answered_at and leg.ended_at:
        talked = describe_duration(leg.ended_at - leg.answered_at)
        if leg.cause in ("", "answered"):
            return gettext("talked for {duration}").format(duration=talked)
        return gettext("talked for {duration}, then: {end}").format(duration=talked, end=end)
    if leg.answered_at:
        return gettext("is held") if leg.is_held else gettext("is in the call")
    if leg.ended_at:
        codes = describe_codes(leg.sip_response_code, leg.error_code)
        return end or (gettext("was not reached") + (f" ({codes})" if codes else ""))
    return gettext("rings") if leg.rung_at else gettext("is being called")


def has_left_early(leg: CallLeg, ended_at: datetime | None) -> bool:
    """Whether a party left a conference that went on without them."""
    return leg.left_at is not None and (ended_at is None or leg.left_at < ended_at - WITH_THE_END)


def list_others(legs: Sequence[CallLeg]) -> list[CallLeg]:
    """The parties that a plain call does not have."""
    return [leg for leg in legs if leg.role in CAME_IN]
