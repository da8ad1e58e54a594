"""`python -m bench.tokens`: tokens by request and over the socket, the voice webhook."""

import argparse
import uuid
from collections.abc import Callable, Sequence
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from bench.companies import AUTH_TOKEN, CALLED, Caller, make_callers
from bench.sockets.stage import set_stage
from bench.tokens import load, stage
from bench.tokens.load import Took
from bench.tokens.stage import Server

SECONDS = 6.0
CONNECTIONS = 32
# So many use one Twilio account.
COMPANY = 5
PAGES = 300
# Of what a bare view answers, measured with this bench before tokens were handed out at once (decision 48).
SHARE_BEFORE = 0.18
SHARE_GOAL, STOCK_GOAL, NODE_GOAL = 4.0, 3.0, 1.0
WEBHOOKS_PER_SECOND = 200
WEBHOOK_SECONDS = 10
WEBHOOK_LIMIT = 50.0
PARTS = ("requests", "renewals", "webhooks")
CSRF = "c" * 32


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.tokens", description=__doc__)
    parser.add_argument("part", nargs="*", help=f"{', '.join(PARTS)}; without any, all of them")
    parser.add_argument("--people", type=int, default=300)
    given = parser.parse_args()
    with set_stage():
        callers = make_callers(given.people, company=COMPANY)
        with stage.product() as server:
            for part in given.part or PARTS:
                parts: dict[str, Callable[[Server, Sequence[Caller]], None]] = {
                    "requests": compare_requests,
                    "renewals": compare_renewals,
                    "webhooks": compare_webhooks,
                }
                parts[part](server, callers)


def compare_requests(server: Server, callers: Sequence[Caller]) -> None:
    print(f"Tokens by POST /phone/token/, {CONNECTIONS} at once", flush=True)
    bare = ask(server, [build_get(server.port, "/healthz")])
    ours = ask(server, [build_post(server.port, "/phone/token/", caller) for caller in callers])
    with stage.stock_django() as peer:
        stock = ask(peer, [build_post(peer.port, "/token/", caller) for caller in callers])
    share = ours.rate / bare.rate
    tell("a bare view of the same server", bare)
    tell("stock Django under gunicorn", stock)
    tell("tokens", ours)
    before = f"{share / SHARE_BEFORE:.1f} x what it was; goal {SHARE_GOAL:.0f}"
    print(f"    {share:.2f} of the bare view, {before}")
    print(f"    {ours.rate / stock.rate:.2f} x the stock view; goal {STOCK_GOAL:.0f}", flush=True)


def compare_renewals(server: Server, callers: Sequence[Caller]) -> None:
    seats = [(caller.session, str(uuid.uuid4())) for caller in callers[:PAGES]]
    print(f"Tokens by `renew` on an open socket, {len(seats)} pages", flush=True)
    with stage.quickstart() as peer:
        node = ask(peer, [build_get(peer.port, "/")])
    ours = load.run(load.renew_steadily, server, seats, SECONDS)
    tell("Twilio's quickstart in Node", node)
    tell("renewals", ours)
    print(f"    {ours.rate / node.rate:.2f} x the quickstart; goal {NODE_GOAL:.0f}", flush=True)


def compare_webhooks(server: Server, callers: Sequence[Caller]) -> None:
    print(f"The voice webhook, signed, {WEBHOOKS_PER_SECOND} a second", flush=True)
    with stage.flask() as peer:
        bare = ask_webhooks(peer, "/voice", callers)
    ours = ask_webhooks(server, "", callers)
    tell("a bare Flask view", bare)
    tell("ours", ours)
    p99 = ours.percentile(99)
    print(
        f"    p99 {p99:.0f} ms, {p99 / WEBHOOK_LIMIT:.2f} x the limit of {WEBHOOK_LIMIT:.0f} ms", flush=True
    )


def tell(name: str, took: Took) -> None:
    print(f"  {name:<32}{took}")


def ask(server: Server, requests: Sequence[bytes]) -> Took:
    load.run(load.ask_steadily, server, requests, CONNECTIONS, 1.0)
    return load.run(load.ask_steadily, server, requests, CONNECTIONS, SECONDS)


def ask_webhooks(server: Server, path: str, callers: Sequence[Caller]) -> Took:
    # What every first call of a worker pays is not what is timed.
    for number, per_second in ((200, 50), (WEBHOOKS_PER_SECOND * WEBHOOK_SECONDS, WEBHOOKS_PER_SECOND)):
        requests = [
            build_webhook(server.port, path, callers[place % len(callers)], place) for place in range(number)
        ]
        took = load.run(load.ask_at, server, requests, per_second, CONNECTIONS)
    return took


def build_get(port: int, path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode()


def build_post(port: int, path: str, caller: Caller) -> bytes:
    cookies = f"csrftoken={CSRF}; sessionid={caller.session}"
    headers = {"Origin": f"http://localhost:{port}", "Cookie": cookies, "X-CSRFToken": CSRF}
    return build_form(port, path, {"page_session": str(uuid.uuid4())}, headers)


def build_webhook(port: int, path: str, caller: Caller, place: int) -> bytes:
    form = {
        "AccountSid": caller.account_sid,
        "ApiVersion": "2010-04-01",
        "ApplicationSid": "AP" + "1" * 32,
        "CallSid": f"CA{uuid.uuid4().hex}",
        "CallStatus": "ringing",
        "Caller": f"client:{caller.identity}",
        "Direction": "inbound",
        "From": f"client:{caller.identity}",
        "To": CALLED.format(place % 10_000),
    }
    path = path or f"/phone/webhooks/{caller.webhook_key}/voice/"
    signature = RequestValidator(AUTH_TOKEN).compute_signature(f"http://localhost:{port}{path}", form)
    return build_form(port, path, form, {"X-Twilio-Signature": signature})


def build_form(port: int, path: str, form: dict[str, str], headers: dict[str, str]) -> bytes:
    body = urlencode(form)
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: localhost:{port}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
        "Accept: application/json",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


if __name__ == "__main__":
    main()
