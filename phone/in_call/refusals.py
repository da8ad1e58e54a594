"""Why something was not done to a call, in words for whoever asked."""

from accounts.twilio.rest import Answer
from phone.causes.cause import build_cause
from phone.causes.codes import CODES, Meaning

AWAY = "twilio_unavailable"
NOT_POSSIBLE = "not_possible"
# What Twilio says of a call or a participant that is not there any more:
# https://www.twilio.com/docs/api/errors/21220 and /20404.
NOT_IN_PROGRESS = 21220
# https://www.twilio.com/docs/api/errors/20003: the login, or what it may not do.
NOT_ALLOWED = (401, 403)

# Of what a trial account may not do at all, Twilio's words say so, and its code only that it is not allowed.
TRIAL = "trial account"
TRIAL_MEANING = Meaning("trial_limit", "feature", "account")


class DeedRefused(Exception):
    """`status` is the answer's, `cause` a slug; `words` say what was seen and `remedy` what to do."""

    def __init__(self, status: int, cause: str, words: str, remedy: str = "") -> None:
        super().__init__(f"{status} {cause}")
        self.status = status
        self.cause = cause
        self.words = words
        self.remedy = remedy


class TwilioAway(DeedRefused):
    """Twilio did not answer, or is ill: what was asked may have been done all the same."""

    def __init__(self) -> None:
        words = "Twilio did not answer. The call goes on as it was."
        super().__init__(503, AWAY, words, "Try again in a moment.")


class TwilioRefused(DeedRefused):
    """Twilio answered that it will not do it."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        meaning = None if self.is_gone else read_meaning(answer)
        self.is_explained = meaning is not None
        self.variant = meaning.variant if meaning else ""
        if meaning is not None:
            said = build_cause(meaning.slug, meaning.variant)
            words, cause, remedy = said.words, said.slug, said.remedy
        elif answer.status in NOT_ALLOWED:
            words, cause = "Twilio does not let this phone do that with the stored credentials.", "unclear"
            remedy = "Check the connection on the Twilio page."
        elif self.is_gone:
            words, cause = "They are not in the call any more.", NOT_POSSIBLE
            remedy = ""
        else:
            words, cause = "Twilio refused that. The call goes on as it was.", "unclear"
            remedy = "Try again; if it keeps happening, tell your administrator."
        super().__init__(409 if self.is_gone else 422, cause, words, remedy)

    @property
    def is_gone(self) -> bool:
        """Whether the call or the participant is over, or not there yet."""
        return self.answer.status == 404 or self.answer.code == NOT_IN_PROGRESS


def read_meaning(answer: Answer) -> Meaning | None:
    """What Twilio's code for a refusal says, in the one table of causes."""
    if answer.code is not None and answer.code in CODES:
        return CODES[answer.code]
    return TRIAL_MEANING if TRIAL in answer.message.casefold() else None


class NotPossible(DeedRefused):
    """The call is in no state for it."""

    def __init__(self, words: str, remedy: str = "") -> None:
        super().__init__(409, NOT_POSSIBLE, words, remedy)


def read_failure(answer: Answer) -> DeedRefused:
    """What is to be said of an answer that is no success."""
    is_ill = answer.status >= 500 or answer.status == 429 or answer.sender != "twilio"
    return TwilioAway() if is_ill else TwilioRefused(answer)
