"""What was taken so far: by the server's workers, by PostgreSQL, of Redis."""

import os
from dataclasses import dataclass, fields
from pathlib import Path

import psycopg
import redis

from tests.servers import Server, list_children

TICKS = os.sysconf("SC_CLK_TCK")
STATEMENTS = "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements"


@dataclass(frozen=True)
class Cost:
    """Milliseconds of processor time, and how many of the others."""

    workers: float
    postgresql: float
    statements: float
    redis: float

    def __sub__(self, other: "Cost") -> "Cost":
        return self.combine(other, -1)

    def combine(self, other: "Cost", factor: float) -> "Cost":
        """With so many times another."""
        pairs = ((getattr(self, one.name), getattr(other, one.name)) for one in fields(self))
        return Cost(*(mine + factor * theirs for mine, theirs in pairs))

    def divided(self, number: float) -> "Cost":
        return Cost(*(getattr(self, one.name) / number for one in fields(self)))

    def __str__(self) -> str:
        return (
            f"workers {self.workers:.1f} ms, PostgreSQL {self.postgresql:.1f} ms,"
            f" {self.statements:.1f} statements, {self.redis:.1f} Redis commands"
        )


NOTHING = Cost(0, 0, 0, 0)


@dataclass(frozen=True)
class Meter:
    """Reads what has been taken since the servers began."""

    server_pid: int
    postgresql: Server
    redis_url: str

    def read(self) -> Cost:
        with psycopg.connect(self.postgresql.url) as connection:
            row = connection.execute(STATEMENTS).fetchone()
        with redis.Redis.from_url(self.redis_url) as client:
            commands = client.info("stats")["total_commands_processed"]
        assert self.postgresql.process is not None
        return Cost(
            workers=read_processor(self.server_pid),
            postgresql=read_processor(self.postgresql.process.pid),
            statements=float(row[0]) if row else 0.0,
            redis=float(commands),
        )


def read_processor(pid: int) -> float:
    """Milliseconds of a process, of those it has begun and of those of them that have ended (proc(5))."""
    try:
        values = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    # utime, stime, cutime, cstime: the 14th to the 17th, and the state is the third.
    own = sum(int(value) for value in values[11:15]) * 1000 / TICKS
    return own + sum(read_processor(child) for child in list_children(pid))
