"""How many messages a person has not heard, and telling their pages."""

from accounts.people import User
from accounts.push import push_to_user
from phone.voicemail.messages import VoicemailCopy


def count_new(person: User) -> int:
    return int(VoicemailCopy.objects.of_person(person).new().count())


def push_count(person: User) -> None:
    """Says it to the person's open pages, after commit; the other counts stay as they are."""
    push_to_user(person.pk, {"type": "counts", "voicemail": count_new(person)})
