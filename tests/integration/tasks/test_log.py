"""A worker's lines say of which task they are."""

import logging

import pytest
from structlog.contextvars import clear_contextvars, get_contextvars

from accounts.tasks import nightly
from accounts.tasks.background import enqueue
from tests.tasks import run_tasks

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_a_task_logs_has_its_id(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    seen: list[str] = []
    monkeypatch.setattr(nightly, "call_command", lambda *args: seen.append(get_contextvars()["task"]))
    for _ in range(2):
        enqueue(nightly.forget_ended_sessions)
    run_tasks()
    clear_contextvars()
    assert len(set(seen)) == 2
    assert all(f"Task id={one}" in caplog.text for one in seen)
