"""One row, or a few, of everything that the admin shows: long names, long words, people who are gone."""

import uuid
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.audit.admin_actions import AdminAction
from accounts.audit.journal import AccountEvent
from accounts.audit.refusals import Refusal
from accounts.audit.retention import PruneRun
from accounts.company.changes import CompanyChange
from accounts.company.invitations import Invitation
from accounts.company.memberships import Membership, RefusedMember
from accounts.failures.alarms import Alarm
from accounts.failures.groups import FailureGroup, note_failure
from accounts.failures.login_failures import LoginFailure
from accounts.people import User
from accounts.saved_links import SavedLink
from accounts.twilio.credentials import PhoneNumber, TwilioAccount, TwilioCredentials
from accounts.twilio.errands import Errand
from phone.answering.changes import AnsweringChange
from phone.calling_limits.calling_limits import CallingLimits, CallingLimitsChange
from phone.calls.call import Call
from phone.calls.conferences import Conference
from phone.calls.refusals import WebhookRefusal
from phone.connection_tests.connection_test import ConnectionTest
from phone.contacts.blocked_callers import BlockedCaller
from phone.device.events import DeviceEvent
from phone.device.presence import DevicePresence
from phone.device.silences import DeviceSilence
from phone.echo_tests.echo_test import EchoTest
from phone.recordings.choices import RecordingChoice
from phone.recordings.deletions import SoundDeletion
from phone.recordings.listenings import Listening
from phone.recordings.recordings import Recording
from phone.tokens.issued_tokens import IssuedToken
from phone.voicemail.messages import VoicemailCopy, VoicemailMessage
from tests.failed_calls import add_leg, end_call

ACCOUNT_SID = "AC" + "0123456789abcdef" * 2
PAGE = uuid.UUID(int=7)
VERDICTS = (
    "wrong_auth_token",
    "browser_network",
    "wrong_api_secret",
    "twilio_unavailable",
    "microphone_denied",
)
# The call that has all that a call can have.
SID = "CA" + "e" * 32
LONG_EMAIL = "bartholomew.featherstonehaugh-cholmondeley@switchboard.example.com"


def make_rows(admin: User) -> User:
    """Fills every table of the admin; returns the person whose trail is the longest."""
    now = timezone.now()
    account = TwilioAccount.objects.create(account_sid=ACCOUNT_SID, friendly_name="Harley Street Dental Care")
    person = User.objects.create_user(LONG_EMAIL, name="Bartholomew Featherstonehaugh-Cholmondeley")
    jo = User.objects.create_user("jo@example.com", name="Jörg")
    TwilioCredentials.objects.create(user=person, account=account, verdict="ok")
    make_company(person, jo, account)
    PhoneNumber.objects.create(
        account=account, sid="PN" + "1" * 32, kind="owned", phone_number="+12025550123"
    )
    make_failures(person, jo)
    make_events(person, account)
    make_calls(person, jo, account)
    make_sounds(person, account)
    make_settings(person, account)
    make_work(person, account)
    AccountEvent.objects.create(kind="signed_in", user=person, email=person.email, happened_at=now)
    WebhookRefusal.objects.create(reason="bad signature", path="/webhooks/voice/abcdefghijklmnopqrstuvwx/")
    SavedLink.objects.create(user=admin, name="Odd ones", address="/admin/accounts/failuregroup/?state=all")
    PruneRun.objects.create(
        kind="device_events", older_than=now - timedelta(days=180), rows=12, finished_at=now
    )
    group = FailureGroup.objects.filter(user=person)[0]
    AdminAction.objects.create(
        actor=admin,
        actor_email=admin.email,
        action="add_note",
        target_type="accounts.failuregroup",
        target_id=str(group.pk),
        note="Called them: the token was rotated on Monday, by a colleague who has since left the firm.",
    )
    for number, kind in enumerate(("many_people", "new_verdict")):
        alarm = Alarm.objects.create(
            kind=kind,
            key=group.verdict,
            facts={"people": number + 5, "accounts": number + 5, "minutes": 10},
            address="/admin/accounts/failuregroup/?verdict=wrong_auth_token",
        )
        alarm.groups.add(group)
    return person


def make_company(person: User, jo: User, account: TwilioAccount) -> None:
    """One who was invited, one who waits, one who was refused, and what is on record of it."""
    credentials = TwilioCredentials.objects.get(user=person)
    Membership.objects.create(user=jo, account=account, credentials=credentials, invited_by=person)
    Invitation.objects.create(
        account=account,
        email="new.receptionist@example.com",
        token_hash="0" * 64,
        invited_by=person,
        expires_at=timezone.now() + timedelta(days=7),
    )
    stranger = User.objects.create_user("stranger@example.com")
    RefusedMember.objects.create(account=account, user=stranger, refused_by=person)
    CompanyChange.objects.create(
        kind="joined", account_sid=ACCOUNT_SID, by=jo, by_email=jo.email, about_email=jo.email
    )


def make_failures(person: User, jo: User) -> None:
    now = timezone.now()
    for number, verdict in enumerate(VERDICTS):
        for who in (person, jo, None)[: 3 if number < 2 else 2]:
            failure = LoginFailure.objects.create(
                user=who,
                email=who.email if who else "somebody.at.the.door@example.net",
                account_sid=ACCOUNT_SID,
                verdict=verdict,
                shown_by="device" if number % 2 else "check",
                failed_at=now - timedelta(minutes=number),
                twilio_status=401,
                twilio_code=20003,
                twilio_message="Authentication Error - invalid username or password, see the documentation",
                twilio_request_id="RQ" + "5" * 32,
                page_session=PAGE if who == person else None,
                ip_address="2001:db8:85a3:8d3:1319:8a2e:370:7348",
                user_agent="Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome",
            )
            note_failure(failure)
    FailureGroup.objects.filter(verdict=VERDICTS[-1]).resolve()
    FailureGroup.objects.filter(verdict=VERDICTS[-2]).acknowledge()


def make_events(person: User, account: TwilioAccount) -> None:
    now = timezone.now()
    who = {"user": person, "identity": person.identity, "email": person.email, "account_sid": ACCOUNT_SID}
    states = ("connecting", "ready", "incoming", "connect", "disconnect", "offline", "error")
    for page, minutes in ((PAGE, 20), (uuid.UUID(int=8), 5)):
        for seq, state in enumerate(states):
            at = now - timedelta(minutes=minutes - seq)
            DeviceEvent.objects.create(
                **who,
                event_id=uuid.uuid4(),
                page_session=page,
                seq=seq * 2,
                state=state,
                sdk_event=state,
                code=31005 if state == "error" else None,
                message="ConnectionError (31005): Error sent from gateway in HANGUP"
                if state == "error"
                else "",
                reported_at=at,
                received_at=at + timedelta(seconds=9 if state == "offline" else 0),
            )
        DevicePresence.objects.create(
            user=person, page_session=page, socket=uuid.uuid4(), state="error", last_alive_at=now
        )
    IssuedToken.objects.create(
        **who,
        kind="access",
        jti=f"SK{'1' * 32}-1764055555",
        expires_at=now + timedelta(hours=1),
        page_session=PAGE,
    )
    DeviceSilence.objects.create(
        user=person,
        identity=person.identity,
        email=person.email,
        page_session=PAGE,
        began_at=now - timedelta(minutes=9),
        noticed_at=now - timedelta(minutes=8),
    )


def make_calls(person: User, jo: User, account: TwilioAccount) -> None:
    ends = (
        (f"client:{person.identity}", f"client:{jo.identity}", "completed"),
        (f"client:{person.identity}", "client:dnb_" + "7" * 32, "no-answer"),
        (f"client:{person.identity}", "+442071838750", "failed"),
    )
    for number, (from_address, to_address, status) in enumerate(ends):
        Call.objects.create(
            account=account,
            call_sid=f"CA{number:032x}",
            user=person,
            direction="outgoing",
            from_address=from_address,
            to_address=to_address,
            status=status,
            started_at=timezone.now() - timedelta(minutes=10),
            ending="The number you have dialled is not in service.",
        )
    make_failed_calls(person, account)


def make_failed_calls(person: User, account: TwilioAccount) -> None:
    """Ours, the account's and nobody's to mend; of one its parties and its conference."""
    now = timezone.now()
    who: dict[str, Any] = {"user": person, "from_address": f"client:{person.identity}"}
    for number, cause in enumerate(("caller_id_refused", "webhook_failed", "busy", "unclear")):
        for days_ago in range(number, 14, 3):
            end_call(account, cause, at=now - timedelta(days=days_ago, minutes=5), **who)
    room = Conference.objects.create(account=account, conference_sid="CF" + "1" * 32, started_at=now)
    facts = {"told": {"variant": "status", "facts": {"where": "telephone.harley-street-dental.example.com"}}}
    call = end_call(
        account, "webhook_failed", error_code=11200, conference=room, cause_facts=facts, call_sid=SID, **who
    )
    add_leg(call, "caller", f"client:{person.identity}", user=person, conference=room, answered_at=now)
    add_leg(call, "called", "+442071838750", sip_response_code=486, cause="busy", status="busy")
    add_leg(call, "transferred_to", "client:dnb_" + "7" * 32, cause="declined", sip_response_code=603)


def make_sounds(person: User, account: TwilioAccount) -> None:
    """A call that was recorded and heard, a message, a sound that is to go, an echo test."""
    now = timezone.now()
    call = Call.objects.get(call_sid=SID)
    told = {"account": account, "call": call, "status": "completed", "seconds": 75, "ended_at": now}
    recorded = Recording.objects.create(
        **told, source="call", recording_sid="RE" + "1" * 32, started_by=person
    )
    left = Recording.objects.create(**told, source="voicemail", recording_sid="RE" + "2" * 32)
    message = VoicemailMessage.objects.create(account=account, call=call, recording=left)
    VoicemailCopy.objects.create(message=message, user=person, left_at=message.left_at)
    Listening.objects.create(
        recording=recorded, recording_sid=recorded.recording_sid, user=person, email=person.email
    )
    SoundDeletion.objects.create(account=account, user=person, recording_sid="RE" + "3" * 32)
    EchoTest.objects.create(
        account=account, user=person, call_sid="CA" + "9" * 32, result="silent", seconds=4, ended_at=now
    )


def make_settings(person: User, account: TwilioAccount) -> None:
    who = {"user": person, "email": person.email}
    AnsweringChange.objects.create(
        **who,
        subject="number",
        account_sid=ACCOUNT_SID,
        phone_number="+12025550123",
        before={"everyone": True},
        after={"everyone": False},
    )
    CallingLimits.objects.filter(account=account).update(countries=["GB", "DE"], time_zone="Europe/Berlin")
    CallingLimitsChange.objects.create(
        **who, account_sid=ACCOUNT_SID, before={"countries": ["GB"]}, after={"countries": ["GB", "DE"]}
    )
    Refusal.objects.create(**who, what="connect", ip_address="2001:db8:85a3:8d3:1319:8a2e:370:7348")
    RecordingChoice.objects.create(account=account, user=person, is_on=True, changed_by=person)
    BlockedCaller.objects.create(account=account, caller="+442079460958", person=person, blocked_by=person)
    EmailAddress.objects.get_or_create(**who, defaults={"verified": True, "primary": True})
    Group.objects.create(name="Night shift").user_set.add(person)


def make_work(person: User, account: TwilioAccount) -> None:
    """A connection test, an errand, and a worker's task."""
    now = timezone.now()
    ConnectionTest.objects.create(
        user=person,
        identity=person.identity,
        email=person.email,
        account_sid=ACCOUNT_SID,
        test_id=uuid.UUID(int=9),
        page_session=PAGE,
        is_in_call=True,
        lines=[
            {"check": "media", "finding": "stopped"},
            {"check": "loss", "finding": "high", "figure": 12.5},
        ],
        bad=1,
        tested_at=now,
    )
    Errand.objects.create(kind="numbers", user=person, account=account)
    DBTaskResult.objects.create(
        status="SUCCESSFUL",
        started_at=now,
        finished_at=now,
        args_kwargs={"args": [], "kwargs": {}},
        task_path="accounts.tasks.nightly.prune",
        queue_name="default",
        backend_name="default",
        run_after=now,
    )
