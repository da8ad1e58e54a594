"""What is sent where something sensible is expected."""

import random
import uuid
from collections.abc import Mapping
from typing import Any

TEXTS = (
    *("", " ", "0", "1", "-1", "2", "zzz", "true", "None", "null", "nan", "-inf", "1e400", "0x10", "²", "٣"),
    *("\0", "a\0b", "\ud800", "\udcff", "\uffff", "\u202egnp.exe", "א" * 40, "🐕" * 30, "e\u0301" * 50),
    *("9" * 19, "9" * 40, "-" + "9" * 40, "9" * 5000, "1.5", "1,2", "0" * 300, "+" + "9" * 30),
    *("2026-02-30", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "10000-01-01", "0000-00-00"),
    *(
        "0001-01-01",
        "9999-12-31",
        "24:00",
        "Sun, 31 Dec 9999 23:59:59 -1400",
        "Mon, 01 Jan 0001 00:00:00 +0000",
    ),
    *(
        "%",
        "%00",
        "_",
        "\\",
        "'",
        '"',
        "';--",
        "<script>",
        "{{7*7}}",
        "{}",
        '{"a":',
        "[1]",
        "(a+)+$",
        "\r\nX: y",
    ),
    *(
        "../../etc/passwd",
        "//example.com",
        "javascript:alert(1)",
        "https://[::1",
        "http://[",
        "::1",
        "/" * 300,
    ),
    *("a@b", "@", "a" * 300 + "@example.com", "client:", "client:\0", "sip:a@b", "+1", "+", "tel:", "#", "*"),
    *(
        "Ω" * 255,
        "ß" * 300,
        "ﷺ" * 300,
        "A" * 3000,
        "a " * 120,
        "1," * 1500,
        "\n" * 500,
        "\t",
        "\x85",
        "\x1b[2J",
    ),
    *("00000000-0000-0000-0000-000000000000", "CA" + "f" * 32, "CF" + "0" * 32, "de", "xx", "en-GB;q=0.5"),
)
MEGABYTE = 1_000_000


class Raw(str):
    """JSON as it is sent, well formed or not."""


BAD_JSON: tuple[Any, ...] = (
    *map(Raw, ("", "{", "[", "nul", "{'a': 1}", '{"a": NaN}', '{"a": 1e999}', '"\\ud800"', "\ufeff{}", "\0")),
    *(Raw("[" * 5000), Raw("[" * 100_000), Raw('{"a":' * 50_000), Raw("[" * 900 + "]" * 900)),
    *(Raw('{"type": ' + "9" * 5000 + "}"), Raw('{"a": 1, "a": 2}'), Raw("{}" + " " * 100_000 + "{}")),
    *(None, True, 0, -1, 1.5, "text", [], [[]], {}, {"": ""}, ["\ud800"]),
)


def make_text(dice: random.Random) -> str:
    """Mostly one of those that break things; now and then one that nobody has thought of, or a megabyte."""
    roll = dice.random()
    if roll < 0.85:
        return dice.choice(TEXTS)
    if roll < 0.99:
        ranges = (
            (0, 0x80),
            (0x80, 0x800),
            (0x2000, 0x2100),
            (0xD7F0, 0xE010),
            (0xFFF0, 0x10010),
            (0, 0x11_0000),
        )
        return "".join(chr(dice.randrange(*dice.choice(ranges))) for _ in range(dice.choice((1, 3, 20, 200))))
    return dice.choice(("A", "\0", "é", "1", "%")) * MEGABYTE


def make_json(dice: random.Random, depth: int = 0) -> Any:
    """A JSON value of any type."""
    match dice.randrange(9 if depth < 3 else 6):
        case 0:
            return dice.choice((None, True, False))
        case 1:
            return dice.choice((0, -1, 1, 2**31, 2**53, 2**63, 2**64, -(2**63) - 1, 10**400, 31005))
        case 2:
            return dice.choice((0.5, -0.0, 1e308, float("nan"), float("inf"), -float("inf")))
        case 3 | 4:
            # A megabyte in each place of a list would be none that a server has to take.
            return make_text(dice)[: MEGABYTE if depth == 0 else 5000]
        case 5:
            return str(uuid.UUID(int=dice.getrandbits(128)))
        case 6 | 7:
            return [make_json(dice, depth + 1) for _ in range(dice.choice((0, 1, 3, 40)))]
        case _:
            return {make_text(dice)[:50]: make_json(dice, depth + 1) for _ in range(dice.randrange(4))}


def spoil(dice: random.Random, document: Any) -> Any:
    """A JSON value with one place in it made wrong."""
    if isinstance(document, Mapping) and document and dice.random() < 0.9:
        name = dice.choice(list(document))
        changed = dict(document)
        match dice.randrange(6):
            case 0:
                del changed[name]
            case 1:
                changed[make_text(dice)[:60]] = changed.pop(name)
            case _:
                changed[name] = spoil(dice, document[name])
        return changed
    if isinstance(document, list) and document and dice.random() < 0.7:
        at = dice.randrange(len(document))
        return [*document[:at], spoil(dice, document[at]), *document[at + 1 :] * dice.choice((1, 1, 60))]
    return make_json(dice)
