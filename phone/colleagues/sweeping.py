"""Finds out by the clock of whom something untrue is told: a server that has ended tells of nobody."""

from datetime import timedelta

from django.db import models
from django.utils import timezone

from accounts.tasks.background import background
from accounts.tasks.clock import every
from phone.colleagues.seeing import find_talked
from phone.colleagues.states import State
from phone.colleagues.telling import tell_of
from phone.colleagues.told import ToldState
from phone.device.presence import get_there
from phone.echo_tests.echo_test import find_going_on

INTERVAL = timedelta(seconds=30)


def find_untrue() -> list[int]:
    """The keys of those who are told to be free and are not there, or in a call that is over."""
    now = timezone.now()
    pages = get_there(now).filter(user=models.OuterRef("user"))
    legs = find_talked(now).filter(user=models.OuterRef("user"))
    is_gone = models.Q(state=State.FREE) & ~models.Exists(pages)
    echoes = find_going_on(now).filter(user=models.OuterRef("user"))
    has_ended = models.Q(state=State.IN_CALL) & ~models.Exists(legs) & ~models.Exists(echoes)
    return list(ToldState.objects.filter(is_gone | has_ended).values_list("pk", flat=True))


@background(tries=1, lease=timedelta(minutes=1))
def sweep_states() -> None:
    if untrue := find_untrue():
        tell_of(frozenset(untrue))


every(INTERVAL, sweep_states)
