"""The log's lines: JSON outside DEBUG, each with what it belongs to: a request, a page session, a task.

Every logger of Python's goes through it, those of packages as well. What is written is redacted value by
value (`dognbone/redaction.py`), before it becomes JSON, so that no pattern meets an escape within a secret.
"""

import json
import logging
from typing import Any

from structlog.contextvars import get_contextvars, merge_contextvars
from structlog.processors import EventRenamer, JSONRenderer, TimeStamper, format_exc_info
from structlog.stdlib import ExtraAdder, ProcessorFormatter, add_log_level, add_logger_name

from dognbone.redaction import RedactingFormatter, redact

# What a call of a logger may add to its sentence. Whatever else packages hang on a record, such as a whole
# request, is nobody's business.
FIELDS = ("method", "route", "status", "seconds")
# What is made here, or has a shape that was looked at (`request_log.py`, `phone/device/consumers.py`). To
# look through it again costs more than the rest of a line.
OURS = frozenset({"level", "logger", "timestamp", "request_id", "page_session"})


class JsonFormatter(ProcessorFormatter):
    """One line of JSON a record, traceback included."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(
            processors=[
                ProcessorFormatter.remove_processors_meta,
                redact_values,
                EventRenamer("message"),
                JSONRenderer(serializer=json.dumps, ensure_ascii=False, default=name_type),
            ],
            foreign_pre_chain=[
                merge_contextvars,
                add_log_level,
                add_logger_name,
                TimeStamper(fmt="iso", utc=True),
                ExtraAdder(allow=FIELDS),
                format_exc_info,
            ],
        )


class LineFormatter(RedactingFormatter):
    """For whoever reads along: a line of words, and the request's id behind it."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        request_id = get_contextvars().get("request_id")
        return super().formatMessage(record) + (f" [{request_id[:8]}]" if request_id else "")


def redact_values(logger: Any, name: str, values: Any) -> Any:
    return {
        key: redact(value) if isinstance(value, str) and key not in OURS else value
        for key, value in values.items()
    }


def name_type(value: object) -> str:
    """In place of what is no JSON, whose own words might tell what nobody is to read."""
    return f"<{type(value).__name__}>"
