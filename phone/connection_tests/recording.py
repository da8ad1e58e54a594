"""Keeps a test that a page has run, once."""

from django.db import IntegrityError, transaction

from accounts.clients import ClientInfo
from accounts.people import User
from accounts.twilio.credentials import get_connection
from phone.connection_tests.connection_test import ConnectionTest
from phone.connection_tests.reading import Reported
from phone.connection_tests.texts import CHECKS


def record_connection_test(*, user: User, reported: Reported, client: ClientInfo) -> ConnectionTest:
    """The row of a test; for an id that this person has sent before, the first one."""
    credentials = get_connection(user)
    test = ConnectionTest(
        test_id=reported.test_id,
        user=user,
        identity=user.identity,
        email=user.email,
        account_sid=credentials.account.account_sid if credentials else "",
        page_session=reported.page_session,
        is_in_call=reported.is_in_call,
        lines=reported.lines,
        bad=sum(is_bad(line["check"], line["finding"]) for line in reported.lines),
        tested_at=reported.tested_at,
        ip_address=client.ip_address,
        user_agent=client.user_agent,
    )
    try:
        with transaction.atomic():
            test.save()
    except IntegrityError:
        known = ConnectionTest.objects.filter(identity=user.identity, test_id=reported.test_id).first()
        if known is None:
            raise
        return known
    return test


def is_bad(check: str, finding: str) -> bool:
    found = CHECKS[check].get(finding)
    return found is not None and found.result == "bad"
