"""The note that a person keeps with a call."""

import re
from collections.abc import Iterable

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from accounts.people import User
from phone.calls.call import Call
from phone.calls.notes import Notes, reads_notes
from phone.calls.records import read_identity
from phone.recents.keeping import get_people_at
from phone.recents.recent_call import NOTE_LENGTH, RecentCall
from phone.recents.searching import build_searched

LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class NoteRefused(Exception):
    """The message says what was seen and what was expected."""


@reads_notes
def get_kept(calls: Iterable[Call], people: Iterable[User]) -> Notes:
    rows = RecentCall.objects.filter(call__in=list(calls), user__in=list(people)).exclude(note="")
    return {(call, person): note for call, person, note in rows.values_list("call_id", "user_id", "note")}


def read_note(value: object) -> str:
    """Raises NoteRefused."""
    if not isinstance(value, str):
        raise NoteRefused("A note is text.")
    note = value.replace("\r\n", "\n").strip()
    if "\x00" in note or LONE_SURROGATE.search(note):
        raise NoteRefused(_("The note has a character in it that cannot be kept. Type it anew."))
    if len(note) > NOTE_LENGTH:
        raise NoteRefused(
            _("The note has {count} characters; {most} are kept at most.").format(
                count=number_format(len(note), force_grouping=True),
                most=number_format(NOTE_LENGTH, force_grouping=True),
            )
        )
    return note


def write_note(row: RecentCall, note: str) -> None:
    """Stores `note` with its person's call, and has it found by its words."""
    people = get_people_at([row.address])
    person: User | None = people.get(read_identity(row.address))
    row.note = note
    row.searched = build_searched(
        name=row.name,
        email=person.email if person else "",
        address=row.address,
        our_number=row.our_number,
        note=note,
    )
    row.save(update_fields=["note", "searched"])
