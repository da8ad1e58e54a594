"""From what was seen of a call to why it ended. Pure; the words are in `texts.py`, the codes in `codes.py`.

What was seen only grows, and each time all of it is looked at: in whatever order it arrives, the cause that
is found in the end is the same. What says more comes first: our own rule, then the account, the number, the
sound, the line, and last what was only said of a call that had ended by then.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from phone.causes.codes import (
    CODES,
    MEDIA_FAILED,
    NO_WAY_WITHIN_SECONDS,
    SIP_CODES,
    UNAVAILABLE,
    Meaning,
    weigh,
)
from phone.causes.evidence import AlertSeen, Evidence, Explanation, LegSeen, Reported

# A page's error this long before the end did not end the call.
NEAR_END_SECONDS = 15.0
# What several legs come to that all rang in vain: the word that tells the most.
TELLING = ("declined", "busy", "no_answer", "nobody_available", "canceled")
LEADING_NOWHERE = (
    "country_not_allowed",
    "caller_id_refused",
    "number_blocked",
    "invalid_number",
    "number_unreachable",
    "trial_limit",
    "concurrency_limit",
    "voice_disabled",
    "account_not_active",
    "media_blocked",
    "twilio_unavailable",
)
STRONG = ("account", "app", "number", "media")
UNCLEAR = Explanation("unclear", is_sure=False)


def explain(evidence: Evidence) -> Explanation:
    """Why the call ended, for whoever made it; for one that came in, what became of it."""
    if evidence.refusal is not None:
        return found(Meaning(evidence.refusal.slug, evidence.refusal.variant), evidence)
    if evidence.disposition == "voicemail":
        is_callers = not evidence.is_incoming and not evidence.is_answered
        return Explanation("voicemail", "left_here" if is_callers else "")
    if evidence.is_answered:
        return explain_answered(evidence)
    if evidence.disposition == "sent":
        # Somebody would not take it, and nothing was said to their voicemail.
        return Explanation("no_answer")
    return explain_incoming(evidence) if evidence.is_incoming else explain_outgoing(evidence)


def explain_answered(evidence: Evidence) -> Explanation:
    """It was talked on: over because somebody hung up, unless something cut it off."""
    cut = [
        meaning
        for meaning in (
            *read_reports(report for report in evidence.reports if report.is_on_call),
            *read_alerts(evidence.alerts),
            *read_code(evidence.error_code),
        )
        if meaning.weight == "media" or meaning.slug in ("trial_limit", "answered")
    ]
    if cut:
        return found(min(cut, key=weigh), evidence)
    if evidence.is_at_limit:
        return Explanation("answered", "at_limit")
    if evidence.is_left_alone:
        return Explanation("answered", "left_alone")
    match evidence.hung_up_by:
        case "":
            return Explanation("answered")
        case "caller":
            return Explanation("answered", "other_hung_up" if evidence.is_incoming else "hung_up")
        case _:
            return Explanation("answered", "hung_up" if evidence.is_incoming else "other_hung_up")


def explain_incoming(evidence: Evidence) -> Explanation:
    """It came in and nobody took it."""
    meanings = list(read_all(evidence))
    if evidence.is_unasked and meanings:
        return found(min(meanings, key=weigh), evidence)
    ours = [one for one in meanings if one.weight == "account" or one.slug.startswith("microphone")]
    if ours:
        return found(min(ours, key=weigh), evidence)
    if evidence.disposition:
        slug, _, variant = evidence.disposition.partition(":")
        return Explanation(slug, variant)
    called = evidence.called
    if not called and evidence.dial and evidence.dial.status == "failed":
        # No phone of ours rang: a Dial that Twilio could not follow.
        return found(min(meanings, key=weigh), evidence) if meanings else Explanation("missed", is_sure=False)
    if called and all(leg.is_ended and explain_leg(leg, evidence).slug == "declined" for leg in called):
        return Explanation("missed", "declined")
    is_caller_there = evidence.dial.is_caller_there if evidence.dial else None
    return Explanation("missed", "rang_out" if is_caller_there else "")


def explain_outgoing(evidence: Evidence) -> Explanation:
    """It was made here, and nobody answered it."""
    said = sorted(read_said(evidence), key=lambda meaning: (weigh(meaning), is_general(meaning)))
    if said and said[0].weight in STRONG:
        return found(said[0], evidence)
    legs = [explain_leg(leg, evidence) for leg in evidence.called if leg.is_ended]
    line = explain_line(evidence, [*legs, *(Explanation(one.slug, one.variant) for one in said)])
    if line is not None:
        return line
    if said:
        explanation = found(said[0], evidence)
        # Which address failed, and how, Twilio's log says, and a code only that one did.
        return replace(explanation, is_sure=said[0].weight != "webhook" or bool(explanation.facts))
    if evidence.is_untold:
        return Explanation("unclear", "untold")
    if evidence.is_caller_gone or evidence.status == "canceled":
        # Nothing had rung: either the caller was very quick, or Twilio has something to say.
        return Explanation("canceled", is_sure=False)
    return UNCLEAR


def is_general(meaning: Meaning) -> bool:
    """Whether it only says that an address could not be asked."""
    return meaning.slug == "webhook_failed" and not meaning.variant


def explain_line(evidence: Evidence, heard: Sequence[Explanation]) -> Explanation | None:
    """What the line did: it rang in vain, was busy, was declined, was given up, or led nowhere."""
    dial = evidence.dial
    told = {one.slug: one for one in reversed(heard)}
    gave_up = dial is not None and dial.is_caller_there is False
    if gave_up and not set(told) - {"canceled", "no_answer", "nobody_available", "unclear"}:
        return Explanation("canceled")
    # One leg that leads nowhere says nothing of a call that rang another.
    for slug in (*TELLING, *LEADING_NOWHERE):
        if slug in told:
            return told[slug]
    match dial.status if dial else evidence.status:
        case "busy":
            is_page = evidence.is_to_client or any(leg.is_client for leg in evidence.called)
            return Explanation("declined") if is_page else Explanation("busy", "or_declined")
        case "no-answer":
            return Explanation("no_answer")
        case "canceled" if dial:
            return Explanation("canceled")
    return None


def explain_leg(leg: LegSeen, evidence: Evidence) -> Explanation:
    """Why one party's part is over. `evidence` is the whole call's."""
    if leg.is_answered or leg.status == "completed":
        return Explanation("answered")
    for meaning in (*read_code(leg.error_code), *read_sip(leg)):
        return found(meaning, evidence)
    match leg.status:
        case "busy":
            # A page is never busy: Twilio says so of one that rejects.
            return Explanation("declined") if leg.is_client else Explanation("busy", "or_declined")
        case "canceled" | "no-answer" if evidence.is_answered and leg.role == "called":
            return Explanation("answered_elsewhere")
        case "canceled":
            return Explanation("canceled")
        case "no-answer":
            gave_up = evidence.dial is not None and evidence.dial.is_caller_there is False
            return Explanation("canceled" if gave_up else "no_answer")
        case _:
            return UNCLEAR


# From codes to meanings


def read_all(evidence: Evidence) -> Iterator[Meaning]:
    for leg in evidence.called:
        yield from read_code(leg.error_code)
        yield from read_sip(leg)
    yield from read_said(evidence)


def read_said(evidence: Evidence) -> Iterator[Meaning]:
    """What was said of the call as a whole."""
    if evidence.error_code not in {leg.error_code for leg in evidence.called}:
        yield from read_code(evidence.error_code)
    yield from read_reports(evidence.reports)
    yield from read_alerts(evidence.alerts)


def read_code(code: int | None) -> Iterator[Meaning]:
    if code is not None and code in CODES:
        yield CODES[code]


def read_sip(leg: LegSeen) -> Iterator[Meaning]:
    """Where the leg was not answered. No page says 480: Twilio says it where there is none."""
    if leg.is_answered or leg.sip_code is None or leg.sip_code not in SIP_CODES:
        return
    meaning = SIP_CODES[leg.sip_code]
    if not leg.is_client:
        yield meaning
    elif meaning.slug in ("busy", "declined"):
        yield Meaning("declined")
    elif leg.sip_code == UNAVAILABLE:
        yield Meaning("nobody_available", "colleague")
    elif meaning.slug == "no_answer":
        yield Meaning("no_answer")
    else:
        yield Meaning("twilio_unavailable", weight="twilio")


def read_reports(reports: Iterable[Reported]) -> Iterator[Meaning]:
    for report in reports:
        if report.before_end is not None and report.before_end > NEAR_END_SECONDS:
            continue
        meaning = read_report(report)
        if meaning is not None:
            yield meaning


def read_report(report: Reported) -> Meaning | None:
    """The gateway's own code where it says something, for the SDK hides it behind one of its own."""
    if report.event == "reject":
        return Meaning("declined") if not report.is_callers else None
    codes = [code for code in (report.original_code, report.code) if code is not None and code in CODES]
    if not codes:
        return None
    if MEDIA_FAILED in codes and (report.after_answer or 0) > NO_WAY_WITHIN_SECONDS:
        return Meaning("connection_lost", weight="media")
    return CODES[codes[0]]


def read_alerts(alerts: Iterable[AlertSeen]) -> Iterator[Meaning]:
    """A warning about an answer of ours is about a status callback, which ends no call."""
    for alert in alerts:
        meaning = CODES.get(alert.code)
        if meaning is None or (meaning.weight == "webhook" and alert.is_warning):
            continue
        if meaning.variant == "status" and alert.http_status is None:
            meaning = Meaning(meaning.slug, "", meaning.weight)
        yield meaning


def found(meaning: Meaning, evidence: Evidence) -> Explanation:
    """`meaning` with the facts that its words name."""
    facts: dict[str, str] = {}
    if meaning.slug == "country_not_allowed" and evidence.country:
        facts["country_code"] = evidence.country
    if meaning.slug == "webhook_failed":
        facts |= find_webhook_facts(meaning, evidence.alerts)
    return Explanation(meaning.slug, meaning.variant, facts)


def find_webhook_facts(meaning: Meaning, alerts: Iterable[AlertSeen]) -> dict[str, str]:
    """Whom Twilio asked, "" for ourselves, and the HTTP status that it got."""
    for alert in alerts:
        one = CODES.get(alert.code)
        if one and one.slug == meaning.slug and (one.variant == meaning.variant or not meaning.variant):
            http = {"http": str(alert.http_status)} if alert.http_status else {}
            return {"where": alert.where, **http}
    return {}
