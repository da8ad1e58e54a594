"""Situations that the fake cannot be brought to, told as Twilio documents them: each has its true cause."""

from dataclasses import replace

import pytest

from phone.causes.cause import build_cause
from phone.causes.evidence import Evidence, Refusal, Reported
from phone.causes.explaining import explain
from tests.call_situations import Outcome, settle
from tests.unit.causes.test_explaining import IN, OUT, TALKED, alerts, came, number, out, page, said

OWN_PAGE = Reported("call.error", 31402, is_callers=False)
SITUATIONS: list[tuple[str, Evidence, str]] = [
    ("half a minute of ringing", out("no-answer", number("no-answer", 487)), "no_answer"),
    ("no answer within the network's time (SIP 408)", out("failed", number("failed", 408)), "no_answer"),
    ("gone everywhere (SIP 604)", out("failed", number("failed", 604)), "number_unreachable"),
    ("too few digits, by the network (SIP 484)", out("failed", number("failed", 484)), "invalid_number"),
    (
        "takes no hidden numbers (SIP 433)",
        out("failed", number("failed", 433)),
        "caller_id_refused:anonymous",
    ),
    (
        "a caller's number that is not theirs (SIP 438)",
        out("failed", number("failed", 438)),
        "caller_id_refused",
    ),
    ("no country has that code (13226)", out("failed", alerts=alerts(13226)), "invalid_number:country_code"),
    ("not in service, by REST (21214)", out("failed", error_code=21214), "number_unreachable"),
    ("no number, by REST (21211)", out("failed", error_code=21211), "invalid_number"),
    ("blocked, by REST (21216)", out("failed", error_code=21216), "number_blocked"),
    ("costs extra, by REST (21202)", out("failed", error_code=21202), "number_blocked:premium"),
    ("geographic permissions, by REST (21215)", out("failed", error_code=21215), "country_not_allowed"),
    ("not verified to call from, by REST (21210)", out("failed", error_code=21210), "caller_id_refused"),
    ("not assigned to call from (13247)", out("failed", alerts=alerts(13247)), "caller_id_refused"),
    (
        "blocked by the carrier for its caller (32017)",
        out("failed", alerts=alerts(32017)),
        "caller_id_refused",
    ),
    ("a trial's page and a number (573005)", out("failed", alerts=alerts(13224, 573005)), "trial_limit"),
    ("ten minutes of a trial (13805)", replace(TALKED, alerts=alerts(13805)), "trial_limit:duration"),
    ("a trial without the feature (10002)", out("failed", alerts=alerts(10002)), "trial_limit:feature"),
    ("too many calls a second (31206)", out("", reports=said(31206)), "concurrency_limit:rate"),
    ("not active, by the log (10001)", out("failed", alerts=alerts(10001)), "account_not_active"),
    ("not active, by REST (20005)", out("failed", error_code=20005), "account_not_active"),
    ("an app that may not be used (21420)", out("", reports=said(31005, 21420)), "twiml_app_missing"),
    ("a certificate that has run out (11236)", out("", alerts=alerts(11236)), "webhook_failed:certificate"),
    ("a name that cannot be looked up (11210)", out("", alerts=alerts(11210)), "webhook_failed:dns"),
    ("sent on and on (11215)", out("", alerts=alerts(11215)), "webhook_failed:redirects"),
    ("broken HTTP (11206)", out("", alerts=alerts(11206)), "webhook_failed:protocol"),
    ("no secure connection (11220)", out("", alerts=alerts(11220)), "webhook_failed:tls"),
    ("another server failed", out("", alerts=alerts(11200, where="old.example.com")), "webhook_failed"),
    ("an action failed after busy", out("", number("busy", 486), alerts=alerts(11200)), "busy"),
    (
        "a status callback failed",
        out("busy", number("busy", 486), alerts=alerts(15003, is_warning=True)),
        "busy",
    ),
    ("a webhook failed after the talk", replace(TALKED, alerts=alerts(11200, http_status=502)), "answered"),
    ("an error long before the end", replace(TALKED, reports=said(31005, before_end=600.0)), "answered"),
    ("as long as a call may last (32015)", replace(TALKED, alerts=alerts(32015)), "answered:time_limit"),
    (
        "the sound is lost after minutes",
        replace(TALKED, reports=said(53405, after_answer=300.0)),
        "connection_lost",
    ),
    ("no sound arrives at Twilio (32014)", replace(TALKED, alerts=alerts(32014)), "media_blocked"),
    ("no microphone is plugged in", out("", reports=said(31402)), "microphone_missing"),
    ("none to answer with", came(page("no-answer"), reports=(OWN_PAGE,)), "microphone_missing"),
    ("Twilio's own page fails (SIP 500)", out("failed", page("failed", 500)), "twilio_unavailable"),
    ("Twilio's log tells of itself (20500)", out("failed", alerts=alerts(20500)), "twilio_unavailable"),
    ("one busy, one leads nowhere", out("busy", number("failed", 404), number("busy", 486)), "busy"),
    ("one declines, one rings", out("no-answer", page("busy", 603), page("no-answer", 480)), "declined"),
    ("busy, its leg's callback lost", out("busy"), "busy:or_declined"),
    ("declined, the action lost", out("", number("busy", 603)), "declined"),
    ("given up, the leg's callback lost", out("no-answer", there=False), "canceled"),
    ("every callback lost, and Twilio forgets", replace(OUT, is_untold=True), "unclear:untold"),
    ("a code that nobody knows", out("failed", number("failed", 499), alerts=alerts(99999)), "unclear"),
    (
        "too many calls in a minute, by our rule",
        replace(OUT, refusal=Refusal("refused_here", "limit")),
        "refused_here:limit",
    ),
    (
        "a country that we do not call",
        replace(OUT, refusal=Refusal("country_not_allowed", "here")),
        "country_not_allowed:here",
    ),
    (
        "outside of the opening hours",
        replace(IN, disposition="nobody_available:closed"),
        "nobody_available:closed",
    ),
    ("not to be disturbed", replace(IN, disposition="do_not_disturb"), "do_not_disturb"),
    ("a message was left", came(page("no-answer"), disposition="voicemail"), "voicemail"),
    ("a message after our own decline", came(page("busy", 603), disposition="voicemail"), "voicemail"),
    ("came in, and every callback was lost", replace(IN, is_untold=True), "missed"),
]


@pytest.mark.parametrize(("name", "evidence", "truth"), SITUATIONS, ids=[one[0] for one in SITUATIONS])
def test_what_was_seen_has_its_true_cause_and_blames_nobody_else(
    name: str, evidence: Evidence, truth: str
) -> None:
    found = explain(evidence)
    cause = build_cause(found.slug, found.variant, **found.facts)
    settle([Outcome(name, truth, f"{found.slug}:{found.variant}".rstrip(":"), cause.side)])
