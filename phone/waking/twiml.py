"""The TwiML for a caller who waits until somebody who was woken, or is back, has a page open."""

from accounts.twilio.credentials import TwilioAccount
from phone.calls.call import Call
from phone.calls.twiml import build_wait

# Between two looks whether a page has come up of somebody who was woken, or who was here just now.
WOKEN_LOOK_SECONDS, BACK_LOOK_SECONDS = 2, 1


def build_waiting(account: TwilioAccount, call: Call, query: str) -> str:
    """Waits a moment and asks again, at an address that ends in `query`."""
    is_woken = bool(call.cause_facts.get("woken"))
    seconds = WOKEN_LOOK_SECONDS if is_woken else BACK_LOOK_SECONDS
    return build_wait(account.build_address("woken") + query, seconds)
