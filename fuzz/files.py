"""Files and bodies as nobody saves them: contacts in CSV and vCard, greetings, and what is no form at all."""

import io
import random
import struct
import wave
from collections.abc import Sequence
from dataclasses import replace

from fuzz.inputs import BOUNDARY, File
from fuzz.values import make_text

HEADS = (
    "First Name,Last Name,Phone 1 - Label,Phone 1 - Value,E-mail 1 - Value,Notes",
    "Name;Telefon;Mobil;Notiz",
    "name\tphone\tcompany",
    "Vorname,Nachname,Telefon (geschäftlich),E-Mail-Adresse",
)
CARD_LINES = (
    *("FN:Ann", "N:Smith;Ann;;;", "TEL;TYPE=CELL:+442079460958", "TEL;VALUE=uri:tel:+442079460958;ext=1"),
    *("EMAIL:a@example.com", "ORG:Acme;Sales", "NOTE:Hello\\nthere", "BDAY:0000-00-00", "REV:zzz"),
    *("PHOTO;ENCODING=b:////", "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C3=84=", "item1.TEL:1", " folded"),
    *(
        "BEGIN:VCARD",
        "END:VCARD",
        "VERSION:9.9",
        "TEL;TEL;TEL:",
        ":",
        ";:",
        "X-A;CHARSET=none:x",
        "KEY;ENCODING=B:%%",
    ),
)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252", "utf-7")
FILE_NAMES = (
    "people.csv",
    "people.vcf",
    "",
    "a" * 300,
    "../../x.csv",
    "\0.csv",
    "x\ud800.vcf",
    'a".csv',
    "ß\u202e.vcf",
)
CONTENT_TYPES = (
    *("text/plain", "application/json", "multipart/form-data", f"multipart/form-data; boundary={BOUNDARY}"),
    *(
        "multipart/form-data; boundary=",
        'multipart/form-data; boundary="\0"',
        "application/x-www-form-urlencoded",
    ),
    *("application/x-www-form-urlencoded; charset=utf-16", "application/x-www-form-urlencoded; charset=none"),
    *(
        "",
        ";",
        "a/b/c",
        "text/html; charset=\ud800",
        "multipart/mixed; boundary=x",
        "multipart/form-data; boundary=" + "x" * 300,
    ),
)


def make_contacts(dice: random.Random) -> File:
    text = make_table(dice) if dice.random() < 0.5 else make_cards(dice)
    content = text.encode(dice.choice((*ENCODINGS[:1] * 6, *ENCODINGS)), "replace")
    match dice.randrange(12):
        case 0:
            content = break_bytes(dice, content)
        case 1:
            content = dice.randbytes(dice.choice((0, 1, 2000)))
        case 2:
            content = b"\0" * 10_000 + content
    return File("file", dice.choice((*FILE_NAMES[:2] * 4, *FILE_NAMES)), "text/csv", content)


def make_table(dice: random.Random) -> str:
    head = dice.choice(HEADS)
    between = next(mark for mark in ",;\t" if mark in head)
    width = head.count(between) + dice.choice((-1, 1, 1, 1, 2, 40))
    rows = [between.join(make_cell(dice) for _ in range(width)) for _ in range(dice.choice((0, 1, 3, 200)))]
    return dice.choice(("\n", "\r\n", "\r")).join(
        [head if dice.random() < 0.9 else make_text(dice)[:500], *rows]
    )


def make_cell(dice: random.Random) -> str:
    roll = dice.random()
    if roll < 0.6:
        return dice.choice(("Ann", "+442079460958", "a@example.com", "", "020 7946 0958 ::: 112", "=1+1"))
    text = make_text(dice)
    return '"' + text.replace('"', '""') + '"' if roll < 0.8 else text


def make_cards(dice: random.Random) -> str:
    lines = []
    for _ in range(dice.choice((1, 1, 3, 100))):
        lines += ["BEGIN:VCARD", f"VERSION:{dice.choice(('2.1', '3.0', '4.0', ''))}", "FN:Ann"]
        lines += [dice.choice(CARD_LINES) for _ in range(dice.randrange(6))]
        if dice.random() < 0.5:
            name = dice.choice(
                ("FN", "N", "TEL", "EMAIL", "NOTE", "ORG", "ADR;LABEL=x", make_text(dice)[:40])
            )
            lines.append(f"{name}:{make_text(dice)}")
        lines += ["END:VCARD"][: dice.choice((1, 1, 1, 0))]
    return dice.choice(("\n", "\r\n")).join(lines)


def make_sound(dice: random.Random) -> bytes:
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(dice.choice((1, 1, 1, 2, 255)))
        file.setframerate(dice.choice((8000, 8000, 8000, 1, 44_100)))
        file.setsampwidth(dice.choice((2, 2, 2, 1, 3, 4)))
        file.writeframes(dice.randbytes(dice.choice((0, 1, 16_000, 16_001, 40_000))))
    sound = written.getvalue()
    match dice.randrange(6):
        case 0:
            return break_bytes(dice, sound)
        case 1:
            # Sizes that are not those of what follows, and a format that is none.
            at = dice.choice((4, 16, 20, 22, 24, 28, 32, 34, 40))
            return sound[:at] + struct.pack("<I", dice.choice((0, 1, 2**31, 2**32 - 1))) + sound[at + 4 :]
        case 2:
            return dice.choice(
                (b"", b"RIFF", b"RIFF\xff\xff\xff\xffWAVE", b"\0" * 2_000_000, dice.randbytes(300))
            )
    return sound


def make_files(dice: random.Random, names: Sequence[str] = ("file",)) -> tuple[File, ...]:
    """One for each of the fields `names`."""
    return tuple(replace(make_contacts(dice), name=name) for name in names)


def break_bytes(dice: random.Random, content: bytes) -> bytes:
    """With some bytes changed, or cut off."""
    changed = bytearray(content[: dice.randrange(1, len(content) + 2)] if dice.random() < 0.5 else content)
    for _ in range(dice.choice((0, 1, 8)) if changed else 0):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def make_content_type(dice: random.Random) -> str:
    return dice.choice(CONTENT_TYPES)


def make_body(dice: random.Random) -> bytes:
    """What is no form: broken parts, half of an escape, bytes."""
    part = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="a"'.encode()
    return dice.choice(
        (
            b"%",
            b"a=%ff%fe&b",
            b"&" * 5000,
            b"a=1&" * 1500,
            b"=",
            b"\xff\xfe\0",
            b"[]",
            b"{",
            dice.randbytes(300),
            part,
            part + b"\r\n\r\nx",
            part + b"\r\n\r\nx\r\n--" + BOUNDARY.encode() + b"--",
            part
            + b'; filename="x"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\r\n--'
            + BOUNDARY.encode()
            + b"--",
            part * 1200,
            b"--" + BOUNDARY.encode() + b"--",
            b"a" * 3_000_000,
        )
    )
