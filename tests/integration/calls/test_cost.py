"""What the voice webhook asks of the database: so many statements, however many calls go on."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from fake_twilio import catalogue
from phone.calls.call import Call
from phone.calls.legs import CallLeg
from tests.calling_limits import allow_calls
from tests.integration.calls.test_webhooks_calls import be_present
from tests.webhook_requests import add_number, build_call_sid, make_member, post

# Who asks; who calls, with what they may do, whether it is a replay and whether it is recorded; the numbers
# to call from; the limits, locked, and what the number is called; what was used; and what is counted, the
# call, its leg and the line in Recents, which PostgreSQL stores in one statement. BEGIN and COMMIT are not
# seen within a test.
TO_A_NUMBER = 6 if connection.vendor == "postgresql" else 9
TO_A_COLLEAGUE = 11 if connection.vendor == "postgresql" else 14
FROM_OUTSIDE = 24


@pytest.fixture
def account(alice: User, bob: User) -> TwilioAccount:
    account = make_member(alice)
    make_member(bob)
    add_number(account, catalogue.DEMO_NUMBER, points_here=True)
    allow_calls(account)
    for person in (alice, bob):
        be_present(person, "ready")
    return account


@pytest.mark.parametrize("open_calls", [0, 5])
@pytest.mark.parametrize(
    ("to", "most"), [(catalogue.ECHO_NUMBER, TO_A_NUMBER), ("bob@example.com", TO_A_COLLEAGUE)]
)
def test_a_call_from_a_phone_costs_the_same_however_many_go_on(
    to: str, most: int, open_calls: int, account: TwilioAccount, alice: User
) -> None:
    for number in range(open_calls):
        ask(account, f"before {number}", From=f"client:{alice.identity}", To=to)
    assert ask(account, From=f"client:{alice.identity}", To=to) <= most
    assert Call.objects.filter(status="ringing").count() == CallLeg.objects.count() == open_calls + 1


def test_a_call_from_outside_costs_few_statements(account: TwilioAccount) -> None:
    assert ask(account, From=catalogue.STRANGER_NUMBER, To=catalogue.DEMO_NUMBER) <= FROM_OUTSIDE
    assert Call.objects.get().rung.count() == 2


def ask(account: TwilioAccount, name: str = "this", **params: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        response = post("voice_webhook", account, CallSid=build_call_sid(name), **params)
    assert b"<Dial" in response.content
    return len(queries)
