"""`make fuzz`: bad input for every place that takes any, on each database there is; 1 where anything broke.

Each database has half of the inputs, in a process of its own: what SQLite takes, PostgreSQL may refuse.
The same seed makes the same inputs. What breaks is printed with the smallest input that shows it.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

# As `deploy/` starts the product: docs/operations.md says why.
ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": "1048576", "MALLOC_TRIM_THRESHOLD_": "1048576"}


def main() -> None:
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=20_000, help="how many, 20,000 if not told")
    parser.add_argument("--seed", type=int, help="of an earlier run; another each time if not told")
    parser.add_argument("--database", default="", help="a DATABASE_URL to do all of it on")
    asked = parser.parse_args()
    seed = random.SystemRandom().randrange(2**32) if asked.seed is None else asked.seed
    if asked.database and ALLOCATOR.items() <= os.environ.items():
        sys.exit(run_here(asked.database, asked.inputs, seed))
    if asked.database:
        sys.exit(start(asked.database, asked.inputs, seed).wait())
    with databases() as urls:
        share = -(-asked.inputs // len(urls))
        runs = [start(url, share, seed + number) for number, url in enumerate(urls)]
        statuses = [run.wait() for run in runs]
        sys.exit(any(statuses))


@contextmanager
def databases() -> Iterator[list[str]]:
    """Addresses of empty ones: SQLite's, and PostgreSQL's where it is installed."""
    from tests.machine import find_postgresql
    from tests.servers import run_postgresql

    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="dognbone-fuzz-"))
        urls = [f"sqlite:///{Path(folder) / 'fuzz.sqlite3'}"]
        if find_postgresql():
            urls.append(stack.enter_context(run_postgresql()))
        else:
            print("PostgreSQL is not installed: all of it is done on SQLite")
        yield urls


def start(url: str, inputs: int, seed: int) -> "subprocess.Popen[bytes]":
    command = ["-m", "fuzz", "--database", url, "--inputs", str(inputs), "--seed", str(seed)]
    environment = {**os.environ, **ALLOCATOR}
    return subprocess.Popen([sys.executable, *command], stdin=subprocess.DEVNULL, env=environment)


def run_here(database_url: str, inputs: int, seed: int) -> int:
    """The status: 1 where anything broke."""
    os.environ.update(
        {
            "DJANGO_SETTINGS_MODULE": "fuzz.settings",
            "ENV_FILE": os.devnull,
            "DATABASE_URL": database_url,
            "REDIS_URL": "",
            "EMAIL_URL": "memorymail://",
            "TWILIO_BASE_URL": "",
            "TWILIO_SIGNALLING": "",
            # What breaks is printed by this program.
            "LOG_LEVEL": "CRITICAL",
        }
    )
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    from fuzz.run import Fuzz

    run = Fuzz(seed).go(inputs)
    print(run.describe(), flush=True)
    return int(bool(run.findings))


if __name__ == "__main__":
    main()
