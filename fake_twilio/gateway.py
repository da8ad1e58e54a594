"""Which Devices are connected to the gateway, who of them is registered, and what ails the gateway."""

import time
from collections.abc import Iterator

from aiohttp import web

from fake_twilio.app_keys import ON_RESET, STORE
from fake_twilio.catalogue import GATEWAY_FAULTS
from fake_twilio.control_requests import read_json, refuse
from fake_twilio.line import Line
from fake_twilio.parts import Socket
from fake_twilio.tokens import TokenRefused, verify_token

# What each refusing fault says, whatever the token.
REFUSALS = {
    "gateway signature": 31202,
    "gateway account": 31203,
    "gateway invalid": 31204,
    "gateway expired": 31205,
    "gateway too long": 31207,
    "gateway identity": 31105,
    "gateway rate": 31206,
}
RETRY_AFTER_SECONDS = {31206: 30}
# The SDK redials after 15 seconds without a frame.
HEARTBEAT_SECONDS = 5.0
LEAST_HEARTBEAT = 0.01


class Gateway:
    """The sockets of all accounts. `fault` ails every account, `Account.gateway_fault` only its own."""

    def __init__(self, app: web.Application) -> None:
        self.app = app
        self.sockets: set[Socket] = set()
        self.fault = ""
        # How long an answer is on its way, in seconds; for benchmarks.
        self.round_trip = 0.0
        # Seconds between one sign of life and the next: fewer for a page whose clock is made to run ahead.
        self.heartbeat = HEARTBEAT_SECONDS
        # What its sound goes through on its way to browsers.
        self.line = Line()

    def fault_of(self, account_sid: str | None) -> str:
        account = self.app[STORE].accounts.get(account_sid or "")
        return self.fault or (account.gateway_fault if account else "")

    def sockets_of(self, account_sid: str | None = None) -> list[Socket]:
        """The sockets of one account, or all of them."""
        return [
            socket
            for socket in self.sockets
            if account_sid is None or (socket.bearer and socket.bearer.account_sid == account_sid)
        ]

    def registered(self, account_sid: str, identity: str) -> list[Socket]:
        """The sockets that ring when somebody calls `identity`, oldest first."""
        found = [
            socket
            for socket in self.sockets_of(account_sid)
            if socket.rings and socket.bearer and socket.bearer.identity == identity
        ]
        return sorted(found, key=lambda socket: socket.opened_at)

    def registrations(self) -> Iterator[dict[str, object]]:
        for socket in sorted(self.sockets, key=lambda socket: socket.opened_at):
            if socket.is_registered and socket.bearer:
                yield {
                    "account_sid": socket.bearer.account_sid,
                    "identity": socket.bearer.identity,
                    "token_kind": socket.bearer.kind,
                    "expires_at": socket.bearer.expires_at,
                }

    def drop_sockets(self, account_sid: str | None = None) -> int:
        """Cuts the connections without a word, as a dying network does; how many."""
        sockets = self.sockets_of(account_sid)
        for socket in sockets:
            socket.abort()
        return len(sockets)

    async def recheck(self, account_sid: str | None = None) -> int:
        """Refuses every Device whose token would not be accepted any more; how many."""
        refused = 0
        for socket in self.sockets_of(account_sid):
            try:
                verify_token(self.app[STORE], socket.token, time.time())
            except TokenRefused as refusal:
                await socket.refuse(refusal.code, refusal.message)
                refused += 1
        return refused


GATEWAY: web.AppKey[Gateway] = web.AppKey("gateway", Gateway)


async def change_gateway(request: web.Request) -> web.Response:
    """`POST /_fake/gateway`: `account_sid`, `fault`, `drop_sockets`, `recheck`, `round_trip`, `heartbeat`.

    All of them may be left out. `fault` is a name from the catalogue's GATEWAY_FAULTS, or "" for none.
    `recheck` refuses the Devices whose key or account is no longer good. `round_trip` (seconds) delays the
    opening of every socket and the answer to its `listen`; `heartbeat` (seconds) is how often a socket is
    sent a sign of life, from its next one on. Answers how many sockets it touched.
    """
    body = await read_json(request)
    gateway, store = request.app[GATEWAY], request.app[STORE]
    account_sid = body.get("account_sid")
    if account_sid is not None and account_sid not in store.accounts:
        raise web.HTTPNotFound(text="no such account")
    if "fault" in body:
        if body["fault"] and body["fault"] not in GATEWAY_FAULTS:
            raise refuse("no such fault")
        if account_sid is None:
            gateway.fault = body["fault"]
        else:
            store.accounts[account_sid].gateway_fault = body["fault"]
    gateway.round_trip = read_seconds(body, "round_trip", gateway.round_trip)
    gateway.heartbeat = max(LEAST_HEARTBEAT, read_seconds(body, "heartbeat", gateway.heartbeat))
    dropped = gateway.drop_sockets(account_sid) if body.get("drop_sockets") else 0
    refused = await gateway.recheck(account_sid) if body.get("recheck") else 0
    return web.json_response({"dropped": dropped, "refused": refused})


def read_seconds(body: dict[str, object], name: str, unchanged: float) -> float:
    value = body.get(name, unchanged)
    if not isinstance(value, int | float) or not 0 <= value <= 10:
        raise refuse(f"{name} is a number of seconds, 0 to 10")
    return float(value)


# What may be said of the line, and the most of it.
LINE_LIMITS = {"loss": 1.0, "delay": 2.0, "jitter": 0.5}


async def change_line(request: web.Request) -> web.Response:
    """`POST /_fake/line`: `{"loss"?, "delay"?, "jitter"?}`: how all sound fares on its way to browsers.

    `loss` is a part of the packets, 0 to 1; the others are seconds. What is not named is as it should be.
    Applies to calls that are up, too.
    """
    body, line = await read_json(request), request.app[GATEWAY].line
    for name, value in body.items():
        most = LINE_LIMITS.get(name)
        if most is None:
            raise refuse(f"a line has {', '.join(LINE_LIMITS)}")
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
            raise refuse(f"{name} is a number, 0 to {most}")
    line.heal()
    for name, value in body.items():
        setattr(line, name, float(value))
    return web.json_response({name: getattr(line, name) for name in LINE_LIMITS})


async def show_gateway(request: web.Request) -> web.Response:
    """`GET /_fake/gateway`: what ails all accounts, and what could: names and descriptions."""
    return web.json_response({"fault": request.app[GATEWAY].fault, "faults": GATEWAY_FAULTS})


async def list_registrations(request: web.Request) -> web.Response:
    """`GET /_fake/registrations`: one row for each registered Device, without its token."""
    return web.json_response(list(request.app[GATEWAY].registrations()))


async def reset(app: web.Application) -> None:
    app[GATEWAY].fault = ""
    app[GATEWAY].round_trip = 0.0
    app[GATEWAY].heartbeat = HEARTBEAT_SECONDS
    app[GATEWAY].line.heal()
    app[GATEWAY].drop_sockets()


def add_routes(app: web.Application) -> None:
    app[GATEWAY] = Gateway(app)
    app[ON_RESET].append(reset)
    app.router.add_get("/_fake/gateway", show_gateway)
    app.router.add_post("/_fake/gateway", change_gateway)
    app.router.add_post("/_fake/line", change_line)
    app.router.add_get("/_fake/registrations", list_registrations)
