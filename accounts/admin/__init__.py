"""The admin's pages about people, their Twilio accounts and every login that failed."""

from accounts.admin import login_failures, people, twilio

__all__ = ["login_failures", "people", "twilio"]
