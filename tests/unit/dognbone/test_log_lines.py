"""What becomes of a record outside DEBUG: one line of JSON, and no secret in it."""

import io
import json
import logging
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from structlog.contextvars import bound_contextvars

from dognbone.log_lines import JsonFormatter, LineFormatter

AUTH_TOKEN = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def written() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logger = logging.Logger("a.package")
    logger.addHandler(handler)
    yield logger, stream


def read(stream: io.StringIO) -> dict[str, Any]:
    (line,) = stream.getvalue().splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_record_is_one_line_that_says_when_who_how_grave_and_what(written: Any) -> None:
    logger, stream = written
    logger.warning("Two lines\nand “quotes” of %s", "somebody")
    told = read(stream)
    assert told.pop("timestamp").endswith("Z")
    expected = {"level": "warning", "logger": "a.package", "message": "Two lines\nand “quotes” of somebody"}
    assert told == expected


def test_what_a_request_logs_has_its_id_and_page_session(written: Any) -> None:
    logger, stream = written
    page_session = str(uuid.uuid4())
    with bound_contextvars(request_id="f" * 32, page_session=page_session):
        logger.info("Something")
    told = read(stream)
    assert (told["request_id"], told["page_session"]) == ("f" * 32, page_session)


def test_a_traceback_is_in_the_line_without_what_it_shows_of_secrets(written: Any) -> None:
    logger, stream = written
    try:
        raise ValueError(f'auth_token="{AUTH_TOKEN}" and password: "hun\\"ter2"')
    except ValueError:
        logger.exception("It broke")
    told = read(stream)
    assert "Traceback" in told["exception"] and "ValueError" in told["exception"]
    assert AUTH_TOKEN not in stream.getvalue() and "hun" not in stream.getvalue()


@pytest.mark.parametrize("field", ["message", "route"])
def test_a_secret_is_kept_out_of_whatever_field_it_is_in(written: Any, field: str) -> None:
    logger, stream = written
    secret = f"auth_token={AUTH_TOKEN}"
    if field == "message":
        logger.info("Sent %s", secret)
    else:
        logger.info("Sent", extra={"route": secret})
    assert AUTH_TOKEN not in stream.getvalue()
    assert "[redacted]" in read(stream)[field]


def test_what_packages_hang_on_a_record_is_left_out(written: Any) -> None:
    logger, stream = written
    logger.error("Internal Server Error", extra={"request": object(), "status_code": 500, "body": "To=+1500"})
    assert set(read(stream)) == {"level", "logger", "message", "timestamp"}


def test_who_reads_along_gets_a_line_of_words() -> None:
    formatter = LineFormatter("{levelname} {name}: {message}", style="{")
    record = logging.LogRecord("a.package", logging.INFO, "", 0, "auth_token=%s", (AUTH_TOKEN,), None)
    with bound_contextvars(request_id="abcdef0123456789"):
        assert formatter.format(record) == "INFO a.package: auth_token=[redacted] [abcdef01]"
    assert formatter.format(record) == "INFO a.package: auth_token=[redacted]"
