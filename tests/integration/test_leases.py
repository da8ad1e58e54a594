"""A lease: one holder at a time, and none for ever."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.leases import HeldLease, Lease, LeaseTaken, hold_lease

MINUTE = timedelta(minutes=1)
pytestmark = pytest.mark.django_db


def run_out(name):
    """As if its holder had been silent for too long."""
    Lease.objects.filter(name=name).update(expires_at=timezone.now() - timedelta(seconds=1))


def test_a_second_holder_is_turned_away_and_comes_in_afterwards():
    with hold_lease("work", MINUTE), pytest.raises(LeaseTaken), hold_lease("work", MINUTE):
        pytest.fail("two held it at once")
    with hold_lease("work", MINUTE):
        assert Lease.objects.count() == 1


def test_other_work_is_not_held_up():
    with hold_lease("work", MINUTE), hold_lease("other work", MINUTE):
        assert Lease.objects.filter(expires_at__gt=timezone.now()).count() == 2


def test_it_is_given_back_after_an_error_too():
    with pytest.raises(ZeroDivisionError), hold_lease("work", MINUTE):
        1 / 0  # noqa: B018
    with hold_lease("work", MINUTE):
        pass


def test_a_dead_holder_loses_it_and_notices_if_it_was_not_dead():
    slow = HeldLease("work", MINUTE)
    slow.take()
    run_out("work")
    with hold_lease("work", MINUTE) as quick:
        with pytest.raises(LeaseTaken):
            slow.renew()
        slow.give_back()
        quick.renew()


def test_renewing_keeps_others_out():
    lease = HeldLease("work", MINUTE)
    lease.take()
    run_out("work")
    lease.renew()
    with pytest.raises(LeaseTaken):
        HeldLease("work", MINUTE).take()


@pytest.mark.django_db(transaction=True)
def test_of_many_who_come_at_once_one_gets_it():
    start = threading.Barrier(8)

    def come() -> bool:
        try:
            start.wait(timeout=10)
            HeldLease("work", MINUTE).take()
        except LeaseTaken:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(max_workers=8) as threads:
        came = list(threads.map(lambda _: come(), range(8)))
    assert sorted(came) == [False] * 7 + [True]
