"""A database to which all migrations are applied, made once a run; its processes begin with copies of it.

`tests/run.py` makes it and says where it is: a file of SQLite's, or a PostgreSQL database by its name, after
which new ones are made. A process that is told of none applies all migrations by itself, which takes as long
as two tests in a browser.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parent.parent
VARIABLE = "MIGRATED_DATABASE"


def make_file(environment: dict[str, str]) -> dict[str, str]:
    """Makes SQLite's; what its users are told in their environment."""
    path = ROOT / "var" / "migrated.sqlite3"
    path.unlink(missing_ok=True)
    migrate({**environment, "DATABASE_URL": f"sqlite:///{path}"})
    return {VARIABLE: str(path)}


def make_database(server_url: str, environment: dict[str, str]) -> dict[str, str]:
    """Makes one on a PostgreSQL; what its users are told in their environment."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE migrated")
    migrate({**environment, "DATABASE_URL": f"{server_url.rpartition('/')[0]}/migrated"})
    return {VARIABLE: "migrated"}


def migrate(environment: dict[str, str]) -> None:
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity=0"],
        cwd=ROOT,
        env={**os.environ, **environment, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        stdin=subprocess.DEVNULL,
        check=True,
    )


def begin_with_copy(connection: Any) -> bool:
    """Puts the copy where this process's test database will be; whether there is one.

    `connection`: Django's, to the database. PostgreSQL makes its copy itself, when the database is created.
    """
    made = os.environ.get(VARIABLE)
    if not made:
        return False
    test = connection.settings_dict["TEST"]
    if connection.vendor == "postgresql":
        test["TEMPLATE"] = made
    else:
        name = test["NAME"]
        # Of a process that was killed: they belong to what was there before.
        for rest in ("-wal", "-shm"):
            Path(name + rest).unlink(missing_ok=True)
        shutil.copyfile(made, name)
    return True
