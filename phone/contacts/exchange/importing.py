"""The task that takes the contacts out of a file: a batch at a time, each with the progress it makes."""

import re
import uuid
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice

from django.db import transaction
from django.db.models import BinaryField
from django.db.models.functions import Substr

from accounts.company.memberships import Membership
from accounts.languages import speaking_to
from accounts.people import User
from accounts.tasks.background import background, enqueue
from accounts.twilio.credentials import TwilioAccount
from phone.contacts.exchange.drafts import cut, tidy
from phone.contacts.exchange.entries import Entry, NotContacts
from phone.contacts.exchange.imports import (
    FILE_NAME_LENGTH,
    MOST_BYTES,
    MOST_PROBLEMS,
    ContactImport,
    ContactImportFile,
    end_import,
)
from phone.contacts.exchange.problems import Problem, build_problem
from phone.contacts.exchange.reading import VCARD, read_file
from phone.contacts.keeping import CONTACTS_AT_MOST, BookFull, Kept, keep_cards
from phone.contacts.numbers import NumberReader

# After each, the calls of everybody who sees these contacts are looked through for names.
BATCH = 1000
PIECE_BYTES = 1024 * 1024
TRIES = 5
LEASE = timedelta(minutes=5)
# Somebody looks on.
PRIORITY = 10


class Overtaken(Exception):
    """Another worker is at the same import, and further."""


def give_up(key: str) -> None:
    end_import(uuid.UUID(key), fault=build_problem("broken"))


@background(tries=TRIES, lease=LEASE, priority=PRIORITY, given_up=give_up)
def import_contacts(key: str) -> None:
    """Goes on where the last try ended, and does nothing where there is nothing left to do."""
    asked = ContactImport.objects.select_related("user", "account").filter(pk=key, ended_at=None).first()
    if asked is None:
        return None
    content = read_content(asked)
    if content is None:
        return None
    if not Membership.objects.filter(user=asked.user, account=asked.account).exists():
        return end_import(asked.pk, fault=build_problem("not_theirs"))
    try:
        # What has no place on a card stands in its note, under a label.
        with speaking_to(asked.user):
            fault = take_in(asked, content)
    except NotContacts as error:
        fault = error.problem
    except Overtaken:
        return None
    return end_import(asked.pk, fault=fault)


def read_content(asked: ContactImport) -> bytes | None:
    """The file, a piece at a time: a connection keeps the room for the longest row that it has read."""
    rows = ContactImportFile.objects.filter(contact_import=asked)
    pieces = []
    for begin in range(1, MOST_BYTES + 1, PIECE_BYTES):
        piece = Substr("content", begin, PIECE_BYTES, output_field=BinaryField())
        read = rows.values_list(piece, flat=True).first()
        if read is None:
            return None
        pieces.append(bytes(read))
        if len(read) < PIECE_BYTES:
            break
    return b"".join(pieces)


@transaction.atomic
def ask_for_import(
    *, user: User, account: TwilioAccount, content: bytes, file_name: str, is_shared: bool
) -> ContactImport:
    """Keeps the file, and asks a worker to take the contacts out of it."""
    asked = ContactImport.objects.create(
        user=user, account=account, is_shared=is_shared, file_name=cut(tidy(file_name), FILE_NAME_LENGTH)
    )
    ContactImportFile.objects.create(contact_import=asked, content=content)
    enqueue(import_contacts, asked.pk)
    return asked


def take_in(asked: ContactImport, content: bytes) -> Problem | None:
    """All entries that are not done yet; returns why not all of them could be.

    Raises NotContacts, Overtaken.
    """
    if not asked.expected:
        asked.expected = guess_entries(content)
        ContactImport.objects.filter(pk=asked.pk).update(expected=asked.expected)
    entries = read_file(content, NumberReader(asked.user, asked.account).home)
    for batch in list_batches(entries, asked.done):
        asked, fault = take_batch(asked, batch)
        if fault:
            return fault
    return None


def guess_entries(content: bytes) -> int:
    """By how often a card begins, else by the lines; one, at the least."""
    wide = 2 if content[:2] in (b"\xff\xfe", b"\xfe\xff") else 1
    count = sum(1 for _ in VCARD.finditer(content)) if wide == 1 else 0
    return max(1, count or len(re.findall(rb"\r\n?|\n", content)) // wide)


def list_batches(entries: Iterator[Entry], done: int) -> Iterator[list[Entry]]:
    entries = islice(entries, done, None)
    while batch := list(islice(entries, BATCH)):
        yield batch


@transaction.atomic
def take_batch(asked: ContactImport, batch: Sequence[Entry]) -> tuple[ContactImport, Problem | None]:
    """The batch's contacts and how far that is, kept together or not at all; and why no more can come in."""
    seen = ContactImport.objects.select_related("user", "account")
    locked = seen.select_for_update(of=("self",)).filter(pk=asked.pk, ended_at=None).first()
    if locked is None or locked.done != asked.done:
        raise Overtaken
    cards = [entry.card for entry in batch if entry.card]
    fault = None
    try:
        kept = keep_cards(locked.user, locked.account, cards, is_shared=locked.is_shared)
    except BookFull as full:
        kept = full.kept
        fault = build_problem("full", most=CONTACTS_AT_MOST, line=find_line(batch, kept))
    locked.added += kept.added
    locked.known += kept.known
    locked.noted += kept.noted
    locked.left_out += len(batch) - len(cards)
    locked.done += len(batch)
    told = [[entry.line, entry.name, entry.problem.as_json()] for entry in batch if entry.problem]
    locked.problem_count += len(told)
    locked.problems += told[: MOST_PROBLEMS - len(locked.problems)]
    locked.save()
    return locked, fault


def find_line(batch: Sequence[Entry], kept: Kept) -> int:
    """The line from which on there was no room: after so many cards of the batch."""
    lines = [entry.line for entry in batch if entry.card]
    return lines[min(kept.added + kept.known, len(lines) - 1)]
