"""The ledger can fail: each thing that must not be is counted, and what is as it should be is not."""

from collections.abc import Callable

import pytest

from soak.ledger import (
    COUNTED,
    CUT,
    DOUBLED,
    HUNG,
    LOST,
    NO_SIGN_IN,
    NOT_RESTORED,
    SILENT,
    TASKS_LOST,
    TASKS_TWICE,
    Ledger,
)

MAIL = "To: {}\nSubject: Your\n password\nMessage-ID:\n <{}@localhost>\n\nTo: nobody@example.com\n"
APOLOGY = "<Response><Say>We are sorry. …</Say></Response>"
READER = "reader@example.com"


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


def count(ledger: Ledger) -> dict[str, int]:
    return {what: len(found) for what, found in ledger.findings.items() if found}


def note_events(ledger: Ledger) -> None:
    ledger.note_recorded("one", "page")
    ledger.note_recorded("two", "page")


def note_letters(ledger: Ledger, *, asked: int, acknowledged: int) -> None:
    for _ in range(asked):
        ledger.ask_letter(READER)
    for _ in range(acknowledged):
        ledger.acknowledge_letter(READER)


def test_what_was_acknowledged_and_kept_once_is_whole(ledger: Ledger) -> None:
    note_events(ledger)
    ledger.check_events(["one", "two", "of nobody who was told"])
    note_letters(ledger, asked=2, acknowledged=1)
    ledger.check_letters([MAIL.format(READER, "1"), MAIL.format(READER, "1")])
    ledger.ask_import("mark", 20)
    ledger.acknowledge_import("mark")
    ledger.check_imports({"mark": 20})
    ledger.check_calls({"CA1": "a call"}, {"CA1": "in-progress", "CA2": "completed"})
    ledger.note_answer("GET /", 9.9)
    ledger.note_webhook("voice", 200, "<Response><Dial/></Response>")
    ledger.note_webhook("voice", 200, APOLOGY)
    ledger.note_sign_in_without_redis("alice", 302)
    ledger.check_tables({"calls": "3 rows"}, {"calls": "3 rows"})
    assert ledger.is_whole
    assert ledger.told["apologies"] == 1


def test_an_acknowledged_event_that_is_not_there_is_lost(ledger: Ledger) -> None:
    note_events(ledger)
    ledger.check_events(["two"])
    assert count(ledger) == {LOST: 1}
    assert not ledger.is_whole


def test_an_event_that_is_there_twice_is_doubled_whether_acknowledged_or_not(ledger: Ledger) -> None:
    note_events(ledger)
    ledger.check_events(["one", "one", "two", "another", "another"])
    assert count(ledger) == {DOUBLED: 2}


@pytest.mark.parametrize(
    ("mails", "found"),
    [
        ([], {TASKS_LOST: 1}),
        ([("1", READER), ("1", READER)], {TASKS_LOST: 1}),
        ([("1", READER), ("2", "another@example.com")], {TASKS_LOST: 1}),
        ([("1", READER), ("2", READER)], {}),
        ([("1", READER), ("2", READER), ("3", READER)], {}),
        ([("1", READER), ("2", READER), ("3", READER), ("4", READER)], {TASKS_TWICE: 1}),
    ],
)
def test_letters_are_no_fewer_than_promised_and_no_more_than_asked_for(
    ledger: Ledger, mails: list[tuple[str, str]], found: dict[str, int]
) -> None:
    note_letters(ledger, asked=3, acknowledged=2)
    ledger.check_letters([MAIL.format(address, number) for number, address in mails])
    assert count(ledger) == found


@pytest.mark.parametrize(
    ("is_acknowledged", "contacts", "found"),
    [
        (True, 19, {TASKS_LOST: 1}),
        (True, 21, {TASKS_TWICE: 1}),
        (False, 21, {TASKS_TWICE: 1}),
        (False, 0, {}),
    ],
)
def test_the_contacts_of_a_file_are_there_once(
    ledger: Ledger, is_acknowledged: bool, contacts: int, found: dict[str, int]
) -> None:
    ledger.ask_import("mark", 20)
    if is_acknowledged:
        ledger.acknowledge_import("mark")
    ledger.check_imports({"mark": contacts})
    assert count(ledger) == found


def test_a_task_that_is_not_done_is_lost(ledger: Ledger) -> None:
    ledger.check_unended(["send_letter (RUNNING)"])
    assert count(ledger) == {TASKS_LOST: 1}


@pytest.mark.parametrize("statuses", [{"CA1": "completed"}, {}])
def test_a_call_that_is_not_in_progress_any_more_was_cut(ledger: Ledger, statuses: dict[str, str]) -> None:
    assert ledger.check_calls({"CA1": "a call"}, statuses) == ["CA1"]
    assert count(ledger) == {CUT: 1}


def test_an_answer_that_took_longer_than_ten_seconds_hung(ledger: Ledger) -> None:
    ledger.note_answer("GET /", 10.1)
    assert count(ledger) == {HUNG: 1}


def test_a_machine_that_is_three_times_as_slow_has_three_times_as_long(ledger: Ledger) -> None:
    ledger.get_strain = lambda: 3.0
    ledger.note_answer("GET /", 29.0)
    assert ledger.is_whole
    ledger.note_answer("GET /", 31.0)
    assert count(ledger) == {HUNG: 1}


@pytest.mark.parametrize(("status", "text"), [(0, ""), (502, APOLOGY), (200, "<html></html>"), (204, "")])
def test_a_webhook_that_got_no_twiml_is_silent(ledger: Ledger, status: int, text: str) -> None:
    ledger.note_webhook("voice", status, text, "ServerDisconnectedError")
    assert count(ledger) == {SILENT: 1}


@pytest.mark.parametrize("status", [0, 200, 503])
def test_a_sign_in_that_fails_without_redis_is_counted(ledger: Ledger, status: int) -> None:
    ledger.note_sign_in_without_redis("alice", status)
    assert count(ledger) == {NO_SIGN_IN: 1}


@pytest.mark.parametrize(
    ("whole", "restored"),
    [
        ({"calls": "3 rows"}, {"calls": "2 rows"}),
        ({"calls": "3 rows"}, {}),
        ({}, {}),
    ],
)
def test_a_table_that_is_another_after_a_restore_is_counted(
    ledger: Ledger, whole: dict[str, str], restored: dict[str, str]
) -> None:
    ledger.check_tables(whole, restored)
    assert count(ledger) == {NOT_RESTORED: 1}


@pytest.mark.parametrize("what", COUNTED)
def test_whatever_is_found_is_in_the_summary_and_the_description(ledger: Ledger, what: str) -> None:
    ledger.find(what, "this is it")
    assert not ledger.is_whole
    assert f"{what} 1" in ledger.summarise(200, 7)
    assert "this is it" in ledger.describe()


def test_what_nobody_counts_cannot_be_found(ledger: Ledger) -> None:
    find: Callable[[str, str], None] = ledger.find
    with pytest.raises(ValueError):
        find("something else", "")
