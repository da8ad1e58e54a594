"""The verdict of a browser that says it has no network: nothing of it is Twilio's."""

from dataclasses import replace

from accounts.verdicts.texts import OFFLINE
from accounts.verdicts.verdict import TwilioAnswer, Verdict, build_verdict


def build_offline_verdict(*, seen: str = "") -> Verdict:
    """`browser_network`, in the words for a browser without any network; `seen`: what its page reported."""
    return replace(build_verdict("browser_network", twilio=TwilioAnswer(message=seen)), text=OFFLINE)
