"""Twilio's refusals of REST requests, word for word where the words are known."""


class Refusal(Exception):
    """An error answer: HTTP status, Twilio's code, Twilio's message."""

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        *,
        detail: str = "",
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.detail = detail
        self.headers = headers or {}


CHALLENGE = {"WWW-Authenticate": 'Basic realm="Twilio API"'}


def unauthorized(message: str, code: int = 20003, detail: str = "") -> Refusal:
    return Refusal(401, code, message, detail=detail, headers=CHALLENGE)


def no_credentials() -> Refusal:
    return unauthorized("Authentication Error - No credentials provided")


def invalid_username() -> Refusal:
    return unauthorized("Authentication Error - invalid username")


def authenticate() -> Refusal:
    """A wrong secret, a key that is not there, another account's resource, another region."""
    return unauthorized("Authenticate", detail="Your AccountSid or AuthToken was incorrect.")


def no_assertions() -> Refusal:
    """A Restricted key without the permission."""
    return unauthorized("Authorization Error: actor doesn't have any assertions", 70051)


def under_review() -> Refusal:
    return unauthorized("Policy evaluation failed")


def trial() -> Refusal:
    return unauthorized(
        "This feature is not available on a Trial account. Please upgrade your account to gain access."
    )


def test_credentials() -> Refusal:
    return Refusal(403, 20008, "Resource not accessible with Test Account Credentials")


def forbidden(message: str = "Forbidden") -> Refusal:
    return Refusal(403, 20403, message)


def not_found(path: str) -> Refusal:
    return Refusal(404, 20404, f"The requested resource {path} was not found")


def method_not_allowed(allowed: list[str]) -> Refusal:
    return Refusal(405, 20004, "Method not allowed", headers={"Allow": ", ".join(sorted(allowed))})


def bad_parameter(code: int, message: str) -> Refusal:
    return Refusal(400, code, message)


def too_many_requests(retry_after: int | None = None) -> Refusal:
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Refusal(429, 20429, "Too Many Requests", headers=headers)
