"""Browsers in which a person has proved who they are: by a password, or by a letter to their address.

A signed cookie that page scripts cannot read names the browser and the people known in it. It signs
nobody in: whoever carries it types the password all the same, and is only counted apart from others.
"""

import uuid
from dataclasses import dataclass, field

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

COOKIE = "dnb_device"
COOKIE_SECONDS = 365 * 24 * 3600
SALT = "dognbone.device"
# A browser that more people share forgets those who were there first.
MOST_PEOPLE = 10
_REMEMBERED = "dognbone.remembered_person"


@dataclass(frozen=True)
class Device:
    """A browser, and the keys of the people known in it, the latest last."""

    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    people: tuple[int, ...] = ()

    def knowing(self, person: int) -> "Device":
        others = [one for one in self.people if one != person]
        return Device(self.id, (*others, person)[-MOST_PEOPLE:])


def read_device(request: HttpRequest) -> Device:
    """The browser that the request names; a new one, in which nobody is known, where it names none."""
    try:
        device_id, people = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=COOKIE_SECONDS)
    except signing.BadSignature:
        return Device()
    return Device(device_id, tuple(people))


def remember_person(request: HttpRequest, person: int) -> None:
    """Has the answer to this request make the person known in this browser."""
    request.META[_REMEMBERED] = person


def write_device(request: HttpRequest, response: HttpResponseBase) -> None:
    """Sets the cookie, if somebody is to be remembered."""
    person = request.META.get(_REMEMBERED)
    if person is None:
        return
    device = read_device(request).knowing(person)
    response.set_cookie(
        COOKIE,
        signing.dumps((device.id, device.people), salt=SALT),
        max_age=COOKIE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
