"""What is sent where something sensible is expected."""

import random
import re
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
    *(str(2**31 - 1), str(2**31), str(2**63 - 1), str(2**63), str(2**64), "-" + str(2**63 + 1), "1e9", "+1"),
    *(
        "2026-11-30T25:61:61Z",
        "2026-W53-7",
        "2026-11-30T10:00:00+23:59:59.999999",
        "1969-12-31",
        "2100-01-01",
    ),
    *(
        "Europe/Berlin",
        "Mars/Olympus",
        "../../../etc/localtime",
        "Etc/GMT+12",
        "localtime",
        "America",
        "UTC\0",
    ),
    *(
        "\u2066\u202d\u2029",
        "İ" * 100,
        "ŉ" * 90,
        "\u200b",
        "\ufeff",
        "\udcc0\udc80",
        "\udced\udca0\udc80",
        "%ff%C0%80",
    ),
    *("00000000-0000-0000-0000-000000000000", "CA" + "f" * 32, "CF" + "0" * 32, "de", "xx", "en-GB;q=0.5"),
)
MEGABYTE = 1_000_000


# What each header may say, beside any text at all; a server judges `content-length` itself, and hands on none
# that is wrong. Dates: RFC 9110, 5.6.7.
DATES = (
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "Sunday, 06-Nov-94 08:49:37 GMT",
    "Sun, 31 Dec 9999 23:59:60 GMT",
    "0",
)
HEADERS: Mapping[str, tuple[str, ...]] = {
    "accept": ("application/json", "text/html;q=nan", "*/*;q=1e999", "application/x-ndjson", ",;,"),
    "accept-encoding": ("gzip", "br;q=0, *;q=0", "gzip;q=-1", "zstd, gzip, br"),
    "accept-language": ("de", "de;q=2", "*", ",,,", "en-" + "a" * 300, "de-DE-1996,de;q=0.9,x-klingon;q=0"),
    "authorization": ("Bearer fuzz", "Bearer ", "Basic !!!", "Digest a=b", "bearer  fuzz"),
    "content-encoding": ("gzip", "br", "identity, gzip"),
    "cookie": (
        *(
            "=",
            ";;;",
            "a",
            "sessionid=",
            "sessionid=x; sessionid=y",
            "csrftoken=",
            'sessionid="\\000"',
            "a=1; " * 300,
        ),
        *(
            "time_zone=Europe%2FBerlin",
            "time_zone=../../etc/passwd",
            "time_zone=America",
            "time_zone=Etc/GMT+12",
        ),
        *(
            "messages=[[",
            "messages.1=x:y:z",
            "messages.1=; messages.2=",
            "dnb_device=a:b:c",
            "django_language=de",
        ),
    ),
    "expect": ("100-continue", "x"),
    "forwarded": ("for=unknown;proto=https", 'for="[::1'),
    "host": ("testserver:99999", "testserver.", "", "[::1", "[::1]:x", "a b", "localhost", "example.com"),
    "hx-current-url": ("http://[", "//", "http://testserver/phone/recents/?q=1", "javascript:1"),
    "hx-request": ("true", "false"),
    "if-match": ("*", '"x"', 'W/"'),
    "if-modified-since": DATES,
    "if-none-match": ("*", '"x"', 'W/"x", "y', '"' + "x" * 4000),
    "if-range": ('"x"', *DATES),
    "if-unmodified-since": DATES,
    "origin": ("null", "http://[", "http://testserver", "https://example.com", "http://[::1", ""),
    "range": (
        *(
            "bytes=0-",
            "bytes=5-2",
            "bytes=-5",
            "bytes=-0",
            "bytes=0-0,5-6",
            "bytes=--1",
            "bytes=",
            "items=0-1",
        ),
        *("bytes=" + "9" * 5000 + "-", "bytes=0-" + "9" * 40, "bytes=²-", "bytes=0-,1-,2-" + ",3-" * 500),
    ),
    "referer": ("http://[::1", "http://testserver/", "https://example.com/%ff"),
    "user-agent": ("", "Mozilla/5.0 (X11; Linux x86_64) Firefox/9" + "9" * 400, "(((((" * 400),
    "x-csrftoken": ("", "c" * 31, "c" * 64, "x"),
    "x-deed": ("a", "0" * 36, "../x", "; Path=/"),
    "x-forwarded-for": ("::1", "unknown", "1.2.3.4, " * 200, "fe80::1%eth0"),
    "x-forwarded-host": ("example.com", "[", "a,b"),
    "x-forwarded-proto": ("https", "gopher"),
    "x-http-method-override": ("DELETE",),
    "x-request-id": ("0" * 32, "x", "00000000-0000-0000-0000-000000000000"),
    "x-twilio-signature": ("", "A" * 27 + "=", "A" * 28, "=" * 28),
}
# No server hands on a header with one of these: llhttp and h11 refuse it.
UNSENT = re.compile(r"[\0-\x08\n-\x1f\x7f]")


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


def make_header(dice: random.Random) -> tuple[str, str]:
    """Its name and what it says: half of them something that could stand there."""
    name = dice.choice(list(HEADERS))
    said = dice.choice(HEADERS[name]) if dice.random() < 0.5 else make_text(dice)[:8000]
    return name, UNSENT.sub("", said).strip()


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
