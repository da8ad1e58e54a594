"""The list of this app's tables, for Django. Everybody else imports from the subject that a table is of."""

from accounts.audit.admin_actions import AdminAction
from accounts.audit.journal import AccountEvent
from accounts.audit.refusals import Refusal
from accounts.audit.retention import PruneRun
from accounts.company.changes import CompanyChange
from accounts.company.departures import Departure
from accounts.company.invitations import Invitation
from accounts.company.memberships import Membership, RefusedMember
from accounts.failures.alarms import Alarm
from accounts.failures.groups import FailureDay, FailureGroup, VerdictHour
from accounts.failures.login_failures import LoginFailure
from accounts.failures.thresholds import AlarmThresholds
from accounts.leases import Lease
from accounts.letters import Letter
from accounts.people import User
from accounts.rate_limits import KeptAttempt
from accounts.saved_links import SavedLink
from accounts.second_factor.secrets import FactorSecret
from accounts.tasks.clock import Appointment
from accounts.twilio.credentials import PhoneNumber, TwilioAccount, TwilioCredentials
from accounts.twilio.errands import Errand

__all__ = [
    "AccountEvent",
    "AdminAction",
    "Alarm",
    "AlarmThresholds",
    "Appointment",
    "CompanyChange",
    "Departure",
    "Errand",
    "FactorSecret",
    "FailureDay",
    "FailureGroup",
    "Invitation",
    "KeptAttempt",
    "Lease",
    "Letter",
    "LoginFailure",
    "Membership",
    "PhoneNumber",
    "PruneRun",
    "Refusal",
    "RefusedMember",
    "SavedLink",
    "TwilioAccount",
    "TwilioCredentials",
    "User",
    "VerdictHour",
]
