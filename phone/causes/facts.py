"""What is kept on a call of what its cause is told from (`Call.cause_facts`), and the evidence made of it.

Kept are codes, statuses, countries, names of servers, and Twilio's sentences without numbers, SIDs and
secrets. Of several things that change a call at once, each has its own key, and none is taken back.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from phone.calls.call import Call
from phone.calls.legs import CallLeg
from phone.causes.evidence import ENDED, AlertSeen, DialSeen, Evidence, LegSeen, Refusal, Reported
from phone.dialling.plans import get_country_of_e164

# Who has blocked the caller for themselves alone, by their keys: it never rings for them.
BLOCKED_FOR = "blocked_for"
# How long it rings by the step of its plan, in seconds.
RING_SECONDS_OF_STEP = "ring_seconds"
# By the label of each leg whose ring follows its person: the label of the one that rang before.
FOLLOWS = "follows"
# By the label of each leg whose ring ended with its page: since when.
LOST = "lost"
# A page that is out of order reports without end.
MOST_REPORTS = 10
MOST_ALERTS = 20


def note_facts(call: Call, **facts: Any) -> None:
    """Keeps `facts` on `call`, which the caller has locked; `tell_changed()` then finds the cause anew.

    `disposition`: what became of a call that came in (`voicemail`, `do_not_disturb`, `nobody_available`, or
    `nobody_available:closed` outside of the opening hours). `hung_up_by`: the role of the leg that ended it.
    `brought_by`: who asked a party into it, by the party's label; `sent_out_by`: who had a party leave while
    the others went on, mostly that party. `rung_again`: whom it rang for those who were left in it.
    `ended_by`: who ended it for all. All of these are keys of people.
    `left_alone`: nobody took up again whoever was left in it. `unasked`: Twilio could not ask us about it.
    `taken`: the keys of legs whose people took it beside another call of theirs, and talk on that one's leg.
    `at_limit`: it was ended because it had lasted as long as the company's limits allow.
    `refusal`: as `build_refusal()` makes it; `said`: the reason that it was told by, and facts of that.
    `blocked_for`: see BLOCKED_FOR.
    `spoken`: see `phone/calls/languages.py`. `ring_seconds`: see RING_SECONDS_OF_STEP.
    `follows`: see FOLLOWS. `lost`: see LOST.
    """
    call.cause_facts = {**call.cause_facts, **facts}
    Call.objects.filter(pk=call.pk).update(cause_facts=call.cause_facts)


def is_blocked_for(call: Call, person_id: int) -> bool:
    """Whether somebody did not want to hear of its caller."""
    return person_id in call.cause_facts.get(BLOCKED_FOR, ())


def is_taken(call: Call, leg: CallLeg) -> bool:
    """Whether `leg` has only rung because its person took the call by "Hold and answer"."""
    return str(leg.pk) in call.cause_facts.get("taken", [])


def is_follower(call: Call, leg: CallLeg) -> bool:
    """Whether `leg` rings because its person has come to another page."""
    return leg.label in call.cause_facts.get(FOLLOWS, {})


def is_followed(call: Call, leg: CallLeg) -> bool:
    return leg.label in call.cause_facts.get(FOLLOWS, {}).values()


def find_first(call: Call, leg: CallLeg) -> str:
    """The label of the leg that rang first, of those that followed one another until `leg`."""
    follows, label = call.cause_facts.get(FOLLOWS, {}), leg.label
    while label in follows:
        label = follows[label]
    return str(label)


def build_refusal(slug: str, variant: str = "") -> dict[str, str]:
    """A call that is not made, by a rule of our own: what `note_facts(refusal=…)` keeps."""
    return {"slug": slug, "variant": variant}


def gather_evidence(call: Call, legs: Sequence[CallLeg]) -> Evidence:
    """All that is known of a call."""
    facts = call.cause_facts
    refusal = facts.get("refusal")
    connected = {leg.call_sid for leg in legs if leg.answered_at or leg.role == CallLeg.Role.CALLER}
    return Evidence(
        is_incoming=call.direction == Call.Direction.INCOMING,
        is_answered=call.answered_at is not None,
        status=call.status,
        refusal=Refusal(refusal["slug"], refusal.get("variant", "")) if refusal else None,
        disposition=facts.get("disposition", ""),
        dial=read_dial(facts.get("dial")),
        legs=tuple(read_leg(leg) for leg in legs),
        reports=tuple(read_report(call, report, connected) for report in facts.get("page", ())),
        alerts=tuple(read_alert(alert) for alert in facts.get("alerts", ())),
        error_code=call.error_code,
        hung_up_by=find_who_hung_up(call, facts, legs),
        is_untold=bool(facts.get("untold")),
        is_to_client=call.to_address.startswith("client:"),
        is_left_alone=bool(facts.get("left_alone")),
        is_at_limit=bool(facts.get("at_limit")),
        is_unasked=bool(facts.get("unasked")),
        country=get_country_of_e164(call.to_address) or "",
    )


def read_leg(leg: CallLeg) -> LegSeen:
    return LegSeen(
        status=leg.status,
        is_client=leg.route == CallLeg.Route.CLIENT,
        role=leg.role,
        is_answered=leg.answered_at is not None,
        sip_code=leg.sip_response_code,
        error_code=leg.error_code,
    )


def read_dial(dial: Mapping[str, str] | None) -> DialSeen | None:
    if dial is None:
        return None
    status = dial.get("call_status", "")
    return DialSeen(dial.get("status", ""), status not in ENDED if status else None)


def read_report(call: Call, report: Mapping[str, Any], connected: set[str]) -> Reported:
    at = parse_datetime(report.get("at", ""))
    return Reported(
        event=report.get("event", ""),
        code=report.get("code"),
        original_code=report.get("original_code"),
        before_end=count_seconds(at, call.ended_at),
        after_answer=count_seconds(call.answered_at, at),
        is_callers=bool(report.get("is_callers", True)),
        is_on_call=report.get("call_sid") in connected,
    )


def read_alert(alert: Mapping[str, Any]) -> AlertSeen:
    return AlertSeen(
        code=alert["code"],
        is_warning=bool(alert.get("is_warning")),
        http_status=alert.get("http"),
        where=alert.get("where", ""),
    )


def count_seconds(begin: datetime | None, end: datetime | None) -> float | None:
    return (end - begin).total_seconds() if begin and end else None


def find_hanger(call: Call, legs: Sequence[CallLeg]) -> CallLeg | None:
    """The leg of whoever ended a call, where its role alone does not tell who that is; None: not known.

    In a call with more than two, `called` may be anybody.
    """
    by = call.cause_facts.get("ended_by")
    if by is not None:
        return next((leg for leg in legs if leg.user_id == by), None)
    if call.conference_id is None or call.cause_facts.get("hung_up_by"):
        return None
    left = sorted((leg for leg in legs if leg.left_at is not None), key=lambda leg: (leg.left_at, leg.role))
    return left[-2] if len(left) > 1 else None


def find_who_hung_up(call: Call, facts: Mapping[str, Any], legs: Iterable[CallLeg]) -> str:
    """The role of the leg that ended the call; "" where Twilio does not tell.

    A Dial's action is asked for with the caller's own CallStatus: over, if it was the caller. In a conference
    it is whoever left it first of the last two.
    """
    if facts.get("hung_up_by"):
        return str(facts["hung_up_by"])
    dial = read_dial(facts.get("dial"))
    if call.conference_id is None:
        if dial is None or dial.is_caller_there is None or dial.status not in ("completed", "answered"):
            return ""
        return "called" if dial.is_caller_there else "caller"
    hanger = find_hanger(call, list(legs))
    return hanger.role if hanger else ""
