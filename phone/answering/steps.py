"""Takes a call that comes in from step to step of its plan, as Twilio asks.

Each step's TwiML names the step in the address that Twilio asks next, so that a question that comes twice
is the same question, and is answered the same.
"""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from phone.answering.plan import (
    FORWARD_SECONDS,
    NOBODY,
    REFUSE,
    Choice,
    Found,
    Rules,
    Step,
    add_late_ring,
    build_plan,
    choose_next,
    has_been_left,
)
from phone.answering.progress import AnsweringPlan, is_forwarded_here
from phone.answering.rules import NumberRules, find_rules
from phone.answering.twiml import build_refused, build_sentence, build_voicemail
from phone.calling_limits.permission import Asked, ask_permission, find_time_limit
from phone.calling_limits.placed_calls import build_forward_key
from phone.calls import twiml
from phone.calls.call import Call
from phone.calls.card import build_card, find_own_words
from phone.calls.changes import tell_changed
from phone.calls.destinations import choose_caller_id
from phone.calls.do_not_disturb import DoNotDisturb
from phone.calls.languages import DEFAULT_LANGUAGE, SPOKEN, get_language, get_recorded, get_refusal
from phone.calls.legs import CallLeg
from phone.calls.reachability import find_present, find_ready_or_back, find_registered
from phone.calls.records import ENDED, ENDING_LENGTH, get_locked_call, record_dial_result
from phone.causes.facts import BLOCKED_FOR, RING_SECONDS_OF_STEP, build_refusal
from phone.contacts.blocked_callers import find_blocks
from phone.device.presence import BACK_WITHIN
from phone.dialling.reading import build_send_digits
from phone.recordings.announcing import get_announcement_url
from phone.recordings.automatic import is_planned, plan_recording
from phone.recordings.choices import is_wanted
from phone.recordings.state import get_recording_state
from phone.voicemail.arriving import expect_message
from phone.waking.calls import find_asleep, wake
from phone.waking.twiml import build_waiting

# Twilio rings ten clients of one Dial at most: https://www.twilio.com/docs/voice/twiml/client.
MOST_CLIENTS = 10
FIRST = -1
# In the address that Twilio asks when a step's Dial is over.
STEP = "step"
# What a reason is to the call's cause, where it says more than that nobody answered.
DISPOSITIONS = {
    "closed": "nobody_available:closed",
    "do_not_disturb": "do_not_disturb",
    "nobody_available": "nobody_available",
}
# In `AnsweringPlan.taken`, beside the numbers of steps: somebody sent the caller to voicemail.
SENT = "sent"
# In what was taken of a step: it says that the call is recorded.
ANNOUNCED = "is_announced"
# In `Call.cause_facts`: by which of the company's limits another number was not called.
NOT_FORWARDED = "not_forwarded"
# Likewise: until when a page is waited for of somebody who was woken, or who may be back.
UNTIL = "until"


@transaction.atomic(savepoint=False)
def begin(account: TwilioAccount, call: Call) -> str:
    """The TwiML for a call that has just come in and is on record."""
    locked = call if call.is_new else get_locked_call(account, call.call_sid)
    if locked is None:
        return twiml.build_hangup()
    rules = find_rules(account, locked.to_address)
    progress = None if call.is_new else AnsweringPlan.objects.filter(call=locked).first()
    if progress is None:
        progress = plan(account, locked, rules)
    return take_next(account, locked, rules, progress, FIRST, "no-answer")


def plan(account: TwilioAccount, call: Call, rules: NumberRules | None) -> AnsweringPlan:
    """Neither it nor what it notes on `call` is saved yet: that is for whoever takes its first step."""
    if rules and rules.language != DEFAULT_LANGUAGE:
        call.cause_facts = {**call.cause_facts, SPOKEN: rules.language}
    planned = rules.as_plan_rules() if rules else Rules()
    now = timezone.now()
    if note_blocks(account, call, planned):
        return AnsweringPlan(call=call, steps=[REFUSE])
    may_forward = not is_forwarded_here(call.from_address)
    return AnsweringPlan(
        call=call,
        steps=build_plan(planned, now, may_forward=may_forward),
        is_closed=not planned.is_open(now),
    )


def note_blocks(account: TwilioAccount, call: Call, rules: Rules) -> bool:
    """Keeps on `call` who has blocked its caller for themselves; whether nobody at all wants it.

    It is decided once, as the call arrives: what is blocked or unblocked later is for the next one.
    """
    blocks = find_blocks(account, call.from_address)
    if blocks.is_for_all:
        return True
    if not blocks.people:
        return False
    called = rules.people
    if called is None:
        called = tuple(find_members(account).values_list("pk", flat=True))
    unwilling = sorted(blocks.people.intersection(called))
    call.cause_facts = {**call.cause_facts, BLOCKED_FOR: unwilling}
    return blocks.covers(called)


def go_on(
    account: TwilioAccount,
    call_sid: str,
    step: int,
    *,
    result: str,
    error_code: int | None,
    call_status: str,
) -> str:
    """The TwiML after the Dial of `step` has ended with `result`, its DialCallStatus; `call_status` is the
    caller's own by then.

    Nothing more follows where somebody has talked, or where the caller is gone.
    """
    with transaction.atomic():
        call = get_locked_call(account, call_sid)
        progress = AnsweringPlan.objects.filter(call=call).first() if call else None
        if call is None or progress is None:
            return twiml.build_hangup()
        if SENT in progress.taken:
            # By somebody whose phone rang: Twilio asks for the action of the Dial that this breaks off, too.
            return answer_sent(account, call_sid)
        is_taken = call.answered_at is not None and not has_been_left(progress.steps, step)
        has_talked = result in ("completed", "answered") or is_taken
        if not has_talked and call_status not in ENDED:
            call.error_code = call.error_code or error_code
            dial = {"status": result, "call_status": call_status}
            call.cause_facts = {**call.cause_facts, "dial": dial}
            rules = find_rules(account, call.to_address)
            return take_next(account, call, rules, progress, step, result)
    record_dial_result(
        account=account, call_sid=call_sid, result=result, error_code=error_code, call_status=call_status
    )
    return twiml.build_hangup()


def take_next(
    account: TwilioAccount,
    call: Call,
    rules: NumberRules | None,
    progress: AnsweringPlan,
    after: int,
    result: str,
) -> str:
    """Chooses the step after `after`, or finds what was chosen before; its TwiML."""
    if progress.get_taken(after) is None:
        choice = choose_after(account, call, progress, after)
        take(account, call, rules, progress, after, choice, result)
    return build_taken(account, call, rules, progress, after)


def choose_after(account: TwilioAccount, call: Call, progress: AnsweringPlan, after: int) -> Choice:
    """The next step; another number is passed over where the company's limits do not allow to call it."""
    unwilling = get_unwilling(call)
    choose = partial(
        choose_next,
        progress.steps,
        find_ready=partial(find_ready, account, unwilling),
        find_asleep=partial(find_sleepers, account, unwilling),
    )
    choice = choose(after=after)
    while get_step(progress, choice.index)["do"] == "forward":
        permission = ask_permission(build_forward(account, call, progress, choice))
        if permission.refusal is None:
            break
        call.cause_facts = {**call.cause_facts, NOT_FORWARDED: permission.refusal.reason}
        choice = choose(after=choice.index)
    return choice


def build_forward(account: TwilioAccount, call: Call, progress: AnsweringPlan, choice: Choice) -> Asked:
    """Whether a call may be forwarded, which nobody of ours makes."""
    number = read_forward(get_step(progress, choice.index))[0]
    key = build_forward_key(call.call_sid, choice.index)
    return Asked(account=account, person=None, number=number, key=key, call_sid=call.call_sid)


def read_forward(step: Step) -> tuple[str, str]:
    """The number in E.164, and what is dialled after the answer."""
    number, comma, after = step["to"].partition(",")
    return number, comma + after


def take(
    account: TwilioAccount,
    call: Call,
    rules: NumberRules | None,
    progress: AnsweringPlan,
    after: int,
    choice: Choice,
    result: str,
) -> None:
    """Keeps `choice` as what follows `after`, and what it makes of the call; wakes whom it is to wake."""
    taken: dict[str, Any] = {"step": choice.index, "people": list(choice.people)}
    add_late_ring(progress.steps, choice)
    if choice.asleep:
        seconds = get_step(progress, choice.index)["seconds"]
        # Rung after the others, who have as long before.
        wake(call, choice.asleep, seconds=2 * seconds if choice.people else seconds)
    if choice.is_to_wait:
        wait = timedelta(seconds=seconds) if choice.asleep else BACK_WITHIN
        taken[UNTIL] = (timezone.now() + wait).isoformat()
    elif is_to_announce(account, call, progress, choice):
        taken[ANNOUNCED] = True
    progress.taken[str(after)] = taken
    note_step(account, call, rules, progress, choice, result)
    progress.save(force_insert=progress._state.adding)
    call.save()
    tell_changed(call)


def build_taken(
    account: TwilioAccount, call: Call, rules: NumberRules | None, progress: AnsweringPlan, after: int
) -> str:
    """The TwiML of what was taken after `after`."""
    taken = progress.get_taken(after) or {"step": len(progress.steps), "people": []}
    if UNTIL in taken:
        return build_waiting(account, call, f"?{STEP}={after}")
    choice = Choice(taken["step"], tuple(taken["people"]))
    return build_step(account, call, rules, progress, choice, is_announced=bool(taken.get(ANNOUNCED)))


@transaction.atomic
def go_on_waiting(account: TwilioAccount, call_sid: str, after: int | None, *, call_status: str) -> str:
    """The TwiML for a caller who waits until a page has come up of somebody who was woken, or is back."""
    call = get_locked_call(account, call_sid)
    progress = AnsweringPlan.objects.filter(call=call).first() if call else None
    taken = progress.get_taken(after) if progress and after is not None else None
    if call is None or progress is None or after is None or taken is None or call_status in ENDED:
        return twiml.build_hangup()
    rules = find_rules(account, call.to_address)
    until = parse_datetime(taken.get(UNTIL, ""))
    if until is not None:
        step = taken["step"]
        unwilling = get_unwilling(call)
        willing = find_willing(account, unwilling, progress.steps[step]["people"])
        is_over = timezone.now() >= until
        if is_over or find_registered(willing):
            # In the end also whose page is there and whose Device is not yet: the ring follows them.
            ready, back = find_ready_or_back(willing, at_most=MOST_CLIENTS)
            choice = Choice(step, (*ready, *back)) if ready else choose_after(account, call, progress, step)
            take(account, call, rules, progress, after, choice, "no-answer")
    return build_taken(account, call, rules, progress, after)


def is_to_announce(account: TwilioAccount, call: Call, progress: AnsweringPlan, choice: Choice) -> bool:
    """Whether it is said in this step that the call is recorded, which is planned here.

    The caller is told once, by the first step whose people want it; a number that the call is forwarded
    to is told where it is recorded already, or will be although nobody of ours answers.
    """
    step = get_step(progress, choice.index)
    if step["do"] == "forward":
        return get_recording_state(call) != "off" or (is_planned(call) and is_wanted(account, []))
    if step["do"] != "ring" or any(one.get(ANNOUNCED) for one in progress.taken.values()):
        return False
    return plan_recording(call, choice.people)


def get_step(progress: AnsweringPlan, index: int) -> Step:
    return progress.steps[index] if index < len(progress.steps) else {"do": "hangup"}


def find_members(account: TwilioAccount, people: Sequence[int] | None = None) -> "models.QuerySet[User]":
    """Those of `people`, or all, who use the connection."""
    members = User.objects.filter(is_active=True, membership__account=account)
    return members if people is None else members.filter(pk__in=people)


def get_unwilling(call: Call) -> list[int]:
    """The keys of those who have blocked its caller for themselves."""
    unwilling: list[int] = call.cause_facts.get(BLOCKED_FOR, [])
    return unwilling


def find_ready(account: TwilioAccount, unwilling: Sequence[int], people: list[int] | None) -> Found:
    """Those of a step whom a call may ring now, or in a moment."""
    return find_ready_or_back(find_willing(account, unwilling, people), at_most=MOST_CLIENTS)


def find_sleepers(account: TwilioAccount, unwilling: Sequence[int], people: list[int] | None) -> list[int]:
    """Those of a step whose closed browsers a call may wake."""
    return find_asleep(find_willing(account, unwilling, people), at_most=MOST_CLIENTS)


def find_willing(
    account: TwilioAccount, unwilling: Sequence[int], people: list[int] | None
) -> models.QuerySet[User]:
    wanted = find_members(account, people)
    return wanted.exclude(pk__in=unwilling) if unwilling else wanted


def note_step(
    account: TwilioAccount,
    call: Call,
    rules: NumberRules | None,
    progress: AnsweringPlan,
    choice: Choice,
    result: str,
) -> None:
    """What the step that is taken makes of the call's row and of its progress; the caller saves both."""
    step = get_step(progress, choice.index)
    match step["do"]:
        case "ring":
            call.rung.add(*choice.people)
            call.cause_facts = {**call.cause_facts, RING_SECONDS_OF_STEP: step["seconds"]}
        case "forward":
            progress.forwarded_to = read_forward(step)[0][:20]
            progress.forwarded_as = choose_caller_id(account, call.to_address)
            note_facts(account, call, rules, progress, "forwarded")
        case "voicemail":
            end_ringing(call, result)
            note_facts(account, call, rules, progress, "voicemail")
            expect_message(call, get_people_called(account, call, rules, progress))
        case "say":
            end_ringing(call, result, step["sentence"])
            end_callers_leg(call)
            note_facts(account, call, rules, progress, "")
        case "refuse":
            end_ringing(call, "failed", get_refusal(rules.language if rules else DEFAULT_LANGUAGE))
            end_callers_leg(call)
            note_refused(account, call, rules, progress)
        case _:
            end_ringing(call, result)
            end_callers_leg(call)


def end_ringing(call: Call, result: str, ending: str = "") -> None:
    """Nobody is put through any more: to those whom the call was for it is over."""
    if call.answered_at is not None:
        call.status = "completed"
        call.cause_facts = {**call.cause_facts, "left_alone": True}
    if call.status not in ENDED:
        is_unanswered = result in ENDED and result != "completed"
        call.status = "completed" if call.answered_at else result if is_unanswered else "no-answer"
    call.ending = ending[:ENDING_LENGTH]
    call.ended_at = call.ended_at or timezone.now()


def end_callers_leg(call: Call) -> None:
    """Numbers have no status callback of their own: what is said to the caller is the last of their leg."""
    legs = CallLeg.objects.filter(call=call, call_sid=call.call_sid, ended_at=None)
    legs.update(status=call.status, ended_at=call.ended_at)


def note_facts(
    account: TwilioAccount,
    call: Call,
    rules: NumberRules | None,
    progress: AnsweringPlan,
    became: str,
) -> None:
    """What the call's cause is told from. `became`: what else was done; "" where the caller was told so."""
    people = get_people_called(account, call, rules, progress)
    why = find_why(account, call, progress, people)
    facts: dict[str, Any] = {"result": became or why, "why": why, "people": [person.pk for person in people]}
    call.cause_facts = {**call.cause_facts, "answering": facts}
    if why in DISPOSITIONS:
        call.cause_facts["disposition"] = DISPOSITIONS[why]


def note_refused(
    account: TwilioAccount, call: Call, rules: NumberRules | None, progress: AnsweringPlan
) -> None:
    """What is kept of a call whose caller nobody wants: to those whom it was for, it was refused."""
    people = list_called(account, call, rules, progress)
    call.cause_facts = {
        **call.cause_facts,
        "answering": {"result": "blocked", "why": "blocked", "people": [person.pk for person in people]},
        "refusal": build_refusal("refused_here", "blocked"),
    }


def find_why(account: TwilioAccount, call: Call, progress: AnsweringPlan, people: Sequence[User]) -> str:
    """closed, not_answered, do_not_disturb (whoever is there wants no calls), nobody_available, or left."""
    if call.answered_at is not None:
        return "left"
    if progress.is_closed:
        return "closed"
    if call.rung.exists():
        return "not_answered"
    present = find_present(find_members(account, [person.pk for person in people]))
    is_disturbed = present.filter(models.Exists(DoNotDisturb.objects.filter(user=models.OuterRef("pk"))))
    return "do_not_disturb" if is_disturbed.exists() else "nobody_available"


def get_people_called(
    account: TwilioAccount, call: Call, rules: NumberRules | None, progress: AnsweringPlan
) -> list[User]:
    """Whom the call is for: those it rang, else those it was to ring and who want it."""
    unwilling = get_unwilling(call)
    return [person for person in list_called(account, call, rules, progress) if person.pk not in unwilling]


def list_called(
    account: TwilioAccount, call: Call, rules: NumberRules | None, progress: AnsweringPlan
) -> list[User]:
    """Those that the call rang, else those that it was to ring.

    It has rung for nobody where only closed browsers were woken, and nobody came.
    """
    rung = list(call.rung.order_by("pk"))
    came = {pk for taken in progress.taken.values() for pk in taken.get("people", ())}
    asleep = set(call.cause_facts.get("woken", ())) - came
    if all(person.pk in asleep for person in rung):
        rung = []
    if rules and rules.who == rules.Who.CHOSEN:
        chosen = rules.list_people()
        return [person for person in chosen if person in rung] or chosen
    return rung or list(find_members(account).order_by("pk"))


def build_step(
    account: TwilioAccount,
    call: Call,
    rules: NumberRules | None,
    progress: AnsweringPlan,
    choice: Choice,
    *,
    is_announced: bool,
) -> str:
    step = get_step(progress, choice.index)
    urls, language = twiml.build_urls(account, f"?{STEP}={choice.index}"), get_language(call)
    match step["do"]:
        case "ring":
            known = User.objects.in_bulk(choice.people)
            people = [known[pk] for pk in choice.people if pk in known]
            # Who rings knows it by the page; the caller is told before it rings, since nothing can be said
            # between the answer and the first word.
            return twiml.build_dial_to_clients(
                identities=[person.identity for person in people],
                parameters=build_card(account, call),
                own=find_own_words(call, call.from_address, people),
                caller_id="",
                urls=urls,
                seconds=step["seconds"],
                says=get_recorded(language) if is_announced else "",
                language=language,
            )
        case "forward":
            number, after = read_forward(step)
            return twiml.build_dial_to_number(
                phone_number=number,
                caller_id=choose_caller_id(account, call.to_address),
                urls=urls,
                send_digits=build_send_digits(after),
                time_limit=find_time_limit(build_forward_key(call.call_sid, choice.index)),
                announcement=get_announcement_url(call) if is_announced else "",
                seconds=FORWARD_SECONDS,
            )
        case "voicemail":
            return build_voicemail(account, get_people_called(account, call, rules, progress), rules)
        case "say":
            return build_sentence(step["sentence"], rules)
        case "refuse":
            return build_refused(rules)
    return twiml.build_hangup()


def answer_sent(account: TwilioAccount, call_sid: str) -> str:
    """The TwiML for a caller whom somebody has sent to voicemail while it rang."""
    with transaction.atomic():
        call = get_locked_call(account, call_sid)
        if call is None:
            return build_sentence(NOBODY, None)
        rules = find_rules(account, call.to_address)
        progress, _ = AnsweringPlan.objects.get_or_create(call=call)
        if not progress.taken.get(SENT, {}).get("is_done"):
            progress.taken[SENT] = {**progress.taken.get(SENT, {}), "is_done": True}
            progress.save()
            note_sent(account, call, rules, progress)
            call.save()
            tell_changed(call)
        return build_voicemail(account, get_people_sent_for(account, call, rules, progress), rules)


def note_sent(account: TwilioAccount, call: Call, rules: NumberRules | None, progress: AnsweringPlan) -> None:
    """What it makes of the call that the caller is sent to voicemail; the caller of this saves it.

    One that has been talked in keeps that as its cause. A colleague who hears the greeting was not answered.
    """
    people = get_people_sent_for(account, call, rules, progress)
    if call.answered_at is None:
        end_ringing(call, "no-answer")
        note_facts(account, call, rules, progress, "voicemail")
        call.cause_facts["answering"].update(why="sent", by=progress.taken[SENT].get("by"))
        if call.direction == Call.Direction.OUTGOING:
            call.cause_facts["disposition"] = SENT
    else:
        end_ringing(call, "completed")
    expect_message(call, people)


def get_people_sent_for(
    account: TwilioAccount, call: Call, rules: NumberRules | None, progress: AnsweringPlan
) -> list[User]:
    """Whom the message is for: of a call that has been answered before, whoever sent it there."""
    if call.answered_at is not None:
        by = progress.taken[SENT].get("by")
        return list(find_members(account, [by])) if by is not None else []
    return get_people_called(account, call, rules, progress)
