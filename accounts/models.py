"""The list of this app's tables, for Django. Everybody else imports from the subject that a table is of."""

from accounts.audit.journal import AccountEvent
from accounts.audit.retention import PruneRun
from accounts.failures.login_failures import LoginFailure
from accounts.leases import Lease
from accounts.people import User
from accounts.review.admin_actions import AdminAction
from accounts.review.alarms import Alarm
from accounts.review.failure_groups import FailureDay, FailureGroup, VerdictHour
from accounts.review.saved_links import SavedLink
from accounts.twilio.credentials import PhoneNumber, TwilioAccount, TwilioCredentials

__all__ = [
    "AccountEvent",
    "AdminAction",
    "Alarm",
    "FailureDay",
    "FailureGroup",
    "Lease",
    "LoginFailure",
    "PhoneNumber",
    "PruneRun",
    "SavedLink",
    "TwilioAccount",
    "TwilioCredentials",
    "User",
    "VerdictHour",
]
