"""Groups follow what really happens: a failed check opens one, the Device's next `ready` resolves it."""

import uuid

from django.utils import timezone

from accounts.failures.groups import FailureGroup
from accounts.people import User
from accounts.twilio.connection import connect_twilio
from fake_twilio import catalogue
from phone.device.recording import record_device_event
from tests.connections import BROWSER, build_candidate, connect
from tests.fake_control import FakeTwilio


def report_ready(person: User, seq: int) -> None:
    report = {
        "type": "event",
        "id": str(uuid.uuid4()),
        "seq": seq,
        "state": "ready",
        "sdk_event": "registered",
        "code": None,
        "original_code": None,
        "message": "",
        "at": timezone.now().isoformat(),
    }
    record_device_event(user=person, page_session=uuid.uuid4(), report=report, client=BROWSER)


def read_states(person: User) -> list[tuple[str, str, int]]:
    groups = FailureGroup.objects.filter(user=person).order_by("verdict")
    return list(groups.values_list("verdict", "state", "count"))


def test_a_failed_check_opens_a_group_and_ready_resolves_it(
    alice: User, bob: User, fake_twilio: FakeTwilio
) -> None:
    wrong = build_candidate(catalogue.DEMO, auth_token="0" * 32)
    for person in (alice, alice, bob):
        assert not connect_twilio(user=person, candidate=wrong, client=BROWSER).verdict.is_ok
    connect(alice)
    assert read_states(alice) == [("wrong_auth_token", "open", 2)]

    report_ready(alice, 1)

    assert read_states(alice) == [("wrong_auth_token", "resolved", 2)]
    assert read_states(bob) == [("wrong_auth_token", "open", 1)]

    connect_twilio(user=alice, candidate=wrong, client=BROWSER)
    assert read_states(alice) == [("wrong_auth_token", "open", 3)]
    assert FailureGroup.objects.get(user=alice).reopened == 1


def test_sign_in_failures_are_counted_one_by_one_when_they_are_throttled(alice: User, client: object) -> None:
    for _ in range(8):
        client.post("/accounts/login/", {"login": alice.email, "password": "wrong"})
    assert sum(count for _, _, count in read_states(alice)) == 8
