import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connections
from environ import Env

from accounts.people import User
from accounts.sealing.encryption import make_credential_key
from accounts.sealing.fields import Secret
from accounts.twilio.credentials import TwilioAccount, TwilioCredentials
from dognbone import checks

ROOT = Path(__file__).resolve().parents[3]
HTTPS = {"PUBLIC_URL": "https://phone.example.com", "DEBUG": False}


def find(check: Any, **arguments: Any) -> list[str | None]:
    return [message.id for message in check(**arguments)]


def apply(settings: Any, **values: Any) -> None:
    for name, value in values.items():
        setattr(settings, name, value)


def test_the_settings_of_the_tests_themselves_are_without_fault() -> None:
    checks.stop_on_errors()


@pytest.mark.parametrize(
    ("keys", "fault"),
    [
        ([], "dognbone.E002"),
        ([" "], "dognbone.E002"),
        (["too short"], "dognbone.E003"),
        (["ü" * 44], "dognbone.E003"),
        (["twice", "twice"], "dognbone.E004"),
    ],
)
def test_faulty_credential_keys_are_named(settings: Any, keys: list[str], fault: str) -> None:
    key = make_credential_key()
    settings.CREDENTIAL_KEYS = [key if given == "twice" else given for given in keys]
    assert find(checks.check_credential_keys) == [fault]


def test_a_malformed_key_is_not_repeated_in_the_message(settings: Any) -> None:
    settings.CREDENTIAL_KEYS = [make_credential_key()[:20]]
    assert settings.CREDENTIAL_KEYS[0] not in str(checks.check_credential_keys())


@pytest.mark.parametrize(
    "url", ["", "phone.example.com", "ftp://phone.example.com", "https://a.example/phone", "https://a:b"]
)
def test_a_public_url_that_is_no_address_is_an_error(settings: Any, url: str) -> None:
    settings.PUBLIC_URL = url
    assert find(checks.check_public_url) == ["dognbone.E005"]


def test_a_public_url_without_https_is_an_error_beyond_this_machine(settings: Any) -> None:
    apply(settings, PUBLIC_URL="http://phone.example.com", DEBUG=False)
    assert find(checks.check_public_url) == ["dognbone.E006"]


@pytest.mark.parametrize(
    "url", ["http://localhost:8000", "http://127.0.0.1:8000", "https://phone.example.com"]
)
def test_https_and_this_machine_are_good_public_urls(settings: Any, url: str) -> None:
    apply(settings, PUBLIC_URL=url, DEBUG=False)
    assert find(checks.check_public_url) == []


@pytest.mark.parametrize(
    "address",
    [
        "https://api.twilio.example",
        "http://10.0.0.1:8001",
        "http://127.0.0.1.example.com",
        "http://localhost@example.com",
        "http://someone@127.0.0.1:8001",
        "http://127.0.0.1:99999",
        "127.0.0.1:8001",
        "file:///etc/passwd",
        "http://",
    ],
)
def test_requests_for_twilio_go_to_this_machine_or_to_twilio(settings: Any, address: str) -> None:
    settings.TWILIO_BASE_URL = address
    assert find(checks.check_twilio_base_url) == ["dognbone.E007"]
    with pytest.raises(ImproperlyConfigured, match="TWILIO_BASE_URL"):
        checks.stop_on_errors()


@pytest.mark.parametrize(
    "address", ["", "http://127.0.0.1:8001", "http://localhost:8001", "http://[::1]:8001"]
)
def test_a_stand_in_for_twilio_may_be_on_this_machine(settings: Any, address: str) -> None:
    settings.TWILIO_BASE_URL = address
    assert find(checks.check_twilio_base_url) == []


@pytest.mark.parametrize(
    "address", ["example.com:8001", "127.0.0.1", "ws://127.0.0.1:8001", "127.0.0.1:8001/x", "[::1", ":8001"]
)
def test_the_browser_registers_at_this_machine_or_at_twilio(settings: Any, address: str) -> None:
    settings.TWILIO_SIGNALLING = address
    assert find(checks.check_twilio_signalling) == ["dognbone.E008"]


@pytest.mark.parametrize("address", ["", "127.0.0.1:8001", "localhost:8001", "[::1]:8001"])
def test_a_stand_in_for_the_gateway_may_be_on_this_machine(settings: Any, address: str) -> None:
    settings.TWILIO_SIGNALLING = address
    assert find(checks.check_twilio_signalling) == []


WORKERS = [
    ([], "2"),
    (["--workers", "2"], ""),
    (["--port", "9000", "--workers=3"], "1"),
]


@pytest.mark.parametrize("program", ["/srv/.venv/bin/uvicorn", "/srv/lib/uvicorn/__main__.py"])
@pytest.mark.parametrize(("arguments", "concurrency"), WORKERS)
def test_several_processes_need_redis_however_they_are_asked_for(
    settings: Any, monkeypatch: pytest.MonkeyPatch, program: str, arguments: list[str], concurrency: str
) -> None:
    monkeypatch.setenv("WEB_CONCURRENCY", concurrency)
    monkeypatch.setattr("sys.argv", [program, "dognbone.asgi:application", *arguments])
    settings.REDIS_URL = ""
    assert find(checks.check_channel_layer) == ["dognbone.E009"]
    settings.REDIS_URL = "redis://127.0.0.1:6379/0"
    assert find(checks.check_channel_layer) == []


@pytest.mark.parametrize(("arguments", "concurrency"), [([], ""), (["--workers", "1"], "2"), ([], "many")])
def test_one_process_needs_no_redis(
    settings: Any, monkeypatch: pytest.MonkeyPatch, arguments: list[str], concurrency: str
) -> None:
    monkeypatch.setenv("WEB_CONCURRENCY", concurrency)
    monkeypatch.setattr("sys.argv", ["/srv/.venv/bin/uvicorn", *arguments])
    settings.REDIS_URL = ""
    assert find(checks.check_channel_layer) == []


SERVERS = [(["-m", "dognbone"], 1), (["-m", "uvicorn", "--workers", "2", "dognbone.asgi:application"], 0)]


@pytest.mark.parametrize(("server", "status"), SERVERS)
def test_several_processes_without_redis_end_at_once_by_name(server: list[str], status: int) -> None:
    """uvicorn starts a worker that fails anew for ever; or ends, and calls that a success."""
    address = ["--host", "127.0.0.1", "--port", "0"]
    answer = run([sys.executable, *server, *address], {"WEB_CONCURRENCY": "2", "DEBUG": "true"})
    assert answer.returncode == status
    assert "2 processes were asked for, and without REDIS_URL" in answer.stderr


def test_processes_that_count_each_for_itself_are_an_error(
    settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings.METRICS_TOKEN = "a token of Prometheus's"
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    monkeypatch.setenv("WEB_CONCURRENCY", "1")
    assert checks.check_metrics() == []
    monkeypatch.setenv("WEB_CONCURRENCY", "2")
    with pytest.raises(ImproperlyConfigured, match="PROMETHEUS_MULTIPROC_DIR"):
        checks.stop_on_errors()
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    assert checks.check_metrics() == []


def test_a_command_runs_with_the_settings_of_a_server_of_several_processes(tmp_path: Path) -> None:
    """They have the same `.env`."""
    answer = run_manage(
        "check",
        DATABASE_URL=f"sqlite:///{tmp_path / 'new.sqlite3'}",
        REDIS_URL="redis://127.0.0.1:1/0",
        METRICS_TOKEN="a token of Prometheus's",
        WEB_CONCURRENCY="2",
    )
    assert answer.returncode == 0, answer.stderr


def test_a_missing_voice_sdk_says_how_to_get_it(settings: Any) -> None:
    settings.STATICFILES_DIRS = []
    assert find(checks.check_voice_sdk) == ["dognbone.E010"]
    assert "make assets" in (checks.check_voice_sdk()[0].hint or "")


@pytest.mark.parametrize("key", ["short", "django-insecure-" + "a" * 50])
def test_a_guessable_secret_key_is_an_error_beyond_this_machine(settings: Any, key: str) -> None:
    apply(settings, SECRET_KEY=key, **HTTPS)
    assert find(checks.check_secret_key) == ["dognbone.E001"]


def make_credentials(user: User) -> TwilioCredentials:
    account = TwilioAccount.objects.create(account_sid="AC" + "0" * 32)
    return TwilioCredentials.objects.create(user=user, account=account, auth_token=Secret("sealed in a test"))


def test_secrets_that_no_key_opens_stop_the_start(alice: User, settings: Any) -> None:
    make_credentials(alice)
    settings.CREDENTIAL_KEYS = [make_credential_key()]
    assert find(checks.check_sealed_rows, databases=["default"]) == ["dognbone.E012"]


def test_secrets_that_an_older_key_opens_are_no_fault(alice: User, settings: Any) -> None:
    make_credentials(alice)
    settings.CREDENTIAL_KEYS = [make_credential_key(), *settings.CREDENTIAL_KEYS]
    assert find(checks.check_sealed_rows, databases=["default"]) == []


def test_the_check_of_sealed_rows_needs_no_tables(tmp_path: Path) -> None:
    answer = run_manage(
        "check", "--database", "default", DATABASE_URL=f"sqlite:///{tmp_path / 'new.sqlite3'}"
    )
    assert answer.returncode == 0, answer.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", None),
        ("PUBLIC_URL", None),
        ("CREDENTIAL_KEYS", None),
        ("CREDENTIAL_KEYS", "nonsense"),
        ("PUBLIC_URL", "http://phone.example.com"),
        ("TWILIO_BASE_URL", "http://example.com"),
        ("TWILIO_SIGNALLING", "example.com:80"),
    ],
)
@pytest.mark.parametrize("start", ["check", "server"])
def test_a_faulty_setting_stops_the_start_by_name(name: str, value: str | None, start: str) -> None:
    answer = run_manage("check", **{name: value}) if start == "check" else run_server(**{name: value})
    assert answer.returncode != 0
    assert name in answer.stderr.splitlines()[-1] or start == "check" and name in answer.stderr


def run_manage(*arguments: str, **changes: str | None) -> "subprocess.CompletedProcess[str]":
    return run([sys.executable, "manage.py", *arguments], changes)


def run_server(**changes: str | None) -> "subprocess.CompletedProcess[str]":
    """Imports the ASGI application, as uvicorn does first."""
    return run([sys.executable, "-c", "import dognbone.asgi"], changes)


def run(command: list[str], changes: dict[str, str | None]) -> "subprocess.CompletedProcess[str]":
    values = {
        "SECRET_KEY": "a" * 64,
        "CREDENTIAL_KEYS": make_credential_key(),
        "PUBLIC_URL": "https://phone.example.com",
        "DEBUG": "true" if command[-1] == "import dognbone.asgi" else "false",
        "DJANGO_SETTINGS_MODULE": "dognbone.settings",
        "ENV_FILE": os.devnull,
        "PATH": "/usr/bin:/bin",
        **changes,
    }
    if "http://phone" in (changes.get("PUBLIC_URL") or ""):
        values["DEBUG"] = "false"
    environment = {name: value for name, value in values.items() if value is not None}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


def test_a_transaction_around_every_request_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find(checks.check_transactions) == []
    given = Env.db_url_config("postgres://dognbone@127.0.0.1/dognbone?ATOMIC_REQUESTS=true")
    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", given["ATOMIC_REQUESTS"])
    assert find(checks.check_transactions) == ["dognbone.E013"]


def test_a_malformed_key_for_push_is_an_error_that_does_not_repeat_it(settings: Any) -> None:
    settings.VAPID_PRIVATE_KEY = ""
    assert find(checks.check_vapid_key) == []
    settings.VAPID_PRIVATE_KEY = make_credential_key()[:20]
    [message] = checks.check_vapid_key()
    assert message.id == "dognbone.E014"
    assert settings.VAPID_PRIVATE_KEY not in str(message)
    printed = StringIO()
    call_command("make_vapid_keys", stdout=printed)
    settings.VAPID_PRIVATE_KEY = printed.getvalue().strip()
    assert find(checks.check_vapid_key) == []
