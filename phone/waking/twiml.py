"""The TwiML for a caller who waits until somebody who was woken has a page open."""

from accounts.twilio.credentials import TwilioAccount
from phone.calls.twiml import build_wait

# Between two looks whether a page has come up.
LOOK_SECONDS = 2


def build_waiting(account: TwilioAccount, query: str) -> str:
    """Waits a moment and asks again, at an address that ends in `query`."""
    return build_wait(account.build_address("woken") + query, LOOK_SECONDS)
