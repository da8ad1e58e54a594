"""Two values that were typed into each other's fields, kept until the person says to swap them.

A secret among them never goes back to the page, so it waits here: sealed, in the person's own session,
for one try and a few minutes.
"""

import json
import time
from typing import Any

from django.contrib.sessions.backends.base import SessionBase

from accounts.people import User
from accounts.sealing.encryption import UnsealError, open_sealed, seal
from accounts.sealing.fields import Secret
from accounts.twilio.candidate import Candidate, find_swapped, swap
from accounts.twilio.shape import SECRET_NAMES, reveal

SESSION_KEY = "twilio_swapped"
KEPT_FOR_SECONDS = 300


def offer_swap(session: SessionBase, user: User, candidate: Candidate, *, leaves_numbers: bool) -> bool:
    """Keeps `candidate` with its two fields exchanged; False where no two are swapped."""
    fields = find_swapped(candidate)
    if fields is None:
        return False
    meant = swap(candidate, *fields)
    values = {name: reveal(value) for name, value in vars(meant).items()}
    session[SESSION_KEY] = {
        "sealed": seal(json.dumps(values), place=find_place(user)).hex(),
        "leaves_numbers": leaves_numbers,
        "until": time.time() + KEPT_FOR_SECONDS,
    }
    return True


def take_swapped(session: SessionBase, user: User) -> tuple[Candidate, bool] | None:
    """What `offer_swap` kept, and `leaves_numbers`, for one time; None where there is nothing, or too old."""
    kept = session.pop(SESSION_KEY, None)
    if not kept or kept["until"] < time.time():
        return None
    try:
        values: dict[str, Any] = json.loads(
            open_sealed(bytes.fromhex(kept["sealed"]), place=find_place(user))
        )
    except UnsealError:
        return None
    for name in SECRET_NAMES:
        values[name] = Secret(values[name])
    return Candidate(**values), bool(kept["leaves_numbers"])


def forget_swapped(session: SessionBase, *, is_only_old: bool = False) -> None:
    """Whoever goes on otherwise leaves nothing behind; `is_only_old`: what is still offered stays."""
    kept = session.get(SESSION_KEY)
    if kept and not (is_only_old and kept["until"] >= time.time()):
        del session[SESSION_KEY]


def find_place(user: User) -> str:
    return f"session:{SESSION_KEY}:{user.pk}"
