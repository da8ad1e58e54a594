"""Which texts look the same to the eye: a skeleton by Unicode's confusables (UTS #39).

Two texts are twins where they share a skeleton. Neither case nor what cannot be seen tells them apart.
"""

import re
import unicodedata
from functools import cache

from confusable_homoglyphs.confusables import confusables_data

# Letters and symbols that are drawn as nothing, beside the format characters (category Cf).
BLANKS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
UNSEEN = re.compile(f"[{BLANKS}\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def build_skeletons(text: str) -> frozenset[str]:
    """What is compared. Two, since letters are alike in one case only: I and l, but i and j."""
    seen = strip_unseen(text)
    return frozenset({replace_look_alikes(seen.casefold()), replace_look_alikes(seen).casefold()})


def are_twins(one: str, other: str) -> bool:
    return not build_skeletons(one).isdisjoint(build_skeletons(other))


def strip_unseen(text: str) -> str:
    """`text` in compatible letters, without what is drawn as nothing, each space a plain one."""
    letters = (
        letter
        for letter in UNSEEN.sub("", unicodedata.normalize("NFKC", text))
        if unicodedata.category(letter) not in ("Cf", "Cc", "Cn", "Co", "Cs") or letter.isspace()
    )
    return UNSEEN.sub("", " ".join("".join(letters).split()))


def replace_look_alikes(text: str) -> str:
    prototypes = build_prototypes()
    letters = unicodedata.normalize("NFD", text)
    return "".join(prototypes.get(letter, letter) for letter in letters)


@cache
def build_prototypes() -> dict[str, str]:
    """For each character the one that stands for all that look like it; ASCII where there is one."""
    parents: dict[str, str] = {}

    def find(letter: str) -> str:
        while parents.setdefault(letter, letter) != letter:
            letter = parents[letter]
        return letter

    # A small o is no confusable of 0 to Unicode, and one to the eye.
    pairs = [("o", "0"), *((one, other["c"]) for one, others in confusables_data.items() for other in others)]
    for one, other in pairs:
        parents[find(one)] = find(other.strip("\u200e"))
    groups: dict[str, list[str]] = {}
    for letter in list(parents):
        groups.setdefault(find(letter), []).append(letter)
    best = {root: min(group, key=rank) for root, group in groups.items()}
    return {letter: best[find(letter)] for letter in list(parents) if len(letter) == 1}


def rank(prototype: str) -> tuple[bool, int, str]:
    """Longer ones first: every m is an rn, but not every r the half of an m."""
    return (not prototype.isascii(), -len(prototype), prototype)
