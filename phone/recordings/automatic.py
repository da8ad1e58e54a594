"""Calls that are recorded by themselves: announced before anybody talks, begun when they are answered."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import models, transaction
from django.dispatch import receiver
from django.utils import timezone

from accounts.people import User
from accounts.statements import Given, Question
from accounts.tasks.background import background, enqueue
from phone.calls.call import Call
from phone.calls.changes import call_changed
from phone.recordings.choices import is_wanted
from phone.recordings.deeds import begin, choose_leg, fail, get_live, get_login
from phone.recordings.recordings import Recording
from phone.recordings.refusals import CannotRecord
from phone.recordings.state import set_status

# How soon it is tried again while they are being connected, and for how long.
NOT_YET = timedelta(milliseconds=500)
CONNECTED_WITHIN = timedelta(seconds=20)


class NotBegun(Exception):
    """Twilio was out of reach."""


def plan_recording(call: Call, people: Iterable[int], *, is_known_wanted: bool | None = None) -> bool:
    """Whether the call is to be announced as recorded: it is for one of `people`, by their keys, or for the
    company.

    Called while the TwiML is made, which then has to hold the announcement; whether it is recorded is
    decided when it is answered. Asked again about the same call, it is planned once. `is_known_wanted`, where
    it is known already whether it is for one of them.
    """
    # One question at most for the many calls that are not recorded: the caller waits for the answer.
    if not (is_wanted(call.account, people) if is_known_wanted is None else is_known_wanted):
        return False
    planned = call.recordings.filter(source=Recording.Source.CALL).exclude(announced_at=None)
    if planned.exists():
        return True
    Recording.objects.create(
        account=call.account,
        call=call,
        source=Recording.Source.CALL,
        status=Recording.Status.WANTED,
        channels=2,
        announced_at=timezone.now(),
    )
    return True


def is_planned(call: Call) -> bool:
    """Whether the call may be recorded by itself once it is answered."""
    return call.recordings.filter(source=Recording.Source.CALL, status=Recording.Status.WANTED).exists()


WANTED = Question(
    lambda: Recording.objects.filter(
        call=Given("call", models.UUIDField()), status=Recording.Status.WANTED
    ).order_by()
)


@receiver(call_changed)
def hear_change(call: Call, **kwargs: Any) -> None:
    """Has a planned recording begun once the call is answered, and forgets it where it never was."""
    if call.answered_at is None and call.ended_at is None:
        return
    for recording in WANTED.ask(call=call.pk):
        recording.call = call
        if call.ended_at is not None:
            recording.delete()
        elif is_wanted(call.account, [person.pk for person in list_talking(call)]):
            set_status(recording, Recording.Status.ASKED)
            enqueue(begin_recording, recording.pk)


def plan_again(call: Call) -> None:
    """An answer came to nothing, and whoever calls waits on: what it had begun, and Twilio was not asked for
    yet, waits for the next. In the caller's transaction, with `call` locked.
    """
    asked = call.recordings.filter(source=Recording.Source.CALL, status=Recording.Status.ASKED)
    asked.filter(recording_sid="", started_by=None).update(status=Recording.Status.WANTED, leg=None)


def list_talking(call: Call) -> list[User]:
    """The people of ours who talk on it: who made or took it, and whoever answered a leg."""
    legs = call.legs.select_related("user").exclude(user=None).exclude(answered_at=None)
    people = [leg.user for leg in legs if leg.user is not None]
    return [*people, *([call.user] if call.user else [])]


def give_up_recording(pk: str) -> None:
    for recording in Recording.objects.select_related("call", "account").filter(pk=pk):
        fail(recording)


@background(tries=4, priority=40, given_up=give_up_recording)
def begin_recording(pk: str) -> None:
    """Asks Twilio to record a call that has been answered."""
    waiting = Recording.objects.select_related("call", "account", "leg")
    recording = waiting.filter(pk=pk, status=Recording.Status.ASKED, recording_sid="").first()
    if recording is None:
        return
    leg = choose_leg(recording.call)
    if recording.call.ended_at is not None or leg is None or get_live(recording.call) != recording:
        return fail(recording)
    Recording.objects.filter(pk=pk).update(leg=leg)
    recording.leg = leg
    try:
        begin(get_login(recording.account, recording.call.user), recording)
    except CannotRecord as refusal:
        if refusal.status == 503:
            raise NotBegun from refusal
        if refusal.cause != "not_talking" or is_late(recording):
            return fail(recording)
        with transaction.atomic():
            enqueue(begin_recording, recording.pk, after=NOT_YET)


def is_late(recording: Recording) -> bool:
    """Whether the parties are long connected.

    Whoever answered hears the announcement first; until it is over the caller's leg only rings, and Twilio
    does not record it yet.
    """
    answered_at = recording.call.answered_at
    return answered_at is None or timezone.now() > answered_at + CONNECTED_WITHIN
