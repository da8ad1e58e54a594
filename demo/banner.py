"""What `make run` prints once the phone is up: where, who, whom to call, and how to end it."""

from demo.people import ADMIN, ALICE, BOB, PASSWORD
from fake_twilio import catalogue


def build_banner(public_url: str, fake_url: str) -> str:
    """`fake_url` is empty where no fake Twilio runs: then nobody can be called."""
    lines = [
        "",
        f"  Dog n Bone is ready at {public_url}",
        "",
        *build_people(public_url, is_connected=bool(fake_url)),
        *(build_calls(public_url, fake_url) if fake_url else build_without_fake()),
        "  Mail       to reset a password is printed here. Ctrl-C ends everything.",
        "",
    ]
    return "\n".join(lines)


def build_people(public_url: str, *, is_connected: bool) -> list[str]:
    phone = "connected and ready" if is_connected else "no Twilio account connected yet"
    return [
        f"  Sign in    with the password {PASSWORD} as",
        f"             {ALICE.email:<20}{phone}",
        f"             {BOB.email:<20}her colleague, for a private window",
        f"             {ADMIN.email:<20}for {public_url}/admin/",
    ]


def build_calls(public_url: str, fake_url: str) -> list[str]:
    return [
        f"  Call       Bob, or {catalogue.ECHO_NUMBER} to hear yourself",
        f"  Be called  {fake_url}/ rings {catalogue.DEMO_NUMBER}",
        f"  Go wrong   {public_url}/rehearsal/ has failures at a button's push,",
        "             and credentials to type; `make credentials` prints them",
    ]


def build_without_fake() -> list[str]:
    return ["  Twilio     No fake Twilio was started, because TWILIO_BASE_URL is set."]
