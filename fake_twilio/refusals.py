"""Twilio's refusals of REST requests, word for word where the words are known."""

from typing import Literal

# How the body of a refusal is built; the form without a code has no header for it either.
Form = Literal["message", "detail", "problem", "no code", "empty"]


class Refusal(Exception):
    """An error answer: HTTP status, Twilio's code, Twilio's message.

    `kind`: by which a variation finds other words for it. `form`: how the body is built.
    """

    form: Form = "message"

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        *,
        detail: str = "",
        headers: dict[str, str] | None = None,
        kind: str = "",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.detail = detail
        self.headers = headers or {}
        self.kind = kind


CHALLENGE = {"WWW-Authenticate": 'Basic realm="Twilio API"'}


def unauthorized(message: str, code: int = 20003, detail: str = "", kind: str = "") -> Refusal:
    return Refusal(401, code, message, detail=detail, headers=CHALLENGE, kind=kind)


def no_credentials() -> Refusal:
    return unauthorized("Authentication Error - No credentials provided", kind="no_credentials")


def invalid_username() -> Refusal:
    return unauthorized("Authentication Error - invalid username", kind="invalid_username")


def authenticate() -> Refusal:
    """A wrong secret, a key that is not there, another account's resource, another region."""
    detail = "Your AccountSid or AuthToken was incorrect."
    return unauthorized("Authenticate", detail=detail, kind="authenticate")


def no_assertions() -> Refusal:
    """A Restricted key without the permission."""
    return unauthorized("Authorization Error: actor doesn't have any assertions", 70051, kind="no_assertions")


def under_review() -> Refusal:
    return unauthorized("Policy evaluation failed", kind="under_review")


def trial() -> Refusal:
    return unauthorized(
        "This feature is not available on a Trial account. Please upgrade your account to gain access.",
        kind="trial",
    )


def test_credentials() -> Refusal:
    message = "Resource not accessible with Test Account Credentials"
    return Refusal(403, 20008, message, kind="test_credentials")


def forbidden(message: str = "Forbidden") -> Refusal:
    return Refusal(403, 20403, message)


def not_found(path: str) -> Refusal:
    return Refusal(404, 20404, f"The requested resource {path} was not found", kind="not_found")


def method_not_allowed(allowed: list[str]) -> Refusal:
    return Refusal(405, 20004, "Method not allowed", headers={"Allow": ", ".join(sorted(allowed))})


def bad_parameter(code: int, message: str) -> Refusal:
    return Refusal(400, code, message)


def too_many_requests(retry_after: int | None = None) -> Refusal:
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Refusal(429, 20429, "Too Many Requests", headers=headers, kind="too_many_requests")
