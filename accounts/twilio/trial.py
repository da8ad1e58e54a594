"""What a connection cannot do although its credentials are good: a trial account's limits, and missing parts.

Twilio's rules for trial accounts: https://www.twilio.com/docs/usage/tutorials/how-to-use-your-free-trial-account
"""

from accounts.twilio.credentials import TwilioAccount, TwilioCredentials
from accounts.twilio.ladder import CheckResult

TRIAL = "Trial"
VOICE_RULES = (
    "It can call, and be called from, the numbers that are verified in its Twilio account, "
    "in its own country, for ten minutes at a time."
)
NO_APP = "It has no TwiML App: this phone can be called, but cannot call."
NO_KEY = "It has no API key: calls run on its Auth Token alone."


def is_on_trial(account: TwilioAccount) -> bool:
    return account.account_type.casefold() == TRIAL.casefold()


def list_limits(credentials: TwilioCredentials) -> list[str]:
    """In sentences, what does not work; none where all does."""
    limits = [VOICE_RULES] if is_on_trial(credentials.account) else []
    if not credentials.twiml_app_sid:
        limits.append(NO_APP)
    if limits and not credentials.api_key_sid:
        limits.append(NO_KEY)
    return limits


def keep_account_facts(account: TwilioAccount, result: CheckResult) -> None:
    """Stores what a check was told of the account, as far as it is news: an upgrade ends the trial."""
    told = {"friendly_name": result.friendly_name, "account_type": result.account_type}
    changed = {name: value for name, value in told.items() if value and value != getattr(account, name)}
    if result.is_app_shown and not result.account_type and is_on_trial(account):
        changed["account_type"] = ""
    if changed:
        TwilioAccount.objects.filter(pk=account.pk).update(**changed)
        for name, value in changed.items():
            setattr(account, name, value)
