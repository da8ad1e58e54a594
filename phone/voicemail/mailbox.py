"""What a person does with their messages: hear, delete, take back."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.people import User
from phone.calls.call import Call
from phone.calls.changes import tell_changed
from phone.calls.destinations import say
from phone.calls.parties import Names, get_names, put_names
from phone.calls.records import read_identity
from phone.calls.unread import push_counts
from phone.calls.withheld import WITHHELD, WITHHELD_NAME
from phone.contacts.names import find_names_of
from phone.dialling.writing import format_number
from phone.durations import describe_duration
from phone.recordings.deletions import have_sound_deleted, keep_sound
from phone.recordings.recordings import Recording
from phone.voicemail.messages import VoicemailCopy, VoicemailMessage

A_PAGE = 50
# How long a deletion can be taken back before the sound goes at Twilio.
SECOND_THOUGHTS = timedelta(minutes=1)


@dataclass(frozen=True)
class Item:
    """A message as the list shows it."""

    copy: VoicemailCopy
    who: str
    # The number of somebody who has a name; else empty.
    number: str
    # What the phone can dial, a number or an e-mail address; empty for nobody.
    to_call: str
    length: str
    seconds: int
    left_at: datetime
    is_new: bool
    is_gone: bool

    @property
    def pk(self) -> str:
        return str(self.copy.message_id)


def list_messages(person: User, *, before: int | None = None) -> tuple[list[Item], int | None]:
    """A page of the person's messages, newest first, and where the next one begins, None for nowhere.

    `before` is the copy that the last page ended with.
    """
    copies = VoicemailCopy.objects.of_person(person).order_by("-left_at", "-id")
    if before is not None:
        last = VoicemailCopy.objects.filter(user=person, pk=before).first()
        if last is None:
            return [], None
        older = copies.filter(left_at__lt=last.left_at)
        same = copies.filter(left_at=last.left_at, pk__lt=last.pk)
        copies = older | same
    rows = list(copies.select_related("message__call", "message__recording")[: A_PAGE + 1])
    shown = rows[:A_PAGE]
    return build_items(shown, person), shown[-1].pk if len(rows) > A_PAGE else None


def build_items(copies: Sequence[VoicemailCopy], person: User) -> list[Item]:
    addresses = {copy.message.call.from_address for copy in copies}
    names, numbers = get_names(addresses), get_colleagues(addresses)
    contacts = find_names_of([person.pk], addresses)
    known = {number: name for (_, number), name in contacts.items()}
    return [build_item(copy, names, numbers, known) for copy in copies]


def get_colleagues(addresses: Collection[str]) -> dict[str, str]:
    """The e-mail address that each colleague's identity among `addresses` is called by."""
    identities = [identity for address in addresses if (identity := read_identity(address))]
    people = (
        User.objects.filter(identity__in=identities, is_active=True) if identities else User.objects.none()
    )
    return {f"client:{person.identity}": person.email for person in people}


def build_item(
    copy: VoicemailCopy, names: Names, colleagues: Mapping[str, str], contacts: Mapping[str, str]
) -> Item:
    message, address = copy.message, copy.message.call.from_address
    number = "" if address == WITHHELD or address.startswith("client:") else say(address)
    name = str(WITHHELD_NAME) if address == WITHHELD else contacts.get(address)
    recording = message.recording
    seconds = recording.seconds or 0
    return Item(
        copy=copy,
        who=name or format_number(put_names(address, names)),
        number=format_number(address) if address in contacts else "",
        to_call=colleagues.get(address, number),
        length=describe_duration(timedelta(seconds=seconds)),
        seconds=seconds,
        left_at=message.left_at,
        is_new=copy.heard_at is None,
        is_gone=recording.gone_at is not None,
    )


def mark_heard(copy: VoicemailCopy) -> None:
    with transaction.atomic():
        rows = VoicemailCopy.objects.filter(pk=copy.pk, heard_at=None)
        if rows.update(heard_at=timezone.now()):
            push_counts(copy.user)


@transaction.atomic
def delete_message(copy: VoicemailCopy, *, for_everybody: bool = False) -> list[str]:
    """Takes it out of the person's voicemail; the names of those who have it still.

    Once nobody has it, the sound is deleted at Twilio, after a moment for second thoughts.
    """
    call, message = get_locked(copy)
    now = timezone.now()
    copies = VoicemailCopy.objects.filter(message=message, deleted_at=None).select_related("user")
    doomed = copies if for_everybody else copies.filter(pk=copy.pk)
    gone = {one.pk: one.user for one in doomed}
    # What goes in one deed is taken back in one, known by its moment: so is what the person deleted before.
    together = [*gone, copy.pk] if for_everybody and gone else [*gone]
    VoicemailCopy.objects.filter(pk__in=together).update(deleted_at=now)
    for person in gone.values():
        push_counts(person)
    left = [one.user.display_name for one in copies.all().order_by("user__email")]
    if not left:
        recording = Recording.objects.select_related("account").get(pk=message.recording_id)
        if recording.deleted_at is None:
            recording.deleted_at, recording.deleted_by = now, copy.user
            recording.save(update_fields=["deleted_at", "deleted_by"])
        have_sound_deleted(recording, after=SECOND_THOUGHTS)
    tell_changed(call)
    return left


def get_locked(copy: VoicemailCopy) -> tuple[Call, VoicemailMessage]:
    """The call first, as where a message arrives."""
    call = Call.objects.select_for_update().get(voicemail_messages=copy.message_id)
    return call, VoicemailMessage.objects.select_for_update().get(pk=copy.message_id)


@transaction.atomic
def take_back(copy: VoicemailCopy) -> bool:
    """Puts a deleted message back, for all for whom the person deleted it; whether it was in time."""
    call, message = get_locked(copy)
    recording = Recording.objects.get(pk=message.recording_id)
    back = find_deleted_with(copy, recording)
    if recording.deleted_at is not None:
        if not keep_sound(recording):
            return False
        recording.deleted_at, recording.deleted_by = None, None
        recording.save(update_fields=["deleted_at", "deleted_by"])
    VoicemailCopy.objects.filter(pk__in=back).update(deleted_at=None)
    for person in back.values():
        push_counts(person)
    tell_changed(call)
    return True


def find_deleted_with(copy: VoicemailCopy, recording: Recording) -> dict[int, User]:
    """The copies that went by the deed by which the person's own went, each with whose it is.

    What somebody else deleted for everybody, one gets back for oneself alone.
    """
    copies = VoicemailCopy.objects.filter(message=copy.message_id).select_related("user")
    own = copies.get(pk=copy.pk)
    is_own_deed = own.deleted_at is not None and recording.deleted_by_id in (None, copy.user_id)
    together = copies.filter(deleted_at=own.deleted_at) if is_own_deed else [own]
    return {one.pk: one.user for one in together}
