"""From evidence to cause: one row a case."""

import itertools
from dataclasses import replace

import pytest

from phone.causes.cause import SLUGS, build_cause
from phone.causes.codes import CODES, SIP_CODES
from phone.causes.describing import word_facts
from phone.causes.evidence import AlertSeen, DialSeen, Evidence, LegSeen, Refusal, Reported
from phone.causes.explaining import explain, explain_leg

OUT = Evidence(status="failed")
IN = Evidence(is_incoming=True, status="no-answer")
TALKED = Evidence(status="completed", is_answered=True)
CALLER = LegSeen("in-progress", is_client=True, role="caller")
GONE = LegSeen("completed", is_client=True, role="caller")


def out(dial: str = "", *legs: LegSeen, there: bool | None = True, **more: object) -> Evidence:
    """A call that was made here and not answered; `dial` is its DialCallStatus."""
    seen = DialSeen(dial, there) if dial else None
    return replace(OUT, status=dial or "canceled", dial=seen, legs=(CALLER, *legs), **more)


def number(status: str, sip: int | None = None, error: int | None = None) -> LegSeen:
    return LegSeen(status, sip_code=sip, error_code=error)


def page(status: str, sip: int | None = None, *, answered: bool = False) -> LegSeen:
    return LegSeen(status, is_client=True, sip_code=sip, is_answered=answered)


def came(*legs: LegSeen, dial: str = "no-answer", there: bool = True, **more: object) -> Evidence:
    return replace(IN, dial=DialSeen(dial, there), legs=(replace(CALLER, is_client=False), *legs), **more)


def alerts(*codes: int, **more: object) -> tuple[AlertSeen, ...]:
    return tuple(AlertSeen(code, **more) for code in codes)


def said(code: int, original: int | None = None, **more: object) -> tuple[Reported, ...]:
    return (Reported("call.error", code, original, **more),)


CASES: list[tuple[str, Evidence, str]] = [
    # Talked.
    ("nobody says who hung up", TALKED, "answered"),
    ("the caller hung up", replace(TALKED, hung_up_by="caller"), "answered:hung_up"),
    ("the called hung up", replace(TALKED, hung_up_by="called"), "answered:other_hung_up"),
    (
        "their caller hung up",
        replace(TALKED, is_incoming=True, hung_up_by="caller"),
        "answered:other_hung_up",
    ),
    ("who answered hung up", replace(TALKED, is_incoming=True, hung_up_by="called"), "answered:hung_up"),
    ("an action that failed afterwards", replace(TALKED, alerts=alerts(11200, http_status=502)), "answered"),
    ("another leg was busy", replace(TALKED, legs=(number("busy", 486), page("completed"))), "answered"),
    (
        "a page that only rang had no microphone",
        replace(TALKED, reports=said(31401, is_on_call=False)),
        "answered",
    ),
    ("an error long before the end", replace(TALKED, reports=said(31005, before_end=600.0)), "answered"),
    (
        "the socket died and the call with it",
        replace(TALKED, reports=said(31005, before_end=0.4)),
        "connection_lost",
    ),
    ("told after the end", replace(TALKED, reports=said(31009, before_end=-90.0)), "connection_lost"),
    ("the sound found no way", replace(TALKED, reports=said(53405, after_answer=31.0)), "media_blocked"),
    ("the sound was lost later", replace(TALKED, reports=said(53405, after_answer=300.0)), "connection_lost"),
    ("Twilio heard nothing", replace(TALKED, alerts=alerts(32014)), "media_blocked"),
    (
        "ten minutes of a trial",
        replace(TALKED, alerts=alerts(13805, is_warning=True)),
        "trial_limit:duration",
    ),
    ("as long as a call may be", replace(TALKED, alerts=alerts(32015)), "answered:time_limit"),
    # Not answered, by the line.
    ("busy", out("busy", number("busy", 486)), "busy"),
    ("busy everywhere", out("busy", number("busy", 600)), "busy"),
    ("busy, without the leg", out("busy"), "busy:or_declined"),
    ("a colleague declines, without the leg", out("busy", is_to_client=True), "declined"),
    ("busy, and the leg's code not yet", out("busy", number("busy")), "busy:or_declined"),
    ("declined", out("busy", number("busy", 603)), "declined"),
    ("declined, which Twilio calls no answer", out("no-answer", number("no-answer", 603)), "declined"),
    ("declined, which Twilio calls failed", out("failed", number("failed", 603)), "declined"),
    ("declined, the action lost", out("", number("busy", 603)), "declined"),
    ("declined as unwanted", out("busy", number("busy", 607)), "declined:unwanted"),
    ("a colleague declines", out("busy", page("busy", 603)), "declined"),
    ("a colleague declines, the code lost", out("busy", page("busy")), "declined"),
    (
        "a colleague's page says so",
        out("failed", reports=(Reported("reject", is_callers=False),)),
        "declined",
    ),
    ("rang in vain", out("no-answer", number("no-answer", 487)), "no_answer"),
    ("rang in vain, without the leg", out("no-answer"), "no_answer"),
    ("switched off", out("no-answer", number("no-answer", 480)), "no_answer:away"),
    ("switched off, which Twilio calls failed", out("failed", number("failed", 480)), "no_answer:away"),
    ("timed out", out("failed", number("failed", 408)), "no_answer"),
    ("a colleague has no page", out("no-answer", page("no-answer", 480)), "nobody_available:colleague"),
    ("given up", out("no-answer", number("canceled", 487), there=False), "canceled"),
    ("given up, as canceled", out("canceled", number("canceled", 487)), "canceled"),
    ("given up, without the leg", out("no-answer", there=False), "canceled"),
    (
        "given up, the action lost",
        replace(out("", number("canceled", 487)), legs=(GONE, number("canceled", 487))),
        "canceled",
    ),
    ("hung up while busy was said", out("busy", number("busy", 486), there=False), "busy"),
    # Several legs with different endings.
    (
        "one declines, one does not answer",
        out("no-answer", page("busy", 603), page("no-answer", 480)),
        "declined",
    ),
    ("one busy, one leads nowhere", out("busy", number("failed", 404), number("busy", 486)), "busy"),
    (
        "one has no answer, one an error",
        out("no-answer", number("failed", error=13224), number("no-answer")),
        "no_answer",
    ),
    # The number.
    ("belongs to nobody", out("failed", number("failed", 404)), "number_unreachable:not_in_service"),
    ("gone", out("failed", number("failed", 410)), "number_unreachable:not_in_service"),
    ("belongs to nobody, and busy", out("busy", number("busy", 604)), "number_unreachable:not_in_service"),
    ("too few digits", out("failed", number("failed", 484)), "invalid_number"),
    ("the network is down", out("failed", number("failed", 503)), "number_unreachable:network"),
    ("no number, by Dial", out("failed", alerts=alerts(13223, is_warning=True)), "invalid_number"),
    ("no number, by REST", out("failed", error_code=21217), "invalid_number"),
    ("no country", out("failed", alerts=alerts(13226)), "invalid_number:country_code"),
    ("cannot be reached", out("failed", alerts=alerts(13224)), "number_unreachable"),
    ("cannot be reached, by REST", out("failed", error_code=21214), "number_unreachable"),
    ("blocked", out("failed", alerts=alerts(13225)), "number_blocked"),
    ("blocked, by REST", out("failed", error_code=21216), "number_blocked"),
    ("premium", out("failed", error_code=21202), "number_blocked:premium"),
    (
        "geo permission",
        out("failed", alerts=alerts(13227, is_warning=True), country="Cuba"),
        "country_not_allowed",
    ),
    ("geo permission, by REST", out("failed", error_code=21215), "country_not_allowed"),
    ("the number called from", out("failed", alerts=alerts(13214)), "caller_id_refused"),
    ("the number called from, not assigned", out("failed", alerts=alerts(13247)), "caller_id_refused"),
    ("unwanted", out("failed", number("failed", 608)), "caller_id_refused:unwanted"),
    ("unwanted, which Twilio calls busy", out("busy", number("busy", 608)), "caller_id_refused:unwanted"),
    ("blocked for its caller", out("failed", alerts=alerts(32017)), "caller_id_refused:unwanted"),
    ("hides its number", out("failed", number("failed", 433)), "caller_id_refused:anonymous"),
    # Rules of our own.
    ("emergency", replace(OUT, refusal=Refusal("refused_here", "emergency")), "refused_here:emergency"),
    (
        "a colleague who is away",
        replace(OUT, refusal=Refusal("nobody_available", "colleague")),
        "nobody_available:colleague",
    ),
    (
        "what was typed is no number",
        replace(OUT, refusal=Refusal("invalid_number", "typed")),
        "invalid_number:typed",
    ),
    (
        "a refusal is not what the line did",
        out("busy", refusal=Refusal("refused_here", "premium")),
        "refused_here:premium",
    ),
    # The account.
    ("trial, not verified", out("failed", alerts=alerts(21219)), "trial_limit"),
    ("trial, by page and number", out("failed", alerts=alerts(13224, 573005)), "trial_limit"),
    ("too many at once", out("failed", alerts=alerts(10004)), "concurrency_limit"),
    ("too many a second", out("", reports=said(31206)), "concurrency_limit:rate"),
    ("voice switched off", out("failed", alerts=alerts(10005)), "voice_disabled"),
    ("suspended", out("failed", alerts=alerts(10001)), "account_not_active"),
    ("suspended, by the gateway", out("", reports=said(31005, 31203)), "account_not_active"),
    # What tells Twilio what to do.
    ("the app is gone", out("", reports=said(31005, 21218)), "twiml_app_missing"),
    ("the app is gone, by the SDK's class", out("", reports=said(31001)), "twiml_app_missing"),
    ("the app has no Voice URL", out("", reports=said(31404)), "twiml_app_missing:no_voice_url"),
    ("our server was down", out("", reports=said(31005, 31503)), "webhook_failed"),
    (
        "our server was down, and the log says how",
        out("", reports=said(31005, 31503), alerts=alerts(11237)),
        "webhook_failed:certificate",
    ),
    ("a call that was not to be had back", replace(TALKED, reports=said(31209)), "connection_lost"),
    ("our server failed", out("failed", alerts=alerts(11200, http_status=502)), "webhook_failed:status"),
    ("our server failed, how is not told", out("failed", alerts=alerts(11200)), "webhook_failed"),
    ("our server was too slow", out("", alerts=alerts(11205)), "webhook_failed:timeout"),
    ("our certificate", out("", alerts=alerts(11235)), "webhook_failed:certificate"),
    ("our TwiML", out("", alerts=alerts(12100)), "webhook_failed:twiml"),
    ("our Content-Type", out("", alerts=alerts(12300)), "webhook_failed:content_type"),
    (
        "a status callback that failed",
        out("busy", number("busy", 486), alerts=alerts(15003, is_warning=True)),
        "busy",
    ),
    ("an action that failed after busy", out("", number("busy", 486), alerts=alerts(11200)), "busy"),
    # The page.
    ("no permission for the microphone", out("", reports=said(31401)), "microphone_denied"),
    ("no microphone", out("", reports=said(31402)), "microphone_missing"),
    ("the SDK's old code", out("", reports=said(31208)), "microphone_denied"),
    (
        "no way while it rang",
        out("no-answer", number("canceled"), reports=said(53405), there=False),
        "media_blocked",
    ),
    (
        "cut off while it rang",
        out("no-answer", number("canceled"), reports=said(31005), there=False),
        "connection_lost",
    ),
    # Only in the original code: the SDK's own hides it.
    ("busy behind 31005", out("", reports=said(31005, 31486)), "busy"),
    ("unavailable behind 31005", out("", reports=said(31005, 31480)), "no_answer:away"),
    ("an original that nobody knows", out("", reports=said(31005, 99999)), "connection_lost"),
    # Came in.
    ("rang out", came(page("no-answer"), page("no-answer")), "missed:rang_out"),
    ("the caller gave up", came(page("canceled"), there=False), "missed"),
    ("everybody declined", came(page("busy", 603), page("busy", 603), dial="busy"), "missed:declined"),
    ("one declined", came(page("busy", 603), page("no-answer")), "missed:rang_out"),
    ("nobody there", replace(IN, disposition="nobody_available"), "nobody_available"),
    ("closed", replace(IN, disposition="nobody_available:closed"), "nobody_available:closed"),
    ("not to be disturbed", replace(IN, disposition="do_not_disturb"), "do_not_disturb"),
    ("left a message", came(page("no-answer"), disposition="voicemail"), "voicemail"),
    ("left a message after a decline", came(page("busy", 603), disposition="voicemail"), "voicemail"),
    (
        "no microphone to answer with",
        came(page("no-answer"), reports=said(31402, is_callers=False)),
        "microphone_missing",
    ),
    ("without any callback", replace(IN, legs=()), "missed"),
    ("forgotten by Twilio", replace(IN, is_untold=True), "missed"),
    # Twilio, and nobody.
    ("Twilio's own fault", out("failed", alerts=alerts(20500)), "twilio_unavailable"),
    ("Twilio's own fault, of a page", out("failed", page("failed", 500)), "twilio_unavailable"),
    ("declined by Twilio's gateway", out("", reports=said(31002)), "twilio_unavailable"),
    ("forgotten, ours", replace(OUT, is_untold=True), "unclear:untold"),
    ("a code that nobody knows", out("failed", number("failed", 499), alerts=alerts(99999)), "unclear"),
    ("nothing at all", OUT, "unclear"),
]


@pytest.mark.parametrize(("evidence", "cause"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_cause_is_the_true_one(evidence: Evidence, cause: str) -> None:
    found = explain(evidence)
    assert f"{found.slug}:{found.variant}".rstrip(":") == cause


def test_every_cause_of_a_call_has_a_case() -> None:
    # What a person sees of another's call is decided by `endings.py`.
    assert {cause.partition(":")[0] for _, _, cause in CASES} == set(SLUGS) - {"answered_elsewhere"}


@pytest.mark.parametrize("evidence", [case[1] for case in CASES], ids=[case[0] for case in CASES])
def test_the_order_in_which_things_are_seen_does_not_matter(evidence: Evidence) -> None:
    causes = {
        explain(replace(evidence, legs=legs, alerts=seen)).slug
        for legs, seen in itertools.product(
            itertools.permutations(evidence.legs), itertools.permutations(evidence.alerts)
        )
    }
    assert len(causes) == 1


@pytest.mark.parametrize(
    ("evidence", "is_sure"),
    [
        (out("busy"), True),
        (out("no-answer"), True),
        (out("failed"), False),
        (OUT, False),
        # Nothing had rung when the caller hung up: what Twilio said to them may have been an apology.
        (replace(OUT, status="canceled", legs=(GONE,)), False),
        (out("failed", alerts=alerts(13227)), True),
        # A code says that an address could not be asked, and Twilio's log which one.
        (out("", reports=said(31005, 31503)), False),
        (out("", reports=said(31005, 31503), alerts=alerts(11205)), True),
        (out("", reports=said(31005, 31203)), True),
        (replace(OUT, is_untold=True), True),
        (came(page("no-answer")), True),
        (came(dial="failed"), False),
        (TALKED, True),
    ],
)
def test_twilio_is_asked_only_where_it_may_know_better(evidence: Evidence, is_sure: bool) -> None:
    assert explain(evidence).is_sure == is_sure


@pytest.mark.parametrize(
    ("leg", "whole", "slug"),
    [
        (page("completed", answered=True), TALKED, "answered"),
        (page("canceled", 487), TALKED, "answered_elsewhere"),
        (page("no-answer", 487), TALKED, "answered_elsewhere"),
        (page("busy", 603), TALKED, "declined"),
        (replace(number("busy", 486), role="transferred_to"), TALKED, "busy"),
        (replace(page("busy", 603), role="consulted"), TALKED, "declined"),
        (replace(number("no-answer", 487), role="added"), TALKED, "no_answer"),
        (replace(number("failed", 404), role="added"), TALKED, "number_unreachable"),
        (replace(number("failed", error=13227), role="transferred_to"), TALKED, "country_not_allowed"),
        (number("no-answer", 487), out("no-answer", there=False), "canceled"),
        (number("no-answer", 487), out("no-answer"), "no_answer"),
        (number("failed"), OUT, "unclear"),
    ],
)
def test_each_leg_has_a_cause_of_its_own(leg: LegSeen, whole: Evidence, slug: str) -> None:
    assert explain_leg(leg, whole).slug == slug


def test_what_twilio_saw_of_a_server_names_it_and_the_status() -> None:
    mine = explain(out("failed", alerts=alerts(11200, http_status=502)))
    assert mine.facts == {"where": "", "http": "502"}
    words = build_cause(mine.slug, mine.variant, **word_facts(mine.facts)).words
    assert words == "Twilio asked Dog n Bone's own server what to do with the call, and got HTTP 502."
    other = explain(out("failed", alerts=alerts(11237, where="old.example.com")))
    assert "certificate of old.example.com" in build_cause(other.slug, other.variant, **other.facts).words


def test_a_geo_permission_names_the_country_and_the_page_at_twilio() -> None:
    found = explain(out("failed", alerts=alerts(13227), country="CU"))
    cause = build_cause(found.slug, found.variant, **word_facts(found.facts))
    assert "Cuba" in cause.words
    assert "Cuba" in cause.remedy
    assert cause.link.endswith("/geo-permissions")


def test_every_code_leads_to_a_cause_that_there_is() -> None:
    assert {meaning.slug for meaning in (*CODES.values(), *SIP_CODES.values())} <= set(SLUGS)
