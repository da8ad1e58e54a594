"""What a test of the connection looks at, and the sentence for each thing that it may find.

The page gets all of it with the settings, so that it has words also while the server is away, and finds by
itself which of them is true (`static/phone/device/test-findings.js`). `{value}` is the figure of that line.
"""

import json
from dataclasses import asdict, dataclass, field
from typing import Literal

Result = Literal["good", "bad", "unknown"]


@dataclass(frozen=True)
class Finding:
    """One thing that a line may come to; `remedy` is the one thing to do, "" for nothing."""

    result: Result
    words: str
    remedy: str = ""


def good(words: str, remedy: str = "") -> Finding:
    return Finding("good", words, remedy)


def bad(words: str, remedy: str) -> Finding:
    return Finding("bad", words, remedy)


def unknown(words: str, remedy: str = "") -> Finding:
    return Finding("unknown", words, remedy)


# Any line may come to these.
COMMON = {
    "stopped": unknown("Not known: the test was stopped before.", "Run it again."),
    "call_began": unknown(
        "Not known: a call began meanwhile, and a test must not disturb it.", "Run it again."
    ),
    "not_told": unknown("Not known: this browser does not tell."),
    "broke": unknown(
        "Not known: this part of the test broke.", "Run it again, and tell support if it breaks twice."
    ),
}


@dataclass(frozen=True)
class Check:
    """One line: its name, and what it may come to by slug. `unit` is that of its figure; "" for none."""

    name: str
    findings: dict[str, Finding] = field(default_factory=dict)
    unit: str = ""

    def get(self, finding: str) -> Finding | None:
        return self.findings.get(finding) or COMMON.get(finding)


WITHOUT_SOUND = unknown("Not known: no sound went through the test.")
BLOCKED_SOUND = (
    "Allow UDP to Twilio’s media addresses (ports 10,000 to 60,000), or try another network or without a VPN."
)
QUIETER_NETWORK = "Use a cable, or go nearer to the Wi-Fi; end downloads and video on the same network."

CHECKS: dict[str, Check] = {
    "microphone": Check(
        "Microphone",
        {
            "ok": good("The browser gives this page a microphone."),
            "in_call": good("In use for your call."),
            "denied": bad(
                "The browser does not let this page use the microphone.",
                "Allow it with the sign beside the address, then run the test again.",
            ),
            "dismissed": bad(
                "The browser asked whether this page may use the microphone, and its question was closed.",
                "Run the test again, and allow it.",
            ),
            "system": bad(
                "The system of this computer keeps the microphone from the browser.",
                "Allow it for the browser in the system’s privacy settings, then run the test again.",
            ),
            "policy": bad(
                "A rule of this site or of your company keeps the microphone from this page.",
                "Ask whoever looks after this computer.",
            ),
            "insecure": bad(
                "This page is not secure, so the browser gives it no microphone.",
                "Open Dog n Bone with https:// at the front.",
            ),
            "none": bad("No microphone was found.", "Plug one in, then run the test again."),
            "in_use": bad(
                "The microphone could not be opened: another program may be using it.",
                "Close other programs that use it, then run the test again.",
            ),
            "asking": unknown(
                "Not known: the browser’s question about the microphone was not answered.",
                "Answer it, then run the test again.",
            ),
        },
    ),
    "speaker": Check(
        "Speaker",
        {
            "ok": good("Sound can be played."),
            "none": bad("No speaker and no headphones were found.", "Plug some in, then run the test again."),
            "blocked": bad(
                "The browser does not let this page play sound.",
                "Allow sound with the sign beside the address, and see that the tab is not muted.",
            ),
            "no_answer": unknown("Not known: the browser’s sound did not start.", "Run the test again."),
        },
    ),
    "server": Check(
        "Dog n Bone’s server",
        {
            "ok": good("It answers in {value} ms."),
            "slow": bad(
                "It answers, but takes {value} ms.",
                "Calls still work, but what you click takes time. Try later.",
            ),
            "away": bad(
                "It does not answer this browser.", "Look at the network. If other pages open, tell support."
            ),
            "ill": bad(
                "It answers, but with an error of its own.",
                "Try again in a few minutes. If it stays, tell support.",
            ),
            "foreign": bad(
                "Something else answers in its place: a proxy, or a network that wants a login first.",
                "Open another page and see whether the network asks for something.",
            ),
            "signed_out": bad("It answers, but you are signed out here.", "Sign in again."),
        },
        unit="ms",
    ),
    "socket": Check(
        "Live connection to Dog n Bone",
        {
            "ok": good("It is open, and a message comes back in {value} ms."),
            "closed": bad(
                "It is not open: the phone works, but news of calls comes late.",
                "It is tried again by itself. If it stays so, ask whether the network allows WebSockets.",
            ),
            "silent": bad(
                "It looks open, but nothing comes back through it.",
                "Reload the page once you are not in a call.",
            ),
        },
        unit="ms",
    ),
    "signalling": Check(
        "Twilio’s signalling",
        {
            "ok": good("Twilio’s gateway was reached and took this phone’s token, in {value} ms."),
            "in_call": good("It carries your call."),
            "registered": good("The phone is signed in at Twilio’s gateway."),
            "unreachable": bad(
                "Twilio’s gateway could not be reached from this browser.",
                "Ask whoever runs the network to allow WebSockets to voice-js.roaming.twilio.com, port 443.",
            ),
            "silent": bad(
                "Twilio’s gateway was called, but said nothing for {value} ms.",
                "Try again in a moment, or on another network.",
            ),
            "token_refused": bad(
                "Twilio’s gateway was reached, but did not take this phone’s token.",
                "The notice above the phone says why; “Twilio” checks it.",
            ),
            "no_token": unknown(
                "Not tried: the phone has no token to sign in with yet.",
                "The notice above the phone says why; run the test again once it is ready.",
            ),
        },
        unit="ms",
    ),
    "media": Check(
        "Sound to Twilio and back",
        {
            "ok": good("Sound goes out and comes back."),
            "no_way": bad("Sound finds no way between this browser and Twilio.", BLOCKED_SOUND),
            "nothing_comes": bad("Sound leaves this browser, but none comes back.", BLOCKED_SOUND),
            "nothing_goes": bad("Sound comes from Twilio, but none leaves this browser.", BLOCKED_SOUND),
            "no_webrtc": bad(
                "This browser has no WebRTC, without which there is no sound.",
                "Switch off extensions that block WebRTC, or use another browser.",
            ),
            "not_yet": unknown(
                "Not known: your call carries no sound yet.", "Run the test again once you talk."
            ),
            "no_signalling": unknown("Not tried: Twilio’s signalling comes first."),
            "no_app": unknown(
                "Not tried: this phone’s Twilio account has no TwiML App to call through.",
                "“Twilio” says what to do about it.",
            ),
            "refused": unknown(
                "Not known: Twilio did not connect the test’s call.",
                "Run the test again; “Twilio” checks the rest.",
            ),
            "no_answer": unknown(
                "Not known: the test’s call was not answered in time.", "Run the test again."
            ),
        },
    ),
    "round_trip": Check(
        "Delay",
        {
            "ok": good("Sound takes {value} ms to Twilio and back."),
            "high": bad(
                "Sound takes {value} ms to Twilio and back: you will talk over one another.", QUIETER_NETWORK
            ),
            "no_sound": WITHOUT_SOUND,
        },
        unit="ms",
    ),
    "jitter": Check(
        "Steadiness",
        {
            "ok": good("Sound arrives steadily, within {value} ms."),
            "high": bad("Sound arrives unsteadily, by {value} ms: words may break up.", QUIETER_NETWORK),
            "no_sound": WITHOUT_SOUND,
        },
        unit="ms",
    ),
    "loss": Check(
        "Lost sound",
        {
            "ok": good("{value} % of the sound is lost on its way."),
            "high": bad("{value} % of the sound is lost on its way: words may drop out.", QUIETER_NETWORK),
            "no_sound": WITHOUT_SOUND,
        },
        unit="%",
    ),
    "path": Check(
        "Way of the sound",
        {
            "udp": good("Straight to Twilio, by UDP."),
            "relay_udp": good("By way of a relay (TURN), by UDP."),
            "tcp": bad("By TCP, which breaks up when the network is busy.", BLOCKED_SOUND),
            "relay_tcp": bad(
                "By way of a relay (TURN) over TCP, which breaks up when the network is busy.", BLOCKED_SOUND
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
    return json.dumps(texts, ensure_ascii=False)
