"""A vCard file's bytes as cards of plain lines, each as version 3.0 has it, which vobject reads. Pure.

What phones write is of three versions that agree on little: 2.1 (https://www.imc.org/pdi/vcard-21.txt)
has quoted-printable with line ends of its own, character sets by name, types without a name, other escapes;
3.0 is RFC 2426, 4.0 RFC 6350. vobject knows 3.0: it takes a quoted-printable value for its text, ends a text
at the first comma that is not escaped, joins a picture's lines in quadratic time, and needs exponential time
for commas where it expects none. So each line is made one of 3.0 here, in one pass and in bounded memory, and
pictures are left out.
"""

import binascii
import io
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from phone.contacts.exchange.decoding import WESTERN, decode
from phone.contacts.exchange.problems import Problem, build_problem

# Pictures, sounds and keys, which a phone book of names has no place for; and what nobody reads.
LEFT_OUT = frozenset({"PHOTO", "LOGO", "SOUND", "KEY", "AGENT"})
# Their parts are divided by semicolons; in all others a semicolon is one.
STRUCTURED = frozenset({"N", "ADR", "ORG"})
LISTS = frozenset({"CATEGORIES", "NICKNAME"})
ENCODINGS = {"QUOTED-PRINTABLE": "Q", "BASE64": "B", "B": "B", "8BIT": "", "7BIT": "", "Q": "Q"}
# A value of more bytes is cut: a note holds two thousand characters.
LONGEST_VALUE = 64_000
PROPERTY = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{0,80}[ \t]*[;:]")
BEGIN = re.compile(rb"[ \t]*BEGIN[ \t]*:[ \t]*([A-Za-z-]{1,40})[ \t]*$", re.IGNORECASE)
END = re.compile(rb"[ \t]*END[ \t]*:[ \t]*([A-Za-z-]{1,40})[ \t]*$", re.IGNORECASE)
NAME = re.compile(r"[A-Z0-9-]+")
IS_QUOTED = re.compile(rb"quoted-printable", re.IGNORECASE)

STRAY = build_problem("stray")
ENDLESS = build_problem("endless")
CUT_OFF = build_problem("cut_off")


@dataclass
class Card:
    """One card: where it begins, and its lines as vobject reads them; what is wrong with it, if anything."""

    line: int
    version: str = ""
    lines: list[str] = field(default_factory=list)
    problem: Problem | None = None


@dataclass
class Line:
    """A logical line while it is put together."""

    first: bytes
    pieces: list[bytes] = field(default_factory=list)
    size: int = 0

    def __post_init__(self) -> None:
        head, _, _ = self.first.partition(b":")
        self.is_quoted = bool(IS_QUOTED.search(head))
        self.name = get_name(head)
        self.is_left_out = self.name in LEFT_OUT
        self.add(self.first)

    def add(self, piece: bytes) -> None:
        if not self.is_left_out and self.size < LONGEST_VALUE:
            self.pieces.append(piece)
            self.size += len(piece)

    @property
    def goes_on(self) -> bool:
        """Whether quoted-printable says, at its end, that the next line belongs to it."""
        return self.is_quoted and bool(self.pieces) and self.pieces[-1].rstrip(b" \t").endswith(b"=")

    def go_on(self, piece: bytes) -> None:
        self.pieces[-1] = self.pieces[-1].rstrip(b" \t")[:-1]
        # A program that both quotes and folds has put a blank before what is quoted.
        self.add(piece[1:] if piece[:2] in (b" =", b"\t=") else piece)

    def join(self) -> bytes:
        return b"".join(self.pieces)[:LONGEST_VALUE]


def get_name(head: bytes) -> str:
    """The property's name, in capitals, without its group and parameters."""
    return head.partition(b";")[0].rpartition(b".")[2].strip().upper().decode("ascii", "replace")


def read_cards(content: bytes, page: str) -> Iterator[Card]:
    """The cards of a file whose lines end in LF; `page` is the encoding of what is no UTF-8."""
    reader = Reader(page)
    for number, raw in enumerate(io.BytesIO(content), 1):
        yield from reader.take(number, raw.rstrip(b"\n"))
    yield from reader.end()


class Reader:
    """Takes physical lines, one after the other, and hands out each card once it has ended."""

    def __init__(self, page: str) -> None:
        self.page = page
        self.card: Card | None = None
        self.line: Line | None = None
        # Components within the card, such as the card of somebody's assistant (AGENT): left out.
        self.depth = 0
        self.is_in_between = False

    def take(self, number: int, raw: bytes) -> Iterator[Card]:
        line = self.line
        if self.card is not None and line is not None:
            if line.goes_on and not END.match(raw):
                line.go_on(raw)
                return
            if raw[:1] in (b" ", b"\t") and raw.strip():
                # 2.1 breaks lines where a blank is, and the blank belongs to the text.
                line.add(raw if self.card.version.startswith("2") else raw[1:])
                return
        if not raw.strip():
            return
        yield from self._take_new(number, raw)

    def _take_new(self, number: int, raw: bytes) -> Iterator[Card]:
        begins = BEGIN.match(raw)
        if self.card is None:
            if begins and begins[1].upper() == b"VCARD":
                self._begin(number)
            elif not self.is_in_between:
                self.is_in_between = True
                yield Card(number, problem=STRAY)
            return
        ends = END.match(raw)
        if self.depth:
            self.depth += 1 if begins else -1 if ends else 0
        elif begins:
            if begins[1].upper() == b"VCARD" and not (self.line and self.line.name == "AGENT"):
                yield self._close(self.card, ENDLESS)
                self._begin(number)
            else:
                self._flush()
                self.depth = 1
        elif ends:
            yield self._close(self.card, None)
        elif PROPERTY.match(raw):
            self._flush()
            self.line = Line(raw)
        elif self.line is not None:
            # A line of a text, or of a picture, that nobody has folded.
            self.line.add(b" " + raw)

    def end(self) -> Iterator[Card]:
        if self.card is not None:
            yield self._close(self.card, CUT_OFF)

    def _begin(self, number: int) -> None:
        self.card, self.line, self.depth, self.is_in_between = Card(number), None, 0, False

    def _close(self, card: Card, problem: Problem | None) -> Card:
        self._flush()
        self.card, card.problem = None, problem
        return card

    def _flush(self) -> None:
        line, self.line = self.line, None
        if line is None or line.is_left_out or self.card is None:
            return
        raw = line.join()
        if line.name == "VERSION":
            self.card.version = decode(raw.partition(b":")[2], self.page).strip()
            return
        plain = make_plain_line(raw, self.card.version, self.page)
        if plain:
            self.card.lines.append(plain)


def make_plain_line(raw: bytes, version: str, page: str) -> str:
    """A line of any version as one of 3.0; empty where it is none."""
    head, value = split_head(raw)
    group, name, params = read_head(decode(head, page))
    if not NAME.fullmatch(name):
        return ""
    encoding, charset, kept = take_encoding(params)
    is_plain = bool(encoding) or version.startswith("2")
    if is_plain:
        text = make_text(name, value, encoding, charset or page)
    else:
        text = escape_commas(name, decode_as(value, charset or page))
    types = "".join(f";{key}={','.join(values)}" for key, values in kept)
    return f"{group}{name}{types}:{text}"


def split_head(raw: bytes) -> tuple[bytes, bytes]:
    """Name with parameters, and the value: divided by the first colon that is not within quotes."""
    head, _, value = raw.partition(b":")
    if b'"' not in head:
        return head, value
    is_quoted = False
    for place, byte in enumerate(raw):
        if byte == 0x22:
            is_quoted = not is_quoted
        elif byte == 0x3A and not is_quoted:
            return raw[:place], raw[place + 1 :]
    return head, value


def read_head(head: str) -> tuple[str, str, list[tuple[str, list[str]]]]:
    """The group with its dot, the name in capitals, and the parameters, as `(key, values)`."""
    first, *rest = split_outside_quotes(head, ";")
    group, dot, name = first.strip().rpartition(".")
    # Lotus Notes writes underscores.
    name = name.strip().upper().replace("_", "-")
    params = []
    for one in rest:
        key, equals, value = one.partition("=")
        key = key.strip().upper()
        if not equals:
            key, value = ("ENCODING" if key in ENCODINGS else "TYPE"), one
        values = [clean_value(part) for part in split_outside_quotes(value, ",")]
        params.append((key, [part for value in values for part in value.split(",") if part]))
    group = re.sub(r"[^A-Za-z0-9-]", "", group)
    return (f"{group}." if dot and group else ""), name, params


def split_outside_quotes(text: str, mark: str) -> list[str]:
    if '"' not in text:
        return text.split(mark)
    parts, start, is_quoted = [], 0, False
    for place, letter in enumerate(text):
        if letter == '"':
            is_quoted = not is_quoted
        elif letter == mark and not is_quoted:
            parts.append(text[start:place])
            start = place + 1
    return [*parts, text[start:]]


def clean_value(value: str) -> str:
    """A parameter's value of harmless letters; a type written in quotes may be a list."""
    return re.sub(r"[^\w,/+.-]", "", value.strip().strip('"'))


def take_encoding(
    params: list[tuple[str, list[str]]],
) -> tuple[str, str, list[tuple[str, list[str]]]]:
    """How the value is encoded ("Q", "B" or not), in which character set, and the other parameters."""
    encoding = charset = ""
    kept = []
    for key, values in params:
        value = values[0] if values else ""
        if key == "ENCODING":
            encoding = ENCODINGS.get(value.upper(), "")
        elif key == "CHARSET":
            charset = value
        elif key in ("TYPE", "PREF", "VALUE") and values:
            kept.append((key, values))
    return encoding, charset, kept


def make_text(name: str, value: bytes, encoding: str, charset: str) -> str:
    """A value of 2.1, or one that is encoded, escaped as 3.0 escapes."""
    if encoding == "B":
        return escape(decode_as(decode_base64(value), charset))
    parts = split_parts(value) if name in STRUCTURED else [value]
    texts = [decode_as(quopri.decodestring(part) if encoding else part, charset) for part in parts]
    return ";".join(escape(unescape(text, are_lines=not encoding)) for text in texts)


def split_parts(value: bytes) -> list[bytes]:
    """At the semicolons that no backslash stands before."""
    hidden = value.replace(b"\0", b"").replace(b"\\;", b"\0")
    return [part.replace(b"\0", b"\\;") for part in hidden.split(b";")]


def decode_base64(value: bytes) -> bytes:
    try:
        return binascii.a2b_base64(value)
    except binascii.Error:
        return b""


def decode_as(raw: bytes, charset: str) -> str:
    """By the character set that the line names; a western one where nobody knows that."""
    try:
        return decode(raw, charset)
    # The second is of Python's own codecs, such as `idna`, that are none of a text.
    except (LookupError, UnicodeError):
        return decode(raw, WESTERN)


def unescape(text: str, *, are_lines: bool) -> str:
    """2.1 escapes semicolons; Android's also commas, colons and line ends (`are_lines`)."""
    if "\\" not in text:
        return text
    if are_lines:
        text = re.sub(r"\\[nN]", "\n", text)
    return re.sub(r"\\([\\;,:])", r"\1", text)


def escape(text: str) -> str:
    """As RFC 2426 has it in section 4."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return text.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def escape_commas(name: str, text: str) -> str:
    """Commas of a text that nobody has escaped, and a backslash that escapes nothing."""
    if "\\" in text:
        text = re.sub(r"\\([^\\;,nN]|$)", r"\1", text.replace("\\\\", "\0")).replace("\0", "\\\\")
    if "," in text and name not in STRUCTURED and name not in LISTS:
        text = re.sub(r"(\\.)|,", lambda found: found[1] or "\\,", text)
    return text
