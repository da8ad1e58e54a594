"""What a Sentry is told of an error, and that it is told nothing of whom it befell."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sentry_sdk
from django.conf import settings as current
from django.test import Client
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport
from structlog.contextvars import bound_contextvars

from accounts.people import User
from dognbone import sentry
from tests.conftest import signed_in

NUMBER = "+1 415 555 0100"
SECRET = "0123456789abcdef0123456789abcdef"
PERSONAL = (NUMBER, "4155550100", SECRET, "alice", "sessionid", "csrftoken", "Ring me", "192.0.2.7")


class Collecting(Transport):
    """What would have been sent."""

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self.events: list[dict[str, Any]] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        event = envelope.get_event()
        if event is not None:
            self.events.append(json.loads(json.dumps(event)))


@pytest.fixture
def told(settings: Any) -> Iterator[Collecting]:
    settings.SENTRY_DSN = "https://key@sentry.example.com/1"
    transport = Collecting()
    sentry.begin(transport=transport)
    yield transport
    sentry_sdk.init(default_integrations=False, auto_enabling_integrations=False)


def test_an_error_is_told_by_where_it_was_and_nothing_of_whom_it_befell(
    alice: User, told: Collecting, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(**kwargs: Any) -> None:
        auth_token, person = SECRET, alice  # noqa: F841
        raise ValueError(f"{alice.email} could not be called at {NUMBER} with {SECRET}")

    monkeypatch.setattr("phone.views.find_destination", break_down)
    monkeypatch.setattr("phone.views.get_object_or_404", lambda *args, **kwargs: None)
    client = signed_in(alice)
    client.raise_request_exception = False
    with bound_contextvars(request_id="f" * 32):
        answer = client.post("/phone/whom/?q=Ring+me", {"typed": NUMBER}, REMOTE_ADDR="192.0.2.7")
    assert answer.status_code == 500
    (event,) = told.events
    (error,) = event["exception"]["values"]
    assert error["type"] == "ValueError" and "value" not in error
    assert error["stacktrace"]["frames"][-1]["function"] == "break_down"
    assert event["tags"] == {"request_id": "f" * 32}
    # The lines of this test's own source, which name all of it.
    for frame in error["stacktrace"]["frames"]:
        for name in ("pre_context", "context_line", "post_context", "filename", "abs_path"):
            frame.pop(name, None)
    for one in PERSONAL:
        assert one not in json.dumps(event)
    assert not {"request", "user", "breadcrumbs", "extra", "modules", "server_name"} & set(event)


def test_the_log_s_sentence_is_told_before_anything_was_filled_in(told: Collecting) -> None:
    logging.getLogger("phone.anything").error("The call of %s to %s was lost", "alice", NUMBER)
    logging.getLogger("phone.anything").error(f"The call of alice@example.com to {NUMBER} was lost")
    sentences = [event["logentry"] for event in told.events]
    assert sentences == [
        {"message": "The call of %s to %s was lost"},
        {"message": "The call of […] to […] was lost"},
    ]


def test_a_warning_is_not_told(told: Collecting, client: Client) -> None:
    logging.getLogger("phone.anything").warning("It will pass")
    assert told.events == []


@pytest.mark.parametrize(("dsn", "is_imported"), [("", False), ("https://key@sentry.example.com/1", True)])
def test_without_an_address_it_is_not_even_imported(dsn: str, is_imported: bool) -> None:
    program = "import django, sys; django.setup(); import dognbone.asgi; print('sentry_sdk' in sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(current.BASE_DIR),
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "SENTRY_DSN": dsn},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.split() == [str(is_imported)]
