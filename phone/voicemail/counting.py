"""What other rooms show of voicemail: how many messages a person has not heard, and whose calls have one."""

from collections.abc import Collection, Set

from django.db import models

from phone.calls.call import Call
from phone.calls.marks import marks
from phone.calls.unread import counted
from phone.voicemail.messages import VoicemailCopy


@counted("voicemail")
def count_new_of(people: Collection[int]) -> dict[int, int]:
    new = VoicemailCopy.objects.of_people(people).new().order_by()
    return dict(new.values_list("user").annotate(models.Count("pk")))


@marks("voicemail")
def find_receivers(call: Call) -> Set[int]:
    """Who has a message of `call` in their voicemail."""
    copies = VoicemailCopy.objects.filter(message__call=call, deleted_at=None)
    return frozenset(copies.values_list("user", flat=True))
