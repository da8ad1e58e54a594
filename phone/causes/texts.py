"""The words of every cause: what happened, in a plain sentence, and the one thing to do.

`{…}` are facts of the call; `defaults` are the words where a fact is not known. A variant (`VARIANTS`) says
the same cause closer: which rule, which fault. What it leaves empty is the cause's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

# Whose matter it is. nobody: all is as it should be; other: whoever is at the other end; own: the person's
# own number, microphone or wish; ours: this Dog n Bone and whoever runs it; account: the Twilio account and
# its settings; twilio: Twilio and the telephone network; network: the way between browser and Twilio.
Side = Literal["nobody", "other", "own", "ours", "account", "twilio", "network"]

BILLING = "https://console.twilio.com/us1/billing/manage-billing/billing-overview"
CALLER_IDS = "https://console.twilio.com/us1/develop/phone-numbers/manage/verified"
GEO_PERMISSIONS = "https://console.twilio.com/us1/develop/voice/settings/geo-permissions"
NETWORK = "https://www.twilio.com/docs/voice/sdks/network-connectivity-requirements"
STATUS = "https://status.twilio.com/"
SUPPORT = "https://help.twilio.com/"
TRIAL = "https://www.twilio.com/docs/usage/tutorials/how-to-use-your-free-trial-account"
TWIML_APPS = "https://console.twilio.com/us1/develop/voice/manage/twiml-apps"

# What the pages are called that causes lead to.
LINKS: Mapping[str, str] = {
    BILLING: "Billing in Twilio's console",
    CALLER_IDS: "Verified numbers in Twilio's console",
    GEO_PERMISSIONS: "Geographic permissions in Twilio's console",
    NETWORK: "What a network must let through, by Twilio",
    STATUS: "Twilio's status page",
    SUPPORT: "Twilio's help centre",
    TRIAL: "Twilio on trial accounts",
    TWIML_APPS: "TwiML Apps in Twilio's console",
}

# What a stranger hears who called one of our numbers, whatever has kept us from answering.
NOBODY_HEARD = "Nobody can take your call right now. Please try again later."
NOT_CONNECTED_HEARD = "The call could not be connected."
TELL_ADMIN = "Tell the people who run this Dog n Bone: they see what Twilio saw."


@dataclass(frozen=True)
class CauseText:
    """`heard` is what the caller hears in place of the sentence; `is_alarm`: somebody of ours must act."""

    title: str
    sentence: str
    remedy: str = ""
    link: str = ""
    side: Side = "nobody"
    is_alarm: bool = False
    heard: str = ""
    defaults: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Variant:
    """A closer cause of the same slug; what is left empty is the cause's own."""

    sentence: str = ""
    remedy: str = ""
    title: str = ""
    link: str = ""
    heard: str = ""


THEY = {"name": "They"}

TEXTS: Mapping[str, CauseText] = {
    # The other side, and whoever was called.
    "answered": CauseText("Answered", "The call is over."),
    "busy": CauseText("Busy", "The line is busy.", "Try again in a few minutes.", side="other"),
    "declined": CauseText("Declined", "{name} declined the call.", side="other", defaults=THEY),
    "no_answer": CauseText("No answer", "There was no answer.", "Try again later.", side="other"),
    "canceled": CauseText("Given up", "You hung up before there was an answer.", side="own"),
    "answered_elsewhere": CauseText(
        "Answered elsewhere", "Answered by {by}.", defaults={"by": "somebody else"}
    ),
    "missed": CauseText("Missed", "{name} stopped ringing before you answered.", heard=NOBODY_HEARD),
    "nobody_available": CauseText(
        "Nobody available", "The call came in while nobody was at a phone.", heard=NOBODY_HEARD
    ),
    "do_not_disturb": CauseText(
        "Do not disturb", "The call came in while “Do not disturb” was on.", heard=NOBODY_HEARD
    ),
    "voicemail": CauseText("Voicemail", "A message was left.", "Listen to it under Voicemail."),
    # The number.
    "invalid_number": CauseText(
        "Not a phone number",
        "{number} is not a phone number that can be called.",
        "Check the number, with its country code, then call again.",
        side="own",
        defaults={"number": "This"},
    ),
    "number_unreachable": CauseText(
        "Number cannot be reached",
        "The telephone network cannot reach {number}.",
        "Check the number. If it is right, try again later.",
        side="other",
        defaults={"number": "that number"},
    ),
    "number_blocked": CauseText(
        "Number blocked by Twilio",
        "Twilio does not put calls through to {number}: it counts it among those with a high risk of fraud, "
        "or a rule forbids it.",
        "Ask Twilio Support, if there is good reason to call it.",
        SUPPORT,
        side="twilio",
        heard="Twilio does not put calls through to this number.",
        defaults={"number": "that number"},
    ),
    "country_not_allowed": CauseText(
        "Country not allowed",
        "Calls to {country} are not switched on for this Twilio account.",
        "Switch {country} on in the account's geographic permissions.",
        GEO_PERMISSIONS,
        side="account",
        defaults={"country": "that country"},
    ),
    "caller_id_refused": CauseText(
        "Calling number refused",
        "Twilio does not let this account call from {caller_id}.",
        "Choose another number under “Call from”, or verify this one at Twilio.",
        CALLER_IDS,
        side="account",
        heard="Twilio does not accept the number that the call is made from.",
        defaults={"caller_id": "the number that was chosen"},
    ),
    "refused_here": CauseText(
        "Not called from here",
        "{sentence}",
        side="ours",
        defaults={"sentence": "This phone does not make such calls."},
    ),
    # The Twilio account.
    "trial_limit": CauseText(
        "Trial account",
        "The Twilio account is on trial, and calls only numbers that are verified with it.",
        "Verify the number at Twilio, or upgrade the account.",
        TRIAL,
        side="account",
    ),
    "concurrency_limit": CauseText(
        "Too many calls at once",
        "The Twilio account has as many calls at once as it may have.",
        "Wait until one of them is over, then call again.",
        SUPPORT,
        side="account",
    ),
    "voice_disabled": CauseText(
        "Calls switched off for the account",
        "Twilio has switched calls off for this account.",
        "Ask Twilio Support what the account needs.",
        SUPPORT,
        side="account",
    ),
    "account_not_active": CauseText(
        "Twilio account not active",
        "Twilio says that the account is not active, so it makes and takes no calls.",
        "Look at the account's billing in the Twilio console, then ask Twilio Support.",
        BILLING,
        side="account",
    ),
    # What tells Twilio what to do with a call.
    "twiml_app_missing": CauseText(
        "TwiML App missing",
        "Twilio finds no TwiML App to make the call with.",
        "Open “Twilio” and press Connect: Dog n Bone then makes one that fits.",
        TWIML_APPS,
        side="ours",
        is_alarm=True,
    ),
    "webhook_failed": CauseText(
        "Twilio got no instructions",
        "Twilio asked {where} what to do with the call, and got no answer that it could follow.",
        TELL_ADMIN,
        side="ours",
        is_alarm=True,
        heard=NOT_CONNECTED_HEARD,
        defaults={"where": "the server that tells it"},
    ),
    # Sound, and the way there.
    "microphone_denied": CauseText(
        "Microphone not allowed",
        "The call needs the microphone, and this browser does not allow it.",
        "Allow the microphone for this site, in the browser's address bar, then call again.",
        side="own",
    ),
    "microphone_missing": CauseText(
        "No microphone",
        "The call needs a microphone, and none could be opened.",
        "Plug one in, or close what else uses it, then call again.",
        side="own",
    ),
    "media_blocked": CauseText(
        "Sound blocked",
        "The call was cut off: the sound could not get through.",
        "Try another network, or ask whoever runs this one to open UDP ports 10000 to 60000.",
        NETWORK,
        side="network",
    ),
    "connection_lost": CauseText(
        "Connection lost",
        "The call was cut off: the connection between this browser and Twilio was lost.",
        "Look at the network, then call again.",
        side="network",
    ),
    "twilio_unavailable": CauseText(
        "Twilio's trouble",
        "Twilio could not carry the call through, by a fault of its own.",
        "Try again in a few minutes, or look at Twilio's status page.",
        STATUS,
        side="twilio",
        heard=NOT_CONNECTED_HEARD,
    ),
    "unclear": CauseText(
        "Not known why",
        "The call ended, and Twilio does not say why.",
        "Try again. If it stays, tell the people who run this Dog n Bone: they can see the raw answer.",
        heard=NOT_CONNECTED_HEARD,
    ),
}

VARIANTS: Mapping[tuple[str, str], Variant] = {
    ("answered", "other_hung_up"): Variant("{name} hung up."),
    ("answered", "hung_up"): Variant("You hung up."),
    ("answered", "passed_on"): Variant("You put the call through to {to}."),
    ("answered", "left"): Variant("You left the call, and the others went on."),
    ("answered", "removed"): Variant("{name} took you out of the call, and the others went on."),
    ("answered", "left_alone"): Variant(
        "Whoever was left in the call waited for somebody to take it up again; nobody did, and it ended."
    ),
    ("answered", "time_limit"): Variant("Twilio ended the call: it had lasted as long as a call may."),
    # Of one party of several, while the call goes on without them.
    ("busy", "party"): Variant("{name} is busy."),
    ("no_answer", "party"): Variant("{name} did not answer."),
    ("nobody_available", "party"): Variant("{name} cannot be reached right now. Nobody is at that phone."),
    ("twilio_unavailable", "party"): Variant("Twilio could not call {name}, by a fault of its own."),
    ("unclear", "party"): Variant("{name} could not be called, and Twilio does not say why.", "Try again."),
    # Twilio says busy of a number that declines as well; which of the two, its leg's callback tells.
    ("busy", "or_declined"): Variant(heard="The line is busy, or the call was declined."),
    ("declined", "unwanted"): Variant("Calls from this number are marked as unwanted there."),
    ("no_answer", "away"): Variant("{name} cannot be reached just now: switched off, or without a network."),
    ("no_answer", "gone"): Variant("{name} cannot be reached right now. Nobody is at that phone."),
    ("voicemail", "left_here"): Variant("You left a message.", "They find it under Voicemail."),
    ("answered_elsewhere", "own_page"): Variant("You answered on another page."),
    ("missed", "declined_here"): Variant("You declined the call."),
    ("missed", "sent_away"): Variant("You sent the call to voicemail."),
    ("missed", "declined"): Variant("The call was declined by everybody whose phone rang."),
    ("missed", "rang_out"): Variant("{name} rang, and nobody answered."),
    ("nobody_available", "colleague"): Variant(
        "{name} cannot be reached right now. Nobody is at that phone.",
        "Try again later.",
        heard="{name} cannot be reached right now. Nobody is at that phone.",
    ),
    ("nobody_available", "closed"): Variant("The call came in outside of the opening hours."),
    ("do_not_disturb", "colleague"): Variant(
        "{name} does not want to be disturbed right now.",
        "Try again later.",
        heard="{name} does not want to be disturbed right now.",
    ),
    ("invalid_number", "typed"): Variant("{sentence}", heard="{sentence}"),
    ("invalid_number", "country_code"): Variant("No country has the code that {number} begins with."),
    ("number_unreachable", "not_in_service"): Variant(
        "{number} is not in service.", "Check the number, then call again."
    ),
    ("number_unreachable", "network"): Variant(remedy="Try again in a few minutes."),
    ("number_blocked", "premium"): Variant(
        "{number} costs extra to call, and Twilio does not put such calls through.",
        "Call another number of theirs, if there is one.",
    ),
    ("country_not_allowed", "here"): Variant(
        "Calls to {country} are not made from this Dog n Bone.", "Ask the people who run this Dog n Bone."
    ),
    ("caller_id_refused", "unwanted"): Variant(
        "The other network turned the call away because of the number that it came from: {caller_id} is "
        "reported as unwanted there.",
        "Call from another number.",
        heard="The other network turned the call away because of the number that it came from.",
    ),
    ("caller_id_refused", "anonymous"): Variant(
        "Calls that hide their number are not taken there.", "Call from another number."
    ),
    ("caller_id_refused", "none"): Variant(
        "Your Twilio account has no number to call from.",
        "Buy one at Twilio, or verify one of your own.",
        heard="Your Twilio account has no number to call from. Buy one at Twilio, or verify one of your own.",
    ),
    ("refused_here", "emergency"): Variant(remedy="Use another phone to call for help."),
    ("refused_here", "blocked"): Variant(
        "This caller is blocked. They heard that the call cannot be taken.", title="Blocked caller"
    ),
    ("refused_here", "blocked_by_you"): Variant(
        "You have blocked this caller. The call did not ring for you.", title="Blocked caller"
    ),
    ("refused_here", "premium"): Variant(
        "{number} costs extra to call, and this phone does not call such numbers."
    ),
    ("refused_here", "limit"): Variant(
        "There have been too many calls in a short time.", "Wait a minute, then call again."
    ),
    ("trial_limit", "duration"): Variant(
        "The Twilio account is on trial, and Twilio ends its calls after ten minutes.",
        "Upgrade the account.",
    ),
    ("trial_limit", "feature"): Variant(
        "The Twilio account is on trial, and may not do what the call needed.", "Upgrade the account."
    ),
    ("concurrency_limit", "rate"): Variant(
        "Too many calls were made at once.", "Wait a moment, then call again."
    ),
    ("twiml_app_missing", "no_voice_url"): Variant(
        "The TwiML App does not say where Twilio should ask what to do with a call."
    ),
    ("webhook_failed", "status"): Variant(
        "Twilio asked {where} what to do with the call, and got HTTP {http}."
    ),
    ("webhook_failed", "timeout"): Variant(
        "Twilio asked {where} what to do with the call, and could not connect or got no answer in time."
    ),
    ("webhook_failed", "refused"): Variant("Twilio asked {where} what to do with the call, and was refused."),
    ("webhook_failed", "dns"): Variant(
        "Twilio could not look up the name of {where}, which tells it what to do with the call."
    ),
    ("webhook_failed", "redirects"): Variant(
        "Twilio asked {where} what to do with the call, and was sent on and on, or to nowhere."
    ),
    ("webhook_failed", "tls"): Variant(
        "Twilio could not make a secure connection (TLS) to {where}, which tells it what to do with the call."
    ),
    ("webhook_failed", "certificate"): Variant(
        "Twilio does not trust the certificate of {where}, which tells it what to do with the call: it has "
        "run out, is for another name, or nobody known has signed it."
    ),
    ("webhook_failed", "protocol"): Variant(
        "Twilio asked {where} what to do with the call, and the answer was broken (HTTP)."
    ),
    ("webhook_failed", "url"): Variant("Where Twilio should ask what to do with the call is no address."),
    ("webhook_failed", "twiml"): Variant(
        "Twilio asked {where} what to do with the call, and the answer was no TwiML that it could follow."
    ),
    ("webhook_failed", "content_type"): Variant(
        "Twilio asked {where} what to do with the call, and the answer was of a kind that it does not read."
    ),
    ("microphone_missing", "none"): Variant(
        "The call needs a microphone, and this browser sees none.", "Plug one in, then call again."
    ),
    ("microphone_missing", "in_use"): Variant(
        "The call needs the microphone, and something else is using it.",
        "Close whatever else uses the microphone, then call again.",
    ),
    ("microphone_denied", "dismissed"): Variant(
        "The call needs the microphone, and the browser's question about it was closed.",
        "Call again, and choose Allow when the browser asks.",
    ),
    ("microphone_denied", "system"): Variant(
        "The call needs the microphone, and the system's settings keep it from this browser.",
        "Allow the browser in the system's settings, under Privacy and Microphone, then start the browser "
        "anew.",
    ),
    ("microphone_denied", "policy"): Variant(
        "The call needs the microphone, and a rule forbids it to this page.",
        "Open the phone in a window of its own, or ask whoever runs this computer or this Dog n Bone.",
    ),
    ("microphone_denied", "insecure"): Variant(
        "The page's address begins with http:, and browsers give such pages no microphone.",
        "Open the phone by its https: address. If there is none, ask whoever runs it.",
    ),
    # On the page of the other of two who talked.
    ("connection_lost", "other"): Variant("The call was cut off: {name} lost the connection.", "Call again."),
    ("media_blocked", "other"): Variant(
        "The call was cut off: the sound of the other side could not get through.", "Call again."
    ),
    ("unclear", "untold"): Variant("The call is over. How it ended, Twilio never told."),
}
