"""Taking away what Dog n Bone made in a Twilio account, once nothing uses it any more.

All of it can be begun anew at any point: what is gone already counts as removed.
"""

from dataclasses import dataclass, field
from typing import Literal

from accounts.twilio.candidate import Candidate
from accounts.twilio.check import best_login, token_login
from accounts.twilio.credentials import PhoneNumber, TwilioAccount, TwilioCredentials
from accounts.twilio.news import News, build_news
from accounts.twilio.numbers import MOST_AT_ONCE, SILENCES, NumberNotChanged, give_number_back
from accounts.twilio.rest import TwilioLogin
from accounts.twilio.setup import Removed, remove_api_key, remove_twiml_app


@dataclass(frozen=True)
class Leftover:
    """What was connected before, kept long enough to clear it away."""

    account: TwilioAccount
    candidate: Candidate
    is_api_key_ours: bool
    is_twiml_app_ours: bool


@dataclass
class Cleared:
    """What was done, and what Twilio refused for good.

    `is_unfinished`: something is left, because Twilio did not answer. `is_cut`: because it is a lot.
    """

    done: list[News] = field(default_factory=list)
    refused: list[News] = field(default_factory=list)
    is_unfinished: bool = False
    is_cut: bool = False

    def note(self, removed: Removed, what: Literal["app", "key"]) -> None:
        if removed is Removed.GONE:
            self.done.append(build_news(f"{what}_removed"))
        elif removed is Removed.REFUSED:
            self.refused.append(build_news(f"{what}_left"))
        else:
            self.is_unfinished = True


def clear_away(old: Leftover, now: TwilioCredentials | None) -> Cleared:
    """Removes what Dog n Bone made for `old` and nothing uses any more.

    `now`: what the same person has connected to the same account since, if anything.
    """
    cleared = Cleared()
    login = find_login(old, now)
    if login is None:
        # Nothing opens or is left that could ask Twilio.
        if old.is_twiml_app_ours:
            cleared.note(Removed.REFUSED, "app")
        if old.is_api_key_ours:
            cleared.note(Removed.REFUSED, "key")
        return cleared
    give_numbers_back(old, login, cleared)
    if cleared.is_cut:
        return cleared
    others = TwilioCredentials.objects.filter(account=old.account)
    app, key = old.candidate.twiml_app_sid, old.candidate.api_key_sid
    if app and old.is_twiml_app_ours and not others.filter(twiml_app_sid=app).exists():
        cleared.note(remove_twiml_app(login, app), "app")
    # Last, because everything before may have been asked with it.
    if (
        key
        and old.is_api_key_ours
        and not cleared.is_unfinished
        and not others.filter(api_key_sid=key).exists()
    ):
        # Only the Auth Token may remove keys.
        has_token = login.username == old.candidate.account_sid
        cleared.note(remove_api_key(login, key) if has_token else Removed.REFUSED, "key")
    return cleared


def find_login(old: Leftover, now: TwilioCredentials | None) -> TwilioLogin | None:
    """The login to clear away with: the newer Auth Token where it is the same account's."""
    if now and now.auth_token and now.region == old.candidate.region:
        return token_login(Candidate.of(now))
    if old.candidate.auth_token or old.candidate.has_key:
        return best_login(old.candidate)
    return None


def give_numbers_back(old: Leftover, login: TwilioLogin, cleared: Cleared) -> None:
    pointed = list(old.account.phone_numbers.filter(points_here=True)[: MOST_AT_ONCE + 1])
    cleared.is_cut = len(pointed) > MOST_AT_ONCE
    silences = 0
    for number in pointed[:MOST_AT_ONCE]:
        # Asked each time: somebody may connect the account again meanwhile.
        if TwilioCredentials.objects.filter(account=old.account).exists():
            cleared.is_cut = False
            return
        try:
            cleared.done.append(give_number_back(login, number))
            silences = 0
        except NumberNotChanged as error:
            silences = silences + 1 if error.may_pass else 0
            if error.may_pass:
                cleared.is_unfinished = True
                if silences == SILENCES:
                    return
            else:
                # Not ours to point any more, so that it is not asked for again and again.
                PhoneNumber.objects.filter(pk=number.pk).update(points_here=False)
                cleared.refused.append(error.news)
