"""What there is to type on the connect page beside the fake Twilio.

The panel shows it, and `make credentials` prints it; so nothing that has to be installed is imported.
"""

import os
import sys
from dataclasses import dataclass

from fake_twilio import catalogue, situations
from fake_twilio.situations import Situation

REGIONS = {"us1": "", "ie1": "Ireland", "au1": "Australia"}
TITLE = "To type on the connect page, where `make run` has started the fake Twilio"
LABEL_WIDTH = 16


@dataclass(frozen=True)
class CredentialGroup:
    title: str
    situations: tuple[Situation, ...]


GROUPS = (
    CredentialGroup("These connect", situations.GOOD),
    CredentialGroup("Mistyped, and which mistake it is", situations.MISTYPED),
    CredentialGroup("Typed right, but the account is not fit", situations.STATES),
    CredentialGroup("Typed right, but the TwiML App is not fit", situations.APPS),
    CredentialGroup(
        "Typed right, but Twilio or the way there is ill: never blamed on you", situations.OUTAGES
    ),
    CredentialGroup(
        "Connected, and then something is wrong when the phone registers",
        tuple(situations.by_token(title, "", fault) for fault, title in catalogue.GATEWAY_FAULTS.items()),
    ),
)


def get_fields(situation: Situation) -> list[tuple[str, str]]:
    """What to type, by the name of its field on the connect page; a field that stays empty is left out."""
    fields = [
        ("Account SID", situation.account_sid),
        ("Auth Token", situation.auth_token),
        ("API key SID", situation.api_key_sid),
        ("API key secret", situation.api_key_secret),
        ("TwiML App SID", situation.twiml_app_sid),
        ("Region", REGIONS[situation.region]),
    ]
    return [(label, value) for label, value in fields if value]


def build_list() -> str:
    """All of them as text, a field a line, so that a value can be marked with a double click."""
    lines = [TITLE]
    for group in GROUPS:
        lines += ["", "", group.title]
        for situation in group.situations:
            lines += ["", f"  {situation.title}"]
            lines += [f"    {label:<{LABEL_WIDTH}}{value}" for label, value in get_fields(situation)]
    return "\n".join(lines)


def main() -> None:
    """Whoever wants to read only the beginning, as `head` does, may."""
    try:
        print(build_list(), flush=True)
    except BrokenPipeError:
        # Python would try once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
