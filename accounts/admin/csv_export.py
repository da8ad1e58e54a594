"""A list of the admin's as CSV: streamed in batches (`accounts/streamed_files.py`)."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.conf import settings
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import translation

from accounts.streamed_files import BYTE_ORDER_MARK, format_cells, stream_file

BATCH = 1000

Column = tuple[str, Callable[[Any], Any]]
Prepare = Callable[[Sequence[Any]], None]


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
    return stream_file(request, chain(head, parts), content_type="text/csv", name=f"{name}.csv")


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


def format_rows(columns: Sequence[Column], rows: Sequence[Model], prepare: Prepare) -> str:
    # A format, which programs read: in one language, whoever exports it.
    with translation.override(settings.LANGUAGE_CODE):
        prepare(rows)
        return "".join(format_cells([read(row) for _, read in columns]) for row in rows)


def chain(head: str, parts: Iterator[str]) -> Iterator[str]:
    yield head
    yield from parts
