"""A part of the benchmarks on each database there is, with rows of its own, in a process of its own."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.stage import set_environment


def measure_on_each(module: str, title: str) -> None:
    """Runs `python -m <module> <database>` for SQLite, and for PostgreSQL where it is installed."""
    from tests.machine import find_postgresql
    from tests.servers import run_postgresql

    print(f"\n{title}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        # Nobody listens at these: nothing here asks Twilio.
        set_environment(Path(folder), 8000, twilio="127.0.0.1:8001", gateway="127.0.0.1:8001")
        measure_in_child(module, "SQLite", f"sqlite:///{Path(folder) / 'bench.sqlite3'}")
        if find_postgresql():
            with run_postgresql() as database_url:
                measure_in_child(module, "PostgreSQL", database_url)
        else:
            print("  not measured on PostgreSQL: it is not installed")


def measure_in_child(module: str, name: str, database_url: str) -> None:
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        "LOG_LEVEL": "ERROR",
    }
    subprocess.run([sys.executable, "-m", module, name], env=environment, check=True)


def set_up() -> str:
    """In the process of one database, with its tables made; its name."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", verbosity=0)
    return sys.argv[1]
