"""The admin's pages about the Device's audit trail, the tokens, the calls and refused webhooks."""

from phone.admin import audit, call_failures, calls, silences

__all__ = ["audit", "call_failures", "calls", "silences"]
