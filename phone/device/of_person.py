"""What one person's pages may have together, in all tabs and browsers, and over all workers.

A socket's own limit would hold nobody who opens more of them. How many are open is kept in the cache: a
slot for each, which its socket holds on to, and which falls free by itself when the server that it lived in
has died. What they send is counted in the worker, because it comes many times a second, and taken from the
cache a hundred at a time. And whatever they send, two of the worker's threads are all that they have at once.
"""

import random
import uuid
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from django.core.cache import cache

from accounts.rate_limits import RateLimit
from phone.device.allowances import Allowance
from phone.device.lanes import Lanes

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
# Of the four threads that all sockets of a worker share.
TURNS = Lanes(2)


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

    def take_packet(self) -> bool:
        """One frame of a new packet; False where all workers together have had too many. Asks the cache."""
        if PACKETS.take(self.user_id):
            return False
        self.packet = PACKET - 1
        return True


# Kept for as long as one of the person's sockets is open here.
_frames: "WeakValueDictionary[int, PersonsFrames]" = WeakValueDictionary()


def get_frames(user_id: int) -> PersonsFrames:
    return _frames.setdefault(user_id, PersonsFrames(user_id))


@dataclass(frozen=True)
class Slot:
    """The place of one open socket among those of its person."""

    key: str
    socket: str


def take_slot(user_id: int, socket: uuid.UUID) -> Slot | None:
    """A place for a socket; None where a person has as many as they may."""
    first = random.randrange(MOST_SOCKETS)
    for number in range(MOST_SOCKETS):
        slot = Slot(f"socket:{user_id}:{(first + number) % MOST_SOCKETS}", str(socket))
        if cache.add(slot.key, slot.socket, SLOT_SECONDS):
            return slot
    return None


def hold_slot(slot: Slot) -> None:
    """Once more for SLOT_SECONDS; had anew where the cache has lost it, as it does when Redis goes."""
    if cache.get(slot.key) == slot.socket:
        cache.touch(slot.key, SLOT_SECONDS)
    else:
        cache.add(slot.key, slot.socket, SLOT_SECONDS)


def leave_slot(slot: Slot) -> None:
    if cache.get(slot.key) == slot.socket:
        cache.delete(slot.key)
