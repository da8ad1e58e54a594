"""Taking away what Dog n Bone made in a Twilio account, once nothing uses it any more."""

from dataclasses import dataclass

from accounts.twilio.candidate import Candidate
from accounts.twilio.check import best_login, token_login
from accounts.twilio.credentials import TwilioAccount, TwilioCredentials
from accounts.twilio.numbers import NumberNotChanged, give_number_back
from accounts.twilio.rest import TwilioLogin
from accounts.twilio.setup import remove_api_key, remove_twiml_app


@dataclass(frozen=True)
class Replaced:
    """What was connected before, kept long enough to clear it away."""

    account: TwilioAccount
    candidate: Candidate
    is_api_key_ours: bool
    is_twiml_app_ours: bool

    @classmethod
    def of(cls, credentials: TwilioCredentials) -> "Replaced":
        """A copy with its own secrets: the row's are overwritten."""
        stored = Candidate.of(credentials)
        return cls(credentials.account, stored, credentials.is_api_key_ours, credentials.is_twiml_app_ours)


def clear_away(old: Replaced, now: TwilioCredentials | None) -> list[str]:
    """Removes what Dog n Bone made for `old` and nothing uses any more. Returns what was done."""
    done: list[str] = []
    others = TwilioCredentials.objects.filter(account=old.account)
    if not others.exists():
        done += give_numbers_back(old)
    login = find_login(old, now)
    app, key = old.candidate.twiml_app_sid, old.candidate.api_key_sid
    if app and old.is_twiml_app_ours and not others.filter(twiml_app_sid=app).exists():
        removed = remove_twiml_app(login, app)
        done.append(
            "The TwiML App that Dog n Bone made was removed from the Twilio account."
            if removed
            else "The TwiML App “Dog n Bone” could not be removed from the Twilio account."
        )
    if key and old.is_api_key_ours and not others.filter(api_key_sid=key).exists():
        # Only the Auth Token may remove keys.
        removed = bool(login.username == old.candidate.account_sid) and remove_api_key(login, key)
        done.append(
            "The API key that Dog n Bone made was removed from the Twilio account."
            if removed
            else "The API key “Dog n Bone” could not be removed from the Twilio account."
        )
    return done


def find_login(old: Replaced, now: TwilioCredentials | None) -> TwilioLogin:
    """The login to clear away with: the newer Auth Token where it is the same account's."""
    if now and now.account_id == old.account.pk and now.auth_token and now.region == old.candidate.region:
        return token_login(Candidate.of(now))
    return best_login(old.candidate)


def give_numbers_back(old: Replaced) -> list[str]:
    done = []
    for number in old.account.phone_numbers.filter(points_here=True):
        try:
            done.append(give_number_back(best_login(old.candidate), number))
        except NumberNotChanged as error:
            done.append(str(error))
    return done
