"""From an HTTP request to Twilio's answer: host, gates, resource, parameters, handler."""

import re
from collections.abc import Iterable
from functools import cache

from aiohttp import web

from fake_twilio import refusals
from fake_twilio.rest import (
    accounts,
    alerts,
    applications,
    auth_tokens,
    balance,
    caller_ids,
    calls,
    conferences,
    dialing_permissions,
    gates,
    iam_keys,
    keys,
    notifications,
    participants,
    phone_numbers,
    recordings,
    turn_tokens,
)
from fake_twilio.rest.answers import write_answer, write_refusal
from fake_twilio.rest.exchange import Endpoint, Exchange
from fake_twilio.rest.hosts import TwilioHost
from fake_twilio.rest.parameters import read_parameters
from fake_twilio.variation import VARIATION

ENDPOINTS: tuple[Endpoint, ...] = tuple(
    endpoint
    for module in (
        accounts,
        keys,
        applications,
        phone_numbers,
        caller_ids,
        calls,
        notifications,
        conferences,
        dialing_permissions,
        participants,
        recordings,
        balance,
        turn_tokens,
        iam_keys,
        auth_tokens,
        alerts,
    )
    for endpoint in module.ENDPOINTS
)


async def answer(request: web.Request, host: TwilioHost, rate_limit: tuple[bool, int | None]) -> web.Response:
    """Twilio's own answer, before anything that can go wrong on the way."""
    exchange = Exchange(request, host)
    candidates = find_endpoints(exchange)
    endpoint = candidates.get(request.method)
    try:
        gates.pass_credentials(exchange)
        for pass_gate in request.app[VARIATION].order(gates.BEHIND_CREDENTIALS):
            pass_gate(exchange, endpoint)
        if not candidates:
            raise refusals.not_found(exchange.path)
        if endpoint is None:
            raise refusals.method_not_allowed(list(candidates))
        if endpoint.find is not None:
            exchange.resource = endpoint.find(exchange)
            if exchange.resource is None:
                raise refusals.not_found(exchange.path)
        exchange.values = await read_parameters(request, endpoint.parameters)
        is_limited, retry_after = rate_limit
        if is_limited:
            raise refusals.too_many_requests(retry_after)
        return write_answer(exchange.path, await endpoint.handler(exchange))
    except refusals.Refusal as refusal:
        return write_refusal(exchange.path, request.app[VARIATION].vary(refusal))


def find_endpoints(exchange: Exchange) -> dict[str, Endpoint]:
    """The endpoints of the path by method; notes the SIDs the path names."""
    path = exchange.path
    if exchange.host.product == "api":
        path = path.removesuffix(".json").removesuffix(".xml")
    found: dict[str, Endpoint] = {}
    for endpoint in of_product(exchange.host.product):
        match = pattern(endpoint.path).fullmatch(path)
        if match:
            exchange.sids |= match.groupdict()
            found[endpoint.method] = endpoint
    return found


def of_product(product: str) -> Iterable[Endpoint]:
    return (endpoint for endpoint in ENDPOINTS if endpoint.product == product)


@cache
def pattern(path: str) -> re.Pattern[str]:
    """`{SK}` in a template stands for a SID of that prefix, in Twilio's own shape; `{room}` for any name."""
    sids = re.sub(r"\{([A-Z]{2})\}", r"(?P<\1>\1[0-9a-fA-F]{32})", path)
    return re.compile(re.sub(r"\{([a-z]+)\}", r"(?P<\1>[^/]+)", sids))
