"""Why something was not done to a call, in words for whoever asked."""

from django.utils.translation import gettext_lazy as _

from accounts.translated import Words, when_read
from accounts.twilio.rest import Answer
from phone.causes.cause import Cause, build_cause
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

    def __init__(self, status: int, cause: str, words: Words, remedy: Words = "") -> None:
        super().__init__(f"{status} {cause}")
        self.status = status
        self.cause = cause
        # Read in the language of whoever is told: what asks Twilio may run in a thread that speaks none.
        self.words = words
        self.remedy = remedy

    def as_json(self) -> dict[str, str]:
        return {"cause": self.cause, "words": str(self.words), "remedy": str(self.remedy)}


def build_refused(status: int, said: Cause) -> DeedRefused:
    """Why it was not done, as one of the causes has it."""
    return DeedRefused(status, said.slug, when_read(lambda: said.words), when_read(lambda: said.remedy))


class TwilioAway(DeedRefused):
    """Twilio did not answer, or is ill: what was asked may have been done all the same."""

    def __init__(self) -> None:
        words = _("Twilio did not answer. The call goes on as it was.")
        super().__init__(503, AWAY, words, _("Try again in a moment."))


class TwilioRefused(DeedRefused):
    """Twilio answered that it will not do it."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        meaning = None if self.is_gone else read_meaning(answer)
        self.is_explained = meaning is not None
        self.variant = meaning.variant if meaning else ""
        words: Words
        remedy: Words
        if meaning is not None:
            said = build_cause(meaning.slug, meaning.variant)
            words, remedy = when_read(lambda: said.words), when_read(lambda: said.remedy)
            cause = said.slug
        elif answer.status in NOT_ALLOWED:
            words, cause = _("Twilio does not let this phone do that with the stored credentials."), "unclear"
            remedy = _("Check the connection on the Twilio page.")
        elif self.is_gone:
            words, cause = _("They are not in the call any more."), NOT_POSSIBLE
            remedy = ""
        else:
            words, cause = _("Twilio refused that. The call goes on as it was."), "unclear"
            remedy = _("Try again; if it keeps happening, tell your administrator.")
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

    def __init__(self, words: Words, remedy: Words = "") -> None:
        super().__init__(409, NOT_POSSIBLE, words, remedy)


def read_failure(answer: Answer) -> DeedRefused:
    """What is to be said of an answer that is no success."""
    is_ill = answer.status >= 500 or answer.status == 429 or answer.sender != "twilio"
    return TwilioAway() if is_ill else TwilioRefused(answer)
