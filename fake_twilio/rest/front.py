"""The door of the REST API: host, faults, journal; behind it, Twilio's answer."""

import time
from collections import Counter

from aiohttp import web

from fake_twilio import connection_faults, faults
from fake_twilio.app_keys import CONCURRENCY, FAULTS, JOURNAL, STORE
from fake_twilio.credentials import CredentialsMissing, read_basic
from fake_twilio.faults import Asked, Fault
from fake_twilio.journal import Entry, Journal, hide_secrets, show_username
from fake_twilio.rest import dispatch
from fake_twilio.rest.answers import sign_off, write_refusal
from fake_twilio.rest.exchange import ACCOUNT_IN_PATH
from fake_twilio.rest.hosts import HEADER, HostMissing, HostUnreachable, TwilioHost, read_host
from fake_twilio.store import Store
from fake_twilio.variation import VARIATION


async def handle(request: web.Request) -> web.StreamResponse:
    """Every request that no other route takes."""
    started = time.perf_counter()
    journal = request.app[JOURNAL]
    volume = journal.volume
    header = request.headers.get(HEADER, "")
    username = read_username(request)
    entry = Entry(request.method, header, hide_secrets(request.path), show_username(username))
    try:
        response = await answer(request, read_host(header), username, entry)
        entry.status = response.status if is_connected(request) else None
    except HostMissing as error:
        entry.status = 400
        response = web.json_response({"message": str(error), "status": 400}, status=400)
    except HostUnreachable:
        response = connection_faults.reset_connection(request)
    entry.ms = (time.perf_counter() - started) * 1000
    journal.add(entry, volume)
    return response


async def answer(request: web.Request, host: TwilioHost, username: str, entry: Entry) -> web.StreamResponse:
    sids = find_account_sids(request.app[STORE], request.path, username)
    asked = Asked(request.method, host.name, request.path, sids)
    suffered = request.app[FAULTS].take(asked) + attached_faults(request.app[STORE], sids)
    entry.faults = [fault.fault for fault in suffered]
    await delay(request, suffered)
    if "reset" in entry.faults:
        return connection_faults.reset_connection(request)
    foreign = faults.find_gateway_answer(suffered)
    response = foreign or await answer_as_twilio(request, host, username, suffered)
    response = faults.rewrite(suffered, response, asked)
    return await send(request, response, suffered)


async def answer_as_twilio(
    request: web.Request, host: TwilioHost, username: str, suffered: list[Fault]
) -> web.Response:
    started = time.perf_counter()
    concurrency = request.app[CONCURRENCY]
    concurrency[username] += 1
    try:
        refusal = faults.find_refusal(suffered)
        if refusal is not None:
            response = write_refusal(request.path, request.app[VARIATION].vary(refusal))
        else:
            response = await dispatch.answer(request, host, faults.find_rate_limit(suffered))
        sign_off(response, seconds=time.perf_counter() - started, concurrent=concurrency[username])
        return response
    finally:
        concurrency[username] -= 1


async def delay(request: web.Request, suffered: list[Fault]) -> None:
    for fault in suffered:
        if fault.fault in faults.DELAYS:
            seconds = faults.DELAYS[fault.fault] if fault.seconds is None else fault.seconds
            await connection_faults.wait_while_connected(request, seconds)


async def send(request: web.Request, response: web.Response, suffered: list[Fault]) -> web.StreamResponse:
    for fault in suffered:
        if fault.fault == "truncated":
            return await connection_faults.send_truncated(request, response)
        if fault.fault == "dribble":
            return await connection_faults.send_dribbling(request, response, fault)
    return response


def read_username(request: web.Request) -> str:
    try:
        return read_basic(request.headers.get("Authorization")).username
    except CredentialsMissing:
        return ""


def find_account_sids(store: Store, path: str, username: str) -> frozenset[str]:
    """The accounts a request is about, believed or not: in the path, and behind the user name."""
    match = ACCOUNT_IN_PATH.search(path)
    found = store.find_key(username)
    named = (match[1] if match else "", found[0].sid if found else username)
    return frozenset(sid for sid in named if sid in store.accounts)


def attached_faults(store: Store, sids: frozenset[str]) -> list[Fault]:
    attached = [store.accounts[sid].rest_fault for sid in sorted(sids)]
    return [Fault(name) for name in attached if name]


def is_connected(request: web.Request) -> bool:
    return request.transport is not None and not request.transport.is_closing()


def add_routes(app: web.Application) -> None:
    """Takes every path that is left: mount this last."""
    app[FAULTS] = faults.Faults()
    app[JOURNAL] = Journal()
    app[CONCURRENCY] = Counter()
    app.router.add_route("*", "/{path:.*}", handle)
