"""One input, as it can be sent, printed and made smaller."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal
from urllib.parse import quote, quote_plus

from fuzz.values import Raw

Pairs = tuple[tuple[str, str], ...]
# With its length told before, in chunks without it, or cut off because whoever sends it has gone.
Delivery = Literal["whole", "chunked", "cut"]
SHOWN = 120
SHOWN_FIELDS = 20
BOUNDARY = "-------fuzz"
SOCKET = "/ws/device/"


@dataclass(frozen=True)
class File:
    """A file of a form."""

    name: str
    file_name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Request:
    """A request of `actor`, one of the stage's people. `kind` says which generator it is from.

    It carries `fields` and `files`, in `encoding` (form, multipart); or a JSON `document`; or `raw` bytes.
    """

    kind: str
    actor: str
    method: str
    path: str
    query: Pairs = ()
    encoding: str = "form"
    fields: Pairs = ()
    files: tuple[File, ...] = ()
    document: Any = None
    raw: bytes = b""
    headers: Pairs = ()
    is_signed: bool = False
    delivery: Delivery = "whole"
    count: int = 1

    @property
    def address(self) -> tuple[bytes, bytes]:
        """The path and the query as they go over the wire."""
        path = quote(to_bytes(self.path), safe="/:@+~!$&'()*,;=")
        return path.encode(), encode_pairs(self.query)

    @property
    def content_type(self) -> str:
        return {
            "form": "application/x-www-form-urlencoded",
            "multipart": f"multipart/form-data; boundary={BOUNDARY}",
            "json": "application/json",
        }.get(self.encoding, self.encoding)

    @cached_property
    def body(self) -> bytes:
        match self.encoding:
            case _ if self.raw or self.method in ("GET", "HEAD"):
                return self.raw
            case "form":
                return encode_pairs(self.fields)
            case "multipart":
                return encode_parts(self.fields, self.files)
            case "json":
                return encode_json(self.document)
            case _:
                return b""

    def but(self, **fields: Any) -> "Request":
        return replace(self, **fields)

    def shrunk(self) -> Iterator["Request"]:
        """Smaller ones, those with the most gone first."""
        if self.delivery != "whole":
            yield self.but(delivery="whole")
        for name in ("headers", "query", "files", "fields"):
            held = getattr(self, name)
            if held:
                yield self.but(**{name: ()})
            for at in range(len(held) if len(held) > 1 else 0):
                yield self.but(**{name: held[:at] + held[at + 1 :]})
        for name in ("query", "fields"):
            held = getattr(self, name)
            for at, (key, value) in enumerate(held):
                for shorter in shorten(value):
                    yield self.but(**{name: (*held[:at], (key, shorter), *held[at + 1 :])})
        for smaller in shrink_document(self.document):
            yield replace(self, document=smaller)
        for shorter_raw in shorten(self.raw):
            yield replace(self, raw=shorter_raw)

    def __str__(self) -> str:
        path, query = self.address
        lines = [
            f"{self.method} {path.decode()}{'?' if query else ''}{query.decode()[:2000]} as {self.actor}"
        ]
        lines += [f"{name}: {value[:SHOWN]!r}" for name, value in self.headers]
        lines += [f"({self.delivery})"] if self.delivery != "whole" else []
        if self.encoding == "json" and self.method not in ("GET", "HEAD"):
            lines.append(f"json: {cut(encode_json(self.document))}")
        lines += [f"{name[:SHOWN]!r} = {cut(value)}" for name, value in self.fields[:SHOWN_FIELDS]]
        if len(self.fields) > SHOWN_FIELDS:
            lines.append(f"… {len(self.fields)} fields")
        lines += [f"file {one.name!r} {one.file_name[:SHOWN]!r}: {cut(one.content)}" for one in self.files]
        if self.raw:
            lines.append(f"{self.encoding}: {cut(self.raw)}")
        return "\n    ".join(lines)


@dataclass(frozen=True)
class Frames:
    """What one page says over its socket."""

    actor: str
    frames: tuple[str | bytes, ...]
    query: Pairs = ()
    headers: Pairs = ()
    path: str = SOCKET
    kind: str = "frames"

    @property
    def count(self) -> int:
        return len(self.frames)

    def shrunk(self) -> Iterator["Frames"]:
        half = len(self.frames) // 2
        if half:
            yield replace(self, frames=self.frames[:half])
            yield replace(self, frames=self.frames[half:])
        for at in range(len(self.frames) if 1 < len(self.frames) < 12 else 0):
            yield replace(self, frames=self.frames[:at] + self.frames[at + 1 :])
        if self.query:
            yield replace(self, query=())
        if self.headers:
            yield replace(self, headers=())

    def __str__(self) -> str:
        query = encode_pairs(self.query).decode()
        head = [f"{self.path}?{query[:2000]} as {self.actor}"]
        head += [f"{name}: {value[:SHOWN]!r}" for name, value in self.headers]
        return "\n    ".join([*head, *map(cut, self.frames)])


Input = Request | Frames


def encode_pairs(pairs: Pairs) -> bytes:
    """As a browser or an attacker would write it: half a surrogate pair too, which is bad UTF-8."""
    return "&".join(f"{escape(name)}={escape(value)}" for name, value in pairs).encode()


def escape(text: str) -> str:
    return quote_plus(to_bytes(text))


def to_bytes(text: str) -> bytes:
    """As UTF-8, with what is none: `\\udcff` is the byte 255, any other half of a pair its three bytes."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def encode_json(document: Any) -> bytes:
    text = document if isinstance(document, Raw) else json.dumps(document)
    return text.encode("utf-8", "surrogatepass")


def encode_parts(fields: Pairs, files: tuple[File, ...]) -> bytes:
    parts = [(f'form-data; name="{name}"', "", to_bytes(value)) for name, value in fields]
    for one in files:
        parts.append(
            (f'form-data; name="{one.name}"; filename="{one.file_name}"', one.content_type, one.content)
        )
    body = b""
    for disposition, content_type, content in parts:
        head = f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n"
        head += f"Content-Type: {content_type}\r\n" if content_type else ""
        body += to_bytes(head) + b"\r\n" + content + b"\r\n"
    return body + f"--{BOUNDARY}--\r\n".encode()


def shorten(value: Any) -> Iterator[Any]:
    """Its halves, and without a character where it is short."""
    half = len(value) // 2
    if half:
        yield value[:half]
        yield value[half:]
    if 1 < len(value) <= 16:
        yield from (value[:at] + value[at + 1 :] for at in range(len(value)))


def shrink_document(document: Any) -> Iterator[Any]:
    if isinstance(document, dict):
        for name in document:
            yield {key: value for key, value in document.items() if key != name}
        for name, held in document.items():
            yield from ({**document, name: smaller} for smaller in shrink_document(held))
    elif isinstance(document, list):
        yield from shorten(document)
    elif isinstance(document, Raw):
        yield from map(Raw, shorten(document))
    elif isinstance(document, str):
        yield from shorten(document)


def cut(value: str | bytes) -> str:
    shown = repr(value[: SHOWN + 1])
    return shown if len(value) <= SHOWN else f"{shown[:SHOWN]}… ({len(value)} long)"
