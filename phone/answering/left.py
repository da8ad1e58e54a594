"""A caller who was answered and then left: by a transfer that failed, by a page that died.

Once nobody of ours takes them up again (`phone/in_call/rescue.py`), the number's rules say what comes, as for
a call that nobody answers: a message, another number, a sentence. It is written behind the call's plan.
"""

from django.db import transaction

from accounts.twilio.credentials import TwilioAccount
from phone.answering.plan import LEFT, Fallback, Step, build_fallback
from phone.answering.progress import AnsweringPlan, is_forwarded_here
from phone.answering.rules import NumberRules, find_rules
from phone.answering.steps import take_next
from phone.calls.call import Call
from phone.calls.records import ENDED, get_locked_call
from phone.calls.twiml import build_hangup
from phone.in_call.rescue import LOST


@transaction.atomic
def answer_left(account: TwilioAccount, call_sid: str, call_status: str) -> str:
    """The TwiML for a caller who has been left; asked again, the same. `call_status` is their own by now."""
    call = get_locked_call(account, call_sid)
    is_left = call is not None and call.call_sid == call_sid and call.answered_at is not None
    if call is None or not is_left or call_status in ENDED:
        return build_hangup()
    rules = find_rules(account, call.to_address)
    progress, _ = AnsweringPlan.objects.get_or_create(call=call)
    if LEFT not in progress.steps:
        progress.steps += [LEFT, *build_last_steps(call, rules)]
    return take_next(account, call, rules, progress, progress.steps.index(LEFT), "completed")


def build_last_steps(call: Call, rules: NumberRules | None) -> list[Step]:
    unanswered = rules.as_plan_rules().unanswered if rules else Fallback()
    return build_fallback(unanswered, LOST, may_forward=not is_forwarded_here(call.from_address))
