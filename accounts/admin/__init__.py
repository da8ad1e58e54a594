"""The admin's pages about people, their Twilio accounts and every login that failed."""

from accounts.admin import (
    admin_actions,
    alarms,
    company,
    failure_groups,
    login_failures,
    people,
    permissions,
    refusals,
    tasks,
    twilio,
)

__all__ = [
    "admin_actions",
    "alarms",
    "company",
    "failure_groups",
    "login_failures",
    "people",
    "permissions",
    "refusals",
    "tasks",
    "twilio",
]
