"""What a test of the connection looks at, and the sentence for each thing that it may find.

The page gets all of it with the settings, so that it has words also while the server is away, and finds by
itself which of them is true (`static/phone/device/test-findings.js`). `{value}` is the figure of that line.
"""

import json
from dataclasses import asdict, dataclass, field
from typing import Literal

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext_lazy as _

from accounts.translated import Words

Result = Literal["good", "bad", "unknown"]


@dataclass(frozen=True)
class Finding:
    """One thing that a line may come to; `remedy` is the one thing to do, "" for nothing."""

    result: Result
    words: Words
    remedy: Words = ""


def good(words: Words, remedy: Words = "") -> Finding:
    return Finding("good", words, remedy)


def bad(words: Words, remedy: Words) -> Finding:
    return Finding("bad", words, remedy)


def unknown(words: Words, remedy: Words = "") -> Finding:
    return Finding("unknown", words, remedy)


# Any line may come to these.
COMMON = {
    "stopped": unknown(_("Not known: the test was stopped before."), _("Run it again.")),
    "call_began": unknown(
        _("Not known: a call began meanwhile, and a test must not disturb it."), _("Run it again.")
    ),
    "not_told": unknown(_("Not known: this browser does not tell.")),
    "broke": unknown(
        _("Not known: this part of the test broke."), _("Run it again, and tell support if it breaks twice.")
    ),
}


@dataclass(frozen=True)
class Check:
    """One line: its name, and what it may come to by slug. `unit` is that of its figure; "" for none."""

    name: Words
    findings: dict[str, Finding] = field(default_factory=dict)
    unit: str = ""

    def get(self, finding: str) -> Finding | None:
        return self.findings.get(finding) or COMMON.get(finding)


WITHOUT_SOUND = unknown(_("Not known: no sound went through the test."))
BLOCKED_SOUND = _(
    "Allow UDP to Twilio’s media addresses (ports 10,000 to 60,000), or try another network or without a VPN."
)
QUIETER_NETWORK = _("Use a cable, or go nearer to the Wi-Fi; end downloads and video on the same network.")

CHECKS: dict[str, Check] = {
    "microphone": Check(
        _("Microphone"),
        {
            "ok": good(_("The browser gives this page a microphone.")),
            "in_call": good(_("In use for your call.")),
            "denied": bad(
                _("The browser does not let this page use the microphone."),
                _("Allow it with the sign beside the address, then run the test again."),
            ),
            "dismissed": bad(
                _("The browser asked whether this page may use the microphone, and its question was closed."),
                _("Run the test again, and allow it."),
            ),
            "system": bad(
                _("The system of this computer keeps the microphone from the browser."),
                _("Allow it for the browser in the system’s privacy settings, then run the test again."),
            ),
            "policy": bad(
                _("A rule of this site or of your company keeps the microphone from this page."),
                _("Ask whoever looks after this computer."),
            ),
            "insecure": bad(
                _("This page is not secure, so the browser gives it no microphone."),
                _("Open Dog n Bone with https:// at the front."),
            ),
            "none": bad(_("No microphone was found."), _("Plug one in, then run the test again.")),
            "in_use": bad(
                _("The microphone could not be opened: another program may be using it."),
                _("Close other programs that use it, then run the test again."),
            ),
            "asking": unknown(
                _("Not known: the browser’s question about the microphone was not answered."),
                _("Answer it, then run the test again."),
            ),
        },
    ),
    "speaker": Check(
        _("Speaker"),
        {
            "ok": good(_("Sound can be played.")),
            "none": bad(
                _("No speaker and no headphones were found."), _("Plug some in, then run the test again.")
            ),
            "blocked": bad(
                _("The browser does not let this page play sound."),
                _("Allow sound with the sign beside the address, and see that the tab is not muted."),
            ),
            "no_answer": unknown(
                _("Not known: the browser’s sound did not start."), _("Run the test again.")
            ),
        },
    ),
    "server": Check(
        _("Dog n Bone’s server"),
        {
            "ok": good(_("It answers in {value} ms.")),
            "slow": bad(
                _("It answers, but takes {value} ms."),
                _("Calls still work, but what you click takes time. Try later."),
            ),
            "away": bad(
                _("It does not answer this browser."),
                _("Look at the network. If other pages open, tell support."),
            ),
            "ill": bad(
                _("It answers, but with an error of its own."),
                _("Try again in a few minutes. If it stays, tell support."),
            ),
            "foreign": bad(
                _("Something else answers in its place: a proxy, or a network that wants a login first."),
                _("Open another page and see whether the network asks for something."),
            ),
            "signed_out": bad(_("It answers, but you are signed out here."), _("Sign in again.")),
        },
        unit="ms",
    ),
    "socket": Check(
        _("Live connection to Dog n Bone"),
        {
            "ok": good(_("It is open, and a message comes back in {value} ms.")),
            "closed": bad(
                _("It is not open: the phone works, but news of calls comes late."),
                _("It is tried again by itself. If it stays so, ask whether the network allows WebSockets."),
            ),
            "silent": bad(
                _("It looks open, but nothing comes back through it."),
                _("Reload the page once you are not in a call."),
            ),
        },
        unit="ms",
    ),
    "signalling": Check(
        _("Twilio’s signalling"),
        {
            "ok": good(_("Twilio’s gateway was reached and took this phone’s token, in {value} ms.")),
            "in_call": good(_("It carries your call.")),
            "registered": good(_("The phone is signed in at Twilio’s gateway.")),
            "unreachable": bad(
                _("Twilio’s gateway could not be reached from this browser."),
                _(
                    "Ask whoever runs the network to allow WebSockets to voice-js.roaming.twilio.com, "
                    "port 443."
                ),
            ),
            "silent": bad(
                _("Twilio’s gateway was called, but said nothing for {value} ms."),
                _("Try again in a moment, or on another network."),
            ),
            "token_refused": bad(
                _("Twilio’s gateway was reached, but did not take this phone’s token."),
                _("The notice above the phone says why; “Twilio” checks it."),
            ),
            "no_token": unknown(
                _("Not tried: the phone has no token to sign in with yet."),
                _("The notice above the phone says why; run the test again once it is ready."),
            ),
        },
        unit="ms",
    ),
    "media": Check(
        _("Sound to Twilio and back"),
        {
            "ok": good(_("Sound goes out and comes back.")),
            "no_way": bad(_("Sound finds no way between this browser and Twilio."), BLOCKED_SOUND),
            "nothing_comes": bad(_("Sound leaves this browser, but none comes back."), BLOCKED_SOUND),
            "nothing_goes": bad(_("Sound comes from Twilio, but none leaves this browser."), BLOCKED_SOUND),
            "no_webrtc": bad(
                _("This browser has no WebRTC, without which there is no sound."),
                _("Switch off extensions that block WebRTC, or use another browser."),
            ),
            "not_yet": unknown(
                _("Not known: your call carries no sound yet."), _("Run the test again once you talk.")
            ),
            "no_signalling": unknown(_("Not tried: Twilio’s signalling comes first.")),
            "no_app": unknown(
                _("Not tried: this phone’s Twilio account has no TwiML App to call through."),
                _("“Twilio” says what to do about it."),
            ),
            "refused": unknown(
                _("Not known: Twilio did not connect the test’s call."),
                _("Run the test again; “Twilio” checks the rest."),
            ),
            "no_answer": unknown(
                _("Not known: the test’s call was not answered in time."), _("Run the test again.")
            ),
        },
    ),
    "round_trip": Check(
        _("Delay"),
        {
            "ok": good(_("Sound takes {value} ms to Twilio and back.")),
            "high": bad(
                _("Sound takes {value} ms to Twilio and back: you will talk over one another."),
                QUIETER_NETWORK,
            ),
            "no_sound": WITHOUT_SOUND,
        },
        unit="ms",
    ),
    "jitter": Check(
        _("Steadiness"),
        {
            "ok": good(_("Sound arrives steadily, within {value} ms.")),
            "high": bad(_("Sound arrives unsteadily, by {value} ms: words may break up."), QUIETER_NETWORK),
            "no_sound": WITHOUT_SOUND,
        },
        unit="ms",
    ),
    "loss": Check(
        _("Lost sound"),
        {
            "ok": good(_("{value} % of the sound is lost on its way.")),
            "high": bad(_("{value} % of the sound is lost on its way: words may drop out."), QUIETER_NETWORK),
            "no_sound": WITHOUT_SOUND,
        },
        unit="%",
    ),
    "path": Check(
        _("Way of the sound"),
        {
            "udp": good(_("Straight to Twilio, by UDP.")),
            "relay_udp": good(_("By way of a relay (TURN), by UDP.")),
            "tcp": bad(_("By TCP, which breaks up when the network is busy."), BLOCKED_SOUND),
            "relay_tcp": bad(
                _("By way of a relay (TURN) over TCP, which breaks up when the network is busy."),
                BLOCKED_SOUND,
            ),
            "no_sound": WITHOUT_SOUND,
        },
    ),
}


def build_page_texts() -> str:
    """What the settings are handed, as JSON: each check's name, and the words for whatever it may come to."""
    texts = {
        slug: {
            "name": check.name,
            "findings": {name: asdict(one) for name, one in {**COMMON, **check.findings}.items()},
        }
        for slug, check in CHECKS.items()
    }
    return json.dumps(texts, cls=DjangoJSONEncoder, ensure_ascii=False)
