"""`iam.twilio.com/v1/Keys`: the only place that tells a Restricted key, by its `policy`."""

from fake_twilio.rest import keys
from fake_twilio.rest.exchange import Answer, Endpoint, Exchange


async def fetch_key(exchange: Exchange) -> Answer:
    return Answer({**keys.build_body(exchange.resource), "policy": exchange.resource.policy})


ENDPOINTS = (Endpoint("GET", "/v1/Keys/{SK}", fetch_key, find=keys.find_key, product="iam"),)
