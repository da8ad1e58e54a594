"""The admin's pages about the Device's trail, the tokens, the calls, recordings and refused webhooks."""

from phone.admin import (
    answering,
    audit,
    blocked,
    call_failures,
    calling_limits,
    calls,
    connection_tests,
    recordings,
    silences,
)

__all__ = [
    "answering",
    "audit",
    "blocked",
    "call_failures",
    "calling_limits",
    "calls",
    "connection_tests",
    "recordings",
    "silences",
]
