"""A file that is made while it is sent: a million rows need no more memory than a thousand. And CSV's cells.

A CSV file begins with a byte order mark: without one Excel reads the bytes as those of its own country's old
character set, and Jörg is called JÃ¶rg. A cell that a spreadsheet would take for a formula gets an apostrophe
before it (https://owasp.org/www-community/attacks/CSV_Injection); so does a phone number, for its plus.
"""

import csv
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

BYTE_ORDER_MARK = "\ufeff"


class Line:
    """A file for csv.writer that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def neutralise(value: Any) -> str:
    """A cell as text that no spreadsheet runs."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    text = str(value)
    is_number = isinstance(value, int | float)
    return f"'{text}" if text.startswith(FORMULA_STARTS) and not is_number else text


def format_cells(values: Sequence[Any]) -> str:
    return csv.writer(Line()).writerow([neutralise(value) for value in values])


def stream_file(
    request: HttpRequest, parts: Iterator[str] | Iterator[bytes], *, content_type: str, name: str
) -> StreamingHttpResponse:
    """Sends `parts`, each made when the one before it has gone, as a download called `name`."""
    # Under ASGI Django would otherwise collect all parts before it sends the first.
    stream: Any = iterate_async(parts) if isinstance(request, ASGIRequest) else parts
    is_text = content_type.startswith("text/")
    response = StreamingHttpResponse(
        stream, content_type=f"{content_type}; charset=utf-8" if is_text else content_type
    )
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


async def iterate_async(parts: Iterator[Any]) -> AsyncIterator[Any]:
    take: Any = sync_to_async(next, thread_sensitive=True)
    while (part := await take(parts, None)) is not None:
        yield part
