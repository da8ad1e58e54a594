"""The admin's pages about the Device's trail, the tokens, the calls, recordings and refused webhooks."""

from phone.admin import audit, calls, recordings, silences

__all__ = ["audit", "calls", "recordings", "silences"]
