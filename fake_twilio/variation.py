"""The same refusals in other words, bodies and order, as a seed decides: Twilio's wording is no contract.

Of calls it decides which status a SIP response becomes (`numbers.py`), when callbacks come
(`status_callbacks.py`), and how the log words what a server answered (`rest/alerts.py`).

What is refused, with which status and which code, is as Twilio documents or others have logged it; how
it is said is made up. One seed always says the same thing in the same way.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from fake_twilio.app_keys import ON_RESET
from fake_twilio.control_requests import read_json, refuse
from fake_twilio.refusals import Form, Refusal

FORMS: tuple[Form, ...] = ("message", "message", "detail", "problem", "no code")

# By the kind of a refusal, the sentences it may be said in. `{status}`: suspended or closed.
WORDINGS: Mapping[str, Sequence[str]] = {
    "no_credentials": (
        "Authentication Error - No credentials provided",
        "No credentials were supplied",
        "Authorization header is missing",
        "The request came without credentials",
    ),
    "invalid_username": (
        "Authentication Error - invalid username",
        "Invalid user name",
        "Unknown username",
        "No such user",
        "The username was not recognised",
    ),
    "authenticate": (
        "Authenticate",
        "authenticate.",
        "Your AccountSid or AuthToken was incorrect.",
        "Invalid credentials",
        "Authentication failed",
        "The username and password do not match",
        "Could not authenticate this request",
        "Authentication Error - bad username or password",
    ),
    "no_assertions": (
        "Authorization Error: actor doesn't have any assertions",
        "Permission denied",
        "The actor lacks a permission for this resource",
        "Not authorized to read calls",
        "Access denied",
    ),
    "under_review": (
        "Policy evaluation failed",
        "Your account is under review",
        "This account is pending review",
        "Account is being reviewed by our trust team",
        "A manual review of the account has not been completed yet: review pending",
    ),
    "trial": (
        "This feature is not available on a Trial account. Please upgrade your account to gain access.",
        "Trial accounts may not use this resource",
        "Not permitted during the trial",
        "Please upgrade your account to use this resource",
    ),
    "test_credentials": (
        "Resource not accessible with Test Account Credentials",
        "Test credentials cannot be used here",
        "Forbidden",
    ),
    "inactive": (
        "Account {status}",
        "Your account has been {status}.",
        "This account is {status}; please contact support",
        "Access is denied because the account is {status}",
        "Account is not active",
    ),
    "not_found": ("{message}", "Not found", "No such resource"),
    "too_many_requests": ("Too Many Requests", "Slow down", "Rate limit exceeded"),
}
# Refusals whose status Twilio's own pages give in two ways.
STATUSES: Mapping[str, Sequence[int]] = {"no_assertions": (401, 403), "trial": (401, 403)}
# Whose code belongs to them: without it nobody could tell what was meant.
KEEP_CODE = frozenset({"no_assertions", "test_credentials", "too_many_requests"})


@dataclass
class Variation:
    """`seed` None: Twilio's own words and order, as far as they are known."""

    seed: int | None = None
    first_seed: int | None = None

    def __post_init__(self) -> None:
        self.first_seed = self.seed

    def choose(self, kind: str, what: str, choices: Sequence[Any]) -> Any:
        return random.Random(f"{self.seed}:{kind}:{what}").choice(choices)

    def vary(self, refusal: Refusal) -> Refusal:
        """The same refusal in this seed's words."""
        if self.seed is None or refusal.kind not in WORDINGS:
            return refusal
        wording = self.choose(refusal.kind, "words", WORDINGS[refusal.kind])
        varied = Refusal(
            self.choose(refusal.kind, "status", STATUSES.get(refusal.kind, (refusal.status,))),
            refusal.code,
            wording.format(status=refusal.detail, message=refusal.message),
            headers=refusal.headers,
            kind=refusal.kind,
        )
        varied.form = self.choose(refusal.kind, "form", FORMS)
        if varied.form == "no code" and refusal.kind in KEEP_CODE:
            varied.form = "message"
        return varied

    def order(self, gates: Sequence[Callable[..., None]]) -> list[Callable[..., None]]:
        """The gates behind the credentials, in this seed's order."""
        ordered = list(gates)
        if self.seed is not None:
            random.Random(f"{self.seed}:gates").shuffle(ordered)
        return ordered


VARIATION: web.AppKey[Variation] = web.AppKey("variation", Variation)


async def change_variation(request: web.Request) -> web.Response:
    """`POST /_fake/variation`: `{"seed": number | null}`, until the next reset."""
    seed = (await read_json(request)).get("seed")
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int)):
        raise refuse("seed is a whole number, or null for Twilio's own words")
    request.app[VARIATION].seed = seed
    return web.json_response({"seed": seed})


async def show_variation(request: web.Request) -> web.Response:
    return web.json_response({"seed": request.app[VARIATION].seed})


async def reset(app: web.Application) -> None:
    app[VARIATION].seed = app[VARIATION].first_seed


def add_routes(app: web.Application, seed: int | None) -> None:
    app[VARIATION] = Variation(seed)
    app[ON_RESET].append(reset)
    app.router.add_get("/_fake/variation", show_variation)
    app.router.add_post("/_fake/variation", change_variation)
