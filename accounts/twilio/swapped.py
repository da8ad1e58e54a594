"""What was typed, kept until the person says to swap two of its fields, or that it is them.

A secret among it never goes back to the page, so it waits here: sealed, in the person's own session, for one
try and a few minutes.
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

SWAPPED, UNCONFIRMED = "twilio_swapped", "twilio_unconfirmed"
KEPT_FOR_SECONDS = 300


def offer_swap(session: SessionBase, user: User, candidate: Candidate, *, leaves_numbers: bool) -> bool:
    """Keeps `candidate` with its two fields exchanged; False where no two are swapped."""
    fields = find_swapped(candidate)
    if fields is None:
        return False
    keep(session, user, swap(candidate, *fields), leaves_numbers=leaves_numbers, name=SWAPPED)
    return True


def keep(session: SessionBase, user: User, candidate: Candidate, *, leaves_numbers: bool, name: str) -> None:
    values = {field: reveal(value) for field, value in vars(candidate).items()}
    session[name] = {
        "sealed": seal(json.dumps(values), place=find_place(user, name)).hex(),
        "leaves_numbers": leaves_numbers,
        "until": time.time() + KEPT_FOR_SECONDS,
    }


def take_kept(session: SessionBase, user: User, *, name: str) -> tuple[Candidate, bool] | None:
    """What was kept, and `leaves_numbers`, for one time; None where there is nothing, or too old."""
    kept = session.pop(name, None)
    if not kept or kept["until"] < time.time():
        return None
    try:
        values: dict[str, Any] = json.loads(
            open_sealed(bytes.fromhex(kept["sealed"]), place=find_place(user, name))
        )
    except UnsealError:
        return None
    for field in SECRET_NAMES:
        values[field] = Secret(values[field])
    return Candidate(**values), bool(kept["leaves_numbers"])


def is_kept(session: SessionBase, *, name: str) -> bool:
    kept = session.get(name)
    return bool(kept and kept["until"] >= time.time())


def forget_kept(session: SessionBase, *, is_only_old: bool = False) -> None:
    """Whoever goes on otherwise leaves nothing behind; `is_only_old`: what is still offered stays."""
    for name in (SWAPPED, UNCONFIRMED):
        if name in session and not (is_only_old and is_kept(session, name=name)):
            del session[name]


def find_place(user: User, name: str) -> str:
    return f"session:{name}:{user.pk}"
