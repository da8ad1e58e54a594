"""The whole credential doctor: what Twilio's REST API says, then what its gateway says of a token."""

from collections.abc import Iterator

from accounts.clients import ClientInfo
from accounts.sealing.encryption import UnsealError
from accounts.twilio.credentials import TwilioCredentials
from accounts.twilio.standing import settle_check
from phone.doctor.credentials import examine_credentials
from phone.doctor.findings import Finding
from phone.doctor.token import examine_token


def examine(credentials: TwilioCredentials, *, client: ClientInfo | None = None) -> Iterator[Finding]:
    """Yields each finding as soon as it is known. Asks Twilio, and may take seconds.

    With `client` it counts as a check of the credentials: its verdict is stored, or recorded as a
    failure. Without, nothing is written: a monitor may ask as often as it likes.
    """
    verdict = yield from examine_credentials(credentials)
    if client:
        settle_check(credentials, verdict, client=client)
    try:
        yield from examine_token(credentials)
    except UnsealError:
        return
