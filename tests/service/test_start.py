"""The command that the README tells operators to start it with."""

import subprocess
import sys

from tests.service.service import ROOT, START_SECONDS, Service


def test_the_documented_command_starts_as_many_processes_as_the_settings_say(service: Service) -> None:
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
    alice = service.sign_in("alice")
    assert alice.ask_token().status == 200
    with alice.socket() as socket:
        assert socket.protocol.extensions == []
