"""A backup and its restore, by docs/operations.md's own commands, and whether all of it is there again."""

from pathlib import Path

import psycopg

from soak.ledger import NOT_RESTORED, Ledger
from soak.stage import Stage
from tests.service.service import back_up, restore

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
SUM = "SELECT count(*) || ' rows, ' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {} t"


def check_restore(stage: Stage, ledger: Ledger) -> None:
    """Backs the database up, restores it beside it, and has the service run on what was restored."""
    service = stage.service
    service.stop()
    whole = service.postgresql.url
    restored = f"{whole.rpartition('/')[0]}/restored"
    file = Path(stage.folder) / "dognbone.dump"
    back_up(whole, file)
    service.query("CREATE DATABASE restored")
    restore(file, restored)
    ledger.check_tables(sum_up(whole), sum_up(restored))
    service.environment["DATABASE_URL"] = restored
    try:
        service.manage("check", "--database", "default")
        service.start()
        service.wait_for(lambda: service.ready().status == 200, "a ready service", 30)
        alice = service.sign_in("alice")
        answer = alice.ask_token()
    except (RuntimeError, AssertionError) as error:
        ledger.find(NOT_RESTORED, f"the service does not run on it: {error}")
        return
    if answer.status != 200:
        ledger.find(NOT_RESTORED, f"a token was answered {answer.status or answer.error}")


def sum_up(url: str) -> dict[str, str]:
    """What each table holds, its rows in an order of their own."""
    with psycopg.connect(url) as connection:
        tables = [name for (name,) in connection.execute(TABLES)]
        return {name: str(read_one(connection, name)) for name in tables}


def read_one(connection: "psycopg.Connection[tuple[object, ...]]", table: str) -> object:
    row = connection.execute(SUM.format(table)).fetchone()
    return row[0] if row else ""
