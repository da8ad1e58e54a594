"""The figures as rows in Markdown: median and worst, and each beside its peer in the same run."""

import statistics
from collections.abc import Iterator, Mapping, Sequence

from bench.calls.people import CONFERENCE, OURS, PLAIN
from fake_twilio.sounds import FRAME_SECONDS

ROWS = {
    "out: rings": "call out: from pressing Call until Twilio calls the other side",
    "out: heard": "call out: from their answer until we hear them",
    "in: rings": "call from outside: until our phone rings",
    "in: heard": "call from outside: from our answer until we hear them",
    "first hold: not us": "first hold, out of a Dial: until they do not hear us",
    "first hold: music": "first hold: until they hear music (its first 400 ms are silence)",
    "first resume": "resume: until they hear us",
    "second hold: not us": "second hold, in the room: until they do not hear us",
    "second hold: music": "second hold: until they hear music (its first 400 ms are silence)",
    "second resume": "second resume: until they hear us",
    "move: gap there": "move into a room (add): gap at their side",
    "move: gap here": "move into a room (add): gap at our side",
    "transfer: rings": "blind transfer: until Twilio calls the target",
    "transfer: heard": "blind transfer: from its answer until both hear each other",
    "second: both": "hold and answer: until we and the second caller hear each other",
}
HEAD = (
    "from the request until it is heard, in ms: median / worst",
    "round trip",
    "Dog n Bone",
    "bare Dial or REST",
    "conference from the start",
    "ratio to bare",
    "ratio to the conference",
)


def build_table(by_round_trip: Mapping[int, Mapping[tuple[str, str], Sequence[float]]]) -> Iterator[str]:
    yield write_row(HEAD)
    yield write_row(["---"] * len(HEAD))
    for name, words in ROWS.items():
        for round_trip, figures in by_round_trip.items():
            ways = [figures.get((name, way), ()) for way in (OURS, PLAIN, CONFERENCE)]
            ratios = [write_ratio(ways[0], peer) for peer in ways[1:]]
            yield write_row([words, f"{round_trip} ms", *map(write_figure, ways), *ratios])


def write_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def write_figure(durations: Sequence[float]) -> str:
    return f"{statistics.median(durations):.0f} / {max(durations):.0f}" if durations else "–"


def write_ratio(ours: Sequence[float], peer: Sequence[float]) -> str:
    if not ours or not peer:
        return "–"
    # Of what is heard, nothing shorter than a frame can be told from none.
    return f"{statistics.median(ours) / max(FRAME_SECONDS * 1000, statistics.median(peer)):.2f} ×"
