"""A list as CSV: streamed in batches, so that a million rows need no more memory than a thousand.

It begins with a byte order mark: without one Excel reads the bytes as those of its own country's old
character set, and Jörg is called JÃ¶rg. A cell that a spreadsheet would take for a formula gets an apostrophe
before it (https://owasp.org/www-community/attacks/CSV_Injection); so does a phone number, for its plus.
"""

import csv
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, StreamingHttpResponse

BATCH = 1000
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

BYTE_ORDER_MARK = "\ufeff"

Column = tuple[str, Callable[[Any], Any]]
Prepare = Callable[[Sequence[Any]], None]


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


def build_csv_response(
    request: HttpRequest,
    rows: QuerySet[Any],
    columns: Sequence[Column],
    *,
    newest_by: str,
    prepare: Prepare,
    name: str,
) -> StreamingHttpResponse:
    """Streams `rows`, newest first by the field `newest_by`; `name` is the file's, without `.csv`.

    `prepare` is called with each batch before its cells are read.
    """
    batches = iterate_batches(rows, newest_by)
    parts = (format_rows(columns, batch, prepare) for batch in batches)
    head = BYTE_ORDER_MARK + format_cells([title for title, _ in columns])
    # Under ASGI Django would otherwise collect all parts before it sends the first.
    stream: Any = chain_async(head, parts) if isinstance(request, ASGIRequest) else chain(head, parts)
    response = StreamingHttpResponse(stream, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def iterate_batches(rows: QuerySet[Any], newest_by: str) -> Iterator[list[Model]]:
    """Batches by where the last one ended: unlike by OFFSET each costs the same, and no cursor stays open."""
    rows = rows.order_by(f"-{newest_by}", "-pk")
    batch = list(rows[:BATCH])
    while batch:
        yield batch
        if len(batch) < BATCH:
            return
        last, at = batch[-1], getattr(batch[-1], newest_by)
        older = Q(**{f"{newest_by}__lt": at}) | Q(**{newest_by: at, "pk__lt": last.pk})
        batch = list(rows.filter(Q(**{f"{newest_by}__lte": at}) & older)[:BATCH])


def format_cells(values: Sequence[Any]) -> str:
    return csv.writer(Line()).writerow([neutralise(value) for value in values])


def format_rows(columns: Sequence[Column], rows: Sequence[Model], prepare: Prepare) -> str:
    prepare(rows)
    return "".join(format_cells([read(row) for _, read in columns]) for row in rows)


def chain(head: str, parts: Iterator[str]) -> Iterator[str]:
    yield head
    yield from parts


async def chain_async(head: str, parts: Iterator[str]) -> AsyncIterator[str]:
    yield head
    take: Any = sync_to_async(next, thread_sensitive=True)
    while (part := await take(parts, None)) is not None:
        yield part
