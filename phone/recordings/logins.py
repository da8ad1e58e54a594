"""With whose credentials Twilio is asked about recordings."""

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount, TwilioCredentials
from accounts.twilio.rest import TwilioLogin
from phone.calls.confirmation import BAD_AUTH_TOKEN, BAD_KEY, get_login


def get_login_of(account: TwilioAccount, person: User | None) -> TwilioLogin | None:
    """The person's own where they work, else those of a colleague on the same account."""
    mine = TwilioCredentials.objects.filter(account=account, user=person).first() if person else None
    if mine and mine.api_key_sid and mine.api_key_secret and mine.verdict not in BAD_KEY:
        return TwilioLogin(account.account_sid, mine.api_key_sid, mine.api_key_secret, mine.region)
    if mine and mine.auth_token and mine.verdict not in BAD_AUTH_TOKEN:
        return TwilioLogin(account.account_sid, account.account_sid, mine.auth_token)
    return get_login(account)
