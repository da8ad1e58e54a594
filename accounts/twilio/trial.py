"""What a connection cannot do although its credentials are good: a trial account's limits, and missing parts.

Twilio's rules for trial accounts: https://www.twilio.com/docs/usage/tutorials/how-to-use-your-free-trial-account
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from accounts.translated import Words
from accounts.twilio.credentials import TwilioAccount, TwilioCredentials
from accounts.twilio.ladder import CheckResult

TRIAL = "Trial"
ON_TRIAL = _("This is a Twilio trial account.")
NO_CALLS_OUT = _("This phone can be called, but cannot call.")
BOTH_WAYS = _(
    "It can call, and be called from, the numbers that are verified in it, in its own country, for ten "
    "minutes at a time."
)
INWARDS = _(
    "It can be called from the numbers that are verified in it, in its own country, for ten minutes at "
    "a time."
)
NO_APP = _("It has no TwiML App, which calls from here would need.")
NO_KEY = _("It has no API key: calls run on its Auth Token alone.")


@dataclass(frozen=True)
class Limits:
    """What does not work: in one line, and in sentences about the Twilio account."""

    headline: str
    sentences: list[Words]
    is_on_trial: bool


def is_on_trial(account: TwilioAccount) -> bool:
    return account.account_type.casefold() == TRIAL.casefold()


def build_limits(credentials: TwilioCredentials) -> Limits | None:
    """None where everything works."""
    on_trial, has_app = is_on_trial(credentials.account), bool(credentials.twiml_app_sid)
    if has_app and not on_trial:
        return None
    headline = " ".join(map(str, [ON_TRIAL] * on_trial + [NO_CALLS_OUT] * (not has_app)))
    sentences: list[Words] = [BOTH_WAYS if has_app else INWARDS] * on_trial
    sentences += [NO_APP] * (not has_app) + [NO_KEY] * (not credentials.api_key_sid)
    return Limits(headline, sentences, on_trial)


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
