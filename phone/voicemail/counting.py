"""What other rooms show of voicemail: how many messages a person has not heard, and whose calls have one."""

from collections.abc import Collection, Set
from typing import Any

from django.db import models

from accounts.statements import Given, GivenMany, Question
from phone.calls.call import Call
from phone.calls.marks import marks
from phone.calls.unread import counted
from phone.voicemail.messages import VoicemailCopy


@counted("voicemail")
def count_new_of(people: Collection[int]) -> dict[int, int]:
    return dict(NEW.ask_values(people=people))


def build_new() -> "models.QuerySet[Any]":
    new = VoicemailCopy.objects.of_people(GivenMany("people", models.BigIntegerField())).new().order_by()
    return new.values_list("user").annotate(models.Count("pk"))


NEW: "Question[Any]" = Question(build_new)


@marks("voicemail")
def find_receivers(call: Call) -> Set[int]:
    """Who has a message of `call` in their voicemail."""
    return frozenset(key for (key,) in RECEIVERS.ask_values(call=call.pk))


def build_receivers() -> "models.QuerySet[Any]":
    call = Given("call", models.UUIDField())
    return VoicemailCopy.objects.filter(message__call=call, deleted_at=None).order_by().values_list("user")


RECEIVERS: "Question[Any]" = Question(build_receivers)
