"""The words of every cause: what happened, in a plain sentence, and the one thing to do.

`{…}` are facts of the call; `defaults` are the words where a fact is not known. A variant (`VARIANTS`) says
the same cause closer: which rule, which fault. What it leaves empty is the cause's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from django.utils.translation import gettext_lazy as _

from accounts.translated import Words

# Whose matter it is. nobody: all is as it should be; other: whoever is at the other end; own: the person's
# own number, microphone or wish; ours: this Dog n Bone and whoever runs it; account: the Twilio account and
# its settings; twilio: Twilio and the telephone network; network: the way between browser and Twilio.
Side = Literal["nobody", "other", "own", "ours", "account", "twilio", "network"]

BILLING = "https://console.twilio.com/us1/billing/manage-billing/billing-overview"
CALLING_LIMITS = "/phone/settings/limits/"
CALLER_IDS = "https://console.twilio.com/us1/develop/phone-numbers/manage/verified"
GEO_PERMISSIONS = "https://console.twilio.com/us1/develop/voice/settings/geo-permissions"
NETWORK = "https://www.twilio.com/docs/voice/sdks/network-connectivity-requirements"
STATUS = "https://status.twilio.com/"
SUPPORT = "https://help.twilio.com/"
TRIAL = "https://www.twilio.com/docs/usage/tutorials/how-to-use-your-free-trial-account"
TWIML_APPS = "https://console.twilio.com/us1/develop/voice/manage/twiml-apps"

# What the pages are called that causes lead to.
LINKS: Mapping[str, Words] = {
    BILLING: _("Billing in Twilio's console"),
    CALLING_LIMITS: _("Calling limits"),
    CALLER_IDS: _("Verified numbers in Twilio's console"),
    GEO_PERMISSIONS: _("Geographic permissions in Twilio's console"),
    NETWORK: _("What a network must let through, by Twilio"),
    STATUS: _("Twilio's status page"),
    SUPPORT: _("Twilio's help centre"),
    TRIAL: _("Twilio on trial accounts"),
    TWIML_APPS: _("TwiML Apps in Twilio's console"),
}

# What a stranger hears who called one of our numbers, whatever has kept us from answering.
NOBODY_HEARD = "Nobody can take your call right now. Please try again later."
NOT_CONNECTED_HEARD = "The call could not be connected."
TELL_ADMIN = _("Tell the people who run this Dog n Bone: they see what Twilio saw.")


@dataclass(frozen=True)
class CauseText:
    """`heard` is what the caller hears in place of the sentence; `is_alarm`: somebody of ours must act."""

    title: Words
    sentence: Words
    remedy: Words = ""
    link: str = ""
    side: Side = "nobody"
    is_alarm: bool = False
    heard: str = ""
    defaults: Mapping[str, Words] = field(default_factory=dict)


@dataclass(frozen=True)
class Variant:
    """A closer cause of the same slug; what is left empty is the cause's own."""

    sentence: Words = ""
    remedy: Words = ""
    title: Words = ""
    link: str = ""
    heard: str = ""


THEY = {"name": _("They")}

TEXTS: Mapping[str, CauseText] = {
    # The other side, and whoever was called.
    "answered": CauseText(_("Answered"), _("The call is over.")),
    "busy": CauseText(_("Busy"), _("The line is busy."), _("Try again in a few minutes."), side="other"),
    "declined": CauseText(_("Declined"), _("{name} declined the call."), side="other", defaults=THEY),
    "no_answer": CauseText(_("No answer"), _("There was no answer."), _("Try again later."), side="other"),
    "canceled": CauseText(_("Given up"), _("You hung up before there was an answer."), side="own"),
    "answered_elsewhere": CauseText(
        _("Answered elsewhere"), _("Answered by {by}."), defaults={"by": _("somebody else")}
    ),
    "missed": CauseText(_("Missed"), _("{name} stopped ringing before you answered."), heard=NOBODY_HEARD),
    "nobody_available": CauseText(
        _("Nobody available"), _("The call came in while nobody was at a phone."), heard=NOBODY_HEARD
    ),
    "do_not_disturb": CauseText(
        _("Do not disturb"), _("The call came in while “Do not disturb” was on."), heard=NOBODY_HEARD
    ),
    "voicemail": CauseText(_("Voicemail"), _("A message was left."), _("Listen to it under Voicemail.")),
    # The number.
    "invalid_number": CauseText(
        _("Not a phone number"),
        _("{number} is not a phone number that can be called."),
        _("Check the number, with its country code, then call again."),
        side="own",
        defaults={"number": _("This")},
    ),
    "number_unreachable": CauseText(
        _("Number cannot be reached"),
        _("The telephone network cannot reach {number}."),
        _("Check the number. If it is right, try again later."),
        side="other",
        defaults={"number": _("that number")},
    ),
    "number_blocked": CauseText(
        _("Number blocked by Twilio"),
        _(
            "Twilio does not put calls through to {number}: it counts it among those with a high risk of "
            "fraud, or a rule forbids it."
        ),
        _("Ask Twilio Support, if there is good reason to call it."),
        SUPPORT,
        side="twilio",
        heard="Twilio does not put calls through to this number.",
        defaults={"number": _("that number")},
    ),
    "country_not_allowed": CauseText(
        _("Country not allowed"),
        _("Calls to {country} are not switched on for this Twilio account."),
        _("Switch {country} on in the account's geographic permissions."),
        GEO_PERMISSIONS,
        side="account",
        defaults={"country": _("that country")},
    ),
    "caller_id_refused": CauseText(
        _("Calling number refused"),
        _("Twilio does not let this account call from {caller_id}."),
        _("Choose another number under “Call from”, or verify this one at Twilio."),
        CALLER_IDS,
        side="account",
        heard="Twilio does not accept the number that the call is made from.",
        defaults={"caller_id": _("the number that was chosen")},
    ),
    "refused_here": CauseText(
        _("Not called from here"),
        "{sentence}",
        side="ours",
        defaults={"sentence": _("This phone does not make such calls.")},
    ),
    # The Twilio account.
    "trial_limit": CauseText(
        _("Trial account"),
        _("The Twilio account is on trial, and calls only numbers that are verified with it."),
        _("Verify the number at Twilio, or upgrade the account."),
        TRIAL,
        side="account",
    ),
    "concurrency_limit": CauseText(
        _("Too many calls at once"),
        _("The Twilio account has as many calls at once as it may have."),
        _("Wait until one of them is over, then call again."),
        SUPPORT,
        side="account",
    ),
    "voice_disabled": CauseText(
        _("Calls switched off for the account"),
        _("Twilio has switched calls off for this account."),
        _("Ask Twilio Support what the account needs."),
        SUPPORT,
        side="account",
    ),
    "account_not_active": CauseText(
        _("Twilio account not active"),
        _("Twilio says that the account is not active, so it makes and takes no calls."),
        _("Look at the account's billing in the Twilio console, then ask Twilio Support."),
        BILLING,
        side="account",
    ),
    # What tells Twilio what to do with a call.
    "twiml_app_missing": CauseText(
        _("TwiML App missing"),
        _("Twilio finds no TwiML App to make the call with."),
        _("Open “Twilio” and press Connect: Dog n Bone then makes one that fits."),
        TWIML_APPS,
        side="ours",
        is_alarm=True,
    ),
    "webhook_failed": CauseText(
        _("Twilio got no instructions"),
        _("Twilio asked {where} what to do with the call, and got no answer that it could follow."),
        TELL_ADMIN,
        side="ours",
        is_alarm=True,
        heard=NOT_CONNECTED_HEARD,
        defaults={"where": _("the server that tells it")},
    ),
    # Sound, and the way there.
    "microphone_denied": CauseText(
        _("Microphone not allowed"),
        _("The call needs the microphone, and this browser does not allow it."),
        _("Allow the microphone for this site, in the browser's address bar, then call again."),
        side="own",
    ),
    "microphone_missing": CauseText(
        _("No microphone"),
        _("The call needs a microphone, and none could be opened."),
        _("Plug one in, or close what else uses it, then call again."),
        side="own",
    ),
    "media_blocked": CauseText(
        _("Sound blocked"),
        _("The call was cut off: the sound could not get through."),
        _("Try another network, or ask whoever runs this one to open UDP ports 10000 to 60000."),
        NETWORK,
        side="network",
    ),
    "connection_lost": CauseText(
        _("Connection lost"),
        _("The call was cut off: the connection between this browser and Twilio was lost."),
        _("Look at the network, then call again."),
        side="network",
    ),
    "twilio_unavailable": CauseText(
        _("Twilio's trouble"),
        _("Twilio could not carry the call through, by a fault of its own."),
        _("Try again in a few minutes, or look at Twilio's status page."),
        STATUS,
        side="twilio",
        heard=NOT_CONNECTED_HEARD,
    ),
    "unclear": CauseText(
        _("Not known why"),
        _("The call ended, and Twilio does not say why."),
        _("Try again. If it stays, tell the people who run this Dog n Bone: they can see the raw answer."),
        heard=NOT_CONNECTED_HEARD,
    ),
}

VARIANTS: Mapping[tuple[str, str], Variant] = {
    ("answered", "other_hung_up"): Variant(_("{name} hung up.")),
    ("answered", "hung_up"): Variant(_("You hung up.")),
    ("answered", "passed_on"): Variant(_("You put the call through to {to}.")),
    ("answered", "left"): Variant(_("You left the call, and the others went on.")),
    ("answered", "removed"): Variant(_("{name} took you out of the call, and the others went on.")),
    ("answered", "left_alone"): Variant(
        _("Whoever was left in the call waited for somebody to take it up again; nobody did, and it ended.")
    ),
    ("answered", "time_limit"): Variant(_("Twilio ended the call: it had lasted as long as a call may.")),
    ("answered", "at_limit"): Variant(
        _("The call was ended: it had lasted as long as the calling limits of your company allow."),
        _("{owner} can change that in the settings, under “Calling limits”."),
        link=CALLING_LIMITS,
    ),
    # Of one party of several, while the call goes on without them.
    ("busy", "party"): Variant(_("{name} is busy.")),
    ("no_answer", "party"): Variant(_("{name} did not answer.")),
    ("nobody_available", "party"): Variant(_("{name} cannot be reached right now. Nobody is at that phone.")),
    ("twilio_unavailable", "party"): Variant(_("Twilio could not call {name}, by a fault of its own.")),
    ("unclear", "party"): Variant(
        _("{name} could not be called, and Twilio does not say why."), _("Try again.")
    ),
    # Twilio says busy of a number that declines as well; which of the two, its leg's callback tells.
    ("busy", "or_declined"): Variant(heard="The line is busy, or the call was declined."),
    ("declined", "unwanted"): Variant(_("Calls from this number are marked as unwanted there.")),
    ("no_answer", "away"): Variant(
        _("{name} cannot be reached just now: switched off, or without a network.")
    ),
    ("no_answer", "gone"): Variant(_("{name} cannot be reached right now. Nobody is at that phone.")),
    ("voicemail", "left_here"): Variant(_("You left a message."), _("They find it under Voicemail.")),
    ("answered_elsewhere", "own_page"): Variant(_("You answered on another page.")),
    ("missed", "declined_here"): Variant(_("You declined the call.")),
    ("missed", "sent_away"): Variant(_("You sent the call to voicemail.")),
    ("missed", "declined"): Variant(_("The call was declined by everybody whose phone rang.")),
    ("missed", "rang_out"): Variant(_("{name} rang, and nobody answered.")),
    ("nobody_available", "colleague"): Variant(
        _("{name} cannot be reached right now. Nobody is at that phone."),
        _("Try again later."),
        heard="{name} cannot be reached right now. Nobody is at that phone.",
    ),
    ("nobody_available", "closed"): Variant(_("The call came in outside of the opening hours.")),
    ("do_not_disturb", "colleague"): Variant(
        _("{name} does not want to be disturbed right now."),
        _("Try again later."),
        heard="{name} does not want to be disturbed right now.",
    ),
    ("invalid_number", "typed"): Variant("{sentence}", heard="{sentence}"),
    ("invalid_number", "country_code"): Variant(_("No country has the code that {number} begins with.")),
    ("number_unreachable", "not_in_service"): Variant(
        _("{number} is not in service."), _("Check the number, then call again.")
    ),
    ("number_unreachable", "network"): Variant(remedy=_("Try again in a few minutes.")),
    ("number_blocked", "premium"): Variant(
        _("{number} costs extra to call, and Twilio does not put such calls through."),
        _("Call another number of theirs, if there is one."),
    ),
    ("country_not_allowed", "here"): Variant(
        "{sentence}",
        _("{owner} can allow it in the settings, under “Calling limits”."),
        link=CALLING_LIMITS,
    ),
    ("caller_id_refused", "unwanted"): Variant(
        _(
            "The other network turned the call away because of the number that it came from: {caller_id} is "
            "reported as unwanted there."
        ),
        _("Call from another number."),
        heard="The other network turned the call away because of the number that it came from.",
    ),
    ("caller_id_refused", "anonymous"): Variant(
        _("Calls that hide their number are not taken there."), _("Call from another number.")
    ),
    ("caller_id_refused", "none"): Variant(
        _("Your Twilio account has no number to call from."),
        _("Buy one at Twilio, or verify one of your own."),
        heard="Your Twilio account has no number to call from. Buy one at Twilio, or verify one of your own.",
    ),
    ("refused_here", "emergency"): Variant(remedy=_("Use another phone to call for help.")),
    ("refused_here", "blocked"): Variant(
        _("This caller is blocked. They heard that the call cannot be taken."), title=_("Blocked caller")
    ),
    ("refused_here", "blocked_by_you"): Variant(
        _("You have blocked this caller. The call did not ring for you."), title=_("Blocked caller")
    ),
    ("refused_here", "premium"): Variant(
        remedy=_("{owner} can allow it in the settings, under “Calling limits”."), link=CALLING_LIMITS
    ),
    ("refused_here", "at_once"): Variant(
        remedy=_("Wait until one of them is over. {owner} can change it in the settings.")
    ),
    ("refused_here", "member"): Variant(
        remedy=_("Ask the owner of your company to let this phone call out.")
    ),
    ("refused_here", "abroad"): Variant(
        remedy=_("Ask the owner of your company to let this phone call abroad.")
    ),
    ("refused_here", "limit"): Variant(
        remedy=_("{owner} can change that in the settings, under “Calling limits”."), link=CALLING_LIMITS
    ),
    ("refused_here", "stopped"): Variant(
        remedy=_("{owner} can allow them again in the settings, under “Calling limits”."), link=CALLING_LIMITS
    ),
    ("trial_limit", "duration"): Variant(
        _("The Twilio account is on trial, and Twilio ends its calls after ten minutes."),
        _("Upgrade the account."),
    ),
    ("trial_limit", "feature"): Variant(
        _("The Twilio account is on trial, and may not do what the call needed."), _("Upgrade the account.")
    ),
    ("concurrency_limit", "rate"): Variant(
        _("Too many calls were made at once."), _("Wait a moment, then call again.")
    ),
    ("twiml_app_missing", "no_voice_url"): Variant(
        _("The TwiML App does not say where Twilio should ask what to do with a call.")
    ),
    ("webhook_failed", "status"): Variant(
        _("Twilio asked {where} what to do with the call, and got HTTP {http}.")
    ),
    ("webhook_failed", "timeout"): Variant(
        _("Twilio asked {where} what to do with the call, and could not connect or got no answer in time.")
    ),
    ("webhook_failed", "refused"): Variant(
        _("Twilio asked {where} what to do with the call, and was refused.")
    ),
    ("webhook_failed", "dns"): Variant(
        _("Twilio could not look up the name of {where}, which tells it what to do with the call.")
    ),
    ("webhook_failed", "redirects"): Variant(
        _("Twilio asked {where} what to do with the call, and was sent on and on, or to nowhere.")
    ),
    ("webhook_failed", "tls"): Variant(
        _(
            "Twilio could not make a secure connection (TLS) to {where}, which tells it what to do with the "
            "call."
        )
    ),
    ("webhook_failed", "certificate"): Variant(
        _(
            "Twilio does not trust the certificate of {where}, which tells it what to do with the call: it "
            "has run out, is for another name, or nobody known has signed it."
        )
    ),
    ("webhook_failed", "protocol"): Variant(
        _("Twilio asked {where} what to do with the call, and the answer was broken (HTTP).")
    ),
    ("webhook_failed", "url"): Variant(_("Where Twilio should ask what to do with the call is no address.")),
    ("webhook_failed", "twiml"): Variant(
        _("Twilio asked {where} what to do with the call, and the answer was no TwiML that it could follow.")
    ),
    ("webhook_failed", "content_type"): Variant(
        _(
            "Twilio asked {where} what to do with the call, and the answer was of a kind that it does not "
            "read."
        )
    ),
    ("microphone_missing", "none"): Variant(
        _("The call needs a microphone, and this browser sees none."), _("Plug one in, then call again.")
    ),
    ("microphone_missing", "in_use"): Variant(
        _("The call needs the microphone, and something else is using it."),
        _("Close whatever else uses the microphone, then call again."),
    ),
    ("microphone_denied", "dismissed"): Variant(
        _("The call needs the microphone, and the browser's question about it was closed."),
        _("Call again, and choose Allow when the browser asks."),
    ),
    ("microphone_denied", "system"): Variant(
        _("The call needs the microphone, and the system's settings keep it from this browser."),
        _(
            "Allow the browser in the system's settings, under Privacy and Microphone, then start the "
            "browser anew."
        ),
    ),
    ("microphone_denied", "policy"): Variant(
        _("The call needs the microphone, and a rule forbids it to this page."),
        _("Open the phone in a window of its own, or ask whoever runs this computer or this Dog n Bone."),
    ),
    ("microphone_denied", "insecure"): Variant(
        _("The page's address begins with http:, and browsers give such pages no microphone."),
        _("Open the phone by its https: address. If there is none, ask whoever runs it."),
    ),
    # On the page of the other of two who talked.
    ("connection_lost", "other"): Variant(
        _("The call was cut off: {name} lost the connection."), _("Call again.")
    ),
    ("media_blocked", "other"): Variant(
        _("The call was cut off: the sound of the other side could not get through."), _("Call again.")
    ),
    ("unclear", "untold"): Variant(_("The call is over. How it ended, Twilio never told.")),
}
