"""Stores what was set on the settings pane, and keeps who changed what."""

import uuid
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.clients import ClientInfo
from accounts.masking import mask_phone_number
from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from phone.answering.changes import AnsweringChange, record_change
from phone.answering.forms import build_seen
from phone.answering.greetings import (
    Greeting,
    GreetingSound,
    get_sound,
    put_away_sound,
    store_sound,
    take_back_sound,
)
from phone.answering.rules import NumberRules, RungPerson
from phone.calls.do_not_disturb import switch_do_not_disturb
from phone.device.one_device import switch_one_device

FIELDS = (
    *("who", "order", "seconds", "week", "time_zone", "greeting", "language"),
    *("unanswered_then", "unanswered_number", "unanswered_sentence"),
    *("closed_then", "closed_number", "closed_sentence"),
)


class ChangedMeanwhile(Exception):
    """Somebody else has changed the rules since the form was shown; `rules` are theirs."""

    def __init__(self, rules: NumberRules) -> None:
        super().__init__("The rules were changed meanwhile")
        self.rules = rules


@transaction.atomic
def change_rules(
    *, account: TwilioAccount, phone_number: str, person: User, seen: str, cleaned: dict[str, Any]
) -> NumberRules:
    """Stores the rules of one number. `seen`: the version that the form was of. Raises ChangedMeanwhile."""
    # The account's row, which is always there, is what two who save at once wait for.
    TwilioAccount.objects.select_for_update().get(pk=account.pk)
    rules = NumberRules.objects.filter(account=account, phone_number=phone_number).first()
    if rules is not None and build_seen(rules) != seen:
        raise ChangedMeanwhile(rules)
    before = describe(rules) if rules else {}
    rules = rules or NumberRules(account=account, phone_number=phone_number)
    for name in FIELDS:
        setattr(rules, name, cleaned[name])
    rules.changed_at, rules.changed_by = timezone.now(), person
    rules.save()
    rules.rung_people.all().delete()
    RungPerson.objects.bulk_create(
        RungPerson(rules=rules, user_id=user_id, position=position)
        for position, user_id in enumerate(dict.fromkeys(cleaned["people"]), start=1)
    )
    record_change(
        subject=AnsweringChange.Subject.NUMBER,
        user=person,
        account=account,
        phone_number=phone_number,
        before=before,
        after=describe(rules),
    )
    return rules


def describe(rules: NumberRules) -> dict[str, Any]:
    """The rules for the audit trail: other numbers masked, people by their e-mail."""
    return {
        **{name: getattr(rules, name) for name in FIELDS},
        "unanswered_number": mask_phone_number(rules.unanswered_number),
        "closed_number": mask_phone_number(rules.closed_number),
        "people": [one.email for one in rules.list_people()],
    }


@transaction.atomic
def change_greeting(account: TwilioAccount, person: User, *, text: str, language: str) -> None:
    before = Greeting.objects.filter(user=person).first()
    Greeting.objects.update_or_create(
        user=person, defaults={"text": text, "language": language, "changed_at": timezone.now()}
    )
    note_greeting(
        account,
        person,
        before={"text": before.text, "language": before.language} if before else {},
        after={"text": text, "language": language},
    )


@transaction.atomic
def change_sound(
    account: TwilioAccount, person: User, content: bytes, seconds: float
) -> GreetingSound | None:
    """Keeps a recording in place of the one before, which it returns."""
    before = get_sound(person)
    after = store_sound(person, content, seconds)
    note_greeting(account, person, before=describe_sound(before), after=describe_sound(after))
    return before


@transaction.atomic
def remove_sound(account: TwilioAccount, person: User) -> GreetingSound | None:
    """The one that is removed; None where there was none."""
    sound = get_sound(person)
    if sound is not None:
        put_away_sound(person)
        note_greeting(account, person, before=describe_sound(sound), after={})
    return sound


@transaction.atomic
def have_sound_back(account: TwilioAccount, person: User, key: uuid.UUID) -> bool:
    """Whether it was in time."""
    before = get_sound(person)
    found = take_back_sound(person, key)
    if found is not None:
        note_greeting(account, person, before=describe_sound(before), after=describe_sound(found))
    return found is not None


def describe_sound(sound: GreetingSound | None) -> dict[str, Any]:
    return {"recording": str(sound.pk), "seconds": round(sound.seconds)} if sound else {}


def note_greeting(
    account: TwilioAccount, person: User, *, before: dict[str, Any], after: dict[str, Any]
) -> None:
    subject = AnsweringChange.Subject.GREETING
    record_change(subject=subject, user=person, account=account, before=before, after=after)


@transaction.atomic
def change_one_device(
    account: TwilioAccount, person: User, *, is_on: bool, page_session: uuid.UUID | None, client: ClientInfo
) -> None:
    if switch_one_device(person, is_on=is_on, page_session=page_session, client=client):
        record_change(
            subject=AnsweringChange.Subject.ONE_DEVICE,
            user=person,
            account=account,
            before={"is_on": not is_on},
            after={"is_on": is_on},
        )


@transaction.atomic
def change_do_not_disturb(account: TwilioAccount, person: User, *, is_on: bool) -> None:
    if switch_do_not_disturb(person, is_on=is_on):
        record_change(
            subject=AnsweringChange.Subject.DO_NOT_DISTURB,
            user=person,
            account=account,
            before={"is_on": not is_on},
            after={"is_on": is_on},
        )
