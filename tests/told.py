"""What an answer says was just done (accounts/toasts.py)."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Told:
    words: str
    is_bad: bool
    # The address that each button posts to, by its label.
    deeds: dict[str, str]


def read_told(response: Any) -> list[Told]:
    """Of the answer to a fragment."""
    return [
        Told(one["words"], one["is_bad"], {deed["label"]: deed["url"] for deed in one["deeds"]})
        for one in json.loads(response.headers.get("X-Toasts", "[]"))
    ]
