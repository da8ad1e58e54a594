"""What broke is mailed to the operators by the worker: where, and nothing about anybody."""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.letters import Letter
from accounts.people import User
from accounts.twilio import views
from dognbone import fault_letters
from dognbone.fault_letters import OF_ALL, tell_operators
from dognbone.faults import Fault, read_fault
from dognbone.operators import OperatorsHandler
from tests.conftest import signed_in
from tests.tasks import read_outbox

SECRET, NUMBER = "f00d" * 8, "+442071838750"


@pytest.fixture
def to_operators(settings: Any) -> None:
    settings.OPERATORS = ["ops@example.com", "night@example.com"]


def build_record(message: str = "it broke") -> logging.LogRecord:
    try:
        typed = SECRET
        raise ValueError(f"{message}: {typed} {NUMBER}")
    except ValueError as error:
        trace = (type(error), error, error.__traceback__)
    return logging.LogRecord("some.logger", logging.ERROR, "a.py", 1, "failed %s", (NUMBER,), trace)


def tell(record: logging.LogRecord) -> None:
    fault = read_fault(record)
    assert fault is not None
    tell_operators(fault)


@pytest.mark.django_db(transaction=True)
def test_a_500_is_mailed_without_who_and_what(
    alice: User, to_operators: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*args: object) -> None:
        raise RuntimeError(f"auth_token={SECRET} of {NUMBER}")

    monkeypatch.setattr(views, "show_connection", break_down)
    written = threading.Event()
    told = fault_letters.tell_operators
    monkeypatch.setattr(fault_letters, "tell_operators", lambda fault: (told(fault), written.set()))
    browser: Client = signed_in(alice)
    browser.raise_request_exception = False
    # A test run leaves the root logger's handlers to pytest.
    handler = OperatorsHandler()
    logging.getLogger("django.request").addHandler(handler)
    try:
        assert browser.get(f"/accounts/twilio/?change={SECRET}").status_code == 500
    finally:
        logging.getLogger("django.request").removeHandler(handler)
    assert written.wait(30)
    assert handler.threads is not None
    handler.threads.shutdown()
    assert Letter.objects.count() == 1, "sealed, for the worker"
    (letter,) = read_outbox()
    assert letter.to == ["ops@example.com", "night@example.com"]
    assert letter.subject == "Dog n Bone: RuntimeError"
    assert "GET /accounts/twilio/" in letter.body and "test_operators.py" in letter.body
    for private in (SECRET, NUMBER, alice.email, "auth_token", "change"):
        assert private not in letter.subject + letter.body


@pytest.mark.django_db
def test_one_fault_is_mailed_once_an_hour_and_says_how_often_it_was(
    to_operators: None, pass_time: Callable[[timedelta], None]
) -> None:
    for number in range(5):
        tell(build_record(f"person {number}"))
    assert len(read_outbox()) == 1
    pass_time(timedelta(hours=1, seconds=1))
    tell(build_record())
    letters = read_outbox()
    assert len(letters) == 2
    assert "1 time(s)" in letters[0].body and "5 time(s)" in letters[1].body


@pytest.mark.django_db
def test_a_server_that_breaks_everywhere_fills_no_mailbox(to_operators: None) -> None:
    for number in range(40):
        fault = Fault("builtins.ValueError", "a", "", (f"a.py:{number} f",))
        tell_operators(fault)
    assert len(read_outbox()) == OF_ALL.limit


@pytest.mark.parametrize("addresses", [[], ["ops@example.com"]])
def test_nothing_is_written_of_what_is_no_exception_or_to_nobody(addresses: list[str], settings: Any) -> None:
    settings.OPERATORS = addresses
    handler = OperatorsHandler()
    said = logging.LogRecord("a", logging.ERROR, "a.py", 1, "The database is away", (), None)
    handler.emit(said if addresses else build_record())
    assert handler.threads is None


def test_the_root_logger_has_it_and_so_has_whatever_propagates(settings: Any) -> None:
    assert "operators" in settings.LOGGING["root"]["handlers"]
    assert settings.LOGGING["handlers"]["operators"]["class"] == "dognbone.operators.OperatorsHandler"
    owned = [name for name, one in settings.LOGGING["loggers"].items() if one.get("propagate") is False]
    assert owned == []
