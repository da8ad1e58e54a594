"""Who asks, and for what: two companies, what belongs to their people, and everybody who might come by."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.utils import timezone

from accounts.company.invitations import Invitation
from accounts.company.memberships import Membership, RefusedMember
from accounts.people import User
from accounts.twilio.credentials import PhoneNumber, TwilioAccount
from phone.answering.greetings import GreetingSound
from phone.calls.call import Call
from phone.calls.changes import tell_changed
from phone.contacts.apart import keep_apart
from phone.contacts.blocked_callers import BlockedCaller
from phone.contacts.changing import delete_contact
from phone.contacts.contacts import Contact
from phone.contacts.exchange.imports import ContactImport
from phone.recordings.recordings import Recording
from phone.voicemail.messages import VoicemailMessage
from tests.conftest import signed_in
from tests.connections import connect
from tests.integration.contacts.book import LONDON, PARIS, build_card, keep
from tests.integration.recordings.stock import make_call, make_message, make_recording
from tests.webhook_requests import add_number

# Who has called all of them, and from what each has been told.
CALLER = "+12025550147"


@dataclass(frozen=True)
class Things:
    """What is one person's own, a row of each kind."""

    person: User
    call: Call
    ringing: Call
    recording: Recording
    message: VoicemailMessage
    contact: Contact
    deleted: Contact
    apart: uuid.UUID
    pair: tuple[Contact, Contact]
    contact_import: ContactImport
    greeting: GreetingSound
    greeting_before: GreetingSound
    blocked: BlockedCaller
    unblocked: BlockedCaller


@dataclass(frozen=True)
class Cast:
    """`owner`, `member` and `limited` are of one company, `other` owns another. With their sign-ins."""

    account: TwilioAccount
    number: PhoneNumber
    owner: User
    member: User
    limited: User
    stranger: User
    other: User
    staff: User
    viewer: User
    admin: User
    refused: RefusedMember
    invitation: Invitation
    of_member: Things
    of_limited: Things
    cookies: dict[int, str]

    @property
    def people(self) -> dict[str, User | None]:
        """Who walks the pages, by the words that head the table's columns."""
        return {
            "nobody": None,
            "another user": self.stranger,
            "whose it is": self.member,
            "the same without rights": self.limited,
            "the company's owner": self.owner,
            "another company's owner": self.other,
            "staff": self.staff,
            "admin": self.admin,
        }

    @property
    def of_the_house(self) -> dict[str, User]:
        """Who may enter the admin: with no permission, with each that begins with `view_`, with all."""
        return {"staff": self.staff, "staff who may look": self.viewer, "admin": self.admin}

    def list_secret(self, title: str) -> list[str]:
        """What whoever walks as `title` is told nothing of."""
        own = ["member knows", "member A", "known.csv", CALLER]
        match title:
            case "whose it is" | "the same without rights":
                return []
            case "the company's owner":
                return own
        people = [one.email for one in (self.owner, self.member, self.limited)]
        return [*own, *people, self.account.account_sid, self.account.webhook_key, self.number.phone_number]


def make_things(person: User, account: TwilioAccount) -> Things:
    name = person.name
    call = make_call(account, person, name)
    tell_changed(call)
    ringing = make_call(account, None, f"{name} rings")
    ringing.rung.add(person)
    tell_changed(ringing)
    later = make_call(account, None, f"{name} later", ended_at=timezone.now(), status="no-answer")
    first, second = (keep(person, account, build_card(f"{name} {one}", PARIS)) for one in ("A", "B"))
    deleted = keep(person, account, build_card(f"{name} gone", LONDON))
    delete_contact(person, account, deleted.pk)
    blocked = {"account": account, "person": person, "blocked_by": person}
    greeting = {"user": person, "content": b"RIFF", "seconds": 1}
    return Things(
        person=person,
        call=call,
        ringing=ringing,
        recording=make_recording(call, name, started_by=person),
        message=make_message(later, person, name=f"{name} left"),
        contact=keep(person, account, build_card(f"{name} knows")),
        deleted=deleted,
        pair=(first, second),
        apart=keep_apart(person, account, [first.pk, second.pk]),
        contact_import=ContactImport.objects.create(
            user=person, account=account, is_shared=False, file_name="known.csv", ended_at=timezone.now()
        ),
        greeting=GreetingSound.objects.create(**greeting),
        greeting_before=GreetingSound.objects.create(**greeting, removed_at=timezone.now()),
        blocked=BlockedCaller.objects.create(**blocked, caller=PARIS),
        unblocked=BlockedCaller.objects.create(**blocked, caller=LONDON, unblocked_at=timezone.now()),
    )


def make_cast() -> Cast:
    """Asks the fake Twilio for the two connections."""
    names = ("owner", "member", "limited", "stranger", "other", "staff", "viewer")
    people = {
        one: User.objects.create_user(f"{one}@reach.example.com", "dog-and-bone", name=one) for one in names
    }
    owner = people["owner"]
    credentials = connect(owner)
    account = credentials.account
    add_number(connect(people["other"], "other").account, "+442071838750")
    invited = {"account": account, "credentials": credentials, "invited_by": owner}
    Membership.objects.create(user=people["member"], **invited)
    no_rights = dict.fromkeys(
        ("may_call_out", "may_call_abroad", "may_hear_recordings", "may_show_any_number"), False
    )
    Membership.objects.create(user=people["limited"], **invited, **no_rights)
    User.objects.filter(name__in=("staff", "viewer")).update(is_staff=True)
    people["viewer"].user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    people["admin"] = User.objects.create_superuser("admin@example.com", "dog-and-bone", name="Admin")
    return Cast(
        account=account,
        number=account.phone_numbers.filter(kind="owned").first(),
        refused=RefusedMember.objects.create(account=account, user=people["stranger"], refused_by=owner),
        invitation=Invitation.objects.create(
            account=account,
            email="invited@example.com",
            token_hash="f" * 64,
            invited_by=owner,
            expires_at=timezone.now() + timedelta(days=7),
        ),
        of_member=make_things(people["member"], account),
        of_limited=make_things(people["limited"], account),
        cookies={
            one.pk: signed_in(one).cookies[settings.SESSION_COOKIE_NAME].value for one in people.values()
        },
        **people,
    )


@contextmanager
def undone() -> Iterator[None]:
    """What is done within is taken back; the transaction counts as the test's own, not as the program's."""
    block: Any = transaction.atomic()
    block._from_testcase = True
    with block:
        yield
        transaction.set_rollback(True)


@dataclass(frozen=True)
class Answer:
    """`word` is the status, or where they are sent to; `text` all that they are told."""

    word: str
    text: str


def ask(cast: Cast, who: User | None, method: str, path: str, body: Any = None) -> Answer:
    """What `who` is answered. Whatever it does is undone."""
    client = Client(raise_request_exception=False)
    if who is not None:
        client.cookies[settings.SESSION_COOKIE_NAME] = cast.cookies[who.pk]
    # Limits are each person's, and not what is asked here.
    cache.clear()
    with undone():
        answer: Any = client.get(path) if method == "GET" else client.post(path, body or {})
        # What is made while it is sent is over with its end.
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        return Answer(name_answer(answer), content.decode(errors="replace") + str(answer.headers))


def name_answer(answer: HttpResponseBase) -> str:
    where = answer.headers.get("Location", "")
    if where.startswith(("/accounts/login/", "/admin/login/")):
        return "login"
    if where == "/accounts/twilio/":
        return "connect"
    return str(answer.status_code)
