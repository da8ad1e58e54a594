"""Why a call is not recorded as was asked: for the page, in words, with the one thing to do."""

from django.utils.translation import gettext_lazy as _

from accounts.translated import Words


class CannotRecord(Exception):
    """`status` is the HTTP status of the answer."""

    def __init__(self, cause: str, words: Words, remedy: Words = "", *, status: int = 409) -> None:
        super().__init__(cause)
        self.cause = cause
        self.words = words
        self.remedy = remedy
        self.status = status


class NotAnnounced(CannotRecord):
    """Nobody has told the parties yet, and it can only be said to both of them in a conference."""

    def __init__(self) -> None:
        super().__init__(
            "not_announced",
            _("The other side has not been told that this call is recorded."),
            _("Put the call on hold and resume it, then record: both of you hear a sentence first."),
        )


def not_talking() -> CannotRecord:
    return CannotRecord("not_talking", _("Only a call that is being talked on can be recorded."))


def not_recording() -> CannotRecord:
    return CannotRecord("not_recording", _("This call is not being recorded."))


def no_credentials() -> CannotRecord:
    return CannotRecord(
        "no_credentials",
        _("Dog n Bone has no working Twilio credentials to record with."),
        _("Connect Twilio again."),
    )


def twilio_away() -> CannotRecord:
    return CannotRecord(
        "twilio_unavailable",
        _("Twilio did not answer, so nothing has changed."),
        _("Try again in a moment."),
        status=503,
    )


def twilio_refused() -> CannotRecord:
    return CannotRecord("twilio_refused", _("Twilio would not do this to the call's recording."))
