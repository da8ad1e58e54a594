"""Asking somebody outside (Twilio, a mail server) without keeping the database waiting.

Whoever is outside may take seconds. A database connection that is held meanwhile is missing to everybody
else (there are ten), and an open transaction has others wait for its rows.
"""

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper


class AskedInsideTransaction(RuntimeError):
    """Somebody outside was to be asked while a transaction was open: a mistake in this program."""


def leave_database() -> None:
    """Gives this thread's database connection back; its next query takes one again by itself.

    Called before each request to the outside and before each wait for one. Raises AskedInsideTransaction.
    """
    for connection in connections.all(initialized_only=True):
        if is_transaction_open(connection):
            raise AskedInsideTransaction("Ask outside of the transaction, or after it has been committed.")
        # What is left is the transaction that a test is wrapped in.
        if not connection.in_atomic_block:
            connection.close()


def is_transaction_open(connection: BaseDatabaseWrapper) -> bool:
    """Whether the program has one open; those that Django's TestCase wraps a test in do not count."""
    return any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)
