"""A person's own data as files, a batch at a time: theirs alone, and no secret.

Of their company's there is what they had a part in, their calls and messages, as their lists show it; shared
contacts and colleagues are the company's and stay there.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accounts.audit.journal import AccountEvent
from accounts.company.memberships import get_membership
from accounts.failures.login_failures import LoginFailure
from accounts.outside import leave_database
from accounts.people import User
from accounts.streamed_files import BYTE_ORDER_MARK, format_cells
from phone.answering.greetings import Greeting, GreetingSound
from phone.calls.do_not_disturb import is_do_not_disturb
from phone.contacts.blocked_callers import BlockedCaller
from phone.contacts.contacts import Contact, FavouriteContact
from phone.contacts.exchange.writing import Exported, write_csv
from phone.contacts.keeping import build_card
from phone.device.one_device import wants_one_device
from phone.recents.recent_call import RecentCall
from phone.recordings.choices import RecordingChoice
from phone.voicemail.messages import VoicemailCopy

BATCH = 500


@dataclass(frozen=True)
class File:
    """`parts`: its text, each made when the one before it has gone."""

    name: str
    parts: Callable[[User], Iterator[str]]


def in_batches(rows: QuerySet[Any], *prefetched: str) -> Iterator[Any]:
    """Each of `rows`, in their order; what is deleted meanwhile is left out."""
    keys = list(rows.values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH):
        batch = keys[start : start + BATCH]
        found = rows.prefetch_related(*prefetched).in_bulk(batch)
        # Whoever reads slowly keeps no connection waiting meanwhile.
        leave_database()
        yield from (found[key] for key in batch if key in found)


def write_table(titles: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    yield BYTE_ORDER_MARK + format_cells(list(titles))
    for row in rows:
        yield format_cells(list(row))


def write_account(person: User) -> Iterator[str]:
    membership = get_membership(person)
    yield as_json(
        {
            "email": person.email,
            "name": person.name,
            "home_country": person.home_country,
            "language": person.language,
            "signed_up_at": person.date_joined.isoformat(),
            "identity_at_twilio": person.identity,
            "has_phone": membership is not None,
            "role": membership.role if membership else "",
        }
    )


def write_settings(person: User) -> Iterator[str]:
    greeting = Greeting.objects.filter(user=person).first()
    blocked = BlockedCaller.objects.filter(person=person, unblocked_at=None)
    yield as_json(
        {
            "greeting": greeting.text if greeting else "",
            "greeting_language": greeting.language if greeting else "",
            "has_recorded_greeting": GreetingSound.objects.kept().filter(user=person).exists(),
            "do_not_disturb": is_do_not_disturb(person),
            "rings_on_one_device": wants_one_device(person),
            "records_calls": RecordingChoice.objects.filter(user=person, is_on=True).exists(),
            "blocked_for_me": list(blocked.values_list("caller", flat=True)),
        }
    )


def as_json(facts: dict[str, Any]) -> str:
    return json.dumps(facts, indent=2, ensure_ascii=False) + "\n"


def write_contacts(person: User) -> Iterator[str]:
    own = Contact.objects.filter(owner=person, deleted_at=None).order_by("sort_name", "pk")
    starred = set(FavouriteContact.objects.filter(user=person).values_list("contact_id", flat=True))
    return write_csv(
        Exported(build_card(contact, is_favourite=contact.pk in starred))
        for contact in in_batches(own, "numbers")
    )


def write_calls(person: User) -> Iterator[str]:
    calls = RecentCall.objects.filter(user=person).order_by("started_at", "pk")
    titles = ("Started", "Answered", "Ended", "Direction", "With", "Name", "Our number", "Cause", "Note")
    names = (
        *("started_at", "answered_at", "ended_at", "direction"),
        *("address", "name", "our_number", "cause", "note"),
    )
    return write_table(titles, ([getattr(one, name) for name in names] for one in in_batches(calls)))


def write_voicemail(person: User) -> Iterator[str]:
    copies = VoicemailCopy.objects.of_person(person).order_by("left_at", "pk")
    rows = (
        (one.left_at, one.message.call.from_address, one.message.recording.seconds, one.heard_at)
        for one in in_batches(copies, "message__call", "message__recording")
    )
    return write_table(("Left", "From", "Seconds", "Heard"), rows)


def write_sign_ins(person: User) -> Iterator[str]:
    events = AccountEvent.objects.filter(user=person).order_by("happened_at", "pk")
    failures = LoginFailure.objects.filter(user=person).order_by("failed_at", "pk")
    what_went_well = (
        (one.happened_at, one.kind, one.ip_address, one.user_agent) for one in in_batches(events)
    )
    what_failed = (
        (one.failed_at, one.verdict, one.ip_address, one.user_agent) for one in in_batches(failures)
    )
    return write_table(("At", "What", "Address", "Browser"), [*what_went_well, *what_failed])


FILES = (
    File("account.json", write_account),
    File("settings.json", write_settings),
    File("contacts.csv", write_contacts),
    File("calls.csv", write_calls),
    File("voicemail.csv", write_voicemail),
    File("sign-ins.csv", write_sign_ins),
)
