"""Byte ranges, as browsers ask for them to seek in a sound. Pure. RFC 9110 §14."""

import re
from dataclasses import dataclass

# A single range; a header that asks for several is answered with the whole, as §14.2 allows.
ONE_RANGE = re.compile(r"bytes=\s*(?:([0-9]{1,15})\s*-\s*([0-9]{0,15})|-\s*([0-9]{1,15}))\s*", re.IGNORECASE)
CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,15})-([0-9]{1,15})/([0-9]{1,15})", re.IGNORECASE)
UNSATISFIED = re.compile(r"bytes \*/([0-9]{1,15})", re.IGNORECASE)


class NotSatisfiable(Exception):
    """Nothing of the sound is in the range that was asked for."""


@dataclass(frozen=True)
class Span:
    """Bytes `first` to `last`, both included, of `total`."""

    first: int
    last: int
    total: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1

    def __str__(self) -> str:
        return f"bytes {self.first}-{self.last}/{self.total}"


def is_one_range(header: str) -> bool:
    """Whether the header asks for one range that makes sense; any other is ignored (§14.2)."""
    found = ONE_RANGE.fullmatch(header)
    return found is not None and not (found[2] and int(found[2]) < int(found[1]))


def find_span(header: str, total: int) -> Span | None:
    """What of `total` bytes is asked for; None for the whole. Raises NotSatisfiable."""
    found = ONE_RANGE.fullmatch(header)
    if found is None or not is_one_range(header):
        return None
    if found[3] is not None:
        first, last = max(0, total - int(found[3])), total - 1
        if int(found[3]) == 0:
            raise NotSatisfiable
    else:
        first, last = int(found[1]), min(int(found[2] or total), total - 1)
    if first >= total:
        raise NotSatisfiable
    return Span(first, last, total)


def read_content_range(header: str) -> Span | None:
    """What an answer 206 says it holds; None where it does not say it in full."""
    found = CONTENT_RANGE.fullmatch(header.strip())
    if found is None:
        return None
    span = Span(*(int(number) for number in found.groups()))
    return span if span.first <= span.last < span.total else None


def read_unsatisfied(header: str) -> int | None:
    """The whole length, which an answer 416 tells."""
    found = UNSATISFIED.fullmatch(header.strip())
    return int(found[1]) if found else None
