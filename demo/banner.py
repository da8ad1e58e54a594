"""What `make run` prints once the phone is up."""

from collections.abc import Iterable

from demo.credential_sets import (
    CredentialSet,
    build_failing_sets,
    build_gateway_sets,
    build_good_sets,
)
from demo.people import ADMIN, ALICE, BOB, PASSWORD
from fake_twilio.catalogue import DEMO_NUMBER, ECHO_NUMBER

RULE = "─" * 100


def build_banner(public_url: str, fake_url: str) -> str:
    """`fake_url` is empty where no fake Twilio runs: then there is nothing to type from here."""
    lines = [RULE, f"  Dog n Bone is ringing at {public_url}", RULE, ""]
    lines += build_people(public_url, is_connected=bool(fake_url))
    if fake_url:
        lines += build_calls(fake_url)
        lines += build_sets("To connect a Twilio account, type one of these", build_good_sets())
        lines += build_sets("To see each failure named, type one of these instead", build_failing_sets())
        lines += build_sets("Connected, and then refused when the phone registers", build_gateway_sets())
    else:
        lines += ["  No fake Twilio was started, because TWILIO_BASE_URL is set.", ""]
    lines += ["  Password-reset mail is printed here. Ctrl-C ends everything.", RULE]
    return "\n".join(lines)


def build_people(public_url: str, *, is_connected: bool) -> list[str]:
    phone = "the phone, connected and ready" if is_connected else "no Twilio account connected yet"
    return [
        f"  Sign in       {public_url}/accounts/login/      everybody's password: {PASSWORD}",
        f"                {ALICE.email:<24}{phone}",
        f"                {BOB.email:<24}her colleague, in another browser or a private window",
        f"  Sign up       {public_url}/accounts/signup/     to connect an account yourself",
        f"  Admin         {public_url}/admin/               {ADMIN.email}",
        "",
    ]


def build_calls(fake_url: str) -> list[str]:
    return [
        f"  Call          {ECHO_NUMBER} to hear yourself, or Bob by name",
        f"  Be called     {fake_url}/_fake/    the fake Twilio's control room rings {DEMO_NUMBER}",
        "",
    ]


def build_sets(heading: str, sets: Iterable[CredentialSet]) -> list[str]:
    """A heading and each set: its title with the outcome, then the fields, two to a line."""
    lines = [f"  {heading}:", ""]
    for credential_set in sets:
        outcome = f"  → {credential_set.outcome}" if credential_set.outcome else ""
        lines.append(f"    {credential_set.title}{outcome}")
        cells = [f"{label:<15}{value}" for label, value in credential_set.fields]
        lines += [f"      {'  '.join(f'{cell:<50}' for cell in pair).rstrip()}" for pair in pairs(cells)]
    return [*lines, ""]


def pairs(cells: list[str]) -> list[list[str]]:
    return [cells[start : start + 2] for start in range(0, len(cells), 2)]
