"""`python -m bench.tokens`: tokens by request and over the socket, the voice webhook."""

import argparse
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from bench.companies import AUTH_TOKEN, CALLED, Caller, make_callers
from bench.sockets.stage import set_stage
from bench.tokens import load, stage
from bench.tokens.load import Took, WrongAnswer
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
WARM_UP, GO_ON = 1000, 500
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
    """Each call is somebody else's, as if all of a large company called once: nobody has several at once."""
    print(f"The voice webhook, signed, {WEBHOOKS_PER_SECOND} a second", flush=True)
    number = WEBHOOKS_PER_SECOND * WEBHOOK_SECONDS
    everybody = make_callers(WARM_UP + number, company=COMPANY)
    with stage.flask() as peer:
        bare = ask_webhooks(peer, [Asking(peer.port, "/voice", caller) for caller in everybody])
    calls = [Asking(server.port, f"/phone/webhooks/{one.webhook_key}", one) for one in everybody]
    ours = ask_webhooks(server, calls)
    check_calls(everybody)
    tell("a bare Flask view", bare)
    tell("ours", ours)
    p99 = ours.percentile(99)
    print(
        f"    p99 {p99:.0f} ms, {p99 / WEBHOOK_LIMIT:.2f} x the limit of {WEBHOOK_LIMIT:.0f} ms", flush=True
    )
    go_on(server, calls[:GO_ON])


def check_calls(callers: Sequence[Caller]) -> None:
    """A refusal is TwiML, too."""
    from phone.calls.call import Call

    made = Call.objects.filter(user__identity__in=[one.identity for one in callers], status="ringing")
    if made.count() != len(callers):
        raise WrongAnswer(f"{made.count()} of {len(callers)} calls were made")


def go_on(server: Server, calls: Sequence["Asking"]) -> None:
    """What Twilio tells of some of those calls until they are over, one event of all after the other."""
    for status in ("initiated", "ringing", "in-progress", "completed"):
        told = [call.build_progress(status) for call in calls]
        took = load.run(load.ask_at, server, told, WEBHOOKS_PER_SECOND, CONNECTIONS)
        tell(f"  their legs: {status}", took)
    ends = [call.build_end() for call in calls]
    tell("  the ends of their Dials", load.run(load.ask_at, server, ends, WEBHOOKS_PER_SECOND, CONNECTIONS))


@dataclass(frozen=True)
class Asking:
    """A call of `caller`'s, and what Twilio posts of it to addresses that begin with `path`."""

    port: int
    path: str
    caller: Caller
    call_sid: str = field(default_factory=lambda: f"CA{uuid.uuid4().hex}")
    leg_sid: str = field(default_factory=lambda: f"CA{uuid.uuid4().hex}")

    @property
    def called(self) -> str:
        return CALLED.format(int(self.call_sid[2:], 16) % 10_000)

    def build_question(self) -> bytes:
        address = "" if self.path == "/voice" else "/voice/"
        return self.build(address, CallSid=self.call_sid, CallStatus="ringing", To=self.called)

    def build_progress(self, status: str) -> bytes:
        told = {"CallSid": self.leg_sid, "ParentCallSid": self.call_sid, "CallStatus": status}
        return self.build("/status/", To=self.called, **told)

    def build_end(self) -> bytes:
        told = {"CallSid": self.call_sid, "DialCallSid": self.leg_sid, "CallStatus": "in-progress"}
        return self.build("/dial/", To=self.called, DialCallStatus="completed", **told)

    def build(self, address: str, **told: str) -> bytes:
        form = {
            "AccountSid": self.caller.account_sid,
            "ApiVersion": "2010-04-01",
            "ApplicationSid": "AP" + "1" * 32,
            "Caller": f"client:{self.caller.identity}",
            "Direction": "inbound",
            "From": f"client:{self.caller.identity}",
            **told,
        }
        path = self.path + address
        url = f"http://localhost:{self.port}{path}"
        signature = RequestValidator(AUTH_TOKEN).compute_signature(url, form)
        return build_form(self.port, path, form, {"X-Twilio-Signature": signature})


def tell(name: str, took: Took) -> None:
    print(f"  {name:<32}{took}")


def ask(server: Server, requests: Sequence[bytes]) -> Took:
    load.run(load.ask_steadily, server, requests, CONNECTIONS, 1.0)
    return load.run(load.ask_steadily, server, requests, CONNECTIONS, SECONDS)


def ask_webhooks(server: Server, calls: Sequence["Asking"]) -> Took:
    from django.db import connection

    requests = [call.build_question() for call in calls]
    # What every first call of a worker pays is not what is timed, nor tables of which PostgreSQL knows only
    # that they were empty once: elsewhere autovacuum counts them within a minute.
    load.run(load.ask_at, server, requests[-WARM_UP:], WEBHOOKS_PER_SECOND / 2, CONNECTIONS)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return load.run(load.ask_at, server, requests[:-WARM_UP], WEBHOOKS_PER_SECOND, CONNECTIONS)


def build_get(port: int, path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode()


def build_post(port: int, path: str, caller: Caller) -> bytes:
    cookies = f"csrftoken={CSRF}; sessionid={caller.session}"
    headers = {"Origin": f"http://localhost:{port}", "Cookie": cookies, "X-CSRFToken": CSRF}
    return build_form(port, path, {"page_session": str(uuid.uuid4())}, headers)


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
