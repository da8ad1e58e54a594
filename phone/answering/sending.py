"""Sends a caller to voicemail while the call rings: the caller's own leg is given other TwiML to follow.

https://www.twilio.com/docs/voice/api/call-resource#update-a-call-resource: Twilio ends the Dial, and with it
the ringing, and asks our address for what comes next.
"""

import logging

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.people import User
from accounts.sealing.encryption import UnsealError
from accounts.translated import Words
from accounts.twilio.rest import Answer, TwilioUnreachable, fetch
from phone.answering.progress import AnsweringPlan
from phone.answering.steps import SENT
from phone.calls.call import Call
from phone.calls.confirmation import get_login
from phone.calls.records import ENDED, get_locked_call
from phone.in_call.parts import Part
from phone.in_call.rooms import is_talking
from phone.in_call.second_call import NOT_RINGING, find_left_waiting, why_not_send_away

logger = logging.getLogger(__name__)

# https://www.twilio.com/docs/api/errors/21220: the call is over, or was not found any more.
GONE = (20404, 21220)


class NotSent(Exception):
    """A caller was not sent: a cause of the contract, words and remedy for the person, and the status."""

    def __init__(self, status: int, cause: str, words: Words, remedy: Words = "") -> None:
        super().__init__(cause)
        self.status = status
        self.cause = cause
        self.words = words
        self.remedy = remedy

    def as_json(self) -> dict[str, str]:
        return {"cause": self.cause, "words": str(self.words), "remedy": str(self.remedy)}


TAKEN = (409, "answered_elsewhere", _("The call was answered meanwhile."))
OVER = (409, "canceled", _("The call is over already."))
NO_LOGIN = (
    503,
    "twilio_unavailable",
    _("The caller was not sent to voicemail: no Twilio credentials of yours work."),
    _("Look at the page of your Twilio account."),
)
AWAY = (
    503,
    "twilio_unavailable",
    _("The caller was not sent to voicemail: Twilio did not do it. It still rings."),
    _("Try again, or decline the call."),
)


def send_to_voicemail(part: Part) -> None:
    """Sends whoever waits for the person of `part` to answer to voicemail. Raises NotSent.

    That is the caller, or who was put through to them, or left to them.
    """
    waiting = find_left_waiting(part)
    call_sid = waiting.call_sid if waiting is not None else part.call.call_sid
    mark_sent(part, call_sid)
    try:
        redirect(part.person, part.call, call_sid)
    except NotSent:
        if not is_sent_all_the_same(part.call):
            raise


def mark_sent(part: Part, call_sid: str) -> None:
    """Before Twilio is asked: its question what comes next may be here before its answer."""
    person, call = part.person, part.call
    with transaction.atomic():
        locked = get_locked_call(call.account, call.call_sid)
        if locked is None or locked.status in ENDED or locked.ended_at:
            raise NotSent(*OVER)
        rung = locked.legs.select_related("call").filter(parent_call_sid=call_sid, conference=None)
        reason = why_not_send_away(part)
        if reason and reason != NOT_RINGING:
            raise NotSent(409, "not_possible", reason)
        is_answered = locked.answered_at is not None and (reason or call.answered_at is None)
        if is_answered or any(is_talking(leg) for leg in rung):
            raise NotSent(*TAKEN)
        if reason:
            raise NotSent(409, "not_possible", reason)
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


def redirect(person: User, call: Call, call_sid: str) -> None:
    login = get_login(call.account, person)
    if login is None:
        raise NotSent(*NO_LOGIN)
    url = call.account.build_address("sent_to_voicemail")
    try:
        answer = fetch(login, f"/Calls/{call_sid}.json", method="POST", data={"Url": url, "Method": "POST"})
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
