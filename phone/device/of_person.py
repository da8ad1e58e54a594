"""What one person's pages may have together, in all tabs and browsers, and over all workers.

A socket's own limit would hold nobody who opens more of them. How many are open is kept in the cache: a
slot for each, which its socket holds on to, and which falls free by itself when the server that it lived in
has died. What they send is counted in the worker, because it comes many times a second, and taken from the
cache a hundred at a time.
"""

import random
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from django.core.cache import cache

from accounts.gathering import Gathering
from accounts.rate_limits import RateLimit
from phone.device.allowances import Allowance
from phone.device.threads import in_database_thread

# Tabs in all browsers of a person, and those of them that were lost and dialled again.
MOST_SOCKETS = 50
# Longer than from one look at the session to the next (`consumers.py`), twice.
SLOT_SECONDS = 90
# A page that was cut off for a day sends all it has kept at once; a broken one never stops.
FRAMES_AT_ONCE, FRAMES_PER_SECOND = 5000, 50
REFUSALS_AT_ONCE, REFUSALS_PER_SECOND = 200, 1
# The same in all workers together, in packets of so many frames.
PACKET = 100
PACKETS = RateLimit("frames-of-person", limit=200, seconds=300)


@dataclass(eq=False)
class PersonsFrames:
    """What one person's sockets in this worker may still send."""

    user_id: int
    frames: Allowance = field(init=False)
    refusals: Allowance = field(init=False)
    packet: int = 0

    def __post_init__(self) -> None:
        self.frames = Allowance(FRAMES_AT_ONCE, FRAMES_PER_SECOND)
        self.refusals = Allowance(REFUSALS_AT_ONCE, REFUSALS_PER_SECOND)

    def take_from_packet(self) -> bool:
        """False where the packet is used up, and the next has to be asked for."""
        if not self.packet:
            return False
        self.packet -= 1
        return True

    async def take(self) -> bool:
        """False where this is more than may be sent here, or by all workers together. May ask the cache."""
        if not self.frames.take():
            return False
        return self.take_from_packet() or await NEXT_PACKETS.ask(self)


# Kept for as long as one of the person's sockets is open here.
_frames: "WeakValueDictionary[int, PersonsFrames]" = WeakValueDictionary()


def get_frames(user_id: int) -> PersonsFrames:
    if (frames := _frames.get(user_id)) is None:
        frames = _frames[user_id] = PersonsFrames(user_id)
    return frames


def take_packets(people: Iterable[int]) -> set[int]:
    """Those of `people`, by their keys, who were given a packet; who has one in this worker needs none."""
    wanted = [user_id for user_id in set(people) if not ((frames := _frames.get(user_id)) and frames.packet)]
    waits = PACKETS.take_many(wanted) if wanted else []
    return {user_id for user_id, wait in zip(wanted, waits, strict=True) if not wait}


async def open_packets(asking: Sequence[PersonsFrames]) -> Sequence[bool]:
    """Whether each of `asking` has a frame of its next packet."""
    given = await in_database_thread(take_packets, [frames.user_id for frames in asking])
    for frames in set(asking):
        if frames.user_id in given:
            frames.packet += PACKET
    return [frames.take_from_packet() for frames in asking]


# Pages that opened at once, and say as much, use up their packets at once.
NEXT_PACKETS: Gathering[PersonsFrames, bool] = Gathering(open_packets, most=500)


@dataclass(frozen=True)
class Slot:
    """The place of one open socket among those of its person."""

    key: str
    socket: str


def take_slots(wanted: Sequence[tuple[int, uuid.UUID]]) -> list[Slot | None]:
    """A place for each of `wanted`, a person's key and a socket; None where they have as many as they may."""
    first = {
        Slot(name_place(user_id, random.randrange(MOST_SOCKETS)), str(socket)): user_id
        for user_id, socket in wanted
    }
    taken = add_slots(first)
    return [
        slot if taken.get(slot.key) == slot.socket else take_another(slot, user_id)
        for slot, user_id in first.items()
    ]


def take_another(slot: Slot, user_id: int) -> Slot | None:
    """Where a socket's first choice was not free."""
    order = random.sample(range(MOST_SOCKETS), MOST_SOCKETS)
    slots = (Slot(name_place(user_id, number), slot.socket) for number in order)
    return next((one for one in slots if cache.add(one.key, one.socket, SLOT_SECONDS)), None)


def add_slots(slots: Iterable[Slot]) -> dict[str, str]:
    """The sockets that have got their places now, by the places; of two for one place, the first."""
    wanted: dict[str, str] = {}
    for slot in slots:
        wanted.setdefault(slot.key, slot.socket)
    # Only the cache in Redis, and what stands in for it, knows how to do it in one go.
    add_many = getattr(cache, "add_many", None)
    if add_many is None:
        return {key: one for key, one in wanted.items() if cache.add(key, one, SLOT_SECONDS)}
    return {key: wanted[key] for key in add_many(wanted, SLOT_SECONDS)}


def hold_slots(slots: Sequence[Slot]) -> None:
    """Once more for SLOT_SECONDS; had anew where the cache has lost them, as it does when Redis goes."""
    kept = find_kept(slots)
    cache.set_many({slot.key: slot.socket for slot in kept}, SLOT_SECONDS)
    add_slots(slot for slot in slots if slot not in kept)


def leave_slots(slots: Sequence[Slot]) -> None:
    cache.delete_many([slot.key for slot in find_kept(slots)])


def find_kept(slots: Sequence[Slot]) -> set[Slot]:
    """Those of `slots` that are still their sockets'."""
    if not slots:
        return set()
    known = cache.get_many([slot.key for slot in slots])
    return {slot for slot in slots if known.get(slot.key) == slot.socket}


def name_place(user_id: int, number: int) -> str:
    return f"socket:{user_id}:{number}"
