"""What can happen to a phone page while it registers or after it has, and the verdict that is true of it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import WebSocketRoute

from accounts.twilio.credentials import TwilioCredentials
from tests.browser.pages import dial
from tests.browser.stage import Stage
from tests.situations import BLAMING

Act = Callable[[Stage], Any]


@dataclass
class Play:
    """The true verdict, what happens, and the verdicts that are recorded of the Device's failed login.

    `state`: the Device's, as the page shows it then. `heal`: what ends it; the phone is ready then.
    `is_over`: it has gone by itself at the end of `act`. `checked`: what the server's own check recorded.
    """

    verdict: str
    act: Act
    recorded: list[str] = field(default_factory=list)
    state: str = "error"
    heal: Act | None = None
    checked: list[str] | None = None
    is_over: bool = False


def steps(*acts: Act) -> Act:
    def act(stage: Stage) -> None:
        for one in acts:
            one(stage)

    return act


def ail(fault: str) -> Act:
    return lambda stage: stage.ail(fault)


def refuse_rest(fault: str, **matcher: Any) -> Act:
    """From now on Twilio's REST API suffers `fault`."""
    return lambda stage: stage.fake.add_fault(fault, **matcher)


def change(**fields: Any) -> Act:
    return lambda stage: stage.change_account(**fields)


def signal_to_wall(status_line: str) -> Act:
    return lambda stage: stage.signal_to_wall(status_line)


def forbid_signalling(stage: Stage) -> None:
    """The page's own Content-Security-Policy does not name the signalling host."""
    stage.signal_to(stage.fake.host_port, is_allowed=False)


def go_offline(stage: Stage) -> None:
    stage.context.set_offline(True)


def go_online(stage: Stage) -> None:
    stage.context.set_offline(False)


def expire_proof(stage: Stage) -> None:
    """The five minutes are over for which a proof is good."""
    TwilioCredentials.objects.filter(user=stage.user).update(proven_until=None)


def wait_in_vain(stage: Stage) -> None:
    """The page gives up waiting for the gateway."""
    stage.wait_for_event(state="connecting")
    stage.wait()


def be_refused_again(stage: Stage) -> None:
    stage.wait_for_event(code=20101)
    stage.wait(2_000)
    stage.wait_for_events(2, code=20101)


def answer_listen(code: int) -> Act:
    """A gateway that answers every token with `code`, in the frames that Twilio's sends."""

    def take(route: WebSocketRoute, text: str | bytes) -> None:
        if text != "\n" and json.loads(text)["type"] == "listen":
            error = {"code": code, "message": f"error {code}"}
            route.send(json.dumps({"type": "error", "version": "", "payload": {"error": error}}))
            route.send(json.dumps({"type": "close", "version": "", "payload": {}}))

    def act(stage: Stage) -> None:
        def serve(route: WebSocketRoute) -> None:
            route.on_message(lambda text: take(route, text))

        stage.page.route_web_socket(f"ws://{stage.fake.host_port}/signal", serve)

    return act


def refused(verdict: str, *before: Act, **rest: Any) -> Play:
    """The page is opened, and the gateway says no."""
    return Play(verdict, steps(*before, Stage.open), [verdict], **rest)


def unanswered(verdict: str, *before: Act, **rest: Any) -> Play:
    """The page is opened, and the gateway says nothing, or nothing that helps."""
    state = "error" if verdict in BLAMING else "offline"
    return Play(verdict, steps(*before, Stage.open, wait_in_vain), [verdict], state, **rest)


def lost(verdict: str, *after: Act, **rest: Any) -> Play:
    """The phone is ready; then something happens, and its socket is cut."""
    return Play(verdict, steps(Stage.become_ready, *after, Stage.drop_sockets), [verdict], **rest)


def turned_away(verdict: str, *before: Act, **rest: Any) -> Play:
    """The proof has run out, and the server's own check stands between the page and a token."""
    rest = {"state": "offline", "checked": [verdict], **rest}
    return Play(verdict, steps(*before, expire_proof, Stage.open), **rest)


def broken_app(verdict: str, **fields: str) -> Play:
    """The phone is ready; its TwiML App is changed at Twilio, or deleted; then somebody calls."""

    def call(stage: Stage) -> None:
        stage.change_app(**fields)
        dial(stage.page, "+12025550199")

    return Play(verdict, steps(Stage.become_ready, call), [verdict], "ready")


REFUSED = {
    "secret replaced, still trusted": refused("wrong_api_secret", Stage.rotate_key),
    "key deleted, still trusted": refused("api_key_not_found", Stage.delete_key),
    "suspended, still trusted": refused("account_suspended", change(status="suspended")),
    "closed, still trusted": refused("account_closed", change(status="closed", suspended_variant="status")),
    "under review, refused as no valid account": refused(
        "account_under_review", change(is_under_review=True), ail("gateway account")
    ),
    "signature refused, check good": refused("token_invalid", ail("gateway signature"), heal=ail("")),
    "no valid account, check good": refused("account_suspended", ail("gateway account")),
    "token invalid": refused("token_invalid", ail("gateway invalid"), heal=ail("")),
    "token expired": refused("token_expired", ail("gateway expired"), heal=ail("")),
    "token too long": refused("token_too_long", ail("gateway too long")),
    "identity refused": refused("bad_identity", ail("gateway identity")),
    "too many registrations": refused("rate_limited", ail("gateway rate"), heal=ail("")),
    "signature refused, Twilio ill": refused(
        "token_invalid", ail("gateway signature"), refuse_rest("unavailable")
    ),
    "signature refused, no way to Twilio": refused(
        "token_invalid", ail("gateway signature"), refuse_rest("reset")
    ),
    "token invalid, secret replaced": refused("wrong_api_secret", ail("gateway invalid"), Stage.rotate_key),
    "code 20151": refused("token_invalid", answer_listen(31201)),
    "code 31102": refused("token_invalid", answer_listen(31102)),
    "code 31001": refused("twiml_app_missing", answer_listen(31001)),
    "a code that the SDK does not know": refused("unclear", answer_listen(31500)),
    "a code that nobody knows": refused("unclear", answer_listen(65432)),
    "a code that nobody knows, secret replaced": refused(
        "wrong_api_secret", answer_listen(65432), Stage.rotate_key
    ),
    "a code that nobody knows, suspended": refused(
        "account_suspended", answer_listen(65432), change(status="suspended")
    ),
}
UNANSWERED = {
    "gateway silent": unanswered("browser_network", ail("gateway silent"), heal=ail("")),
    "gateway drops every socket": unanswered("browser_network", ail("gateway drop"), heal=ail("")),
    "gateway never ready": unanswered("twilio_unavailable", ail("gateway never ready"), heal=ail("")),
    "gateway silent, Twilio ill": unanswered(
        "twilio_unavailable", ail("gateway silent"), refuse_rest("unavailable")
    ),
    "gateway silent, no way to Twilio": unanswered(
        "server_network", ail("gateway silent"), refuse_rest("reset")
    ),
    "gateway silent, Twilio busy": unanswered(
        "browser_network", ail("gateway silent"), refuse_rest("rate limited")
    ),
    "gateway silent, key deleted": unanswered("api_key_not_found", ail("gateway silent"), Stage.delete_key),
    "gateway drops, suspended": unanswered(
        "account_suspended", ail("gateway drop"), change(status="suspended")
    ),
}
BLOCKED = {
    "signalling refused": unanswered("browser_network", Stage.signal_to_nobody),
    "signalling socket never opens": unanswered("browser_network", Stage.signal_to_mute_port),
    "signalling answered 403": unanswered("browser_network", signal_to_wall("403 Forbidden")),
    "signalling answered by a portal": unanswered("browser_network", signal_to_wall("200 OK")),
    "signalling answered 502": unanswered("browser_network", signal_to_wall("502 Bad Gateway")),
    "signalling forbidden by the page's policy": unanswered("browser_network", forbid_signalling),
    "signalling refused, no way to Twilio either": unanswered(
        "server_network", Stage.signal_to_nobody, refuse_rest("reset")
    ),
    "signalling refused, Twilio ill": unanswered(
        "twilio_unavailable", Stage.signal_to_nobody, refuse_rest("overloaded")
    ),
    "signalling refused, secret replaced": unanswered(
        "wrong_api_secret", Stage.signal_to_nobody, Stage.rotate_key
    ),
    "signalling socket never opens, key deleted": unanswered(
        "api_key_not_found", Stage.signal_to_mute_port, Stage.delete_key
    ),
}
LOST = {
    "secret replaced while ready": lost("wrong_api_secret", Stage.rotate_key),
    "key deleted while ready": lost("api_key_not_found", Stage.delete_key),
    "suspended while ready": lost("account_suspended", change(status="suspended")),
    "closed while ready": lost("account_closed", change(status="closed", suspended_variant="status")),
    "token expired while ready": lost("token_expired", ail("gateway expired"), heal=ail("")),
    "token invalid while ready, twice": Play(
        "token_invalid",
        steps(Stage.become_ready, ail("gateway invalid"), Stage.drop_sockets, be_refused_again),
        ["token_invalid"],
        heal=ail(""),
    ),
    # A registered phone that loses its network has not failed to log in.
    "gateway gone while ready": Play(
        "browser_network",
        steps(Stage.become_ready, ail("gateway drop"), Stage.drop_sockets, wait_in_vain),
        state="offline",
        heal=ail(""),
    ),
    "Wi-Fi lost while ready": Play(
        "browser_network",
        steps(Stage.become_ready, go_offline, Stage.drop_sockets),
        state="offline",
        heal=go_online,
    ),
    "Wi-Fi lost while registering": Play(
        "browser_network",
        steps(ail("gateway silent"), Stage.open, go_offline, Stage.drop_sockets),
        state="offline",
        heal=steps(ail(""), go_online),
    ),
}
# Found by the first call, while the phone stays ready.
BROKEN_APPS = {
    "App deleted after the check": broken_app("twiml_app_missing"),
    "App emptied after the check": broken_app("twiml_app_misconfigured", VoiceUrl=""),
}
TURNED_AWAY = {
    "Auth Token rotated": turned_away("wrong_auth_token", change(auth_token="new"), state="error"),
    "key deleted": turned_away("api_key_not_found", Stage.delete_key, state="error"),
    "suspended": turned_away("account_suspended", change(status="suspended"), state="error"),
    "clock off": turned_away("clock_skew", refuse_rest("wrong clock"), state="error"),
    "Twilio ill": turned_away("twilio_unavailable", refuse_rest("bad gateway")),
    "Twilio busy": turned_away("rate_limited", refuse_rest("rate limited")),
    "no way to Twilio": turned_away("server_network", refuse_rest("reset")),
    "portal": turned_away("server_network", refuse_rest("portal page")),
    "odd answer": turned_away("unclear", refuse_rest("another account")),
}
