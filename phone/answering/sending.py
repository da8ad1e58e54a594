"""Sends a caller to voicemail while the call rings: the caller's own leg is given other TwiML to follow.

https://www.twilio.com/docs/voice/api/call-resource#update-a-call-resource: Twilio ends the Dial, and with it
the ringing, and asks our address for what comes next.
"""

import logging

from django.db import transaction

from accounts.people import User
from accounts.sealing.encryption import UnsealError
from accounts.twilio.rest import Answer, TwilioUnreachable, fetch
from phone.answering.progress import AnsweringPlan
from phone.answering.steps import SENT
from phone.calls.call import Call
from phone.calls.confirmation import get_login
from phone.calls.records import ENDED, get_locked_call

logger = logging.getLogger(__name__)

# https://www.twilio.com/docs/api/errors/21220: the call is over, or was not found any more.
GONE = (20404, 21220)


class NotSent(Exception):
    """A caller was not sent: a cause of the contract, words and remedy for the person, and the status."""

    def __init__(self, status: int, cause: str, words: str, remedy: str = "") -> None:
        super().__init__(words)
        self.status = status
        self.cause = cause
        self.words = words
        self.remedy = remedy


TAKEN = (409, "answered_elsewhere", "The call was answered meanwhile.")
OVER = (409, "canceled", "The call is over already.")
NO_LOGIN = (
    503,
    "twilio_unavailable",
    "The caller was not sent to voicemail: no Twilio credentials of yours work.",
    "Look at the page of your Twilio account.",
)
AWAY = (
    503,
    "twilio_unavailable",
    "The caller was not sent to voicemail: Twilio did not do it. It still rings.",
    "Try again, or decline the call.",
)


def send_to_voicemail(person: User, call: Call) -> None:
    """Sends the caller of `call`, which rings for `person`, to voicemail. Raises NotSent."""
    mark_sent(person, call)
    try:
        redirect(person, call)
    except NotSent:
        if not is_sent_all_the_same(call):
            raise


def mark_sent(person: User, call: Call) -> None:
    """Before Twilio is asked: its question what comes next may be here before its answer."""
    with transaction.atomic():
        locked = get_locked_call(call.account, call.call_sid)
        if locked is None or locked.status in ENDED or locked.ended_at:
            raise NotSent(*OVER)
        if locked.answered_at:
            raise NotSent(*TAKEN)
        progress, _ = AnsweringPlan.objects.get_or_create(call=locked)
        progress.taken.setdefault(SENT, {"by": person.pk})
        progress.save()


def is_sent_all_the_same(call: Call) -> bool:
    """Whether Twilio has asked what comes next, though its answer was lost; else nobody was sent."""
    with transaction.atomic():
        locked = get_locked_call(call.account, call.call_sid)
        progress = AnsweringPlan.objects.filter(call=locked).first() if locked else None
        if progress and progress.taken.get(SENT, {}).get("is_done"):
            return True
        if progress and progress.taken.pop(SENT, None):
            progress.save()
    return False


def redirect(person: User, call: Call) -> None:
    login = get_login(call.account, person)
    if login is None:
        raise NotSent(*NO_LOGIN)
    url = call.account.build_address("sent_to_voicemail")
    try:
        answer = fetch(
            login, f"/Calls/{call.call_sid}.json", method="POST", data={"Url": url, "Method": "POST"}
        )
    except UnsealError as error:
        raise NotSent(*NO_LOGIN) from error
    except TwilioUnreachable as error:
        raise NotSent(*AWAY) from error
    check(answer)


def check(answer: Answer) -> None:
    if answer.is_success:
        return
    logger.info("Twilio did not redirect a call: HTTP %s, code %s", answer.status, answer.code)
    raise NotSent(*(OVER if answer.code in GONE else AWAY))
