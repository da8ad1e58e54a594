"""Calls that end, one for each cause: whom to call, or what happens first, and what the phone then says.

The causes are those of `phone/causes/texts.py`; the numbers are those of `fake_twilio/catalogue.py`.
"""

from typing import Any

from demo.causes import (
    AccountChanged,
    AppGone,
    AppLeads,
    AppLeadsToTls,
    CallerIdsGone,
    Cause,
    InBrowser,
    Nothing,
    OnTrial,
)
from demo.people import ALICE, BOB
from demo.rehearsal import CallRehearsal, Group
from fake_twilio import catalogue

ECHO = catalogue.ECHO_NUMBER


def call(
    slug: str,
    title: str,
    what: str,
    ends: str,
    variant: str = "",
    *,
    dials: str = "",
    cause: Cause | None = None,
    **facts: str,
) -> CallRehearsal:
    return CallRehearsal(
        slug=f"call-{slug}",
        title=title,
        what=what,
        verdict="ok",
        cause=cause or Nothing(),
        nudge="none",
        ends=ends,
        variant=variant,
        dials=dials,
        facts=tuple(facts.items()),
    )


def spoilt(slug: str, title: str, what: str, ends: str, variant: str = "", **more: Any) -> CallRehearsal:
    """A call to a good number, of which something else is not right."""
    return call(slug, title, what, ends, variant, dials=ECHO, **more)


OTHER_SIDE = Group(
    "Calls: the other side",
    (
        call(
            "answered",
            "Answered",
            "They answer and hang up a second later.",
            "answered",
            "other_hung_up",
            dials=catalogue.HASTY_NUMBER,
        ),
        call(
            "hung-up",
            "Answered, and you hang up",
            "You hear yourself. Hang up when you like.",
            "answered",
            "hung_up",
            dials=ECHO,
        ),
        call("busy", "Busy", "The line is busy (SIP 486).", "busy", dials=catalogue.BUSY_NUMBER),
        call(
            "crowded",
            "Busy on all lines",
            "All lines are busy (SIP 600).",
            "busy",
            dials=catalogue.CROWDED_NUMBER,
        ),
        call(
            "declined",
            "Declined",
            "It rings, and they decline (SIP 603).",
            "declined",
            dials=catalogue.DECLINING_NUMBER,
        ),
        call(
            "unwanted",
            "Declined as unwanted",
            "They have marked our calls as unwanted (SIP 607).",
            "declined",
            "unwanted",
            dials=catalogue.UNWILLING_NUMBER,
        ),
        call(
            "colleague-declines",
            "A colleague declines",
            f"Open a phone for {BOB.email} in a private window, and decline there.",
            "declined",
            dials=BOB.email,
            name=BOB.name,
        ),
        call(
            "no-answer",
            "Nobody answers",
            "It rings for half a minute, and nobody answers.",
            "no_answer",
            dials=catalogue.UNANSWERED_NUMBER,
        ),
        call(
            "away",
            "Switched off",
            "The phone is switched off (SIP 480).",
            "no_answer",
            "away",
            dials=catalogue.UNREACHABLE_NUMBER,
        ),
        call(
            "canceled",
            "Given up",
            "It rings. Hang up before half a minute is over.",
            "canceled",
            dials=catalogue.UNANSWERED_NUMBER,
        ),
        call(
            "nobody",
            "Nobody there",
            f"{BOB.email} has no phone open.",
            "nobody_available",
            "colleague",
            dials=BOB.email,
            name=BOB.name,
        ),
    ),
)

NUMBER = Group(
    "Calls: the number",
    (
        call(
            "too-short",
            "Not a number",
            "There are digits missing.",
            "invalid_number",
            "typed",
            dials=catalogue.NOT_A_NUMBER,
            sentence="This is not a phone number that can be called: "
            "it is too short for +1 (United States). The area code is missing, or digits at the end.",
        ),
        call(
            "unallocated",
            "Not in service",
            "The number belongs to nobody (SIP 404).",
            "number_unreachable",
            "not_in_service",
            dials=catalogue.UNALLOCATED_NUMBER,
            number="+1 202-555-0184",
        ),
        call(
            "retired",
            "Given up for good",
            "The number is no longer in service (SIP 410).",
            "number_unreachable",
            "not_in_service",
            dials=catalogue.RETIRED_NUMBER,
            number="+1 202-555-0194",
        ),
        call(
            "cut-off",
            "Network down",
            "The network behind the number is down (SIP 503).",
            "number_unreachable",
            "network",
            dials=catalogue.CUT_OFF_NUMBER,
            number="+1 202-555-0191",
        ),
        call(
            "nowhere",
            "Leads nowhere",
            "Twilio has no way to the number (13224).",
            "number_unreachable",
            dials="+12025550100",
            number="+1 202-555-0100",
        ),
        call(
            "premium",
            "Blocked by Twilio",
            "A number that costs extra, which Twilio blocks (13225).",
            "number_blocked",
            dials=catalogue.PREMIUM_NUMBER,
            number="+1 900-555-0191",
        ),
        call(
            "geo",
            "Country not allowed",
            "The account's geographic permissions leave Cuba out (13227).",
            "country_not_allowed",
            dials=catalogue.GEO_BLOCKED_NUMBER,
            country="Cuba",
        ),
        call(
            "country-here",
            "Country not allowed by the company",
            "The calling limits in the settings leave Somalia out: Twilio is not asked.",
            "country_not_allowed",
            "here",
            dials="+252615550190",
            sentence="Your company does not allow calls to Somalia.",
            owner=ALICE.name,
        ),
        call(
            "wary",
            "Calling number unwanted",
            "The other network turns our number away (SIP 608).",
            "caller_id_refused",
            "unwanted",
            dials=catalogue.WARY_NUMBER,
            caller_id="+1 202-555-0123",
        ),
        spoilt(
            "caller-id",
            "Calling number taken away",
            "Somebody removes the verified numbers in Twilio's console (13214). Choose Mobile under "
            "“Call from”.",
            "caller_id_refused",
            cause=CallerIdsGone(),
            caller_id="+1 202-555-0124",
        ),
        call(
            "emergency",
            "Emergency number",
            "This phone does not call for help.",
            "refused_here",
            "emergency",
            dials="911",
            sentence="This phone cannot make emergency calls. Please use another phone.",
        ),
    ),
)

IN = Group(
    "Calls that come in",
    (
        call(
            "missed",
            "Missed",
            f"Let the fake's control room ring {catalogue.DEMO_NUMBER} and give up.",
            "missed",
            name="+1 202-555-0170",
        ),
        call(
            "elsewhere",
            "Answered elsewhere",
            f"Let it ring, and answer on the phone of {BOB.email} in a private window.",
            "answered_elsewhere",
            by=BOB.name,
        ),
        call(
            "not-disturbed",
            "Do not disturb",
            "Switch “Do not disturb” on, and let it ring.",
            "do_not_disturb",
        ),
        call(
            "voicemail",
            "Voicemail",
            "Let it ring until it is told to leave a message, and leave one.",
            "voicemail",
        ),
    ),
)

ACCOUNT = Group(
    "Calls: the account and its TwiML App",
    (
        spoilt(
            "trial",
            "Trial account",
            "The account is on trial, and the number is not verified with it (21219).",
            "trial_limit",
            cause=OnTrial(),
        ),
        spoilt(
            "too-many",
            "Too many at once",
            "The account has as many calls as it may have (10004).",
            "concurrency_limit",
            cause=AccountChanged({"call_fault": "too many calls"}),
        ),
        spoilt(
            "disabled",
            "Calls switched off",
            "Twilio has switched calls off for the account (10005).",
            "voice_disabled",
            cause=AccountChanged({"call_fault": "voice disabled"}),
        ),
        spoilt(
            "suspended",
            "Suspended while ready",
            "Twilio suspends the account; the phone stays ready, and its next call is turned away (31203).",
            "account_not_active",
            cause=AccountChanged({"status": "suspended"}),
        ),
        spoilt(
            "app-gone",
            "TwiML App deleted",
            "Somebody deletes the TwiML App while the phone is ready (21218).",
            "twiml_app_missing",
            cause=AppGone(),
        ),
        spoilt(
            "app-empty",
            "TwiML App without address",
            "Somebody empties the app's Voice URL (31404).",
            "twiml_app_missing",
            "no_voice_url",
            cause=AppLeads(""),
        ),
    ),
)

OURS = "Dog n Bone's own server"
SERVER = Group(
    "Calls: what Twilio sees of our server",
    (
        spoilt(
            "500",
            "Our server fails",
            "Our server answers Twilio with 500.",
            "webhook_failed",
            "status",
            cause=AppLeads("/rehearsal/voice/fails/"),
            where=OURS,
            http="500",
        ),
        spoilt(
            "late",
            "Our server is slow",
            "Our server answers Twilio after more than 15 seconds, which are heard as silence.",
            "webhook_failed",
            "timeout",
            cause=AppLeads("/rehearsal/voice/late/"),
            where=OURS,
        ),
        spoilt(
            "nonsense",
            "Not TwiML",
            "Our server answers Twilio with what is no TwiML (12100).",
            "webhook_failed",
            "twiml",
            cause=AppLeads("/rehearsal/voice/nonsense/"),
            where=OURS,
        ),
        spoilt(
            "picture",
            "Of the wrong kind",
            "Our server answers Twilio with a picture (12300).",
            "webhook_failed",
            "content_type",
            cause=AppLeads("/rehearsal/voice/picture/"),
            where=OURS,
        ),
        spoilt(
            "tls",
            "Certificate",
            "The app's Voice URL says https, and no certificate is there (11237).",
            "webhook_failed",
            "certificate",
            cause=AppLeadsToTls("/phone/"),
            where=OURS,
        ),
        spoilt(
            "unreachable",
            "Our server is down",
            "Nobody listens where the app leads (11205).",
            "webhook_failed",
            "timeout",
            cause=AppLeads("http://localhost:9/"),
            where="localhost",
        ),
    ),
)

SOUND = Group(
    "Calls: sound, and the way there",
    (
        spoilt(
            "microphone-denied",
            "Microphone denied in a call",
            "The browser refuses the microphone.",
            "microphone_denied",
            cause=InBrowser("microphone-denied"),
        ),
        spoilt(
            "microphone-missing",
            "No microphone for a call",
            "No microphone is plugged in.",
            "microphone_missing",
            "none",
            cause=InBrowser("microphone-missing"),
        ),
        spoilt(
            "sound-blocked",
            "Sound blocked in a call",
            "A firewall holds back the sound; the phone knows after half a minute.",
            "media_blocked",
            cause=InBrowser("sound-blocked"),
        ),
        spoilt(
            "lost",
            "Connection lost",
            "Call first, then rehearse: the network goes while you talk. Undo it after half a minute.",
            "connection_lost",
            cause=InBrowser("wifi-cut"),
        ),
        spoilt(
            "twilio-ill",
            "Twilio's trouble",
            "Twilio's gateway fails at every call (31500).",
            "twilio_unavailable",
            cause=AccountChanged({"call_fault": "server error"}),
        ),
        call(
            "unclear",
            "Nobody says why",
            "The number's network forbids the call without a reason (SIP 403).",
            "unclear",
            dials=catalogue.FORBIDDEN_NUMBER,
        ),
    ),
)

CALLS = (OTHER_SIDE, NUMBER, IN, ACCOUNT, SERVER, SOUND)
