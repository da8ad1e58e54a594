"""Refusals in words that are in no table of the product, and what each of them may be taken for.

Every one is said to an Auth Token, to an API key, and to both together.
"""

from dataclasses import dataclass
from typing import Any

UNCLEAR = frozenset({"unclear"})
STATES = frozenset({"account_suspended", "account_closed"})
TOKEN = frozenset({"wrong_auth_token", "unknown_account"})
KEY = frozenset({"wrong_api_secret", "api_key_not_found"})
BLAME = TOKEN | KEY


@dataclass(frozen=True)
class Worded:
    """A refusal, and the verdicts that are right. `BLAME`: the credential that it was said to."""

    right: frozenset[str]
    message: str
    code: int | None = 20003
    status: int = 401

    @property
    def name(self) -> str:
        return f"{self.status}/{self.code} “{self.message}”"

    @property
    def fault(self) -> dict[str, Any]:
        told = {"fault": "told", "status": self.status, "message": self.message}
        return told if self.code is None else {**told, "code": self.code}


def state(slug: str, *messages: str, codes: tuple[int | None, ...] = (20003,)) -> list[Worded]:
    return [Worded(frozenset({slug}), message, code) for message in messages for code in codes]


# Words that name one cause, whatever code they come with.
ANY_CODE = (20003, 20005, 10001, 90010, 70051, 20403, None)
NAMED = [
    *state("account_closed", "This account was closed on 3 March.", codes=ANY_CODE),
    *state("account_closed", "Closed account", "Your subaccount has been closed", "Account: CLOSED"),
    *state("account_suspended", "Account suspended for non-payment.", codes=ANY_CODE),
    *state(
        "account_suspended", "The parent account is suspended", "Suspended: see your inbox, account owner"
    ),
    *state("account_under_review", "Your account is under review by our fraud team.", codes=ANY_CODE),
    *state(
        "account_under_review",
        *("Account pending review", "We are still in manual review of this account", "Review in progress"),
        *("This account awaits: it is awaiting review", "The account is being reviewed. Please be patient."),
        *("Your business profile needs a compliance profile first", "Account verification pending"),
        "Compliance review of your account is still pending",
    ),
    *state("trial_limit", "Trial accounts cannot do this.", codes=ANY_CODE),
    *state("trial_limit", "Not during your free trial", "Upgrade your account to use this resource"),
]
# The account is not what it should be, and nobody said closed or suspended: or nobody can tell.
STATE_OR_UNCLEAR = STATES | UNCLEAR
STATED = [
    Worded(STATE_OR_UNCLEAR, message, code, status)
    for message in (
        *("Your account has been deactivated", "This account is disabled", "Account terminated"),
        *("The account is locked", "Account on hold", "Account frozen pending investigation"),
        *("Inactive account", "The account is no longer active", "Account suspended or closed"),
        *("This account has been banned for abuse", "Account blocked"),
    )
    for code, status in ((20003, 401), (20403, 403), (None, 403))
]
# About something else than a secret, whatever else is named.
UNBLAMED = [
    Worded(UNCLEAR, message, code, status)
    for message in (
        *("Payment required", "Insufficient funds", "Your invoice is overdue", "Outstanding balance on file"),
        *(
            "IP address not allowed",
            "Requests from your network are not permitted",
            "Address 192.0.2.1 denied",
        ),
        *("Too many failed login attempts", "Too many invalid passwords, try again later"),
        *("Permission denied", "You do not have permission to view this", "Access denied", "Not entitled"),
        *("Password logins are disabled for this organisation", "Token use is not enabled for this resource"),
        *("Sign in with single sign-on instead", "A second factor is needed for these credentials"),
        *("Credentials are temporarily blocked", "Authentication is unavailable during maintenance"),
        *("Terms of service have changed", "Ceci n'est pas un message", "Computer says no", "禁止"),
        *("User is disabled", "Key rate exceeded its limit", "Country not supported by policy"),
        # Nobody came to look at the secret.
        *(
            "Request timed out while authenticating",
            "Internal authentication error",
            "Authentication timeout",
        ),
        *(
            "Could not reach the authentication service",
            "Authentication server is down",
            "Token backend busy",
        ),
        *(
            "Unexpected error during log-in",
            "Cannot verify your credentials at this time",
            "Login: error 503",
        ),
        *("Unable to process authentication right now", "Try again in 5 minutes: password not checked"),
        *("Your password must be changed before you can go on", "Use OAuth, not an auth token"),
    )
    for code, status in ((20003, 401), (20003, 403), (None, 401))
]
# No words, and no code: nobody is blamed.
WORDLESS = [
    Worded(UNCLEAR, message, None, status)
    for message in ("", "Unauthorized", "Forbidden", "HTTP 401", "Error", "403 Forbidden", "401")
    for status in (401, 403)
]
# About authentication, and about nothing else.
BLAMED = [
    Worded(BLAME, message, code)
    for message in (
        *("Authenticate", "Authentication failed", "Invalid credentials", "Invalid username or password"),
        *("Your login was not accepted", "The password is incorrect", "Credentials do not match our records"),
        *("Unable to authenticate you", "Bad user name", "We could not verify your credentials"),
        *("The token that was supplied is wrong", "Incorrect auth_token", "Unknown AccountSid"),
        *("Secret mismatch", "Login failed: check that your account is not suspended"),
        *("Invalid username or password. Please try again.", "Couldn't log you in with this secret"),
        *("Invalid basic auth", "Invalid token for user 503"),
        *(
            "The supplied username does not exist",
            "username/password rejected",
            "Invalid AccountSid or AuthToken",
        ),
    )
    for code in (20003, None)
]
WORDED = [*NAMED, *STATED, *UNBLAMED, *WORDLESS, *BLAMED]
