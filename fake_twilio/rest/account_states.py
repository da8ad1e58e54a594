"""What a suspended or closed account is answered.

Twilio's documentation names several errors for it and which one comes where is unconfirmed, so
that each can be chosen per account (`suspended_variant`). The default of a suspended account is
`status`: its Account resource still answers, with `status: suspended`, and everything else is
403/20403. The default of a closed one is `20005`.
"""

from collections.abc import Callable

from fake_twilio.refusals import Refusal, authenticate, forbidden, no_assertions, unauthorized
from fake_twilio.rest.exchange import V2010, Exchange
from fake_twilio.store import Account

STATUS = "status"
VARIANTS: dict[str, Callable[[], Refusal]] = {
    STATUS: forbidden,
    "20003": authenticate,
    "20005": lambda: unauthorized("Account not active", 20005),
    "20403": forbidden,
    "10001": lambda: Refusal(403, 10001, "Account is not active"),
    "70051": no_assertions,
    "90010": lambda: Refusal(400, 90010, "Account is not active"),
}
DEFAULTS = {"suspended": STATUS, "closed": "20005"}


def check_state(exchange: Exchange, account: Account) -> None:
    """Raises the `Refusal` of an account that is not active, or whose parent is not."""
    status = exchange.store.get_status(account)
    if status == "active":
        return
    variant = account.suspended_variant or DEFAULTS[status]
    if not is_open_to(exchange, account, variant):
        refusal = VARIANTS[variant]()
        if variant not in ("20003", "70051"):
            refusal.kind, refusal.detail = "inactive", status
        raise refusal


def is_open_to(exchange: Exchange, account: Account, variant: str) -> bool:
    """Whether this request may look at (or, for a parent, wake) an account that is not active."""
    if exchange.path.removesuffix(".json") not in (f"{V2010}/Accounts/{account.sid}", f"{V2010}/Accounts"):
        return False
    is_parent = exchange.credential.account.sid != account.sid
    return is_parent or (variant == STATUS and exchange.request.method == "GET")
