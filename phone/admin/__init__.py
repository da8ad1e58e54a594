"""The admin's pages about the Device's audit trail, the tokens, the calls and refused webhooks."""

from phone.admin import answering, audit, call_failures, calls, silences

__all__ = ["answering", "audit", "call_failures", "calls", "silences"]
