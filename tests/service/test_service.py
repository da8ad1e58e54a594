"""The service in good health, so that a failure of the other tests here fails for its own reason."""

import base64
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from contextlib import ExitStack
from pathlib import Path
from socket import create_connection

import pytest
from websockets.exceptions import ConnectionClosed

from tests.service.service import ROOT, START_SECONDS, Service, back_up, hear, restore

# Within which a phone is gone whose sign-in has ended.
SECONDS = 2


def test_two_workers_serve_and_one_that_is_killed_is_replaced(service: Service) -> None:
    workers = service.list_workers()
    assert len(workers) == 2
    service.kill_worker(workers[0])
    service.wait_for(lambda: len(set(service.list_workers()) - {workers[0]}) == 2, "a new worker", 30)
    service.wait_for(lambda: service.ready().status == 200, "a ready service")


def test_a_person_gets_a_token_a_socket_and_their_event_recorded(service: Service) -> None:
    alice = service.sign_in("alice")
    assert alice.ask_token().status == 200
    event_id = str(uuid.uuid4())
    with alice.socket(str(uuid.uuid4())) as socket:
        socket.send(
            f'{{"type": "event", "id": "{event_id}", "seq": 1, "state": "ready", '
            '"sdk_event": "registered", "at": "2026-11-25T09:00:00Z"}'
        )
        assert hear(socket, "recorded")["id"] == event_id
    assert service.query("SELECT count(*) FROM phone_deviceevent WHERE event_id = %s", event_id) == [(1,)]


def test_a_signed_webhook_is_answered_with_twiml(service: Service) -> None:
    answer = service.call_webhook()
    assert answer.status == 200
    assert answer.response is not None and "<Response>" in answer.response.text


def test_a_sign_in_that_is_ended_elsewhere_closes_its_pages_in_every_process(service: Service) -> None:
    here, there = service.sign_in("alice"), service.sign_in("alice")
    with ExitStack() as stack:
        # So many that neither process has none of them.
        pages = [stack.enter_context(there.socket()) for _ in range(8)]
        own = stack.enter_context(here.socket())
        began_at = time.monotonic()
        assert here.post("/accounts/sessions/", {"end": "others"}).status == 302
        for page in pages:
            hear(page, "signed_out", began_at + SECONDS - time.monotonic())
        own.send('{"type": "alive", "state": "ready"}')
        own.send(f'{{"type": "echo", "id": "{uuid.uuid4()}"}}')
        hear(own, "echo")
    assert there.ask_token().status == 401
    assert here.ask_token().status == 200


def start_as_documented(service: Service) -> None:
    service.stop()
    with service.log.open("ab") as log:
        service.process = subprocess.Popen(
            [sys.executable, "-m", "dognbone", "--port", str(service.port)],
            cwd=ROOT,
            env=service.environment,
            stdout=log,
            stderr=log,
        )
    service.wait_for(lambda: service.is_answering("/healthz"), "an answer", START_SECONDS)
    service.wait_for(lambda: len(service.list_workers()) == 2, "two workers")


def test_the_documented_command_starts_as_many_processes_as_the_settings_say(service: Service) -> None:
    """`python -m dognbone`, as the README has it; what else is tested here works with either."""
    start_as_documented(service)
    alice = service.sign_in("alice")
    assert alice.ask_token().status == 200
    with alice.socket() as socket:
        assert socket.protocol.extensions == []


def test_a_worker_that_dies_while_it_is_asked_whether_it_lives_is_replaced_at_once(service: Service) -> None:
    """It is asked twice a second, and cannot answer."""
    start_as_documented(service)
    workers = service.list_workers()
    os.kill(workers[0], signal.SIGSTOP)
    time.sleep(1.5)
    service.kill_worker(workers[0])
    service.wait_for(lambda: len(set(service.list_workers()) - {workers[0]}) == 2, "a new worker", 30)


def test_connections_are_shared_among_the_processes(service: Service) -> None:
    """As many as it takes until each has some: one that is busy is waited for, but not for long."""
    start_as_documented(service)
    workers = service.list_workers()
    before = [count_files(pid) for pid in workers]
    with ExitStack() as stack:

        def has_each_some() -> bool:
            stack.enter_context(create_connection(("127.0.0.1", service.port)))
            return all(count_files(pid) >= had + 5 for pid, had in zip(workers, before, strict=True))

        service.wait_for(has_each_some, "connections of each process")


def count_files(pid: int) -> int:
    """What a process has open (proc(5))."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def test_sighup_has_new_workers_serve_before_the_old_ones_end(service: Service) -> None:
    """No request goes unanswered; a page's socket is closed as by a server that restarts, and dials again."""
    start_as_documented(service)
    before, answers, is_over = set(service.list_workers()), [], threading.Event()

    def ask() -> None:
        while not is_over.is_set():
            answers.append(service.sign_in("bob").get("/accounts/twilio/").status)

    asking = threading.Thread(target=ask)
    with service.sign_in("alice").socket() as socket:
        asking.start()
        assert service.process is not None
        os.kill(service.process.pid, signal.SIGHUP)
        service.wait_for(lambda: before.isdisjoint(service.list_workers()), "new workers", 90)
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                socket.recv(timeout=15)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1012
    is_over.set()
    asking.join()
    assert len(service.list_workers()) == 2
    assert set(answers) == {200}
    assert "Received SIGHUP" in service.read_log()


def test_a_restored_backup_runs_and_opens_its_secrets(service: Service, tmp_path: Path) -> None:
    whole = service.postgresql.url
    signed_in_before = service.sign_in("alice")
    back_up(whole, tmp_path / "dognbone.dump")
    service.query("DROP DATABASE IF EXISTS restored")
    service.query("CREATE DATABASE restored")
    restored = f"{whole.rpartition('/')[0]}/restored"
    restore(tmp_path / "dognbone.dump", restored)
    # What comes after the backup is not in it.
    service.query("UPDATE accounts_user SET name = 'Another' WHERE email = 'alice@example.com'")
    service.stop()
    try:
        service.environment["DATABASE_URL"] = restored
        # With all that is checked before: triggers, and that the keys open what is sealed.
        service.start()
        service.wait_for(lambda: service.ready().status == 200, "a ready service", 30)
        assert signed_in_before.ask_token().status == 401, "a copy opens nobody's session"
        alice = service.sign_in("alice")
        # Her Twilio login is opened for it, and asked about at Twilio.
        assert alice.ask_token().status == 200
        assert "Another" not in alice.get("/accounts/name/").response.text  # type: ignore[union-attr]
        with pytest.raises(RuntimeError, match="CREDENTIAL_KEYS does not have"):
            other = base64.urlsafe_b64encode(bytes(32)).decode()
            service.environment["CREDENTIAL_KEYS"] = other
            service.manage("check", "--database", "default")
    finally:
        service.stop()
        service.environment["DATABASE_URL"] = whole
        service.environment.pop("CREDENTIAL_KEYS", None)
        service.start()
        service.query("UPDATE accounts_user SET name = 'Alice' WHERE email = 'alice@example.com'")
        service.query("DROP DATABASE restored WITH (FORCE)")
