"""Every rehearsal of the panel, as a table: what happens, how the phone gets to feel it, what to expect.

The verdicts are those of `accounts/verdicts/verdict.py`; the faults are those of `fake_twilio/catalogue.py`.
Calls, and why they end, are in `call_rehearsals.py`.
"""

from typing import Any

from accounts.verdicts.texts import NO_WEBRTC
from demo.call_rehearsals import CALLS
from demo.causes import (
    ELSEWHERE,
    AccountChanged,
    AppLeads,
    InBrowser,
    KeyDeleted,
    KeyRotated,
    TokenRotated,
)
from demo.rehearsal import Group, Nudge, Rehearsal


def by_account(slug: str, title: str, what: str, verdict: str, nudge: Nudge, **fields: Any) -> Rehearsal:
    return Rehearsal(slug, title, what, verdict, AccountChanged(fields), nudge)


def by_twilio(slug: str, title: str, what: str, verdict: str, fault: str) -> Rehearsal:
    """A fault of Twilio's REST answers, met at the next login."""
    return by_account(slug, title, what, verdict, "login", rest_fault=fault)


def by_gateway(slug: str, title: str, what: str, verdict: str, fault: str) -> Rehearsal:
    """A fault of the gateway's, met when the Device dials again."""
    return by_account(slug, title, what, verdict, "drop", gateway_fault=fault)


def by_browser(slug: str, title: str, what: str, verdict: str) -> Rehearsal:
    return Rehearsal(slug, title, what, verdict, InBrowser(slug), "none")


CREDENTIALS = Group(
    "Credentials",
    (
        Rehearsal(
            "wrong-secret",
            "Wrong API key secret",
            "Twilio has another secret for your API key, and your phone logs in.",
            "wrong_api_secret",
            KeyRotated(),
        ),
        Rehearsal(
            "rotated",
            "Rotated while registered",
            "Somebody changes the secret of your API key while your phone is ready.",
            "wrong_api_secret",
            KeyRotated(),
            "recheck",
        ),
        Rehearsal(
            "key-deleted",
            "API key deleted",
            "Somebody deletes your API key in Twilio's console while your phone is ready.",
            "api_key_not_found",
            KeyDeleted(),
            "recheck",
        ),
        Rehearsal(
            "token-rotated",
            "Auth Token rotated",
            "Twilio gives the account a new Auth Token, and your phone logs in.",
            "wrong_auth_token",
            TokenRotated(),
        ),
        Rehearsal(
            "app-elsewhere",
            "TwiML App leads elsewhere",
            "Somebody changes the Voice URL of the TwiML App to another site's.",
            "twiml_app_misconfigured",
            AppLeads(ELSEWHERE),
        ),
    ),
)

ACCOUNT = Group(
    "Account",
    (
        by_account(
            "suspended",
            "Suspended",
            "Twilio suspends the account, and the gateway turns its phones away.",
            "account_suspended",
            "recheck",
            status="suspended",
        ),
        by_account(
            "closed",
            "Closed",
            "The account is closed for good, and the gateway turns its phones away.",
            "account_closed",
            "recheck",
            status="closed",
            suspended_variant="status",
        ),
        by_account(
            "under-review",
            "Under review",
            "Twilio holds back every request until its review of the account is done.",
            "account_under_review",
            "login",
            is_under_review=True,
        ),
        by_twilio(
            "compliance",
            "Profile not approved",
            "Twilio wants the account's compliance profile before it answers anything.",
            "account_under_review",
            "compliance",
        ),
    ),
)

GATEWAY = Group(
    "Token and gateway",
    (
        by_gateway(
            "token-expired",
            "Token expired",
            "The gateway says that the phone's token has run out (31205).",
            "token_expired",
            "gateway expired",
        ),
        by_gateway(
            "token-invalid",
            "Token invalid",
            "The gateway calls the token invalid (31204), though everything about it is right.",
            "token_invalid",
            "gateway invalid",
        ),
        by_gateway(
            "signature-refused",
            "Signature refused, secret right",
            "The gateway refuses the signature (31202) as for a wrong secret, which Twilio's REST API takes: "
            "the secret must not be blamed.",
            "token_invalid",
            "gateway signature",
        ),
        by_gateway(
            "token-too-long",
            "Token lasts too long",
            "The gateway takes the token's life for longer than a day (31207).",
            "token_too_long",
            "gateway too long",
        ),
        by_gateway(
            "bad-identity",
            "Identity refused",
            "The gateway does not take the phone's name (31105).",
            "bad_identity",
            "gateway identity",
        ),
        by_gateway(
            "gateway-busy",
            "Gateway too busy",
            "The gateway has had too many requests (31206).",
            "rate_limited",
            "gateway rate",
        ),
        by_gateway(
            "gateway-silent",
            "Gateway silent",
            "The gateway takes the phone's socket and says nothing at all.",
            "browser_network",
            "gateway silent",
        ),
        by_gateway(
            "never-ready",
            "Never ready",
            "The gateway takes the token and never says that the phone is ready.",
            "twilio_unavailable",
            "gateway never ready",
        ),
        by_gateway(
            "gateway-drops",
            "Gateway drops every socket",
            "Each socket opens, and is cut without a word.",
            "browser_network",
            "gateway drop",
        ),
    ),
)

NETWORK = Group(
    "Network",
    (
        by_browser(
            "wifi-cut",
            "Wi-Fi cut",
            "This browser has no network: sockets break, requests fail, and it says that it is offline.",
            "browser_network",
        ),
        by_browser(
            "socket-blocked",
            "Socket blocked",
            "A firewall lets this browser reach Dog n Bone, and no socket to Twilio.",
            "browser_network",
        ),
        by_browser(
            "server-lost",
            "Dog n Bone out of reach",
            "Twilio is reached, our own server is not: the phone keeps its reports, and tells them later.",
            "ok",
        ),
        by_browser(
            "sound-blocked",
            "Sound blocked",
            "A firewall holds back the sound of calls. The phone then dials, and knows after half a minute.",
            "media_blocked",
        ),
        by_twilio(
            "reset",
            "Server's connection reset",
            "Every connection from our server to Twilio breaks off.",
            "server_network",
            "reset",
        ),
        by_twilio(
            "portal",
            "Server behind a portal",
            "A login page of some network answers our server in Twilio's place.",
            "server_network",
            "portal page",
        ),
    ),
)

TWILIO = Group(
    "Twilio is ill",
    (
        by_twilio(
            "unavailable",
            "503",
            "Twilio answers 503 with an empty body.",
            "twilio_unavailable",
            "unavailable",
        ),
        by_twilio(
            "server-error",
            "500",
            "Twilio answers 500 with a code of its own.",
            "twilio_unavailable",
            "server error",
        ),
        by_twilio("rate-limited", "429", "Twilio has had too many requests.", "rate_limited", "rate limited"),
        by_twilio("slow", "Slow", "Every answer of Twilio's takes two seconds more.", "ok", "slow"),
        by_twilio(
            "hang", "No answer", "Twilio takes the request and never answers.", "server_network", "hang"
        ),
        by_twilio("garbage", "Nonsense", "Twilio's answer cannot be read.", "unclear", "garbage"),
        by_twilio(
            "clock-off",
            "Server's clock off",
            "Twilio's clock is ten minutes ahead of our server's.",
            "clock_skew",
            "wrong clock",
        ),
    ),
)

BROWSER = Group(
    "This browser",
    (
        by_browser(
            "microphone-denied",
            "Microphone denied",
            "The browser refuses the microphone. The phone then dials, so that you see it.",
            "microphone_denied",
        ),
        by_browser(
            "microphone-missing",
            "No microphone",
            "No microphone is plugged in. The phone then dials, so that you see it.",
            "microphone_missing",
        ),
        Rehearsal(
            "webrtc-missing",
            "WebRTC taken away",
            "An extension has taken away what a browser carries sound with.",
            "media_blocked",
            InBrowser("webrtc-missing"),
            "none",
            NO_WEBRTC,
        ),
        by_browser(
            "clock-fast",
            "This computer's clock off",
            "The clock of this computer is an hour fast; the phone must not care.",
            "ok",
        ),
    ),
)

GROUPS = (CREDENTIALS, ACCOUNT, GATEWAY, NETWORK, TWILIO, BROWSER, *CALLS)
REHEARSALS = {one.slug: one for group in GROUPS for one in group.rehearsals}
