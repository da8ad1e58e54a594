"""Which errors say that the database went away: then nobody is told that something broke."""

from types import SimpleNamespace

import psycopg
import pytest
from django.db import IntegrityError, InterfaceError, OperationalError
from django.test import RequestFactory

from dognbone.outages import answer_fault
from dognbone.postgresql import state

OUTAGES = [OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError]


@pytest.fixture
def on_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "connection", SimpleNamespace(vendor="postgresql"))


def answer(error: Exception) -> int:
    try:
        raise error
    except Exception:
        return answer_fault(RequestFactory().get("/accounts/login/")).status_code


@pytest.mark.usefixtures("on_postgresql")
@pytest.mark.parametrize("kind", OUTAGES)
def test_a_connection_that_dies_is_an_outage_whoever_tells_of_it(kind: type[Exception]) -> None:
    assert answer(kind("server closed the connection unexpectedly")) == 503


@pytest.mark.usefixtures("on_postgresql")
@pytest.mark.parametrize("error", [IntegrityError("twice"), ValueError("broken")])
def test_whatever_else_breaks_is_none(error: Exception) -> None:
    assert answer(error) == 500


def test_a_file_is_never_away() -> None:
    assert answer(OperationalError("disk I/O error")) == 500
