"""What `make run` prints once the phone is up: what to type, and last, where to go."""

from collections.abc import Iterable

from demo.people import ADMIN, ALICE, BOB, PASSWORD
from fake_twilio import catalogue, situations
from fake_twilio.situations import Situation

WIDTH = 126
TITLE_WIDTH = 54
REGIONS = {"us1": "", "ie1": "Ireland", "au1": "Australia"}


def build_banner(public_url: str, fake_url: str) -> str:
    """`fake_url` is empty where no fake Twilio runs: then there is nothing to type from here."""
    lines = build_credentials() if fake_url else []
    lines += build_heading(f"Dog n Bone is ready at {public_url}")
    lines += build_people(public_url, is_connected=bool(fake_url))
    if fake_url:
        lines += build_calls(fake_url)
        lines.append(f"  Rehearse     {public_url}/rehearsal/         each failure at the push of a button")
    else:
        lines.append("  No fake Twilio was started, because TWILIO_BASE_URL is set.")
    lines += ["", "  Password-reset mail is printed here. Ctrl-C ends everything.", "═" * WIDTH]
    return "\n".join(lines)


def build_heading(text: str) -> list[str]:
    return ["", "═" * WIDTH, f"  {text}", "═" * WIDTH, ""]


def build_people(public_url: str, *, is_connected: bool) -> list[str]:
    phone = "connected and ready" if is_connected else "no Twilio account connected yet"
    return [
        f"  Sign in      {public_url}/accounts/login/    everybody's password is {PASSWORD}",
        f"               {ALICE.email:<22}{phone}",
        f"               {BOB.email:<22}her colleague, for another browser or a private window",
        f"  Sign up      {public_url}/accounts/signup/   and connect an account from the list yourself",
        f"  Admin        {public_url}/admin/             as {ADMIN.email}",
    ]


def build_calls(fake_url: str) -> list[str]:
    return [
        f"  Call         Bob by name, or {catalogue.ECHO_NUMBER} to hear yourself",
        f"  Be called    {fake_url}/    the fake Twilio's control room rings {catalogue.DEMO_NUMBER}",
    ]


def build_credentials() -> list[str]:
    """Every set of the fake's catalogue, under what it shows."""
    devices = [situations.by_token(title, "", fault) for fault, title in catalogue.GATEWAY_FAULTS.items()]
    groups: list[tuple[str, Iterable[Situation]]] = [
        ("These connect", situations.GOOD),
        ("Mistyped, and which mistake it is", situations.MISTYPED),
        ("Typed right, but the account is not fit", situations.STATES),
        ("Typed right, but the TwiML App is not fit", situations.APPS),
        ("Typed right, but Twilio or the way there is ill: never blamed on you", situations.OUTAGES),
        ("Connected, and then something is wrong when the phone registers", devices),
    ]
    lines = build_heading("To type on the connect page: Account SID and Auth Token, below them what else")
    for heading, group in groups:
        lines += [f"  {heading}", "", *(line for one in group for line in build_situation(one)), ""]
    return lines


def build_situation(situation: Situation) -> list[str]:
    """What happens, Account SID and Auth Token in one line; what else there is to type in the next."""
    lines = [f"    {situation.title:<{TITLE_WIDTH}}{situation.account_sid}  {situation.auth_token}".rstrip()]
    more = [
        ("API key", f"{situation.api_key_sid}  {situation.api_key_secret}".strip()),
        ("TwiML App", situation.twiml_app_sid),
        ("Region", REGIONS[situation.region]),
    ]
    return lines + [f"    {'':<{TITLE_WIDTH - 11}}{label:<11}{value}" for label, value in more if value]
