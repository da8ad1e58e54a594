"""Calls in a timeline: each where it began, and what was done in it where that happened."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext, pgettext

from phone.calls.attestation import describe_attestation
from phone.calls.call import Call
from phone.calls.legs import CallLeg
from phone.calls.parties import Names, name_party
from phone.calls.statuses import name_status
from phone.durations import describe_duration
from phone.timeline.call_stories import (
    CAME_IN,
    describe_call,
    describe_call_end,
    describe_end,
    describe_leg,
    get_call_names,
    has_left_early,
    list_others,
    name_error,
    name_leg,
)
from phone.timeline.timeline import Entry

# Ends of which somebody may want to know the reason, and those that went as they should.
GOOD_ENDS = frozenset({"answered", "voicemail"})
# Entries of one moment: the call first, then what was done in it.
AFTER = 1


def build_call_entries(found: Iterable[Call]) -> list[Entry]:
    """Of calls that a person made or took."""
    calls = list(found)
    names = get_call_names(calls)
    return [entry for call in calls for entry in (build_call_entry(call, names), *build_deeds(call, names))]


def build_call_entry(call: Call, names: Names) -> Entry:
    lasted = describe_duration(call.ended_at - call.answered_at) if call.ended_at and call.answered_at else ""
    end = describe_call_end(call) if call.cause not in GOOD_ENDS else ""
    code = name_error(call.error_code) if call.error_code and not end else ""
    parts = (
        name_status(call.status),
        lasted,
        code,
        describe_attestation(call.stir_verstat),
        f"…{call.call_sid[-6:]}",
    )
    title = describe_call(call, names)
    return Entry(
        call.started_at,
        "call",
        f"{title}: {end}" if end else title,
        tone="bad" if call.status == "failed" else "plain",
        detail=" · ".join(part for part in parts if part),
        link=build_link(call),
    )


def build_deeds(call: Call, names: Names) -> Iterator[Entry]:
    """The conference that a call was moved into, and whoever came into it or left it before its end."""
    legs = list(call.legs.all())
    conference = call.conference
    if conference is not None:
        began = conference.started_at or conference.created_at
        there = ", ".join(name_leg(leg, names) for leg in legs if leg.joined_at)
        yield build_deed(
            call,
            began,
            gettext("The call went on in a conference"),
            there and gettext("with {names}").format(names=there),
        )
    for leg in list_others(legs):
        outcome = describe_leg(leg)
        yield build_deed(
            call,
            leg.asked_at,
            CAME_IN[CallLeg.Role(leg.role)].format(name=name_leg(leg, names)),
            outcome,
            is_bad=bool(leg.ended_at and not leg.answered_at),
        )
    for leg in legs:
        if leg.left_at and has_left_early(leg, call.ended_at):
            yield build_deed(
                call,
                leg.left_at,
                gettext("{name} left the call").format(name=name_leg(leg, names)),
                gettext("the others went on"),
            )


def build_deed(call: Call, at: datetime, title: str, detail: str, *, is_bad: bool = False) -> Entry:
    return Entry(
        at,
        "call",
        title,
        tone="bad" if is_bad else "plain",
        detail=" · ".join(part for part in (detail, f"…{call.call_sid[-6:]}") if part),
        link=build_link(call),
        order=AFTER,
    )


def build_rung_entry(call: Call) -> Entry:
    """A call from outside, in the timeline of one whose phone it rang and who did not take it."""
    if call.answered_at is None:
        missed = describe_end(call.cause) or pgettext("call", "missed")
        outcome, tone = missed if call.ended_at else gettext("rings"), "bad" if call.ended_at else "plain"
    else:
        who = call.user.display_name if call.user else gettext("somebody else")
        outcome, tone = gettext("answered by {name}").format(name=who), "plain"
    return Entry(
        call.started_at,
        "call",
        f"{describe_call(call, {})}: {outcome}",
        tone=tone,
        detail=f"{name_status(call.status)} · …{call.call_sid[-6:]}",
        link=build_link(call),
    )


def build_missed_entries(found: Iterable[Call]) -> list[Entry]:
    """Colleagues' calls that found nobody, in the timeline of the one they were meant for."""
    calls = list(found)
    names = get_call_names(calls)
    return [build_missed_entry(call, names) for call in calls]


def build_missed_entry(call: Call, names: Names) -> Entry:
    end = describe_end(call.cause)
    return Entry(
        call.started_at,
        "call",
        gettext("Missed call from {name}").format(name=name_party(call.from_address, names)),
        tone="bad",
        detail=" · ".join(part for part in (end, name_status(call.status), f"…{call.call_sid[-6:]}") if part),
        link=build_link(call),
    )


def build_joined_entries(found: Iterable[CallLeg]) -> list[Entry]:
    """Calls of others that a person was added to, asked about, or given."""
    legs = list(found)
    names = get_call_names(leg.call for leg in legs)
    return [build_joined_entry(leg, names) for leg in legs]


def build_joined_entry(leg: CallLeg, names: Names) -> Entry:
    who = name_leg(leg, names)
    call = leg.call
    begun_by = call.user.display_name if call.user else pgettext("by", "a former person")
    whose = gettext("{call}, of {name}").format(call=describe_call(call, names), name=begun_by)
    return Entry(
        leg.asked_at,
        "call",
        CAME_IN[CallLeg.Role(leg.role)].format(name=who),
        tone="bad" if leg.ended_at and not leg.answered_at else "plain",
        detail=f"{describe_leg(leg)} · {whose} · …{call.call_sid[-6:]}",
        link=build_link(call),
        order=AFTER,
    )


def build_link(call: Call) -> str:
    return reverse("admin:phone_call_change", args=[call.pk])
