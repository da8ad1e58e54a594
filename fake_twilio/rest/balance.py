"""`/Balance`: what is left on the account, as a string like every number of 2010-04-01."""

from fake_twilio.rest.exchange import V2010, Answer, Endpoint, Exchange


async def fetch_balance(exchange: Exchange) -> Answer:
    body = {"account_sid": exchange.account.sid, "balance": "20.0000", "currency": "USD"}
    return Answer(body, "Balance")


ENDPOINTS = (
    Endpoint(
        "GET", f"{V2010}/Accounts/{{AC}}/Balance", fetch_balance, permission="/twilio/billing/balance/read"
    ),
)
