"""Pages whose sockets end: all that go at the same time, as before a deploy, are noted together."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from django.db import Error

from accounts.gathering import Gathering
from phone.device.greetings import tell_gone
from phone.device.of_person import Slot, leave_slots
from phone.device.presence import ClosedPage, record_disconnected
from phone.device.together import together

MOST = 200


@dataclass(frozen=True, eq=False)
class Departure:
    """A page that goes, and its place among those of its person."""

    page: ClosedPage
    slot: Slot


async def see_off(departures: Sequence[Departure]) -> Sequence[BaseException | None]:
    return await together(note_gone, departures)


DEPARTURES: Gathering[Departure, None] = Gathering(see_off, most=MOST)


def note_gone(departures: Sequence[Departure]) -> Sequence[None]:
    with suppress(Error):
        # Else they fall free by themselves.
        leave_slots([departure.slot for departure in departures])
    record_disconnected([departure.page for departure in departures])
    tell_gone(list({departure.page.user.pk: departure.page.user for departure in departures}.values()))
    return [None] * len(departures)
