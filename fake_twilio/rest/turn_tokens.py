"""`/Tokens`: the addresses of STUN and TURN servers, with a user name that ends with the ttl."""

import secrets

from fake_twilio.rest.answers import rfc2822
from fake_twilio.rest.exchange import V2010, Answer, Endpoint, Exchange
from fake_twilio.rest.parameters import Parameter, whole_number
from fake_twilio.store import now

DAY = 86_400


async def create_token(exchange: Exchange) -> Answer:
    username, password = secrets.token_hex(32), secrets.token_urlsafe(32)
    credential = {"username": username, "credential": password}
    stun = "stun:global.stun.twilio.com:3478"
    turn = [f"turn:global.turn.twilio.com:{port}" for port in ("3478?transport=udp", "443?transport=tcp")]
    body = {
        "account_sid": exchange.account.sid,
        "date_created": rfc2822(now()),
        "date_updated": rfc2822(now()),
        "ice_servers": [
            {"url": stun, "urls": stun},
            *({"url": one, "urls": one, **credential} for one in turn),
        ],
        "password": password,
        "ttl": str(exchange.values.get("Ttl", DAY)),
        "username": username,
    }
    return Answer(body, "Token", 201)


ENDPOINTS = (
    Endpoint(
        "POST",
        f"{V2010}/Accounts/{{AC}}/Tokens",
        create_token,
        {"Ttl": Parameter(whole_number(1, DAY))},
        permission="/twilio/nts/tokens/create",
    ),
)
