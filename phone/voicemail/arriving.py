"""How a recording becomes a message: once Twilio says that something was recorded, and what."""

from typing import Any

from django.db import transaction
from django.dispatch import receiver

from accounts.people import User
from phone.calls.call import Call
from phone.calls.changes import tell_changed
from phone.calls.unread import push_counts
from phone.recordings.recordings import Recording
from phone.recordings.state import recording_settled
from phone.voicemail.messages import VoicemailCopy, VoicemailMessage


@transaction.atomic
def expect_message(call: Call, people: list[User] | None = None) -> None:
    """Says that the caller has been asked for a message, so that Twilio is asked for it if it tells nothing.

    For whoever answers a call with `build_record`, in addition; again does nothing. `people` are those the
    message is for, where they are not the ones whose phones rang.
    """
    if people is not None:
        facts = {**call.cause_facts, "voicemail_for": [person.pk for person in people]}
        call.cause_facts = facts
        Call.objects.filter(pk=call.pk).update(cause_facts=facts)
    voicemail = {"account": call.account, "source": Recording.Source.VOICEMAIL}
    if not call.recordings.filter(source=Recording.Source.VOICEMAIL).exists():
        Recording.objects.create(call=call, status=Recording.Status.ASKED, **voicemail)


@receiver(recording_settled)
def hear_settled(recording: Recording, **kwargs: Any) -> None:
    """Makes the message, or none where nothing was said: too short, silent, failed."""
    is_message = recording.source == Recording.Source.VOICEMAIL
    if is_message and recording.status == Recording.Status.COMPLETED and recording.seconds != 0:
        add_message(recording)


def add_message(recording: Recording) -> None:
    """The message, for everybody it is for; again does nothing. In a transaction, with the call locked."""
    call = recording.call
    message, is_new = VoicemailMessage.objects.get_or_create(
        recording=recording,
        defaults={"account": recording.account, "call": call, "left_at": recording.begun_at},
    )
    if not is_new:
        return
    people = list_people(call)
    VoicemailCopy.objects.bulk_create(
        [VoicemailCopy(message=message, user=person, left_at=message.left_at) for person in people]
    )
    facts = {"message": str(message.pk), "seconds": recording.seconds}
    call.cause_facts = {**call.cause_facts, "voicemail": facts, "disposition": "voicemail"}
    call.save(update_fields=["cause_facts"])
    for person in people:
        push_counts(person)
    tell_changed(call)


def list_people(call: Call) -> list[User]:
    """Whom a message is for: those it was left for, else whose phones rang, else everybody of the account."""
    members = User.objects.filter(is_active=True, membership__account=call.account).order_by("pk")
    named = call.cause_facts.get("voicemail_for")
    chosen = list(members.filter(pk__in=named)) if isinstance(named, list) else []
    return chosen or list(members.filter(calls_rung=call)) or list(members)
