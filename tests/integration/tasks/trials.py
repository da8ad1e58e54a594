"""Tasks to try the queue with: each leaves its mark as a person's name."""

import uuid

from accounts.people import User
from accounts.tasks.background import GivenUp, background

SECRET = "a7f3" * 8


def mark(pk: int) -> None:
    person = User.objects.get(pk=pk)
    person.name += "!"
    person.save()


def mark_given_up(pk: int) -> None:
    User.objects.filter(pk=pk).update(name="given up")


@background()
def succeed(pk: int) -> None:
    mark(pk)


@background(tries=3, given_up=mark_given_up)
def fail(pk: int) -> None:
    mark(pk)
    raise ConnectionError(f"could not log in with {SECRET}")


@background(given_up=mark_given_up)
def give_up(pk: int) -> None:
    mark(pk)
    raise GivenUp("There is no use in it.")


@background(tries=1, given_up=lambda pk: 1 / 0)
def fail_to_the_last_word(pk: int) -> None:
    raise ConnectionError


@background()
def take_id(pk: str) -> None:
    User.objects.create_user(f"{uuid.UUID(pk)}@example.com")
